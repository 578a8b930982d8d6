"""What each row of a dirty ledger means, written beside it."""

import csv
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

COLUMNS = ("file", "row", "persons", "says", "outcome", "place", "column", "rule", "dirt")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an address means: the text as written, and what must become of it."""

    text: str
    outcome: str                # linked, queued, kept (it lies elsewhere), stored (there is none)
    place: str = ""             # source_id of the unit or building
    dirt: str = ""              # what is wrong with the writing


NOWHERE = Meaning("", "stored")


class Truth:
    """The file of the truth, written row by row."""

    def __init__(self, path: Path) -> None:
        self.path, self.count = path, 0

    def __enter__(self) -> Self:
        self._file = self.path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow(COLUMNS)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._file.close()

    def means(self, file: str, row: int, says: str, meaning: Meaning, *, persons: int = 1,
              dirt: str = "") -> None:
        """Write what one thing that a row says must become."""
        self._write(file, row, persons, says, meaning.outcome, meaning.place, "", "",
                    ";".join(one for one in (meaning.dirt, dirt) if one))

    def refused(self, file: str, row: int, column: str, rule: str) -> None:
        """Write why a row must be refused."""
        self._write(file, row, 1, "", "rejected", "", column, rule, rule)

    def _write(self, *cells: Any) -> None:
        self._writer.writerow(cells)
        self.count += 1
