"""Sixty texts that want to be script, and a district in which everything is called by them."""

from datetime import UTC, datetime
from uuid import uuid4

from layers.access import Role
from layers.across import accounts, scene
from layers.across.review import ReviewItem
from layers.across.views import keep_view
from layers.agencies import Agency
from layers.posts import Post
from layers.services import Service
from spatial.config import settings
from spatial.database import sessions
from spatial.state import bump, remember
from tests.layers.across.test_persons import make_person
from tests.support.factories import (
    SOUTH,
    WEST,
    make_building,
    make_compound,
    make_facility,
    make_grid,
    make_organization,
    make_storey,
    make_street,
    make_tree,
    make_unit,
    point,
    save,
    square,
)
from tests.support.sealed import vault
from web import create_app

PASSWORD = "seven-quiet-doors-open"
RUN = "window.pwned=9"
#: Ways out of an element, an attribute, a script, a style, a template; {} is what would run.
WAYS = (
    "<script>{}</script>", "</script><script>{}</script>", "<img src=x onerror={}>",
    "<svg onload={}>", "<svg><script>{}</script></svg>", "<body onload={}>",
    "<iframe srcdoc='<script>parent.{}</script>'>", "<details open ontoggle={}>",
    "<input autofocus onfocus={}>", "<video><source onerror={}></video>",
    "<math><mi xlink:href='javascript:{}'>x</mi></math>", "<a href='javascript:{}'>x</a>",
    "\"><img src=x onerror={}>", "'><img src=x onerror={}>", "`><img src=x onerror={}>",
    "\" onmouseover=\"{}", "' onmouseover='{}", "\" autofocus onfocus=\"{}\" x=\"",
    "javascript:{}", "</title><script>{}</script>", "</textarea><script>{}</script>",
    "</style><script>{}</script>", "<!--<img src=x onerror={}>-->", "--><script>{}</script>",
    "]]><script>{}</script>", "${{{}}}", "{{{{constructor.constructor('{}')()}}}}",
    "#{{{}}}", "');{};//", "\");{};//", "\\\");{};//", "</div><script>{}</script>",
    "<style>@import'javascript:{}'</style>", "<link rel=import href='data:text/html,{}'>",
    "<object data='javascript:{}'>", "<embed src='javascript:{}'>",
    "<form action='javascript:{}'><button>", "<isindex action='javascript:{}' type=image>",
    "<marquee onstart={}>", "<svg/onload={}>", "<ScRiPt>{}</sCrIpT>", "<script/x>{}</script>",
    "<script >{}</script >", "x\u200b<script>{}</script>", "＜script＞{}＜/script＞",
    "<img src=x onerror='{}'//", "<img/src=x/onerror={}>", "<svg><animate onbegin={}>",
    "<svg><set onbegin={}>", "<audio src=x onerror={}>", "<select autofocus onfocus={}>",
    "<keygen autofocus onfocus={}>", "<base href='javascript:{}//'>",
    "<meta http-equiv=refresh content='0;javascript:{}'>", "<table background='javascript:{}'>",
    "<p style=x:expression({})>", "&lt;script&gt;{}&lt;/script&gt;",
    "&#60;script&#62;{}&#60;/script&#62;", "%3Cscript%3E{}%3C/script%3E",
    "\\u003cscript\\u003e{}\\u003c/script\\u003e")
TEXTS = [way.format(RUN) for way in WAYS]
#: Who visits the pages.
ROLES = (Role.OPERATOR, Role.OFFICER, Role.ADMIN, Role.AUDITOR, Role.GRID_WORKER)


def fill(session):
    """Write the district; return the identifiers of its building, a dwelling, a compound."""
    district, _, community = make_tree(session)
    grid = make_grid(session, community, name=TEXTS[0],
                     geometry=square(WEST - 0.001, SOUTH - 0.001, side=0.02))
    places = [_named(session, community, grid, number, text)
              for number, text in enumerate(TEXTS)]
    compound, building, unit = places[0]
    storey = make_storey(session, building, label=TEXTS[3][:20])
    for number, text in enumerate(TEXTS):
        make_unit(session, building, storey=storey, designator=text[:40],
                  geometry=square(WEST + number * 0.000003, SOUTH, side=0.000003))
        make_organization(session, unit, name=text)
        make_person(session, unit, name=text, former_name=text, phone=None)
    agency = save(session, Agency(name=TEXTS[1], division_id=district.id, scope=district.low,
                                  roster=[TEXTS[2]], hours=TEXTS[4][:100]))
    save(session, Service(code="water_leak", agency_id=agency.id, on_site_minutes=30,
                          finish="same_day/48h", calendar="always", needs_check=True))
    save(session, Post(grid_id=grid.id, scope=grid.scope, role="grid_worker",
                       staff_name=TEXTS[5], phone=TEXTS[3][:40]))
    _users(session)
    remember(session, "metric_srid", "4550")
    scene.refresh(session)
    bump(session)
    session.commit()
    return {"building": building.identifier, "unit": unit.identifier,
            "compound": compound.identifier, "grid": grid.identifier}


def _named(session, community, grid, number, text):
    """Make a compound, a building, a dwelling, a street, a facility and a question of one name."""
    west, south = WEST + number % 8 * 0.001, SOUTH + number // 8 * 0.001
    compound = make_compound(session, community, name=text, aliases=[text],
                             geometry=square(west, south, side=0.0008))
    building = make_building(session, compound, grid=grid, label=text[:80], name=text,
                             geometry=square(west, south, side=0.0004))
    unit = make_unit(session, building, geometry=square(west, south, side=0.0003))
    make_street(session, name=text, geometry=(
        f"SRID=4326;LINESTRING({west} {south}, {west + 0.001} {south})"))
    make_facility(session, name=text, operator=text, geometry=point(west, south))
    session.add(ReviewItem(text=text, match_class="D", status="open", candidates=[],
                           unmatched=[text], scope=grid.scope))
    return compound, building, unit


def _users(session):
    for role in ROLES:
        user = accounts.add_user(session, str(role), password=PASSWORD, role=role, area="*",
                                 granted_by=TEXTS[1][:80])
        for text in TEXTS if role is Role.OPERATOR else ():
            keep_view(session, user.id, text[:60], f"c={text}")
    for number, text in enumerate(TEXTS):
        accounts.add_token(session, f"{number} {text[:60]}".replace("\u200b", ""),
                           role=Role.API_CLIENT, area="*", created_by=text[:60])


def application(engine):
    """Return the site over the district, in which what is written by hand has been written."""
    return create_app(sessions(engine), vault(), settings({}))


def write_by_hand(app, session, places):
    """Take in orders, notes, visits, a contact and a theme as their users do, over HTTP."""
    operator, worker = (_client(app, session, one) for one in (Role.OPERATOR, Role.GRID_WORKER))
    orders = [_sent(operator, "/api/incidents", {
        "service_code": "water_leak", "channel": "hotline", "description": text, "address": text,
        "caller_name": text, "place": places["building"], "external_number": text[:80],
        "external_category": text}) for text in TEXTS]
    for text in TEXTS:
        _sent(operator, f"/api/incidents/{orders[0]['receipt']}/events",
              {"kind": "noted", "note": text, "reason": text})
    doors = worker.get(f"/api/visits/doors?building={places['building']}").get_json()["doors"]
    _sent(worker, "/api/visits", {"records": [_visit(door, text) for door, text in zip(
        doors[:20], TEXTS, strict=False)]})
    _sent(worker, f"/api/places/{places['unit']}/help-contact", {"contact": TEXTS[2]})
    return orders[0]


def _visit(door, text):
    return {"key": str(uuid4()), "unit": door["unit"], "outcome": "changed", "base": door["base"],
            "seen_at": datetime.now(UTC).isoformat(), "findings": [
                {"kind": "note", "text": text}, {"kind": "came", "name": text[:50]},
                {"kind": "firm_came", "name": text[:50]}]}


def _client(app, session, role):
    secret = accounts.add_token(session, f"hand-{role}", role=role, area="*", unlimited=True)
    session.commit()
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return client


def _sent(client, path, body):
    answer = client.post(path, json=body)
    assert answer.status_code < 300, answer.text
    return answer.get_json()
