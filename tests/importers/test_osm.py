from pathlib import Path

import pytest
import shapely

from importers import open_source
from importers.base import Limits, Options, Source, Table
from importers.intake import Intake, take_in
from importers.loading import Order
from importers.osm import LEDGERS
from layers.buildings import Building
from spatial.errors import UnreadableSource
from tests.support.osm_drawing import Drawing

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


def table(source: Source, name: str) -> Table:
    found = source.table(name)
    assert found is not None
    return found


def column(source: Source, name: str, column: str) -> list[str | None]:
    return [value for batch in table(source, name).batches() for value in batch.columns[column]]


@pytest.fixture(scope="module")
def helsinki() -> Source:
    return open_source(SAMPLES / "helsinki_centre.osm.pbf")


@pytest.fixture(scope="module")
def monaco() -> Source:
    return open_source(SAMPLES / "monaco.osm.pbf")


@pytest.fixture(scope="module")
def shanghai() -> Source:
    return open_source(SAMPLES / "shu_shanghai_1.osm")


def counts(source: Source) -> dict[str, int | None]:
    return {table.name: table.rows for table in source.tables}


def test_helsinki_is_read_to_the_last_building(helsinki: Source) -> None:
    assert counts(helsinki) == {
        "divisions": 0,
        "streets": 107,
        "compounds": 27,
        "buildings": 449,
        "entrances": 329,
        "plates": 583,
        "grounds": 185,
    }


def test_every_building_of_helsinki_is_accounted_for(helsinki: Source) -> None:
    read = table(helsinki, "buildings")
    list(read.batches())
    marked_as_entrance = 33
    assert (read.rows or 0) + read.skipped.total() + marked_as_entrance == 536


def test_every_house_number_of_helsinki_is_accounted_for(helsinki: Source) -> None:
    plates = table(helsinki, "plates")
    list(plates.batches())
    assert (plates.rows or 0) + plates.skipped.total() == 1470
    assert plates.skipped == {
        "a house number given already": 860,
        "a house number without a street": 17,
        "on a building that reaches beyond the extract": 10,
    }


def test_every_entrance_of_helsinki_is_accounted_for(helsinki: Source) -> None:
    entrances = table(helsinki, "entrances")
    list(entrances.batches())
    tagged_on_buildings_only = 32
    assert (entrances.rows or 0) + entrances.skipped.total() - tagged_on_buildings_only == 325


def test_monaco_is_read_to_the_last_building(monaco: Source) -> None:
    assert counts(monaco) == {
        "divisions": 6,
        "streets": 246,
        "compounds": 5,
        "buildings": 1208,
        "entrances": 62,
        "plates": 206,
        "grounds": 82,
    }
    assert any(remark.startswith("parts read into their buildings: 13") for remark in
               monaco.remarks)  # fmt: skip


def test_every_division_and_number_of_monaco_is_accounted_for(monaco: Source) -> None:
    divisions, plates = table(monaco, "divisions"), table(monaco, "plates")
    list(divisions.batches())
    list(plates.batches())
    from_lists = 3
    assert (divisions.rows or 0) + divisions.skipped.total() == 22
    assert (plates.rows or 0) + plates.skipped.total() - from_lists == 257


def test_the_shanghai_campus_is_read_in_chinese(shanghai: Source) -> None:
    assert counts(shanghai)["buildings"] == 108
    assert "伟长楼" in column(shanghai, "buildings", "name")
    assert "351弄2号" in column(shanghai, "plates", "number")
    assert "上海大学（宝山校区南区）" in column(shanghai, "compounds", "name")


@pytest.mark.parametrize("sample", ["helsinki", "monaco", "shanghai"])
def test_references_lead_to_rows_of_the_file(sample: str, request: pytest.FixtureRequest) -> None:
    source: Source = request.getfixturevalue(sample)
    rows = {name: set(column(source, name, "source_id")) for name in LEDGERS}
    assert set(column(source, "entrances", "building")) <= rows["buildings"]
    assert set(column(source, "plates", "street")) <= rows["streets"]
    holders = set(column(source, "plates", "belongs_to")) - {None}
    assert holders <= rows["buildings"] | rows["compounds"]
    assert set(column(source, "buildings", "compound")) - {None} <= rows["compounds"]
    assert set(column(source, "divisions", "parent")) - {None} <= rows["divisions"]


@pytest.mark.parametrize("sample", ["helsinki", "monaco", "shanghai"])
def test_source_ids_are_unique_and_geometries_valid(
    sample: str, request: pytest.FixtureRequest
) -> None:
    source: Source = request.getfixturevalue(sample)
    for table in source.tables:
        ids = column(source, table.name, "source_id")
        assert len(ids) == len(set(ids)) == table.rows
        for batch in table.batches():
            assert batch.geometry is not None
            assert shapely.is_valid(shapely.from_wkb(list(batch.geometry))).all() or (
                table.name == "streets"
            )


def test_storeys_and_heights_come_from_parts_where_a_building_is_silent(tmp_path: Path) -> None:
    drawing = Drawing()
    drawing.square(1, 0, 0, 10, building="yes", name="3号楼")
    drawing.square(2, 2, 2, 3, building__part="yes", building__levels="6", height="20 m")
    drawing.square(3, 6, 6, 3, building__part="yes", building__levels="18", height="tall")
    source = open_source(drawing.save(tmp_path / "estate.osm"))
    (batch,) = table(source, "buildings").batches()
    row = {name: values[0] for name, values in batch.columns.items()}
    assert (row["number"], row["label"], row["name"]) == ("3", "3号楼", None)
    assert (row["storeys_above_ground"], row["height"]) == ("18", "20")
    assert [issue.value for issue in table(source, "buildings").issues] == ["way/3: tall"]


def test_one_layer_can_be_picked() -> None:
    source = open_source(SAMPLES / "monaco.osm.pbf", Options(layer="grounds"))
    assert [table.name for table in source.tables] == ["grounds"]
    with pytest.raises(UnreadableSource, match="It gives: divisions, streets"):
        open_source(SAMPLES / "monaco.osm.pbf", Options(layer="households"))


@pytest.mark.parametrize("before", ["", "<!-- <osm > -->", " " * 5000])
def test_entities_are_never_expanded(tmp_path: Path, before: str) -> None:
    path = tmp_path / "hostile.osm"
    path.write_text(
        f'<?xml version="1.0"?>{before}<!DOCTYPE osm [<!ENTITY a "b">]>'
        '<osm version="0.6"><node id="1" lat="1" lon="1"><tag k="building" v="&a;"/></node></osm>'
    )
    with pytest.raises(UnreadableSource):
        open_source(path)


def test_a_file_above_the_limit_is_refused() -> None:
    with pytest.raises(UnreadableSource, match="more than the 1,000 allowed"):
        open_source(SAMPLES / "monaco.osm.pbf", Options(limits=Limits(osm=1000)))


def test_an_extract_without_anything_of_ours_gives_empty_tables(tmp_path: Path) -> None:
    source = open_source(Drawing().save(tmp_path / "empty.osm"))
    assert set(counts(source).values()) == {0}
    assert [list(table.batches()) for table in source.tables] == [[]] * len(LEDGERS)


def test_one_part_of_an_extract_is_taken_without_what_it_names_of_others(door, tmp_path):
    drawing = Drawing()
    drawing.square(1, 0, 0, 100, landuse="residential", name="阳光花园")
    drawing.square(2, 10, 10, 20, building="yes", addr__housenumber="3")
    path = drawing.save(tmp_path / "one.osm")
    intake = Intake(order=Order(source="osm"), options=Options(layer="buildings"), apply=True)
    said = take_in(door.engine, door.vault, path, intake)
    assert [(one.layer, one.new, one.rejected) for one in said] == [("buildings", 1, 0)]
    assert door.column(Building.compound_id) == [None]
    whole = take_in(door.engine, door.vault, path, Intake(order=Order(source="osm"), apply=True))
    assert {one.layer: one.rejected for one in whole}["buildings"] == 0
    assert door.column(Building.compound_id) != [None], "found when its compound has come"
