"""The demonstration district: invented ledgers of a district that could exist.

`write_district` writes the files that a subdistrict would hand over; they enter the registry
through the same door as everyone's. Nothing here touches a database. The places come from a plan
in data/demo, the people from name lists in data/names, and dice that start from the seed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from spatial.errors import InvalidInput

SIZES = ("district", "city", "metropolis")
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class DistrictSummary:
    """What was written: the folder, the seed and the rows of every ledger."""

    folder: Path
    seed: int
    rows: Mapping[str, int]


def write_district(folder: Path, *, seed: int = 7, size: str = "district",
                   progress: Progress = lambda step, done, of: None) -> DistrictSummary:
    """Write all ledgers of the demonstration into `folder`, which is made if missing.

    A city is a million residents, a metropolis ten million. The same seed writes the same bytes.
    Raises InvalidInput for a size that is not available.
    """
    if size not in SIZES:
        raise InvalidInput(f"There is no size {size!r}; available: {', '.join(SIZES)}.")
    if size != "district":
        from importers.demo.large import DISTRICTS, write_districts

        return DistrictSummary(folder, seed, write_districts(
            folder, seed=seed, districts=DISTRICTS[size], progress=progress))
    from importers.demo.files import write_folk, write_town
    from importers.demo.town import build_town
    from importers.demo.townsfolk import build_folk

    folder.mkdir(parents=True, exist_ok=True)
    town = build_town(seed)
    folk = build_folk(town, seed)
    rows = write_town(folder, town) | write_folk(folder, folk)
    return DistrictSummary(folder, seed, rows)
