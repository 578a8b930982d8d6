"""Imagery and terrain of the operator's own, cut into tiles: a GeoTIFF, or an MBTiles file.

Terrain tiles carry metres as colours, in the encoding called terrarium:
metres = red · 256 + green + blue / 256 − 32,768.
"""

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from spatial.crs import WEB
from spatial.errors import UnreadableSource

SIZE = 256
HALF_M = 20_037_508.342789244
DEEPEST = 22
MEDIA = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Underlay:
    """What a file holds: its box in degrees and the zooms that are worth asking for."""

    path: Path
    bounds: Bounds
    least: int
    most: int
    is_terrain: bool = False


def describe(path: Path, *, terrain: bool = False) -> Underlay:
    """Look into a file; raise UnreadableSource where it is none of the two kinds."""
    if not path.is_file():
        raise UnreadableSource(f"{path.name}: there is no such file; check the setting.")
    if path.suffix.lower() == ".mbtiles":
        return _mbtiles(path, terrain)
    with _raster(path) as source:
        from rasterio.warp import transform_bounds

        box = transform_bounds(source.crs, "EPSG:4326", *source.bounds)
        metres = transform_bounds(source.crs, f"EPSG:{WEB}", *source.bounds)
    pixel = (metres[2] - metres[0]) / source.width
    most = math.ceil(math.log2(2 * HALF_M / SIZE / max(pixel, 0.01)))
    return Underlay(path, box, 0, min(max(most, 1), DEEPEST), terrain)


def cut(one: Underlay, z: int, x: int, y: int) -> tuple[bytes, str] | None:
    """Return a tile and its media type; None where the file has nothing."""
    if not (0 <= z <= DEEPEST and 0 <= x < 2**z and 0 <= y < 2**z):
        return None
    if one.path.suffix.lower() == ".mbtiles":
        return _stored(one, z, x, y)
    side = 2 * HALF_M / 2**z
    west, north = x * side - HALF_M, HALF_M - y * side
    bands = _window(one.path, (west, north - side, west + side, north))
    if bands is None:
        return None
    return _png(_as_heights(bands) if one.is_terrain else _as_colours(bands)), "image/png"


def _mbtiles(path: Path, terrain: bool) -> Underlay:
    try:
        with closing(_database(path)) as database:
            said = dict(database.execute("SELECT name, value FROM metadata").fetchall())
            least, most = database.execute(
                "SELECT min(zoom_level), max(zoom_level) FROM tiles").fetchone()
    except sqlite3.Error as error:
        raise UnreadableSource(f"{path.name} is no MBTiles file: {error}.") from None
    if least is None:
        raise UnreadableSource(f"{path.name} holds no tile.")
    box = [float(part) for part in said.get("bounds", "-180,-85,180,85").split(",")]
    return Underlay(path, (box[0], box[1], box[2], box[3]), int(least), int(most), terrain)


def _database(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def _stored(one: Underlay, z: int, x: int, y: int) -> tuple[bytes, str] | None:
    with closing(_database(one.path)) as database:
        row = database.execute(
            "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? "
            "AND tile_row = ?", (z, x, 2**z - 1 - y)).fetchone()
        kind = database.execute("SELECT value FROM metadata WHERE name = 'format'").fetchone()
    media = MEDIA.get(kind[0] if kind else "png", "image/png")
    return (bytes(row[0]), media) if row else None


@contextmanager
def _raster(path: Path) -> Iterator[Any]:
    """Open a raster and see that it says where it lies; a handle a request, for threads' sake."""
    import rasterio
    from rasterio.errors import RasterioError

    try:
        with rasterio.open(path, driver="GTiff") as source:
            if source.crs is None:
                raise UnreadableSource(f"{path.name} does not say its CRS; add one.")
            yield source
    except RasterioError as error:
        raise UnreadableSource(f"{path.name} is no GeoTIFF: {error}.") from None


def _window(path: Path, box: Bounds) -> npt.NDArray[Any] | None:
    """Return the bands of a box of web mercator with the mask last, or None where it is empty."""
    from rasterio import Affine
    from rasterio.enums import Resampling
    from rasterio.vrt import WarpedVRT

    pixel = (box[2] - box[0]) / SIZE

    with _raster(path) as source, WarpedVRT(
            source, crs=f"EPSG:{WEB}", width=SIZE, height=SIZE,
            transform=Affine(pixel, 0, box[0], 0, -pixel, box[3]),
            resampling=Resampling.bilinear, add_alpha=source.nodata is None) as view:
        bands = view.read(list(range(1, min(source.count, 3) + 1))).astype(np.float64)
        mask = view.dataset_mask().astype(np.float64)
    return np.concatenate([bands, mask[None]]) if mask.any() else None


def _as_colours(bands: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return red, green, blue, alpha; one band becomes grey, more than 8 bits are scaled."""
    colours, mask = bands[:-1], bands[-1]
    if len(colours) < 3:
        colours = np.repeat(colours[:1], 3, axis=0)
    most = colours.max(initial=0.0)
    scaled = colours * (255 / most) if most > 255 else colours
    return np.concatenate([scaled, mask[None]]).clip(0, 255).astype(np.uint8)


def _as_heights(bands: npt.NDArray[Any]) -> npt.NDArray[Any]:
    metres = np.where(bands[-1] > 0, np.nan_to_num(bands[0]), 0.0) + 32_768
    red, green = metres // 256, metres % 256 // 1
    return np.stack([red, green, (metres % 1) * 256]).clip(0, 255).astype(np.uint8)


def _png(bands: npt.NDArray[Any]) -> bytes:
    import warnings

    from rasterio.errors import NotGeoreferencedWarning
    from rasterio.io import MemoryFile

    with MemoryFile() as memory, warnings.catch_warnings():
        # A tile lies where its address says, not where a header does.
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with memory.open(driver="PNG", width=SIZE, height=SIZE, count=len(bands),
                         dtype="uint8") as picture:
            picture.write(bands)
        return bytes(memory.read())
