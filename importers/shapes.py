"""The geometry of a batch: read, brought into the storage CRS, mended or refused row by row."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from importers.base import Batch
from importers.position import Sample
from importers.values import Problem, Unfit, read_column
from spatial.crs import STORAGE, to_storage
from spatial.errors import InvalidGeometry
from spatial.geometry import mend_all

Texts = Mapping[str, Sequence[str | None]]
Array = npt.NDArray[Any]
#: PostGIS takes 200 collections within one another, nobody draws more than a few.
DEEPEST = 32


def read_shapes(batch: Batch, texts: Texts, crs: str, sample: Sample,
                ) -> tuple[list[str | None], dict[int, Problem], int]:
    """Return hexadecimal EWKB by row, problems by row, and how many shapes were mended."""
    shapes, problems = read_column(_raw(batch, texts), _parse)
    raw = np.array([*shapes, None], dtype=object)[:-1]
    sample.take(raw)
    moved, lost = _moved(raw, crs)
    mended, remarks, bad = mend_all(moved, flat=True)
    problems |= {row: Problem("geometry", str(error)) for row, error in {**lost, **bad}.items()}
    hexed = shapely.to_wkb(shapely.set_srid(mended, STORAGE), hex=True, include_srid=True)
    return list(hexed), problems, len(remarks)


def _raw(batch: Batch, texts: Texts) -> list[Any]:
    """Return WKB, WKT or (lon, lat) of each row; wkt wins over a point in two columns."""
    empty: list[Any] = [None] * len(batch)
    native = batch.geometry or empty
    written = texts.get("wkt", empty)
    points = zip(texts.get("lon", empty), texts.get("lat", empty), strict=True)
    return [one or wkt or (point if any(point) else None)
            for one, wkt, point in zip(native, written, points, strict=True)]


def _parse(raw: Any) -> Any:
    if isinstance(raw, tuple):
        return _point(*raw)
    try:
        if isinstance(raw, bytes):
            return shapely.from_wkb(raw)
        if raw.upper().count("COLLECTION") > DEEPEST:
            raise Unfit("geometry", f"collections may lie {DEEPEST} deep; write the parts plainly")
        with np.errstate(all="ignore"):     # 1e400 becomes infinite, and is refused as such
            return shapely.from_wkt(raw)
    except (ValueError, shapely.errors.GEOSException) as error:
        if isinstance(error, Unfit):
            raise
        raise Unfit("geometry", f"it cannot be read: {str(error)[:120]}") from None


def _point(lon: str | None, lat: str | None) -> Any:
    if lon is None or lat is None:
        raise Unfit("geometry", "give both lon and lat, or neither")
    try:
        return shapely.Point(float(lon), float(lat))
    except ValueError:
        raise Unfit("geometry", "lon and lat must be numbers, as 122.2209 and 43.6008") from None


def _moved(shapes: Array, crs: str) -> tuple[Array, dict[int, InvalidGeometry]]:
    """Bring shapes into the storage CRS; a bad one among them is found by halving."""
    try:
        return to_storage(shapes, crs), {}
    except InvalidGeometry as error:
        if len(shapes) == 1:
            return np.array([None], dtype=object), {0: error}
    middle = len(shapes) // 2
    (left, lost), (right, more) = (_moved(half, crs) for half in (shapes[:middle],
                                                                  shapes[middle:]))
    return (np.concatenate([left, right]),
            {**lost, **{middle + row: error for row, error in more.items()}})
