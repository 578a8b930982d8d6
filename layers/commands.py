"""The command `token`, and what the commands of accounts share."""

from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getuser
from typing import TYPE_CHECKING

import click

from layers.access import Role
from spatial.program import Program, pass_program

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ROLE = click.Choice([str(role) for role in Role])
AREA = "A division's code or identifier; * is everywhere."


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

    with recorded(program, "token-add", name) as session:
        secret = accounts.add_token(session, name, role=Role(role), area=area, days=days,
                                    unlimited=unlimited, created_by=getuser())
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

    with recorded(program, "token-revoke", str(number)) as session:
        accounts.revoke_token(session, number)
    click.echo(f"token {number} is revoked", err=True)


@contextmanager
def recorded(program: Program, action: str, subject: str) -> Iterator["Session"]:
    """Give a session; what is done in it is audited in the same transaction."""
    from sqlalchemy.orm import Session

    from spatial.audit import Event, record
    from spatial.sealing import vault

    with Session(program.engine()) as session:
        yield session
        record(session, vault(program.settings),
               Event(actor=getuser(), role="machine", action=action, subjects=(subject,)))
        session.commit()
