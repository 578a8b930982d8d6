"""The map page and what it fetches, without a browser."""

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import text

from layers.access import Role
from layers.across.style import THEMES, palette
from spatial.state import bump
from tests.support.factories import (
    SOUTH,
    WEST,
    make_building,
    make_compound,
    make_grid,
    make_incident,
    make_unit,
)
from web.map import words

STATIC = Path(__file__).parents[2] / "web" / "static" / "map"
#: CSS variables and the palette's colours that they repeat.
SHARED = {"ground": "ground", "text": "text", "text2": "text2", "accent": "accent", "rim": "rim",
          "hover": "hover", "on-accent": "on_accent"}


@pytest.fixture
def viewer(client_as):
    return client_as(Role.OPERATOR)


@pytest.fixture
def unit(session, tree):
    building = make_building(session, make_compound(session, tree[2]),
                             grid=make_grid(session, tree[2]), label="8号楼")
    return make_unit(session, building)


def test_the_page_speaks_the_language_asked_for(viewer):
    for language, title in (("zh", "社区空间一张图"), ("en", "the community in 3D")):
        page = viewer.get(f"/map?lang={language}").get_data(as_text=True)
        assert title in page


def test_both_languages_have_every_word():
    zh, en = words("zh"), words("en")
    assert set(zh) == set(en)
    for key, said in zh.items():
        assert said and en[key]
        assert set(re.findall(r"\{\d\}", said)) == set(re.findall(r"\{\d\}", en[key])), key


def test_the_page_has_no_inline_script_or_style(viewer, unit):
    page = viewer.get("/map").get_data(as_text=True)
    scripts = re.findall(r"<script([^>]*)>", page)
    assert all("src=" in one or "application/json" in one for one in scripts)
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style", page)
    assert "http://" not in page and "https://" not in page


def test_the_page_is_for_those_who_signed_in(anonymous):
    answer = anonymous.get("/map")
    assert answer.status_code == 303
    assert "/sign-in" in answer.headers["Location"]


def test_what_the_page_knows_at_first_is_data(viewer, unit):
    page = viewer.get("/map").get_data(as_text=True)
    body = re.search(r'<script type="application/json" id="setup">(.*?)</script>', page, re.S)
    setup = json.loads(body.group(1))
    assert setup["bounds"] is not None
    assert setup["lists"]["purposes"][0][0] == "service"
    assert "8" in setup["characters"]


def test_a_script_in_a_name_stays_a_name(viewer, session, tree):
    make_compound(session, tree[2], name="</script><script>alert(1)</script>")
    session.commit()
    assert "<script>alert" not in viewer.get("/map").get_data(as_text=True)


@pytest.mark.parametrize("theme", THEMES)
def test_panels_and_map_share_their_colours(theme):
    css = (STATIC / "map.css").read_text(encoding="utf-8")
    block = css.split('data-theme="dark"]')[1 if theme == "dark" else 0].split("}")[0]
    said = dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6})", block))
    p = palette(theme)
    assert {name: said[name] for name in SHARED} == {n: p[key] for n, key in SHARED.items()}
    assert [said[f"pin{n}"] for n in (1, 2, 3)] == p["incident"]
    assert [said[f"incident{n}"] for n in (1, 2, 3)] == p["incident_text"]


@pytest.mark.parametrize("module", sorted(STATIC.glob("*.mjs")), ids=lambda path: path.name)
def test_modules_of_the_page_are_small(module):
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 300


def test_a_building_opens_into_its_parts(viewer, session, unit):
    building = viewer.get(f"/api/places/{unit.identifier}").get_json()["chain"][-2]["identifier"]
    for part in ("units", "storeys", "entrances", "sections"):
        answer = viewer.get(f"/api/places/{building}/{part}")
        assert answer.status_code == 200
        assert answer.get_json()["type"] == "FeatureCollection"
    assert viewer.get("/api/places/b0000000000000000/units").status_code == 404
    assert viewer.get(f"/api/places/{building}/units?lon=1").status_code == 400


def test_an_incident_is_told_without_its_text(viewer, session, unit):
    building = session.get(type(make_building(session)), unit.building_id)
    make_incident(session, building, service_code="fire", description="浓烟，张三家",
                  address="8号楼")
    session.commit()
    (one,) = viewer.get("/api/incidents?lang=zh").get_json()["features"]
    assert set(one["properties"]) <= {"identifier", "lvl", "kind", "status", "number", "building",
                                      "where", "h", "requested_at"}
    assert (one["properties"]["kind"], one["properties"]["lvl"]) == ("火情", 3)
    assert "张三" not in json.dumps(one, ensure_ascii=False)


def test_incidents_in_dwellings_are_a_count_of_their_building(viewer, session, unit):
    for _ in range(3):
        make_incident(session, unit, service_code="medical")
    session.commit()
    (one,) = viewer.get("/api/incidents").get_json()["features"]
    assert one["properties"]["number"] == 3
    assert one["properties"]["kind"] == ""
    assert one["properties"]["identifier"] == one["properties"]["building"]
    assert unit.identifier not in json.dumps(one)


def test_closed_incidents_are_not_on_the_map(viewer, session, unit):
    make_incident(session, unit, status="closed")
    session.commit()
    assert viewer.get("/api/incidents").get_json()["features"] == []


def setup_of(client, query=""):
    page = client.get(f"/map{query}").get_data(as_text=True)
    body = re.search(r'<script type="application/json" id="setup">(.*?)</script>', page, re.S)
    return json.loads(body.group(1))


NOTHING = {"persons": False, "occupants": False, "dispatch": False, "muster": False,
           "reveals": []}


def test_a_role_is_offered_what_it_may_do(client_as, unit):
    operator = setup_of(client_as(Role.OPERATOR))["may"]
    # A token breaks no glass.
    assert operator == {"persons": True, "occupants": True, "dispatch": True, "muster": False,
                        "reveals": ["name", "birth_date", "phone"]}
    for role in (Role.ANALYST, Role.PLANNER, Role.HANDLER, Role.ADMIN, Role.DISPLAY_WALL):
        assert setup_of(client_as(role))["may"] == NOTHING


def test_a_wall_offers_nothing_of_persons_to_anyone(viewer, unit):
    assert viewer.get("/wall").headers["Location"] == "/map?wall=1"
    said = setup_of(viewer, "?wall=1")
    assert said["wall"]
    assert said["may"] == NOTHING


def test_a_measured_building_is_told_as_triangles(viewer, session, tree):
    block = make_building(session, make_compound(session, tree[2]))
    assert setup_of(viewer)["measured"] is False
    west, south, east, north = WEST, SOUTH, WEST + 0.0003, SOUTH + 0.0003
    session.execute(text(
        "UPDATE building SET solid = ST_GeomFromText(:solid, 4326) WHERE id = :id"), {
        "id": block.id, "solid": (
            f"MULTIPOLYGON Z ((({west} {south} 6, {east} {south} 6, {east} {north} 9, "
            f"{west} {north} 9, {west} {south} 6)))")})
    bump(session)
    session.commit()
    box = f"{west - 0.001},{south - 0.001},{east + 0.001},{north + 0.001}"
    (one,) = viewer.get(f"/api/map/solids?bbox={box}").get_json()["items"]
    assert one["identifier"] == block.identifier
    assert len(one["mesh"]) == 2 * 3 * 4
    assert {one["mesh"][i + 2] for i in range(0, 24, 4)} == {6.0, 9.0}
    assert setup_of(viewer)["measured"] is True
    far = viewer.get("/api/map/solids?bbox=1,1,2,2").get_json()
    assert far["items"] == []
    assert viewer.get("/api/map/solids").status_code == 400
