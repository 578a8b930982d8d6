"""Rows of a file that bear an id which an earlier row bears already."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Any

from importers.remembering import Remembered
from importers.values import Problem

#: Room for the suffix that a link's own id adds.
LONGEST_ID = 180
#: What an id begins with that was made of a row's key columns.
NO_ID = "row-"


@dataclass
class Repeats:
    """Finds ids that stand twice; remembers those of the whole file."""

    seen: Remembered = field(default_factory=Remembered)

    def problems(self, lines: Sequence[int], ids: Sequence[str], refused: Container[int],
                 states: Sequence[Any] | None = None) -> dict[int, Problem]:
        """Return what is wrong with the ids of a batch, by row.

        With `states` an id may stand often, once for each state of its object.
        """
        problems, here = {}, dict[Any, int]()
        keys = list(ids) if states is None else list(zip(ids, states, strict=True))
        before = self.seen.find(keys)
        for row, (one, key) in enumerate(zip(ids, keys, strict=True)):
            line = before.get(key, here.get(key))
            if line is not None:
                problems[row] = _repeated(one, line, versions=states is not None)
            elif len(one) > LONGEST_ID:
                problems[row] = Problem("length", f"{LONGEST_ID} characters fit")
            elif row not in refused:
                here[key] = max(lines[row], 0)
        self.seen.add(list(here), list(here.values()))
        return problems


def _repeated(one: str, line: int, *, versions: bool) -> Problem:
    """Say which row was first; without a source_id the rows tell of one and the same thing."""
    where = f"row {line:,}" if line else "the file"
    if versions:
        return Problem("duplicate", f"{where} tells the same state of it: the same recorded_from "
                       "and valid_from; keep one of the two")
    return Problem("duplicate", f"{where} is about the same one already; keep one of the two"
                   if one.startswith(NO_ID) else
                   f"{where} has this id already; give each row one of its own")
