"""The command `user`: who can sign in, and what they may act as."""

import sys
from datetime import UTC, datetime
from getpass import getuser
from typing import TYPE_CHECKING

import click

from layers.access import Role
from layers.commands import AREA, ROLE, recorded
from spatial.errors import InvalidInput
from spatial.program import Program, pass_program

if TYPE_CHECKING:
    from layers.caller import Caller
    from layers.users import AppUser, Assignment

DAY = click.DateTime(["%Y-%m-%d"])
GRID = "A grid's code or identifier within the area; may be repeated."


@click.group()
def user() -> None:
    """Add, list, assign and disable the people who sign in."""


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
    with recorded(program, "user-add", name) as session:
        accounts.add_user(session, name, password=password, role=Role(role), area=area,
                          granted_by=getuser())
    click.echo(f"{name} can sign in as {role}", err=True)
    if drawn:
        click.echo(password)


@user.command("list")
@pass_program
def list_users(program: Program) -> None:
    """List users: name, role, area, from, to, granted by, state, number of the assignment."""
    from sqlalchemy.orm import Session

    from layers.across import accounts

    with Session(program.engine()) as session:
        for person, one in accounts.users(session):
            until = f"{one.valid_to:%Y-%m-%d}" if one.valid_to else "-"
            area = "+".join([one.area, *one.grids])
            click.echo("\t".join((person.name, one.role, area, f"{one.valid_from:%Y-%m-%d}",
                                  until, one.granted_by, _state(person, one), str(one.id))))


@user.command("assign")
@click.argument("name")
@click.option("--role", type=ROLE, required=True, help="What the user may act as, besides.")
@click.option("--area", required=True, metavar="CODE", help=AREA)
@click.option("--grid", "grids", multiple=True, metavar="CODE", help=GRID)
@click.option("--from", "since", type=DAY, help="The first day; by default now.")
@click.option("--to", "until", type=DAY, help="The day on which it ends; by default never.")
@pass_program
def assign(program: Program, name: str, role: str, area: str, grids: tuple[str, ...],
           since: datetime | None, until: datetime | None) -> None:
    """Let the user NAME act in one more role."""
    from layers.across import assignments, user_admin

    wish = assignments.Wish(role=Role(role), area=area, grids=grids,
                            since=since and since.replace(tzinfo=UTC),
                            until=until and until.replace(tzinfo=UTC))
    with recorded(program, "user-assign", name) as session:
        one = assignments.grant(session, _machine(), user_admin.user_called(session, name), wish)
        number = one.id
    click.echo(f"{name} may act as {role}: assignment {number}", err=True)


@user.command("unassign")
@click.argument("number", type=int)
@pass_program
def unassign(program: Program, number: int) -> None:
    """Revoke the assignment NUMBER of `user list`; its sessions end at once."""
    from layers.across import assignments

    with recorded(program, "user-unassign", f"assignment {number}") as session:
        assignments.revoke(session, _machine(), number)
    click.echo(f"assignment {number} is revoked", err=True)


@user.command("approve")
@click.argument("number", type=int)
@pass_program
def approve(program: Program, number: int) -> None:
    """Approve the assignment NUMBER that an admin has granted and you have not."""
    from layers.across import assignments

    with recorded(program, "user-approve", f"assignment {number}") as session:
        assignments.approve(session, _machine(), number)
    click.echo(f"assignment {number} is in force", err=True)


@user.command("disable")
@click.argument("name")
@pass_program
def disable(program: Program, name: str) -> None:
    """Let the user NAME sign in no more; sessions end at once."""
    _set_open(program, name, is_open=False)


@user.command("enable")
@click.argument("name")
@pass_program
def enable(program: Program, name: str) -> None:
    """Let the user NAME sign in again."""
    _set_open(program, name, is_open=True)


@user.command("reset-password")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line.")
@pass_program
def reset_password(program: Program, name: str, password_stdin: bool) -> None:
    """Give the user NAME another password and end all sessions.

    Without --password-stdin one is drawn and printed; it opens the door once, within three days,
    to choose another.
    """
    from layers.across import user_admin

    given = _password(True)[0] if password_stdin else None
    with recorded(program, "user-reset-password", name) as session:
        password = user_admin.reset_password(session, _machine(),
                                             user_admin.user_called(session, name),
                                             password=given)
    if given is None:
        click.echo(password)


@user.command("identify")
@click.argument("name")
@click.option("--email", help="The e-mail address at the OIDC provider.")
@click.option("--subject", help="The subject (`sub`) at the OIDC provider.")
@pass_program
def identify(program: Program, name: str, email: str | None, subject: str | None) -> None:
    """Say by what an OIDC sign-in means the user NAME; what is left out is forgotten."""
    from layers.across import user_admin

    with recorded(program, "user-identify", name) as session:
        user_admin.identify(session, _machine(), user_admin.user_called(session, name),
                            email=email, subject=subject)


@user.command("forget-factor")
@click.argument("name")
@pass_program
def forget_factor(program: Program, name: str) -> None:
    """Take away the lost authenticator of the user NAME; all sessions end."""
    from layers.across import user_admin

    with recorded(program, "user-forget-factor", name) as session:
        user_admin.forget_factor(session, _machine(), user_admin.user_called(session, name))


def _set_open(program: Program, name: str, *, is_open: bool) -> None:
    from layers.across import user_admin

    action = "enable" if is_open else "disable"
    with recorded(program, f"user-{action}", name) as session:
        user_admin.set_open(session, _machine(), user_admin.user_called(session, name),
                            is_open=is_open)
    click.echo(f"{name} is {action}d", err=True)


def _machine() -> "Caller":
    """Return the person at the machine, whom the operating system has let in."""
    from layers.caller import system

    return system(getuser())


def _state(person: "AppUser", one: "Assignment") -> str:
    if person.closed_at:
        return "disabled"
    if one.revoked_at:
        return "revoked"
    if one.approval_needed and not one.approved_at:
        return "waits for approval"
    return "demonstration" if person.demonstration else "open"


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
