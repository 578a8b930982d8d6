"""`person correct | protect | erase | keep | orders`: the rights of residents, at the console."""

from datetime import UTC, datetime
from getpass import getuser
from typing import TYPE_CHECKING, Any

import click

from layers.audit_commands import person
from spatial.errors import InvalidInput, NotFound
from spatial.program import Program, pass_program

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from spatial.sealing import Vault

__all__ = ["person"]
DOCUMENT = click.option("--order", "document", required=True, metavar="TEXT",
                        help="The paper that orders it: its number.")
DATED = click.option("--dated", type=click.DateTime(["%Y-%m-%d"]),
                     help="The day of the order; by default today.")


@person.command()
@click.argument("who", metavar="PERSON")
@click.option("--field", required=True, help="Which field: name, phone, birth_date …")
@click.option("--value", help="What is right; asked for when left out, so that no shell keeps it.")
@DOCUMENT
@DATED
@pass_program
def correct(program: Program, who: str, field: str, value: str | None, document: str,
            dated: datetime | None) -> None:
    """Correct one field of PERSON by a dated order; what was said before stays in the past."""
    from layers.across.corrections import correct as carry_out

    said = click.prompt("value", default="", show_default=False) if value is None else value
    day = _day(program, dated)
    _act(program, who, "person-correct", lambda session, keys, one: carry_out(
        session, keys, one, field, said, document=document, dated=day, by=getuser()))
    click.echo(f"{field} corrected", err=True)


@person.command()
@click.argument("who", metavar="PERSON")
@click.option("--level", type=click.IntRange(0, 2), required=True,
              help="0 none, 1 others are told to ask the officer, 2 the custodian alone knows.")
@click.option("--custodian", metavar="USER", help="The user who keeps the address; for level 2.")
@DOCUMENT
@DATED
@pass_program
def protect(program: Program, who: str, level: int, custodian: str | None, document: str,
            dated: datetime | None) -> None:
    """Protect the address of PERSON, or lift the protection; no name finds who is protected."""
    from layers.across.protection import protect as carry_out

    day = _day(program, dated)
    _act(program, who, "person-protect", lambda session, _keys, one: carry_out(
        session, one, level, custodian=custodian, document=document, dated=day, by=getuser()))
    click.echo(f"protection {level}", err=True)


@person.command()
@click.argument("who", metavar="PERSON")
@DOCUMENT
@DATED
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_program
def erase(program: Program, who: str, document: str, dated: datetime | None, yes: bool) -> None:
    """Erase every version of PERSON, for good; done again after a restore or an import."""
    from layers.across.erasure import erase as carry_out
    from layers.across.erasure import vacuum

    if not yes:
        click.confirm("Erase this person for good?", abort=True, err=True)
    day = _day(program, dated)
    _act(program, who, "person-erase", lambda session, keys, one: carry_out(
        session, keys, program.settings, one, document=document, dated=day, by=getuser()))
    vacuum(program.engine())
    click.echo("erased", err=True)


@person.command()
@click.option("--apply", is_flag=True, help="Do it; without this it is only counted.")
@pass_program
def keep(program: Program, apply: bool) -> None:
    """Hide who has been gone for 90 days, anonymise after 2 years, untie old incidents."""
    from sqlalchemy.orm import Session

    from layers.across.erasure import vacuum
    from layers.across.retention import keep as do
    from spatial.audit import Event, record
    from spatial.sealing import vault

    engine = program.engine()
    with Session(engine) as session:
        done = do(session, apply=apply)
        if apply:
            record(session, vault(program.settings), Event(
                actor=getuser(), role="machine", action="person-keep"))
        session.commit()
    if apply and done.anonymised:
        vacuum(engine)
    for name in ("hidden", "shown_again", "anonymised", "untied"):
        click.echo(f"{name}\t{getattr(done, name)}")


@person.command()
@click.argument("who", metavar="PERSON")
@pass_program
def orders(program: Program, who: str) -> None:
    """List the orders about PERSON: kind, field, order, its day, carried out when and by whom."""
    from sqlalchemy.orm import Session

    from layers.across.person_orders import orders_about
    from layers.across.readers import person_called

    with Session(program.engine()) as session:
        try:
            identifier = person_called(session, who)
        except NotFound:
            identifier = who
        for one in orders_about(session, identifier):
            click.echo("\t".join((one.kind, one.field or "-", one.document, f"{one.dated:%Y-%m-%d}",
                                  f"{one.done_at:%Y-%m-%d %H:%M}", one.done_by)))


def _act(program: Program, who: str, action: str,
         do: "Callable[[Session, Vault, str], Any]") -> None:
    """Carry out an order about one person, with its line in the audit."""
    from sqlalchemy.orm import Session

    from layers.across.readers import person_called
    from spatial.audit import Event, record
    from spatial.sealing import vault

    keys = vault(program.settings)
    with Session(program.engine()) as session:
        identifier = person_called(session, who)
        do(session, keys, identifier)
        record(session, keys, Event(actor=getuser(), role="machine", action=action,
                                    purpose="correction", subjects=(identifier,)), durable=True)
        session.commit()


def _day(program: Program, dated: datetime | None) -> datetime:
    from zoneinfo import ZoneInfo

    day = dated.replace(tzinfo=ZoneInfo(program.settings.zone)) if dated else datetime.now(UTC)
    if day > datetime.now(UTC):
        raise InvalidInput("The day of the order lies in the future; give the day it was made.")
    return day
