"""City models: measured buildings, storeys and units from CityJSON and CityGML, to the place."""

import json

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from importers import open_source
from importers.base import Options
from importers.city import City, Thing
from layers.across.details import detail
from layers.buildings import Building
from layers.units import Unit
from spatial import facets
from spatial.errors import UnreadableSource
from tests.importers.test_open_source import SAMPLES

EAST, NORTH, GROUND = 500_000, 4_829_000, 50.0


class Drawing:
    """A CityJSON file as it is drawn, box by box."""

    def __init__(self, version="2.0", crs="https://www.opengis.net/def/crs/EPSG/0/4549"):
        self.objects, self.points = {}, []
        self.head = {"type": "CityJSON", "version": version, "metadata": {"referenceSystem": crs},
                     "transform": {"scale": [0.001] * 3, "translate": [EAST, NORTH, 0]}}

    def box(self, west, south, east, north, base, top, *, lod="2.0", form="Solid"):
        """Return a geometry of a box."""
        (body,) = facets.prism(shapely.box(west, south, east, north), base, top)
        boundaries = [[[self._point(point) for point in ring] for ring in facet]
                      for facet in body]
        return {"type": form, "lod": lod,
                "boundaries": [boundaries] if form == "Solid" else boundaries}

    def _point(self, point):
        self.points.append([round(1000 * one) for one in point])
        return len(self.points) - 1

    def add(self, name, kind, /, *geometry, parents=(), **attributes):
        self.objects[name] = {"type": kind, "attributes": attributes, "geometry": list(geometry),
                              **({"parents": list(parents)} if parents else {})}

    def save(self, path):
        path.write_text(json.dumps({**self.head, "CityObjects": self.objects,
                                    "vertices": self.points}), "utf-8")
        return path

    def save_sequence(self, path):
        """Write the head, then a feature a line for each building and what is in it."""
        lines = [{**self.head, "CityObjects": {}, "vertices": []}]
        lines.append({"type": "CityJSONFeature", "id": "B1", "CityObjects": self.objects,
                      "vertices": self.points})
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
        return path


@pytest.fixture
def house():
    """A house of two storeys and a cellar, four units above ground and one below by its room."""
    one = Drawing()
    one.add("B1", "Building", one.box(0, 0, 20, 10, 50, 56), name="一号楼", function="1000",
            storeysAboveGround=2, yearOfConstruction=1998)
    one.add("P1", "BuildingPart", one.box(20, 0, 25, 10, 50, 53), parents=["B1"])
    for number, label in ((-1, "B1"), (1, "1F"), (2, "2F")):
        base = GROUND + 3 * (number - (number > 0))
        one.add(f"S{number}", "BuildingStorey", one.box(0, 0, 20, 10, base, base + 3),
                parents=["B1"], name=label)
    for floor in (1, 2):
        for door in (1, 2):
            base, west = GROUND + 3 * floor - 3, 10 * (door - 1)
            one.add(f"U{floor}{door}", "BuildingUnit", one.box(west, 0, west + 10, 10, base,
                                                              base + 3),
                    parents=[f"S{floor}"], name=f"{floor}0{door}", usage="apartment")
    one.add("U0", "BuildingUnit", parents=["B1"], name="B101", function="parking")
    one.add("R0", "BuildingRoom", one.box(0, 0, 8, 10, 47, 50), parents=["U0"])
    one.add("T1", "SolitaryVegetationObject")
    return one


def rows(source, name):
    table = source.table(name)
    return [dict(zip(batch.columns, values, strict=True)) for batch in table.batches()
            for values in zip(*batch.columns.values(), strict=True)]


@pytest.mark.parametrize(("version", "crs"), [
    ("1.0", "urn:ogc:def:crs:EPSG::4549"), ("1.1", "https://www.opengis.net/def/crs/EPSG/0/4549"),
    ("2.0", "https://www.opengis.net/def/crs/EPSG/0/4549")])
def test_buildings_storeys_and_units_are_three_ledgers(tmp_path, house, version, crs):
    house.head |= {"version": version, "metadata": {"referenceSystem": crs}}
    source = open_source(house.save(tmp_path / "x.city.json"))
    assert (source.format, [table.crs for table in source.tables]) == ("CityJSON",
                                                                       ["EPSG:4549"] * 3)
    (building,) = rows(source, "buildings")
    assert {name: building[name] for name in ("source_id", "name", "function", "height",
                                              "ground_m", "year_built")} == {
        "source_id": "B1", "name": "一号楼", "function": "residential", "height": "6",
        "ground_m": "50", "year_built": "1998"}
    assert [(row["label"], row["index"], row["base_m"], row["top_m"])
            for row in rows(source, "storeys")] == [
        ("B1", "-1", "-3", "0"), ("1F", "1", "0", "3"), ("2F", "2", "3", "6")]
    assert [(row["source_id"], row["storey"], row["designator"], row["use"])
            for row in rows(source, "units")][-2:] == [
        ("U22", "2", "202", "dwelling"), ("U0", "-1", "B101", "garage")]
    skipped = source.table("buildings").skipped
    assert skipped["SolitaryVegetationObject: no building, storey or unit"] == 1


def test_a_sequence_says_the_same_as_the_whole(tmp_path, house):
    whole = open_source(house.save(tmp_path / "x.city.json"))
    parts = open_source(house.save_sequence(tmp_path / "x.city.jsonl"))
    for name in ("buildings", "storeys", "units"):
        assert rows(parts, name) == rows(whole, name)


def test_of_several_levels_of_detail_the_finest_is_kept(tmp_path):
    one = Drawing()
    one.add("B1", "Building", one.box(0, 0, 9, 9, 0, 4, lod="1"),
            one.box(0, 0, 9, 9, 0, 5, lod="2.2"), one.box(0, 0, 9, 9, 0, 6, lod="1.3"))
    (row,) = rows(open_source(one.save(tmp_path / "x.json")), "buildings")
    assert row["height"] == "5"
    source = open_source(SAMPLES / "multi_lod.city.json", Options(crs="EPSG:28992"))
    assert source.remarks[0].endswith("LoD 2.2 (10)")


def test_a_compound_crs_stands_where_its_plane_part_says(tmp_path, house):
    house.head["metadata"]["referenceSystem"] = "https://www.opengis.net/def/crs/EPSG/0/7415"
    assert open_source(house.save(tmp_path / "x.json")).tables[0].crs == "EPSG:28992"


@pytest.mark.parametrize(("change", "wrong"), [
    ({"version": "0.8"}, r"CityJSON 0\.8; 1\.0, 1\.1, 2\.0 are read"),
    ({"metadata": {}}, "does not say its CRS. Name it with --crs"),
    ({"metadata": {"referenceSystem": "EPSG:999999"}}, "no coordinate system known"),
    ({"transform": {"scale": "x", "translate": []}}, "its vertices or its transform"),
])
def test_a_head_that_is_wrong_is_refused_with_the_remedy(tmp_path, house, change, wrong):
    house.head |= change
    with pytest.raises(UnreadableSource, match=wrong):
        open_source(house.save(tmp_path / "x.json"))


@pytest.mark.parametrize("boundaries", [[[[[0, 1, 10**9]]]], [[[[0, 1]]]], [[[["x"]]]], [[[]]],
                                        [[[[-1, 0, 1]]]], 7, [[[[0, 1, None]]]]])
def test_a_shape_that_cannot_be_read_is_told_and_its_thing_kept(tmp_path, house, boundaries):
    house.objects["P1"]["geometry"] = [{"type": "Solid", "lod": "2", "boundaries": boundaries}]
    source = open_source(house.save(tmp_path / "x.json"))
    assert len(rows(source, "buildings")) == 1
    (issue,) = source.table("buildings").issues
    assert (issue.rule, issue.rejects, issue.value[:3]) == ("geometry", False, "P1:")


@pytest.mark.parametrize("name", ["the_hague.city.json", "multi_lod.city.json",
                                  "city_all_types.city.json"])
def test_files_without_a_crs_ask_for_one_and_are_read_with_it(name):
    with pytest.raises(UnreadableSource, match="does not say its CRS"):
        open_source(SAMPLES / name)
    source = open_source(SAMPLES / name, Options(crs="EPSG:28992"))
    assert sum(len(rows(source, table.name)) for table in source.tables) > 0


def test_parts_that_are_part_of_one_another_do_not_go_round_for_ever():
    city = City()
    for name, parent in (("a", "b"), ("b", "a")):
        city.add(Thing(name, "part", 1, parents=[parent]))
    assert city.above(city.things["a"], "building") is None


@settings(max_examples=40, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(["type", "geometry", "boundaries", "lod", "attributes",
                                         "parents", "B1"]), inner, max_size=4), max_leaves=12))
def test_no_nonsense_breaks_the_reader(tmp_path_factory, nonsense):
    path = tmp_path_factory.mktemp("city") / "x.json"
    head = Drawing().head | {"CityObjects": {"B1": nonsense, "B2": {
        "type": "Building", "geometry": nonsense, "attributes": nonsense, "parents": nonsense}},
        "vertices": []}
    path.write_text(json.dumps(head, allow_nan=False, default=str)
                    if "NaN" not in json.dumps(head) and "Infinity" not in json.dumps(head)
                    else json.dumps(Drawing().head | {"CityObjects": {}, "vertices": []}))
    try:
        source = open_source(path)
    except UnreadableSource:
        return
    for table in source.tables:
        list(table.batches())


def test_storeys_and_units_of_citygml_are_found_by_their_links():
    source = open_source(SAMPLES / "building_units_storeys.gml")
    assert source.format == "CityGML"
    assert [(row["source_id"], row["index"], row["base_m"], row["top_m"])
            for row in rows(source, "storeys")] == [
        ("storey1", "1", "0.1", "2.9"), ("storey2", "2", "3.1", "5.9")]
    units = rows(source, "units")
    assert [(row["source_id"], row["storey"], row["use"]) for row in units[:2]] == [
        ("BuildingUnit_apartment1", "1", "dwelling"), ("BuildingUnit_apartment2", "2", "dwelling")]
    assert len(units) == 3, "the room of no unit is one"
    (building,) = rows(source, "buildings")
    assert (building["ground_m"], building["height"]) == ("111", "10")


def test_a_measured_building_goes_to_the_place_and_comes_again_unchanged(door, house):
    path = house.save(door.folder / "x.city.json")
    results = door.take(path)
    assert {name: (one.new, one.rejected) for name, one in results.items()} == {
        "buildings": (1, 0), "storeys": (3, 0), "units": (5, 0)}
    with Session(door.engine) as session:
        units = {one.source_id: one for one in session.scalars(select(Unit))}
        assert {one.volume_source for one in units.values()} == {"measured"}
        assert (units["U21"].base_m, units["U21"].top_m) == (3, 6)
        unit = detail(session, units["U21"].identifier)
        assert unit["storey_label"] == "2F"
        volume = unit["volume"]
        assert volume["source"] == "measured"
        assert volume["volume_m3"] == pytest.approx(300, rel=1e-3)
        assert len(volume["solid"]["coordinates"]) == 6
        home = session.scalars(select(Building)).one()
        whole = detail(session, home.identifier)["volume"]
        assert (whole["base_m"], whole["top_m"]) == (0, 6)
        assert whole["volume_m3"] == pytest.approx(1350, rel=1e-3), "with its part"
        assert len(detail(session, home.identifier)["children"]["items"]) == 8
        area = session.scalar(text("SELECT ST_Area(geometry::geography) FROM building"))
        assert area == pytest.approx(250, rel=1e-3)
    again = door.take(path)
    assert {name: one.unchanged for name, one in again.items()} == {
        "buildings": 1, "storeys": 3, "units": 5}
    with Session(door.engine) as session:
        assert {one.volume_source for one in session.scalars(select(Unit))} == {"measured"}


def test_a_roof_measured_anew_makes_a_version_and_the_old_one_stays(door, house):
    door.take(house.save(door.folder / "x.city.json"))
    house.objects["U21"]["geometry"] = [house.box(0, 0, 10, 10, 53, 55.5)]
    counts = door.take(house.save(door.folder / "x.city.json"))["units"]
    assert (counts.changed, counts.unchanged) == (1, 4)
    with Session(door.engine) as session:
        tops = session.execute(text(
            "SELECT ST_ZMax(solid) FROM unit_history WHERE source_id = 'U21' UNION ALL "
            "SELECT ST_ZMax(solid) FROM unit WHERE source_id = 'U21'")).scalars().all()
    assert tops == [6, 5.5]


def test_a_solid_in_a_table_tells_where_its_unit_stands(door):
    shape = facets.to_shape(facets.prism(shapely.box(122.0, 43.0, 122.0001, 43.0001), 3, 6))
    door.write("buildings", "source_id,number\nB1,1\n")
    door.write("units", f"""
        source_id,building,designator,solid
        U1,B1,101,"{shape.wkt}"
        U2,B1,102,"POINT (1 1)"
        U3,B1,103,nonsense
    """)
    result = door.take()["units"]
    assert (result.new, result.rejected) == (1, 2)
    assert {issue.rule for issue in result.issues} == {"solid"}
    with Session(door.engine) as session:
        one = session.scalars(select(Unit)).one()
        assert (one.base_m, one.top_m, one.volume_source) == (3, 6, "measured")
        assert one.geometry is not None


def test_zurich_keeps_all_its_roofs(door):
    results = door.take(SAMPLES / "zurich.city.json")
    assert (results["buildings"].new, results["buildings"].rejected) == (8, 0)
    drawn = sum(len(geometry["boundaries"]) for one in json.loads(
        (SAMPLES / "zurich.city.json").read_text())["CityObjects"].values()
        for geometry in one.get("geometry", ()))
    with Session(door.engine) as session:
        kept = session.scalar(text(
            "SELECT count(*) FROM building, LATERAL ST_Dump(solid) d"))
    assert kept == drawn
