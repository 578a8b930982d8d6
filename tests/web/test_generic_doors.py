"""Personal data stays out of the generic doors: every URL is walked, as every role.

The walk takes its routes from the application's own map of URLs, its layers and fields from the
catalogue: a route that is new fails here until it says what to ask it for.
"""

import gzip
import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.routing import AnyConverter, IntegerConverter

from layers import catalogue
from layers.access import Role
from layers.across.export import exportable
from layers.across.style import THEMES
from layers.across.tiles import SETS
from layers.base import fields_of
from spatial import limits
from spatial.audit import AuditEvent
from tests.layers.across.test_persons import make_person, number
from tests.support.factories import (
    SOUTH,
    WEST,
    make_building,
    make_compound,
    make_entrance,
    make_facility,
    make_grid,
    make_household,
    make_incident,
    make_plate,
    make_storey,
    make_street,
    make_unit,
    square,
)
from tests.web.test_tiles import at

NAME, FORMER, PHONE = "司马娜妲", "欧阳曦旖", "13987650421"
BORN, ID_NUMBER = "1987-06-05", number("15230119870605321")
FAMILY, TEXT, ADDRESS = "HKZ-77310-9", "厨房水管爆裂漏到楼下", "灶王庙后身三间半"
#: Routes that answer about persons on purpose; the reconciliation below follows them.
ON_PURPOSE = {"persons.person", "reveals.reveal", "occupants.who"}
#: Pages about one's own sign-in and about users, who are no residents of the registry.
OF_USERS = re.compile(r"^/(account|admin|sign-|audit|api/me)")


@pytest.fixture
def town(session, tree):
    """One of each thing, and one person whose every field is planted."""
    compound = make_compound(session, tree[2], geometry=square(side=0.0004))
    grid = make_grid(session, tree[2], geometry=square(side=0.002))
    building = make_building(session, compound, grid=grid, label="8号楼")
    storey = make_storey(session, building, label="1F")
    entrance = make_entrance(session, building, label="3单元")
    unit = make_unit(session, building, entrance=entrance, storey=storey)
    street = make_street(session, tree[0], geometry=f"SRID=4326;LINESTRING({WEST} {SOUTH}, "
                                                    f"{WEST + 0.001} {SOUTH})")
    plate, facility = make_plate(session, street), make_facility(session)
    family = make_household(session, unit, number=FAMILY, scope=unit.scope)
    person = make_person(session, unit, name=NAME, born=BORN, id_number=ID_NUMBER, phone=PHONE,
                         household=family, former_name=FORMER, source_id="RSID-90017")
    incident = make_incident(session, unit, description=TEXT, address=ADDRESS, scope=unit.scope,
                             source_id="ISID-5521", geometry=f"SRID=4326;POINT({WEST} {SOUTH})")
    session.commit()
    places = (*tree, compound, grid, building, storey, entrance, unit, street, plate, facility)
    return {"places": places, "person": person, "family": family, "incident": incident,
            "unit": unit}


def planted(town):
    """Return every text that no generic door may hand out."""
    person, family = town["person"], town["family"]
    return (NAME, FORMER, PHONE, BORN, ID_NUMBER, ID_NUMBER[6:], FAMILY, TEXT, ADDRESS,
            "司马", "139****0421", person.identifier, person.source_id, family.identifier)


def values(town, turn=0):
    """Return what to put into the variable parts of URLs; layers are all of the catalogue.

    The place of a dwelling and whatever is a person's always; of the other places each third one,
    from `turn` on, so that the roles together ask for all of them.
    """
    names = [*catalogue(), "resident", "residency", "household"]
    places = [*town["places"][turn % 3::3], town["unit"]]
    everything = [*{place.identifier for place in places}, town["person"].identifier,
                  town["family"].identifier, town["incident"].identifier]
    tiles = [(name, *at(zoom).split("/")) for name in SETS for zoom in (5, 12, 14, 16, 18)]
    return {"exports.geojson": [{"name": name} for name in names],
            "tiles.styles": [{"name": name} for name in THEMES],
            "tiles.mvt": [dict(zip(("name", "z", "x", "y"), one, strict=True)) for one in tiles],
            "static": [{"filename": "favicon.svg"}],
            "identifier": [{"identifier": one} for one in everything]}


QUERIES = {
    "lookup.address": [{"q": "向阳小区8号楼501室"}, {"q": NAME}, {"q": "8号楼501", "explain": "1"}],
    "lookup.suggestions": [{"q": "向阳"}, {"q": "司马"}, {"q": "simana"}],
    "lookup.organization": [{"q": NAME}],
    "lookup.at_point": [{"lon": str(WEST + 0.00005), "lat": str(SOUTH + 0.00005)}],
    "places.totals": [{"division": "150502", "level": "community", "metric": metric}
                      for metric in ("residents", "households", "units")],
}


def filled(rule, everything):
    """Return a route's variables filled with every identifier there is; numbers with the first."""
    fixed = {name: 1 if isinstance(kind, IntegerConverter) else next(iter(kind.items))
             for name, kind in rule._converters.items()
             if isinstance(kind, IntegerConverter | AnyConverter)}
    free = rule.arguments - set(fixed)
    return [fixed | {name: one["identifier"] for name in free} for one in everything] if (
        free) else [fixed]


def walk(app, town, turn):
    """Yield every URL of the application that is read, but for static files below the first."""
    known = values(town, turn)
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or OF_USERS.match(rule.rule):
            continue
        if rule.arguments:
            fillings = known.get(rule.endpoint) or filled(rule, known["identifier"])
        else:
            fillings = [{}]
        for filling in fillings:
            for query in QUERIES.get(rule.endpoint, [{}]):
                with app.test_request_context():
                    path = app.url_map.bind("localhost").build(rule.endpoint, filling)
                yield path, query


def body_of(answer):
    """Return an answer's bytes as text, unpacked, as whoever reads them can."""
    data = answer.get_data()
    answer.close()
    if answer.headers.get("Content-Encoding") == "gzip":
        data = gzip.decompress(data)
    text = data.decode("utf-8", "replace")
    if "json" in answer.mimetype and text:
        text += json.dumps(json.loads(text), ensure_ascii=False)
    return text + str(answer.headers)


@pytest.mark.parametrize("role", list(Role))
def test_no_url_gives_a_personal_field_to_any_role(app, client_as, town, role):
    client, secrets = client_as(role), planted(town)
    answered = 0
    for path, query in walk(app, town, list(Role).index(role)):
        answer = client.get(path, query_string=query)
        text, own = body_of(answer), set(query.values())
        answered += answer.status_code == 200
        for one in secrets:
            # What was asked for may be repeated in the refusal, not found.
            if one in text and one not in path and not any(one in said for said in own):
                pytest.fail(f"{role}: {path} {query} tells {one!r}")
    assert answered > 50


def test_addresses_in_bulk_give_no_person(officer, town):
    answer = officer.post("/api/lookup/address/batch", data="address\n向阳小区8号楼501室\n",
                          content_type="text/csv")
    assert answer.status_code == 200
    assert not [one for one in planted(town) if one in body_of(answer)]


def test_what_can_be_fetched_whole_has_no_personal_field(officer, town):
    offered = {one["name"]: {field["name"] for field in one["fields"]}
               for one in officer.get("/api/layers").get_json()["items"]}
    assert set(offered) == set(exportable())
    for layer in catalogue().values():
        personal = {name for name, field in fields_of(layer.model).items() if field.personal}
        if layer.name in offered:
            assert not personal & offered[layer.name]
        elif personal:
            answer = officer.get(f"/api/layers/{layer.name}.geojson")
            assert answer.status_code == 404


def test_layers_with_persons_are_not_public():
    about = {"residents", "households", "incidents"}
    assert about <= {layer.name for layer in catalogue().values() if not layer.public}
    for layer in catalogue().values():
        if layer.public:
            assert not [name for name, field in fields_of(layer.model).items() if field.personal]


# The reconciliation: whatever answer holds a planted person, its line says so.

ASKED = (
    ("/api/lookup/person", {"id_number": ID_NUMBER}), ("/api/lookup/person", {"phone": PHONE}),
    ("/api/lookup/person", {"name": NAME}), ("/api/lookup/person", {"name": "simana"}),
    ("/api/places/{unit}/occupants", {}), ("/api/places/{unit}/occupants", {"case": "ISID-5521"}),
    ("/api/persons/{ref}/reveal", {"field": "name", "case": "ISID-5521"}),
    ("/api/persons/{ref}/reveal", {"field": "phone", "case": "ISID-5521"}),
    ("/api/persons/{ref}/reveal", {"field": "birth_date", "case": "ISID-5521"}),
    ("/api/persons/{ref}/reveal", {"field": "id_number", "case": "ISID-5521"}))


@pytest.mark.parametrize("role", list(Role))
def test_every_answer_with_personal_data_has_its_line(app, client_as, town, session, role,
                                                      monkeypatch):
    """Ask everything there is as one role; lines and answers agree, one for one."""
    moment = [limits.now()]
    monkeypatch.setattr(limits, "now", lambda: moment[0])
    client, person = client_as(role), town["person"]
    shown = 0
    for path, body in ASKED:
        moment[0] += timedelta(hours=1)
        before = last_line(session)
        url = path.format(unit=town["unit"].identifier, ref=person.identifier)
        answer = client.post(url, json={"purpose": "service", **body})
        new = session.scalars(select(AuditEvent).where(AuditEvent.id > before)).all()
        assert len(new) == 1, (role, url, body)
        if person.identifier in answer.get_data(as_text=True):
            shown += 1
            line = json.loads(new[0].line)
            assert answer.headers["Cache-Control"] == "no-store"
            assert person.identifier in new[0].subjects and line["seen"]
            assert (line["role"], line["purpose"]) == (role, "service")
        else:
            assert person.identifier not in new[0].subjects
    assert (shown > 0) == (role in (Role.GRID_WORKER, Role.OFFICER, Role.OPERATOR, Role.STEWARD))


def test_the_routes_about_persons_are_those_reconciled(app):
    """A new route that takes a purpose is about persons: it must stand in the reconciliation."""
    found = {name for name, view in app.view_functions.items()
             if any(one.name == "purpose" for one in getattr(
                 getattr(view, "contract", None), "body", ()))}
    assert found == ON_PURPOSE


def last_line(session):
    return session.scalar(select(AuditEvent.id).order_by(AuditEvent.id.desc()).limit(1)) or 0
