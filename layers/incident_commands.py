"""The command `incident`: orders from the command line: taken in, worked on, counted, handed on."""

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from layers.codelists import codelist
from spatial.errors import InvalidInput, NotFound
from spatial.program import Program, pass_program

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from layers.caller import Caller
    from spatial.sealing import Vault

AS = click.option("--as", "user", required=True, metavar="USER", help="Whose eyes and hands.")
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])
SERVICE = click.Choice(list(codelist("service_code").codes))
WAYS = ("service", "level", "owner", "month", "channel", "status", "grid")
#: What another system is told of its orders: no words, no person.
HANDED = ("external_number", "external_category", "receipt", "service_code", "status", "owner",
          "received_at", "accepted_at", "on_site_at", "done_at", "closed_at", "finish_due",
          "rating")


@click.group()
def incident() -> None:
    """Take reports in, work on orders, count them, hand them on."""


@incident.command()
@AS
@click.option("--service", required=True, type=SERVICE, help="What kind of request.")
@click.option("--place", help="Identifier of the most precise place known.")
@click.option("--point", help="Where it is out of doors: LON,LAT.")
@click.option("--address", help="Where it is, in words.")
@click.option("--description", help="What was reported.")
@click.option("--channel", default="hotline", show_default=True,
              type=click.Choice(list(codelist("channel").codes)), help="How it came in.")
@click.option("--grid", help="Which grid is meant, near a border.")
@click.option("--agency", help="Which agency is meant, where several answer.")
@JSON
@pass_program
def take(program: Program, /, user: str, service: str, point: str | None, as_json: bool,
         **said: Any) -> None:
    """Take a report in; prints its receipt number, its owner and its deadline."""
    from layers.across.orders_intake import Report, take
    from layers.across.orders_read import one
    from layers.across.orders_rights import may_take

    with _as(program, user) as (session, keys, who):
        may_take(who)
        order = take(session, keys, who, Report(
            service_code=service, point=_point(point), **said),
            zone=ZoneInfo(program.settings.zone), border_m=program.settings.border_metres)
        found = one(session, keys, who, order.receipt, "zh")
        session.commit()
    _tell(found) if as_json else _line(found)


@incident.command()
@AS
@click.argument("number")
@click.argument("kind")
@click.option("--reason", help="Why.")
@click.option("--note", help="Words beside it.")
@click.option("--to", help="The unit that takes it: identifier of an agency, division or grid.")
@click.option("--into", help="The order that goes on after a merge.")
@click.option("--by-time", help="How much longer: 30min, 48h, 3d.")
@click.option("--ok", is_flag=True, help="The check on the spot passed.")
@click.option("--rating", type=click.Choice(list(codelist("satisfaction").codes)),
              help="The caller's rating.")
@pass_program
def say(program: Program, /, user: str, number: str, kind: str, note: str | None,
        **said: Any) -> None:
    """Say that KIND (accepted, returned, paused, done, closed …) happened to the order NUMBER."""
    from layers.across.orders import New, say
    from layers.across.orders_read import row_of
    from layers.across.orders_rights import may_say

    with _as(program, user) as (session, _, who):
        found = row_of(session, who, number)
        may_say(who, kind)
        state = say(session, found.IncidentOrder, New(
            kind=kind, by=who.actor, note=note, said={k: v for k, v in said.items() if v}),
            zone=ZoneInfo(program.settings.zone))
        session.commit()
    click.echo(f"{found.IncidentOrder.receipt}\t{state.status}\t{state.owner}")


@incident.command("list")
@AS
@click.option("--status", default="active", show_default=True,
              help="One status, or all that are active.")
@click.option("--level", type=click.Choice(list(codelist("post_level").codes)),
              help="Only what has risen to this level.")
@click.option("--overdue", is_flag=True, help="Only what is not done after its deadline.")
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True,
              help="How many at most.")
@JSON
@pass_program
def list_(program: Program, /, user: str, as_json: bool, **said: Any) -> None:
    """List the orders that USER may see, the most pressing first."""
    from layers.across.orders_read import Wish, orders

    with _as(program, user) as (session, _, who):
        found = orders(session, who, Wish(**said), "zh")
    if as_json:
        _tell(found)
        return
    for one in found["items"]:
        _line(one)


@incident.command()
@AS
@click.argument("number")
@pass_program
def show(program: Program, user: str, number: str) -> None:
    """Print the order NUMBER with its log as JSON; the read is recorded."""
    from layers.across.orders_read import one

    with _as(program, user) as (session, keys, who):
        found = one(session, keys, who, number, "zh")
        session.commit()
    _tell(found)


@incident.command()
@click.argument("agency")
@click.option("--at", type=DAY, help="At that time; by default now.")
@JSON
@pass_program
def duty(program: Program, agency: str, at: datetime | None, as_json: bool) -> None:
    """Tell who is on duty at AGENCY (identifier, or name): when and who, a line each."""
    from sqlalchemy import func, select
    from sqlalchemy.orm import Session

    from layers.across.duty import duty_of
    from layers.agencies import Agency
    from spatial.history import valid

    zone = ZoneInfo(program.settings.zone)
    with Session(program.engine()) as session:
        ref = session.scalar(select(Agency.identifier).where(
            (Agency.identifier == agency) | (Agency.name == agency),
            valid(Agency, func.now())).limit(1))
        if ref is None:
            raise NotFound(f"No agency is called {agency[:40]!r}; give its identifier or name.")
        found = duty_of(session, ref, zone, at=at and at.replace(tzinfo=zone))
    if as_json:
        _tell(found)
    for one in () if as_json else found:
        click.echo(f"{one['when']}\t{one['who']}")


@incident.command()
@click.option("--by", type=click.Choice(WAYS), default="service", show_default=True,
              help="How to group.")
@click.option("--since", type=DAY, help="Received since that day.")
@click.option("--until", type=DAY, help="Received before that day.")
@click.option("--as", "role", metavar="ROLE", default="operator", show_default=True,
              help="Whose figures: what this role may see.")
@JSON
@pass_program
def figures(program: Program, by: str, since: datetime | None, until: datetime | None,
            role: str, as_json: bool) -> None:
    """Count the orders of the whole registry: rates with numerator and denominator, as CSV."""
    from sqlalchemy.orm import Session

    from layers.access import roles_named
    from layers.across.orders_figures import Asked, figures
    from layers.across.orders_sheets import as_csv
    from layers.caller import LEAST, MOST, Caller

    zone = ZoneInfo(program.settings.zone)
    if len(roles := roles_named(role)) != 1:
        raise InvalidInput("--as names one role, such as operator or analyst.")
    everybody = Caller(name="system", role=next(iter(roles)), low=LEAST, high=MOST)
    asked = Asked(by=by, since=since and since.replace(tzinfo=zone),
                  until=until and until.replace(tzinfo=zone), zone=program.settings.zone)
    with Session(program.engine()) as session:
        found = figures(session, everybody, asked, "zh")
    _tell(found) if as_json else click.echo(as_csv(found, "zh").decode("utf-8-sig"), nl=False)


@incident.command("hand-on")
@click.option("--since", type=DAY, help="Only what has changed since that day.")
@pass_program
def hand_on(program: Program, since: datetime | None) -> None:
    """Write how the orders of another system stand, as CSV that it can read back by its number."""
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from layers.across.orders_tables import IncidentOrder
    from layers.incidents import Incident
    from spatial.cells import guarded

    columns = [getattr(Incident if name.startswith("external") else IncidentOrder, name)
               for name in HANDED]
    query = select(*columns).join(Incident, Incident.id == IncidentOrder.incident_id).where(
        Incident.external_number.is_not(None)).order_by(IncidentOrder.incident_id)
    if since:
        query = query.where(Incident.creation_date >= since.replace(
            tzinfo=ZoneInfo(program.settings.zone)))
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(HANDED)
    with Session(program.engine()) as session:
        for row in session.execute(query):
            writer.writerow([one.isoformat() if isinstance(one, datetime)
                             else guarded(one or "") for one in row])


@incident.command()
@pass_program
def replay(program: Program) -> None:
    """Replay every log and compare it with how the order is kept; exit 3 where they differ."""
    from sqlalchemy.orm import Session

    from layers.across.orders_replay import differing

    with Session(program.engine()) as session:
        wrong = list(differing(session, ZoneInfo(program.settings.zone)))
    for receipt, names in wrong:
        click.echo(f"{receipt}\t{', '.join(names)}")
    click.echo(f"{len(wrong)} orders differ from their logs", err=True)
    sys.exit(3 if wrong else 0)


@contextmanager
def _as(program: Program, user: str) -> Iterator[tuple["Session", "Vault", "Caller"]]:
    """Act as a user: within their area, and behind the same wall as on the page."""
    from sqlalchemy.orm import Session

    from layers import catalogue
    from layers.across.callers import caller_named
    from layers.across.reach import bind
    from spatial.sealing import vault

    catalogue()
    keys = vault(program.settings)
    with Session(program.engine(), expire_on_commit=False) as session:
        who = caller_named(session, user)
        bind(session, keys, who)
        yield session, keys, who


def _point(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        raise InvalidInput(f"--point is {text[:40]!r}; LON,LAT in degrees is wanted.") from None
    return lon, lat


def _line(one: dict[str, Any]) -> None:
    place = one["place"] or {}
    click.echo("\t".join(str(part or "-") for part in (
        one["receipt"], one["status"]["code"], one["service"]["label"], one["owner"]["name"],
        one["finish_due"], place.get("full_label") or one["address"])))


def _tell(found: Any) -> None:
    click.echo(json.dumps(found, ensure_ascii=False))
