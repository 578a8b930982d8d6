"""Tiles and styles: what they hold, what they never hold, and how they are kept."""

import math
from datetime import UTC, datetime

import pytest
from sqlalchemy import Column
from sqlalchemy.sql import visitors

from layers import catalogue
from layers.access import Role
from layers.across import scene
from layers.across.style import THEMES, palette
from layers.across.tiles import SETS, Frame
from spatial.history import Moment
from spatial.state import bump, remember
from tests.support.factories import (
    SOUTH,
    WEST,
    make_building,
    make_compound,
    make_entrance,
    make_facility,
    make_grid,
    make_household,
    make_plate,
    make_residency,
    make_resident,
    make_storey,
    make_street,
    make_unit,
    point,
    square,
)
from tests.support.mvt import read_tile
from web.tiles import TileCache


def at(zoom: int, lon: float = WEST + 0.00015, lat: float = SOUTH + 0.00015) -> str:
    """Return the path of the tile that holds a point."""
    n = 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n
    return f"{zoom}/{int((lon + 180) / 360 * n)}/{int(y)}"


@pytest.fixture
def district(session, tree):
    """One of each: what a map shows."""
    compound = make_compound(session, tree[2], geometry=square(side=0.0004))
    building = make_building(session, compound, grid=make_grid(
        session, tree[2], geometry=square(side=0.002)), label="8号楼")
    storey = make_storey(session, building, label="1F")
    entrance = make_entrance(session, building, label="3单元")
    unit = make_unit(session, building, entrance=entrance, storey=storey)
    street = make_street(session, street_class="main",
                         geometry=f"SRID=4326;LINESTRING({WEST} {SOUTH - 0.0002}, "
                                  f"{WEST + 0.001} {SOUTH - 0.0002})")
    make_plate(session, street)
    make_facility(session, kind="aed", name="AED")
    make_facility(session, kind="camera", name="C-17", geometry=point(WEST + 0.0001))
    remember(session, "metric_srid", "4550")
    scene.refresh(session)
    session.commit()
    return building, unit


@pytest.fixture
def viewer(client_as):
    return client_as(Role.OPERATOR)


def get(client, name, zoom, **headers):
    answer = client.get(f"/tiles/{name}/{at(zoom)}.mvt", headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return read_tile(answer.get_data())


def test_a_close_tile_holds_every_layer_of_the_scene(viewer, district):
    tile = get(viewer, "base", 16)
    assert {"building", "building_label", "band", "shadow", "ao", "road_area", "street", "plate",
            "compound", "compound_label", "entrance", "section", "facility", "grid"} <= set(tile)
    assert len(tile["ao"]) >= len(scene.RINGS)


def test_features_bear_the_public_identifier(viewer, district):
    building, unit = district
    tile = get(viewer, "base", 16) | get(viewer, "units", 16)
    assert [one["identifier"] for one in tile["building"]] == [building.identifier]
    assert [one["identifier"] for one in tile["unit"]] == [unit.identifier]
    derived = {"shadow", "ao", "road_area", "band"}
    assert all("identifier" in one and "id" not in one for name, rows in tile.items()
               if name not in derived for one in rows)


def test_a_unit_says_its_use_and_nothing_of_its_people(viewer, session, district):
    _, unit = district
    household = make_household(session, unit)
    make_residency(session, make_resident(session, household, name="欧阳小明"), unit)
    session.commit()
    answer = viewer.get(f"/tiles/units/{at(16)}.mvt")
    assert "欧阳小明".encode() not in answer.get_data()
    (one,) = read_tile(answer.get_data())["unit"]
    assert set(one) == {"identifier", "building", "floor", "ent", "no", "use", "base", "top"}


def test_no_tile_reads_a_field_of_a_person():
    personal = {f"{table.name}.{key}" for layer in catalogue().values()
                for table in [layer.table] for key, field in layer.fields().items()
                if field.personal}
    assert personal
    touched = {f"{part.table.name}.{part.name}"
               for contents in SETS.values() for content in contents
               for moment in (Moment(), Moment(valid_at=datetime(2020, 1, 1, tzinfo=UTC)))
               for part in visitors.iterate(content.rows(Frame(16, 0, 0, moment)))
               if isinstance(part, Column) and part.table is not None}
    assert touched
    assert not touched & personal
    assert not {name.split(".")[0] for name in touched} & {
        "resident", "household", "residency", "incident", "organization"}


def test_cameras_are_not_on_the_map(viewer, district):
    assert {one["kind"] for one in get(viewer, "base", 16)["facility"]} == {"aed"}


def test_far_tiles_hold_less(viewer, district):
    assert "building" not in get(viewer, "base", 12)
    assert "band" not in get(viewer, "base", 15)


@pytest.mark.parametrize(("path", "status"), [
    ("base/99/0/0", 404), ("base/-1/0/0", 404), ("base/3/8/0", 404), ("base/3/-1/0", 404),
    ("base/16/1/99999999", 404), ("units/0/0/0", 400), ("units/14/0/0", 400),
    ("secrets/16/0/0", 404), ("base/x/0/0", 400), ("base/１/0/0", 400),
    ("base/99999999999999999999/0/0", 400), ("base/1.5/0/0", 400)])
def test_coordinates_of_no_tile_are_refused(viewer, path, status):
    assert viewer.get(f"/tiles/{path}.mvt").status_code == status


def test_nothing_there_is_an_empty_answer(viewer, session):
    assert viewer.get("/tiles/base/16/0/0.mvt").status_code == 204
    assert viewer.get("/tiles/base/2/0/0.mvt").status_code == 204


def test_tiles_are_for_those_who_signed_in(anonymous):
    assert anonymous.get("/tiles/base/16/0/0.mvt").status_code == 401
    assert anonymous.get("/styles/light.json").status_code == 401


def test_an_unknown_parameter_is_refused_by_name(viewer):
    answer = viewer.get("/tiles/base/16/0/0.mvt?sql=1")
    assert answer.status_code == 400
    assert "sql" in answer.get_json()["detail"]


def test_a_tile_is_fetched_again_only_when_something_changed(viewer, session, district):
    path = f"/tiles/base/{at(16)}.mvt"
    first = viewer.get(path)
    assert first.headers["Cache-Control"] == "private, max-age=300"
    again = viewer.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    building, _ = district
    building.height = 33.0
    bump(session)
    session.commit()
    now = viewer.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert now.status_code == 200
    assert read_tile(now.get_data())["building"][0]["height"] == 33.0


def test_tiles_travel_compressed_where_that_is_understood(viewer, district):
    answer = viewer.get(f"/tiles/base/{at(16)}.mvt", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.get_data()[:2] == b"\x1f\x8b"


def test_a_tile_shows_the_world_of_an_asked_day(viewer, session, tree):
    make_building(session, valid_from=datetime(2010, 6, 1, tzinfo=UTC))
    session.commit()
    path = f"/tiles/base/{at(16)}.mvt"
    before = viewer.get(path, query_string={"valid_at": "2009-01-01"})
    after = viewer.get(path, query_string={"valid_at": "2011-01-01"})
    assert "building" not in read_tile(before.get_data())
    assert "building" in read_tile(after.get_data())


def test_the_cache_keeps_what_is_asked_for_and_forgets_old_versions():
    cache = TileCache(most=1000)
    for key in ("a", "b"):
        assert cache.get(1, (key,)) is None
        cache.put(1, (key,), b"x" * 300)
    assert cache.get(1, ("a",))
    cache.put(1, ("c",), b"x" * 300)
    assert cache.get(1, ("b",)) is None
    assert cache.get(1, ("a",))
    assert cache.get(2, ("a",)) is None


@pytest.mark.parametrize("theme", THEMES)
def test_a_style_draws_only_what_tiles_hold(viewer, theme):
    style = viewer.get(f"/styles/{theme}.json").get_json()
    held = {content.name: {column.name for column in content.rows(
        Frame(16, 0, 0, Moment())).selected_columns} for content in SETS["base"]}
    for layer in style["layers"]:
        if layer.get("source") == "base":
            assert got(layer) <= held[layer["source-layer"]], layer["id"]
    assert {layer.get("source", "base") for layer in style["layers"]} <= set(style["sources"])


def got(layer) -> set[str]:
    """Return the properties that a layer's expressions ask for."""
    found, heap = set(), [layer.get(part) for part in ("paint", "layout", "filter")]
    while heap:
        one = heap.pop()
        if isinstance(one, dict):
            heap.extend(one.values())
        elif isinstance(one, list):
            if len(one) == 2 and one[0] in ("get", "has"):
                found.add(one[1])
            heap.extend(one)
    return found


def test_a_style_takes_its_colours_from_the_declarations(viewer):
    symbol = catalogue()["buildings"].symbol
    light, dark = (str(viewer.get(f"/styles/{theme}.json").get_json()) for theme in THEMES)
    for colour in symbol.colour.colours.values():
        assert colour in light
        assert palette("dark")["recolour"][colour] in dark


def test_an_unknown_style_is_not_found(viewer):
    assert viewer.get("/styles/pink.json").status_code == 404
