"""Imagery and terrain of one's own, cut into tiles."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest
from rasterio import Affine
from rasterio import open as open_raster
from rasterio.io import MemoryFile

from spatial.errors import UnreadableSource
from spatial.underlay import cut, describe

BOX = (122.20, 43.59, 122.24, 43.62)


def geotiff(path, bands, **more):
    shape = bands.shape
    with open_raster(path, "w", driver="GTiff", width=shape[2], height=shape[1], count=shape[0],
                     dtype=bands.dtype, crs="EPSG:4326",
                     transform=Affine((BOX[2] - BOX[0]) / shape[2], 0, BOX[0], 0,
                                      (BOX[1] - BOX[3]) / shape[1], BOX[3]), **more) as out:
        out.write(bands)
    return path


def tile_over(lon, lat, z):
    x = int((lon + 180) / 360 * 2**z)
    y = int((0.5 - np.arcsinh(np.tan(np.radians(lat))) / (2 * np.pi)) * 2**z)
    return z, x, y


def pixels(body):
    with MemoryFile(body) as memory, memory.open() as picture:
        return picture.read()


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_an_image_keeps_its_colours_and_ends_where_it_ends(tmp_path):
    bands = np.zeros((3, 64, 64), "uint8")
    bands[0], bands[1] = 200, 90
    image = describe(geotiff(tmp_path / "a.tif", bands))
    assert image.bounds == pytest.approx(BOX)
    body, media = cut(image, *tile_over(122.22, 43.605, 14))
    assert media == "image/png"
    assert pixels(body)[:, 128, 128].tolist() == [200, 90, 0, 255]
    assert cut(image, *tile_over(10, 50, 14)) is None
    assert pixels(cut(image, *tile_over(122.2, 43.62, 8))[0])[3].min() == 0


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("metres", [178.25, -12.5, 8848.0])
def test_terrain_gives_its_metres_back(tmp_path, metres):
    heights = np.full((1, 32, 32), metres, "float32")
    ground = describe(geotiff(tmp_path / "dem.tif", heights, nodata=-9999), terrain=True)
    red, green, blue = pixels(cut(ground, *tile_over(122.22, 43.605, 15))[0])[:, 128, 128].astype(
        float)
    assert red * 256 + green + blue / 256 - 32_768 == pytest.approx(metres, abs=0.01)


def test_a_file_of_tiles_is_read_from_the_south(tmp_path):
    path = tmp_path / "a.mbtiles"
    with closing(sqlite3.connect(path)) as made:
        made.executescript(
            "CREATE TABLE metadata (name text, value text);"
            "CREATE TABLE tiles (zoom_level int, tile_column int, tile_row int, tile_data blob);"
            "INSERT INTO metadata VALUES ('format', 'jpg'), ('bounds', '1,2,3,4');"
            "INSERT INTO tiles VALUES (2, 1, 3, x'FFD8');")
        made.commit()
    image = describe(path)
    assert (image.bounds, image.least, image.most) == ((1, 2, 3, 4), 2, 2)
    assert cut(image, 2, 1, 0) == (b"\xff\xd8", "image/jpeg")
    assert cut(image, 2, 1, 3) is None
    assert cut(image, 99, 0, 0) is None


@pytest.mark.parametrize("name", ["a.tif", "a.mbtiles"])
def test_what_is_neither_is_told_in_words(tmp_path, name):
    path = tmp_path / name
    with pytest.raises(UnreadableSource, match="no such file"):
        describe(path)
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(UnreadableSource, match=r"is no (GeoTIFF|MBTiles)"):
        describe(path)
