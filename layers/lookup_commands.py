"""The command `lookup`: where is this, who is this, on the command line."""

import json
from typing import TYPE_CHECKING, Any

import click

from layers.calibrate_command import calibrate
from layers.habit_command import habit
from layers.person_command import person
from spatial.program import Program, pass_program

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: Characters of a unified social credit code (GB 32100).
CREDIT_CODE = 18
LIMIT = click.option("--limit", type=click.IntRange(1, 50), default=10, show_default=True,
                     help="How many at most.")
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


@click.group()
def lookup() -> None:
    """Find places by address, organization, identifier or point; persons for a purpose."""


lookup.add_command(person)
lookup.add_command(calibrate)
lookup.add_command(habit)


@lookup.command()
@click.argument("text")
@click.option("--within", metavar="CODE", help="Only inside this division.")
@click.option("--explain", is_flag=True, help="Tell each step and why the others lost.")
@LIMIT
@JSON
@pass_program
def address(program: Program, text: str, within: str | None, explain: bool, limit: int,
            as_json: bool) -> None:
    """Find the place that the address TEXT means."""
    from layers.across.lookup import lookup_address
    from layers.explaining import explained, fault_line

    with _session(program) as session:
        answer = lookup_address(session, text, limit=limit, within=within, explain=explain)
    if as_json:
        _tell(answer)
        return
    if explain:
        for line in explained(answer):
            click.echo(line, err=True)
    sure = f"{answer['match_class']} ({answer['confidence']:.0%})"
    click.echo(f"{answer['status']}\t{answer['level'] or '-'}\t{sure}\t"
               f"{answer['standard_address'] or '-'}\t{answer['ref'] or '-'}")
    for fault in answer["faults"]:
        click.echo(f"  {fault_line(fault)}", err=True)
    for missing in answer["unmatched"]:
        click.echo(f"  not in the register: {missing}", err=True)
    for one in answer["candidates"]:
        click.echo(f"  ? {one['standard_address']}\t{one['ref']}")


@lookup.command()
@click.argument("text")
@LIMIT
@JSON
@pass_program
def organization(program: Program, text: str, limit: int, as_json: bool) -> None:
    """Find organizations by name, short name, pinyin, initials or credit code."""
    from layers.across.firms import lookup_organization

    code = text if len(text) == CREDIT_CODE and text.isascii() and text.isalnum() else None
    with _session(program) as session:
        found = lookup_organization(session, text, credit_code=code, limit=limit)
    if as_json:
        _tell(found)
        return
    for one in found["items"]:
        where = one["place"]["full_label"] if one["place"] else "-"
        click.echo(f"{one['name']}\t{where}\t{one['ref']}")


@lookup.command()
@click.argument("identifier")
@JSON
@pass_program
def place(program: Program, identifier: str, as_json: bool) -> None:
    """Tell what the place IDENTIFIER is."""
    from layers.across.details import detail
    from spatial.history import NOW

    with _session(program) as session:
        found = detail(session, identifier, NOW)
    _tell(found) if as_json else click.echo(f"{found['level']}\t{found['full_label']}")


@lookup.command()
@click.argument("lon", type=float)
@click.argument("lat", type=float)
@click.option("--height", type=float, metavar="M", help="Metres above ground.")
@click.option("--floor", type=float, metavar="N", help="Index of the storey.")
@JSON
@pass_program
def reverse(program: Program, lon: float, lat: float, height: float | None, floor: float | None,
            as_json: bool) -> None:
    """Tell what is at a point: longitude, then latitude. Write -- before a negative one."""
    from layers.across.reverse import reverse as at

    with _session(program) as session:
        found = at(session, lon, lat, height=height, floor=floor)
    if as_json:
        _tell(found)
        return
    for step in found["chain"]:
        click.echo(f"{step['level']}\t{step['label']}\t{step['identifier']}")


def _session(program: Program) -> "Session":
    from sqlalchemy.orm import Session

    return Session(program.engine())


def _tell(answer: dict[str, Any]) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False, default=str))
