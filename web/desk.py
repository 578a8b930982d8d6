"""The service desk's pages: taking reports in, working on orders, figures."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, g, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from layers.across.orders_figures import WAYS
from layers.across.orders_rights import READERS, TAKERS
from layers.agencies import Agency
from layers.codelists import codelist
from layers.divisions import Division
from spatial.errors import Forbidden
from spatial.history import valid
from web import admin_frame
from web.endpoint import endpoint
from web.forms import page
from web.params import text

bp = Blueprint("desk", __name__)
WORDS = Path(__file__).parent / "words" / "desk.json"
LISTS = ("service_code", "channel", "incident_status", "satisfaction", "order_step", "post_role",
         "post_level")
RECEIPT = text("receipt", "An order to begin with.", most=80)


@bp.get("/desk")
@endpoint(page=True)
def start() -> ResponseReturnValue:
    """Lead to the first page that the caller may see."""
    return redirect(f"/desk/{_tabs()[0]}", 302)


@bp.get("/desk/intake")
@endpoint(page=True, personal=True)
def intake() -> Response:
    """Show the page for taking reports in."""
    return _show("intake")


@bp.get("/desk/orders")
@endpoint(RECEIPT, page=True, personal=True)
def orders(receipt: str | None) -> Response:
    """Show the work list."""
    return _show("orders")


@bp.get("/desk/figures")
@endpoint(page=True)
def figures() -> Response:
    """Show the figures of orders."""
    return _show("figures", ways=WAYS)


def _show(tab: str, **more: Any) -> Response:
    tabs = _tabs()
    if tab not in tabs:
        raise Forbidden(f"The role {g.caller.role} has no page of this kind.")
    return page(f"desk/{tab}.html", words(g.language), tab=tab, tabs=tabs, setup=_setup(), **more)


def _tabs() -> list[str]:
    """Return the pages that the caller's role has."""
    role = g.caller.role
    return [*(["intake"] if role in TAKERS else []), *(["orders"] if role in READERS else []),
            "figures"]


def _setup() -> dict[str, Any]:
    """Return what the pages' modules need to know."""
    lists = {name: [(code, label.in_language(g.language))
                    for code, label in codelist(name).codes.items()] for name in LISTS}
    return {"language": g.language, "words": words(g.language), "lists": lists, "symbols": {},
            "palettes": {}, "zone": g.settings.zone, "units": _units()}


def _units() -> list[tuple[str, str]]:
    """Return the units an order can be passed on to: agencies, then the area's communities."""
    agencies = select(Agency.identifier, Agency.name).where(valid(Agency, func.now()))
    offices = select(Division.identifier, Division.name).where(
        valid(Division, func.now()), Division.level.in_(("community", "subdistrict")),
        g.caller.within(Division.low)).limit(300)
    rows = [*g.session.execute(agencies.order_by(Agency.name)),
            *g.session.execute(offices.order_by(Division.low))]
    return [(row.identifier, row.name) for row in rows]


@cache
def words(language: str) -> dict[str, str]:
    """Return every word of these pages in one language."""
    own = json.loads(WORDS.read_text(encoding="utf-8"))
    return {**admin_frame.words(language), **{name: both[language] for name, both in own.items()}}
