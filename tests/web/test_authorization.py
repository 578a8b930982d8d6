"""The matrix of data/access/endpoints.txt holds: role x endpoint x area x fields, all walked.

Each line is called as every role whose area is the thing's own, a sibling, the parent, or gone.
Samples are drawn from the contract of the route; what needs more stands in SAMPLES. Every call is
undone, so that none knows of another.
"""

import gzip
import json
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from layers.access import PERSONAL, REVEALS, Audience, Role, Sight, sight
from layers.across import accounts, sign_ins
from layers.users import AppUser, Assignment, WebSession
from spatial import masks
from tests.layers.across.test_persons import make_person, number
from tests.support import authorization
from tests.support.authorization import REVEALED
from tests.support.factories import (
    make_building,
    make_compound,
    make_division,
    make_grid,
    make_household,
    make_incident,
    make_unit,
)
from tests.web.test_tiles import at
from web.endpoint import contract_of

NAME, FORMER, PHONE, BORN = "司马娜妲", "欧阳曦旖", "13987650421", "1948-06-05"
ID_NUMBER, FAMILY, TEXT = number("15230119480605321"), "HKZ-77310-9", "厨房水管爆裂漏到楼下"
RELATIONS = ("own", "sibling", "parent", "none")
#: Class of data -> how an answer shows it in full and masked; lists never show sealed ones in full.
SIGNS = {
    Audience.NAME: (NAME, masks.name(NAME)), Audience.SEX_AGE: (masks.birth_date(BORN), None),
    Audience.CONTACT: (PHONE, masks.phone(PHONE)), Audience.RESIDENCE: (FAMILY, None),
    Audience.ID_NUMBER: (ID_NUMBER, masks.id_number(ID_NUMBER)),
    Audience.INCIDENT_TEXT: (TEXT, None)}
#: By what else than the household's number an endpoint shows where one lives.
HOMES = {"POST /api/lookup/person": '"residencies"'}


def samples(world):
    """Return what to send to the endpoints for which a sample drawn from the contract will not do.

    The key `query`, `json`, `form` or `path` says where it belongs.
    """
    why = {"purpose": "service", "case": world["case"]}
    return {
        "POST /admin/assignments/<int:number>": {
            "path": {"number": world["assignment"]}, "form": {"do": "revoke"}},
        "POST /admin/sessions/<int:number>/end": {"path": {"number": world["session"]}},
        "POST /admin/tokens/<int:number>/revoke": {"path": {"number": world["token"]}},
        "GET /admin/users/<int:number>": {"path": {"number": world["user"]}},
        "POST /admin/users/<int:number>": {
            "path": {"number": world["user"]}, "form": {"do": "identify", "email": "a@b.cn"}},
        "POST /api/lookup/person": {"json": {"id_number": ID_NUMBER, **why}},
        "POST /api/persons/<ref>/reveal": {
            "path": {"ref": world["person"]}, "json": {"field": "phone", **why}},
        "POST /api/places/<identifier>/occupants": {"json": why},
        "GET /api/rollup": {"query": {"division": world["code"], "level": "community",
                                      "metric": "units"}},
        "GET /tiles/<name>/<z>/<x>/<y>.mvt": {
            "path": dict(zip(("name", "z", "x", "y"), ("base", *at(16).split("/")), strict=True))},
        "GET /styles/<name>.json": {"path": {"name": "light"}},
        "GET /api/layers/<name>.geojson": {"path": {"name": "buildings"}},
        "GET /static/<path:filename>": {"path": {"filename": "favicon.svg"}},
        "GET /api/lookup/reverse": {"query": {"lon": "122.22005", "lat": "43.60005"}},
        "GET /api/lookup/organization": {"query": {"q": "超市"}},
    }


@pytest.fixture
def world(session, tree, monkeypatch):
    """One thing of each kind in one community, its neighbour, and what lies above both."""
    monkeypatch.setattr("layers.across.accounts.hash_password", lambda *_: "x")
    _, subdistrict, own = tree
    sibling = make_division(session, subdistrict, code="150502001002")
    gone = make_division(session, subdistrict, code="150502001003",
                         valid_to=datetime.now(UTC) - timedelta(days=1))
    compound = make_compound(session, own)
    building = make_building(session, compound, grid=make_grid(session, own), label="8号楼")
    unit = make_unit(session, building)
    family = make_household(session, unit, number=FAMILY)
    person = make_person(session, unit, name=NAME, born=BORN, id_number=ID_NUMBER, phone=PHONE,
                         household=family, former_name=FORMER)
    case = make_incident(session, unit, description=TEXT)
    user = accounts.add_user(session, "老李", password="", role=Role.PLANNER, area=own.code,
                             granted_by="m")
    held = session.query(Assignment).filter_by(user_id=user.id).one()
    accounts.add_token(session, "旧票", role=Role.API_CLIENT, area=own.code)
    sign_ins.start(session, user, held)
    made = {
        "areas": dict(zip(RELATIONS, (own.code, sibling.code, subdistrict.code, gone.code),
                          strict=True)),
        "code": own.code, "unit": unit.identifier, "person": person.identifier,
        "case": case.source_id, "user": user.id, "assignment": held.id,
        "token": accounts.tokens(session)[-1].id,
        "session": session.query(WebSession.number).scalar(),
        "marks": ("老李", "旧票", person.identifier, own.identifier)}
    session.commit()
    return made


def sign_in(connection, role, area):
    """Return the secret of a session in which somebody acts as `role` over `area`."""
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        user = AppUser(name=f"我{area}", name_key=f"我{area}", password_hash="x")
        session.add(user)
        session.flush()
        acts = Assignment(user_id=user.id, role=role, area=area, granted_by="m")
        session.add(acts)
        session.flush()
        secret = sign_ins.start(session, user, acts)
        session.commit()
    return secret


def sample(app, line, world):
    """Return how to call an endpoint: path, query, body."""
    given = samples(world).get(str(line), {})
    rule = next(rule for rule in app.url_map.iter_rules()
                if rule.rule == line.route and line.method in rule.methods)
    fill = {"identifier": world["unit"], "ref": world["person"], **given.get("path", {})}
    with app.test_request_context():
        contract = contract_of(rule.endpoint)
        path = app.url_map.bind("localhost").build(
            rule.endpoint, {name: fill.get(name) or one_of(rule.rule, name)
                            for name in rule.arguments},
            method=line.method)
    said = {"query_string": {**drawn(contract.query), **given.get("query", {})}}
    if line.method == "GET":
        return path, said
    if contract.body:
        said["json"] = {**drawn(contract.body), **given.get("json", {})}
    else:
        said["data"] = given.get("form", {})
    return path, said


def one_of(route, name):
    """Return the first of the words that a variable may be, else a number."""
    words = re.search(rf"<any\((\w+)[^)]*\):{name}>", route)
    return words[1] if words else "1"


def drawn(parameters):
    """Return a value for each parameter that must be given, as its schema wants it."""
    return {one.name: value_of(one.schema) for one in parameters if one.required}


def value_of(schema):
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "string":
        return "2024-05-01" if "format" in schema else "x" * max(schema.get("minLength", 1), 2)
    return schema.get("minimum", True)


def text_of(answer):
    if answer.mimetype == "text/event-stream":
        # It goes on for ever; what it tells is walked by tests/web/test_live.py.
        answer.close()
        return ""
    data = answer.get_data()
    answer.close()
    if answer.headers.get("Content-Encoding") == "gzip":
        data = gzip.decompress(data)
    return json.dumps(json.loads(data), ensure_ascii=False) if (
        answer.is_json and data) else data.decode("utf-8", "replace")


def calls(app, connection, world, role):
    """Yield (line, relation, status, text) of each call that the matrix speaks of."""
    secrets = {name: sign_in(connection, role, area) for name, area in world["areas"].items()}
    for line in authorization.read():
        path, said = sample(app, line, world)
        bound = line.where == "area" and role in line.roles
        for relation in RELATIONS if bound else ("none",) if line.where == "all" else ("own",):
            undone = connection.begin_nested()
            client = app.test_client()
            client.set_cookie("doorplate", secrets[relation])
            answer = client.open(path, method=line.method, **said)
            yield line, relation, answer.status_code, text_of(answer)
            undone.rollback()


def wrong(line, role, relation, status, text, world):
    """Return what an answer does against the matrix, in words; None where it keeps to it."""
    if status >= 500:
        return f"answers {status}"
    if role not in line.roles:
        return None if status in (403, 404) else (
            f"answers {status}, not 403 or 404: check the role first, or give the walk a sample")
    may = line.where == "all" or relation in ("own", "parent")
    if may and status in (401, 403) and line.who != "open":
        return f"answers {status} to one who may"
    if line.where == "all":
        return exposed(line, role, text, reached=status < 400)
    reached = status < 400 and (status > 299 or any(mark in text for mark in world["marks"]))
    due = relation in ("own", "parent")
    if REVEALED in line.fields:
        due = due and "phone" in REVEALS[role]
    # Without a sample the thing asked for is not there: then nobody reaches it.
    if reached and not due or due and not reached and str(line) in samples(world):
        return f"answers {status}" + ("" if due else ", and what lies elsewhere stands in it")
    return exposed(line, role, text, reached=reached)


def exposed(line, role, text, *, reached):
    """Return which class of data is shown otherwise than the role sees it."""
    if REVEALED in line.fields:
        return None if (PHONE in text) == reached else "reveals what it should not, or nothing"
    for audience in PERSONAL:
        clear, masked = SIGNS[audience]
        if audience is Audience.RESIDENCE:
            clear = HOMES.get(str(line), clear)
        seen = sight(role, audience) if reached and audience in line.fields else Sight.HIDDEN
        if audience in (Audience.CONTACT, Audience.ID_NUMBER) and seen is Sight.CLEAR:
            seen = Sight.MASKED
        due = {clear} if seen is Sight.CLEAR else {masked} if seen is Sight.MASKED else set()
        found = {one for one in (clear, masked) if one and one in text}
        if found != due:
            return f"shows {sorted(found)} of {audience}, not {sorted(map(str, due))}"
    return None


@pytest.mark.parametrize("role", list(Role))
def test_every_endpoint_keeps_to_the_matrix(app, session, world, role):
    faults = []
    for line, relation, status, text in calls(app, session.get_bind(), world, role):
        fault = wrong(line, role, relation, status, text, world)
        if fault:
            faults.append(f"{line} as {role}, {relation}: {fault}")
    assert not faults, "\n" + "\n".join(faults)


def test_who_has_not_signed_in_comes_through_open_doors_only(app, session, world, anonymous):
    faults = []
    for line in authorization.read():
        path, said = sample(app, line, world)
        with closing(anonymous.open(path, method=line.method, **said)) as answer:
            pass
        turned_away = answer.status_code == 401 or (
            answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in?"))
        if line.who != "open" and not turned_away:
            faults.append(f"{line}: {answer.status_code}")
    assert not faults
