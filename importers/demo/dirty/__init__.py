"""Twins of the demonstration's ledgers as real offices keep them, with the truth beside them.

Three offices keep residents, each in its own way; one keeps organizations. What every row means
to a registry that holds the demonstration's places stands in `truth.csv`: which place each
address is, that it must be asked about, that it lies elsewhere, or why the row must be refused.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

TRUTH = "truth.csv"


@dataclass(frozen=True, slots=True)
class DirtySummary:
    """What was written: the folder and the rows of every file."""

    folder: Path
    rows: Mapping[str, int]


def write_dirty(folder: Path, *, seed: int = 7, clean: Path | None = None) -> DirtySummary:
    """Write the dirty ledgers into `folder`; the same seed writes the same rows.

    `clean` is a folder of the demonstration's ledgers, or of a part of them; they are drawn anew
    where none is given.
    """
    if clean is None:
        from importers.demo import write_district

        with TemporaryDirectory(prefix="doorplate-clean-") as drawn:
            write_district(Path(drawn), seed=seed)
            return write_dirty(folder, seed=seed, clean=Path(drawn))
    from importers.demo.dirty.firms import firms
    from importers.demo.dirty.forms import grid_form, police_form, village_form
    from importers.demo.dirty.places import read_places
    from importers.demo.dirty.truth import Truth
    from importers.demo.dirty.writing import read_families

    folder.mkdir(parents=True, exist_ok=True)
    places, truth = read_places(clean), Truth(folder / TRUTH)
    families = read_families(clean, places)
    rows = {}
    with truth:
        for number, form in enumerate((police_form, village_form, grid_form)):
            name, count = form(folder, families[number::3], places, truth,
                               random.Random(f"{seed}/dirty/{number}"))
            rows[name] = count
        name, count = firms(folder, clean, places, truth, random.Random(f"{seed}/dirty/firms"))
        rows[name] = count
    return DirtySummary(folder, {**rows, TRUTH: truth.count})
