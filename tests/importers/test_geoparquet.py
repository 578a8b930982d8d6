"""GeoParquet is read as it is written by others and by ourselves; what is broken is told."""

import json

import geopandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shapely.geometry import Point, box

from importers import open_source
from importers.base import Options
from layers.compounds import Compound
from spatial.errors import UnreadableSource

SHAPES = {"name": ["阳光花园", "和平小区"], "aliases": [["老院", "东院"], None],
          "geometry": [box(122.2, 43.6, 122.21, 43.61), box(122.3, 43.6, 122.31, 43.61)]}


def written(path, crs="EPSG:4326", **more):
    frame = geopandas.GeoDataFrame({**SHAPES, **more}, crs=crs)
    frame.to_parquet(path)
    return path


def retold(path, change):
    """Write a file again with other words on its shapes."""
    table = pq.read_table(path)
    geo = json.loads(table.schema.metadata[b"geo"])
    change(geo)
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    return path


def test_values_and_shapes_are_read(door):
    path = written(door.folder / "compounds.parquet", source_id=["K1", "K2"])
    said = door.take(path)["compounds"]
    assert (said.new, said.rejected) == (2, 0)
    assert door.column(Compound.name) == ["和平小区", "阳光花园"]
    assert sorted(map(len, filter(None, door.column(Compound.aliases)))) == [2]
    assert door.count(Compound, Compound.geometry.is_not(None)) == 2
    assert door.take(path)["compounds"].unchanged == 2


def test_types_become_the_text_a_ledger_means(tmp_path):
    import datetime
    import decimal

    path = written(tmp_path / "one.parquet", whole=[3, None], part=[2.5, 3.0], yes=[True, None],
                   day=[datetime.date(2019, 5, 1), None], money=[decimal.Decimal("1.50"), None],
                   bytes=[b"x", None], nested=[{"a": 1}, None])
    source = open_source(path)
    (batch,) = source.table("one").batches()
    assert batch.columns["whole"] == ("3", None) and batch.columns["part"] == ("2.5", "3")
    assert batch.columns["yes"] == ("true", None) and batch.columns["day"] == ("2019-05-01", None)
    assert batch.columns["money"] == ("1.50", None)
    assert {"bytes", "nested"}.isdisjoint(batch.columns) and "bytes, nested" in source.remarks[0]


def test_the_coordinate_system_is_what_the_file_says(tmp_path):
    path = written(tmp_path / "one.parquet", crs="EPSG:4490")
    assert open_source(path).tables[0].crs == "EPSG:4490"
    retold(path, lambda geo: geo["columns"]["geometry"].pop("crs"))
    assert open_source(path).tables[0].crs == "EPSG:4326"
    retold(path, lambda geo: geo["columns"]["geometry"].update(crs=None))
    with pytest.raises(UnreadableSource, match="--crs"):
        open_source(path)
    assert open_source(path, Options(crs="EPSG:4490")).tables[0].crs == "EPSG:4490"


def test_parquet_without_shapes_is_a_table(tmp_path):
    path = tmp_path / "two.parquet"
    pq.write_table(pa.table({"name": ["a"] * 25_000}), path)
    table = open_source(path).tables[0]
    assert [len(one) for one in table.batches()] == [10_000, 10_000, 5_000]
    assert table.crs is None


@pytest.mark.parametrize("change", [
    lambda geo: geo.pop("columns"), lambda geo: geo.update(primary_column="nowhere"),
    lambda geo: geo["columns"]["geometry"].update(encoding="point"),
])
def test_broken_words_on_shapes_are_told(tmp_path, change):
    path = retold(written(tmp_path / "one.parquet"), change)
    with pytest.raises(UnreadableSource, match="shapes"):
        open_source(path)


def test_a_file_cut_off_is_refused_and_a_broken_shape_is_one_row(tmp_path):
    path = written(tmp_path / "one.parquet")
    whole = path.read_bytes()
    for size in (4, 40, len(whole) - 5):
        path.write_bytes(whole[:size])
        with pytest.raises(UnreadableSource, match="no whole Parquet"):
            open_source(path)
    path.write_bytes(whole)
    table = pq.read_table(path)
    shapes = pa.array([b"\x01\x02", Point(1, 2).wkb])
    place = table.schema.get_field_index("geometry")
    pq.write_table(table.set_column(place, table.schema.field(place), shapes), path)
    one = open_source(path).tables[0]
    assert [batch.lines for batch in one.batches()] == [[2]]
    assert [(issue.line, issue.rule) for issue in one.issues] == [(1, "geometry")]
