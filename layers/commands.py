"""The commands of this floor: user, token."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getuser
from typing import TYPE_CHECKING

import click

from layers.access import Role
from spatial.errors import InvalidInput
from spatial.program import Program, pass_program

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ROLE = click.Choice([str(role) for role in Role])
AREA = "A division's code or identifier; * is everywhere."


@click.group()
def user() -> None:
    """Add and list the people who can sign in."""


@user.command("add")
@click.argument("name")
@click.option("--role", type=ROLE, required=True, help="What the user acts as.")
@click.option("--area", required=True, metavar="CODE", help=AREA)
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line.")
@pass_program
def add_user(program: Program, name: str, role: str, area: str, password_stdin: bool) -> None:
    """Add the user NAME.

    The password is asked for; where nobody can be asked, one is drawn and printed.
    """
    from layers.across import accounts

    password, drawn = _password(password_stdin)
    with _recorded(program, "user-add", name) as session:
        accounts.add_user(session, name, password=password, role=Role(role), area=area,
                          granted_by=getuser())
    click.echo(f"{name} can sign in as {role}", err=True)
    if drawn:
        click.echo(password)


@user.command("list")
@pass_program
def list_users(program: Program) -> None:
    """List users, their roles, areas and periods."""
    from sqlalchemy.orm import Session

    from layers.across import accounts

    with Session(program.engine()) as session:
        for person, one in accounts.users(session):
            until = f"{one.valid_to:%Y-%m-%d}" if one.valid_to else "-"
            state = "closed" if person.closed_at else "demonstration" if person.demonstration \
                else "open"
            click.echo("\t".join((person.name, one.role, one.area, f"{one.valid_from:%Y-%m-%d}",
                                  until, one.granted_by, state)))


@click.group()
def token() -> None:
    """Add, list and revoke the tokens of programs."""


@token.command("add")
@click.argument("name")
@click.option("--role", type=ROLE, required=True, help="What the program acts as.")
@click.option("--area", required=True, metavar="CODE", help=AREA)
@click.option("--days", type=click.IntRange(1, 3650), default=365, show_default=True,
              help="How long it is good for.")
@click.option("--unlimited", is_flag=True, help="No limits on requests, for measurements.")
@pass_program
def add_token(program: Program, name: str, role: str, area: str, days: int,
              unlimited: bool) -> None:
    """Add a token for the program NAME and print it; it is not shown again."""
    from layers.across import accounts

    with _recorded(program, "token-add", name) as session:
        secret = accounts.add_token(session, name, role=Role(role), area=area, days=days,
                                    unlimited=unlimited)
    click.echo(f"{name} may ask as {role} for {days} days", err=True)
    click.echo(secret)


@token.command("list")
@pass_program
def list_tokens(program: Program) -> None:
    """List tokens: number, name, role, area, end, last use."""
    from sqlalchemy.orm import Session

    from layers.across import accounts

    with Session(program.engine()) as session:
        for one in accounts.tokens(session):
            used = f"{one.last_use:%Y-%m-%d %H:%M}" if one.last_use else "-"
            state = "revoked" if one.revoked_at else f"{one.expires_at:%Y-%m-%d}"
            click.echo("\t".join((str(one.id), one.name, one.role, one.area, state, used)))


@token.command("revoke")
@click.argument("number", type=int)
@pass_program
def revoke_token(program: Program, number: int) -> None:
    """End the token NUMBER of `token list` at once."""
    from layers.across import accounts

    with _recorded(program, "token-revoke", str(number)) as session:
        accounts.revoke_token(session, number)
    click.echo(f"token {number} is revoked", err=True)


@contextmanager
def _recorded(program: Program, action: str, subject: str) -> Iterator["Session"]:
    """Give a session; what is done in it is audited in the same transaction."""
    from sqlalchemy.orm import Session

    from spatial.audit import Event, record
    from spatial.sealing import vault

    with Session(program.engine()) as session:
        yield session
        record(session, vault(program.settings),
               Event(actor=getuser(), role="machine", action=action, subjects=(subject,)))
        session.commit()


def _password(from_stdin: bool) -> tuple[str, bool]:
    """Return the password, and whether it was drawn here."""
    if from_stdin:
        line = sys.stdin.readline().rstrip("\r\n")
        if not line:
            raise InvalidInput("There is no password on the first line of stdin.")
        return line, False
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True)), False
    from layers.passwords import draw_password

    return draw_password(), True
