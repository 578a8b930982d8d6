"""Measured solids of a batch: WKT -> facets in the storage CRS, with what they tell."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from importers.values import Problem, Unfit, read_column
from spatial import facets
from spatial.crs import STORAGE, transform_geometries
from spatial.errors import InvalidGeometry

LARGEST = 4 * 1024 * 1024
MEASURED = "measured"


def add_solids(texts: Sequence[str | None], crs: str, values: dict[str, list[Any]],
               geometry: list[str | None]) -> dict[int, Problem]:
    """Add the columns `solid`, `base_m`, `top_m` and `volume_source`; return problems by row.

    Coordinates of the WKT are in `crs`, heights in metres above the building's ground. A solid
    tells where its feature stands, if nothing else does.
    """
    solids, problems = read_column(texts, lambda text: _solid(text, crs))
    nothing: list[Any] = [None, None, None, None, None]
    rows = [nothing if one is None else _told(one) for one in solids]
    for at, name in enumerate(("solid", "base_m", "top_m", "volume_source"), 1):
        values[name] = [row[at] for row in rows]
    for row, told in enumerate(rows):
        geometry[row] = geometry[row] or told[0]
    return problems


def _solid(text: str, crs: str) -> Any:
    if len(text) > LARGEST:
        raise Unfit("length", f"{LARGEST:,} characters fit; give a plainer solid")
    try:
        shape = shapely.from_wkt(text)
        facets.from_shape(shape)
        moved = transform_geometries(np.array([shape, None], dtype=object)[:1], crs, STORAGE)[0]
    except (ValueError, shapely.errors.GEOSException, InvalidGeometry) as error:
        raise Unfit("solid", f"it cannot be read: {str(error)[:160]}") from None
    if not np.isfinite(shapely.get_coordinates(moved, include_z=True)).all():
        raise Unfit("solid", "its coordinates must be finite numbers")
    return moved


def _told(solid: Any) -> list[Any]:
    bodies = facets.from_shape(solid)
    base, top = facets.extent(bodies)
    outline = facets.footprint(bodies)
    return [outline and _ewkb(outline), _ewkb(solid), round(base, 3), round(top, 3), MEASURED]


def _ewkb(shape: Any) -> str:
    return str(shapely.to_wkb(shapely.set_srid(shape, STORAGE), hex=True, include_srid=True,
                              output_dimension=3))
