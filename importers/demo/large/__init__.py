"""A city, and a metropolis: the district drawn once, and set down again and again under new names.

Every district is a place of its own: its own codes, names of compounds and streets, people with
names and numbers that occur nowhere else. It lies beside the others, and its ledgers are those
that its offices would hand over. Files hold 22 districts each, a million residents, so that none
is too large a file.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

#: Districts of each size: 46,345 residents each.
DISTRICTS: Mapping[str, int] = MappingProxyType({"city": 22, "metropolis": 216})
PER_FILE = 22
Progress = Callable[[str, int, int | None], None]


def write_districts(folder: Path, *, seed: int, districts: int, progress: Progress,
                    base: Path | None = None) -> dict[str, int]:
    """Write the ledgers of so many districts; returns the rows of each ledger.

    `base` is a folder with the first of them; it is drawn where none is given.
    """
    if base is None:
        from importers.demo import write_district

        with TemporaryDirectory(prefix="doorplate-base-") as drawn:
            write_district(Path(drawn), seed=seed)
            return write_districts(folder, seed=seed, districts=districts, progress=progress,
                                   base=Path(drawn))
    from importers.demo.large.copies import Copies

    folder.mkdir(parents=True, exist_ok=True)
    copies, rows = Copies(base, seed, districts), dict[str, int]()
    for number in range(districts):
        part = f"{number // PER_FILE + 1:02}"
        for name, count in copies.write(folder, number, part, first=number % PER_FILE == 0):
            rows[name] = rows.get(name, 0) + count
        progress("drawing", number + 1, districts)
    copies.close()
    return rows
