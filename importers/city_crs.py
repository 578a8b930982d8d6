"""The CRS of city models: where compound ones (place and height) are on the map."""

from dataclasses import dataclass
from pathlib import Path

from pyproj import CRS
from pyproj.exceptions import CRSError

from importers.base import unreadable


@dataclass(frozen=True, slots=True)
class Horizontal:
    """A CRS without its heights; `north_first` where the authority names latitude first."""

    name: str
    north_first: bool


def horizontal(path: Path, code: int) -> Horizontal:
    """Return the plane part of an EPSG code, such as 28992 of 7415."""
    try:
        crs = CRS.from_epsg(code)
    except CRSError:
        raise unreadable(path, f"EPSG:{code} is no coordinate system known here",
                         "Name it yourself with --crs, as EPSG:4490.") from None
    north = bool(crs.axis_info) and crs.axis_info[0].direction.lower() == "north"
    if crs.is_compound:
        crs = crs.sub_crs_list[0]
    if len(crs.axis_info) == 3:
        crs = crs.to_2d()
    plain = crs.to_epsg(min_confidence=70)
    return Horizontal(f"EPSG:{plain}" if plain else crs.to_wkt(), north)
