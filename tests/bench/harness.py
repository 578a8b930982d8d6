"""The race: ways of doing one job, turn by turn, so that a busy machine slows all of them alike."""

import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

TICKS = 100.0    # clock ticks a second in /proc, the same on every Linux


class NotEqual(Exception):
    """Two ways do not give the same, so that their times cannot be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to do the job; `prepare` runs before each repetition, off the clock.

    `repeats` is how many times `run` does the job at once; `missing` says why there is no `run`.
    """

    name: str
    run: Callable[[], Any] | None = None
    prepare: Callable[[], object] | None = None
    repeats: int = 1
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Lap:
    """Seconds of one repetition: on the wall, of our processes' CPU, of the database's."""

    wall: float
    own: float
    database: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A job, its ways (ours comes first) and what is asked of ours.

    `agree` compares what the ways give before any is timed, and says what was compared; `after`
    tells, when all is done, what was seen on the way.
    """

    name: str
    title: str
    about: str
    bar: str
    ways: Sequence[Way]
    agree: Callable[[Sequence[Any]], str] | None = None
    after: Callable[[], Sequence[str]] = tuple
    notes: Sequence[str] = ()


@dataclass(slots=True)
class Times:
    """What a way took, per job."""

    way: Way
    laps: list[Lap] = field(default_factory=list)

    def middle(self, part: str) -> float:
        """Return the median seconds of one job."""
        return float(median(getattr(lap, part) for lap in self.laps)) / self.way.repeats

    def ratio(self, ours: "Times") -> tuple[float, float, float]:
        """Return how many times longer this takes than ours: median, least, most."""
        pairs = [theirs.wall / self.way.repeats / (mine.wall / ours.way.repeats)
                 for theirs, mine in zip(self.laps, ours.laps, strict=True)]
        return median(pairs), min(pairs), max(pairs)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case that was run."""

    case: Case
    times: Sequence[Times]
    notes: Sequence[str]


def race(case: Case, postmaster: int, repetitions: int) -> Outcome:
    """Run every way once to compare what it gives, then in turn `repetitions` times."""
    ways = [way for way in case.ways if way.run is not None]
    given = [_once(way)[1] for way in ways]
    agreed = case.agree(given) if case.agree else ""
    del given
    times = [Times(way) for way in ways]
    for turn in range(repetitions):
        for one in times[turn % len(times):] + times[:turn % len(times)]:
            one.laps.append(_once(one.way, postmaster)[0])
    return Outcome(case, times, [note for note in (agreed, *case.notes, *case.after()) if note])


def _once(way: Way, postmaster: int = 0) -> tuple[Lap, Any]:
    if way.prepare is not None:
        way.prepare()
    assert way.run is not None
    own, database, wall = own_seconds(), database_seconds(postmaster), time.perf_counter()
    given = way.run()
    wall = time.perf_counter() - wall
    return Lap(wall, own_seconds() - own, database_seconds(postmaster) - database), given


def own_seconds() -> float:
    """Return the CPU seconds of this process and of the programs it ran."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def database_seconds(postmaster: int) -> float:
    """Return the CPU seconds of the database server with all its back ends, ended ones too."""
    if not postmaster:
        return 0.0
    total = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        # After the name: state, ppid, … utime, stime, cutime, cstime are fields 14 to 17.
        if path.parent.name == str(postmaster):
            total += sum(int(ticks) for ticks in fields[11:15])
        elif fields[1] == str(postmaster):
            total += sum(int(ticks) for ticks in fields[11:13])
    return total / TICKS


def equal(what: str) -> Callable[[Sequence[Any]], str]:
    """Return the check that all ways give the same; a way that gives None is a floor.

    `what` tells the reader what was compared.
    """
    def check(given: Sequence[Any]) -> str:
        for other in given[1:]:
            if other is not None and other != given[0]:
                raise NotEqual(f"{what}: {str(given[0])[:200]} is not {str(other)[:200]}")
        return f"Equal before timing: {what}."
    return check
