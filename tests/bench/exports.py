"""A layer as one GeoJSON FeatureCollection, against ogr2ogr and geopandas."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from shutil import which
from typing import Any

import shapely
from sqlalchemy import ARRAY, Engine, Text, func, select, type_coerce
from sqlalchemy.orm import Session

from layers import catalogue
from layers.across.export import columns, written
from layers.across.export_files import export_file
from spatial.history import seen
from tests.bench.harness import Case, NotEqual, Way
from tests.bench.world import World

LAYERS = ("buildings", "units")
#: Coordinates are compared to this many degrees: GDAL writes 43.60000001 as 43.6.
NEAR = 2e-8


def cases(world: World) -> Iterator[Case]:
    """Yield the benchmarks of exports."""
    engine = world.engine()
    for name in LAYERS:
        yield _case(world, engine, name)
    engine.dispose()


def _case(world: World, engine: Engine, name: str) -> Case:
    count = world.rows(f"SELECT count(*) FROM {catalogue()[name].table.name}")[0][0]  # noqa: S608
    ogr = "ogr2ogr, `RFC7946`"
    ways = [Way(name="`COPY` of finished features", run=lambda: _ours(world, engine, name)),
            Way(name=ogr, run=lambda: _ogr2ogr(world, name)) if which("ogr2ogr")
            else Way(name=ogr, missing="not installed"),
            Way(name="geopandas", run=lambda: _geopandas(world, engine, name))]
    return Case(
        name=f"export-{name}", title=f"Export of {name} as GeoJSON",
        about=f"{count:,} {name} with all their columns, references written as in ledgers, to a "
              "file. The peers are given the same columns by one SELECT.",
        bar="≥ 3 times ogr2ogr", ways=ways, agree=_agree)


def _ours(world: World, engine: Engine, name: str) -> Path:
    path = world.folder / "ours.geojson"
    with Session(engine) as session:
        export_file(session, name, path, form="geojson")
    return path


def _ogr2ogr(world: World, name: str) -> Path:
    path = world.folder / "ogr.geojson"
    path.unlink(missing_ok=True)
    subprocess.run(["ogr2ogr", "-f", "GeoJSON", str(path), f"PG:{world.url}", "-sql", _sql(name),
                    "-lco", "COORDINATE_PRECISION=8", "-lco", "RFC7946=YES"],
                   check=True, capture_output=True)
    return path


def _geopandas(world: World, engine: Engine, name: str) -> Path:
    import geopandas

    path = world.folder / "pandas.geojson"
    with engine.connect() as connection:
        frame = geopandas.read_postgis(_sql(name), connection, geom_col="geometry")
    frame.to_file(path, driver="GeoJSON", COORDINATE_PRECISION=8)
    return path


def _sql(name: str) -> str:
    """Return the same columns as our export's, lists as text, and the geometry."""
    layer = catalogue()[name]
    one: Any = seen(layer.model)
    cells = [(func.array_to_string(c.expression, ";") if isinstance(c.kind, ARRAY)
              else c.expression).label(c.name) for c in columns(layer, one)]
    shape = type_coerce(one.geometry, Text()).label("geometry")
    return written(select(*cells, shape).order_by(one.id))


def _agree(paths: Sequence[Path]) -> str:
    ours, *others = [_read(path) for path in paths]
    for other in others:
        if ours.keys() != other.keys():
            raise NotEqual("the features exported are not the same")
        for key, shape in ours.items():
            if not _alike(shape, other[key]):
                raise NotEqual(f"the geometries of {key} are not the same")
    return (f"Equal before timing: {len(ours):,} identifiers, and every geometry within "
            f"{NEAR:g}°.")


def _read(path: Path) -> dict[str, Any]:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return {one["properties"]["identifier"]: one["geometry"] and shapely.normalize(
        shapely.geometry.shape(one["geometry"])) for one in features}


def _alike(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return bool(one.equals_exact(other, NEAR) or one.symmetric_difference(other).area < NEAR**2)
