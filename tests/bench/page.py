"""docs/benchmarks.md, written by the run that measured it."""

from collections.abc import Iterator, Sequence

from tests.bench.harness import Case, Outcome, Times
from tests.bench.world import World
from tests.reports.writing import DOCS, page, table

HEAD = """# Benchmarks

Ours and its peers, interleaved in one run ({repetitions} repetitions and more, turn by turn), what
they give compared before any clock runs. *Wall* is the median of one job; *CPU* the seconds of our
own process with the programs it starts, and of the database server; *ratio* how many times longer
than ours a way takes, repetition by repetition: median, and least to most. Other programs ran on
the same machine, so only ratios mean anything, and below 2 there is no difference shown. This page
is made by a run (`make bench`), and no test depends on its figures.
"""


def write(world: World, outcomes: Sequence[Outcome], repetitions: int) -> None:
    """Write the page of a whole run."""
    text = page(HEAD.format(repetitions=repetitions).splitlines(), _ground(world),
                *(lines(one) for one in outcomes))
    (DOCS / "benchmarks.md").write_text(text, encoding="utf-8")


def _ground(world: World) -> Iterator[str]:
    counts = ", ".join(f"{count:,} {name}" for name, count in world.counts().items())
    yield ""
    yield f"Machine: {', '.join(world.machine())}."
    yield ""
    yield (f"Data: the demonstration, size {world.size}, seed {world.seed}, loaded in "
           f"{world.loaded_s:.0f} s: {counts}.")
    yield ""


def lines(outcome: Outcome) -> Iterator[str]:
    """Yield the section of one case."""
    case = outcome.case
    yield f"## {case.title}"
    yield ""
    yield case.about
    yield ""
    yield f"Bar: {case.bar}."
    yield from table(("way", "wall", "CPU own", "CPU database", "ratio"),
                     _rows(case, outcome.times), right="1234")
    yield from (f"- {note}" for note in outcome.notes)
    yield ""


def _rows(case: Case, times: Sequence[Times]) -> Iterator[Sequence[str]]:
    known = {one.way.name: one for one in times}
    for way in case.ways:
        one = known.get(way.name)
        if one is None:
            yield (way.name, way.missing, "", "", "")
            continue
        ratio = "1" if one is times[0] else "{:.3g} ({:.2g}–{:.2g})".format(*one.ratio(times[0]))
        yield (way.name, *(seconds(one.middle(part)) for part in ("wall", "own", "database")),
               ratio)


def seconds(value: float) -> str:
    """Return a time in the unit in which it is read best."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-6:.3g} µs"
