"""What the admin's pages share: who may see them, their words, their lines in the audit."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, g
from sqlalchemy import select

from layers.access import GRANTABLE, TOKEN_ROLES, Role
from layers.across import user_admin
from layers.caller import Caller
from layers.codelists import codelist
from layers.divisions import Division
from layers.users import AppUser, Assignment
from spatial.audit import Event, record
from spatial.errors import Forbidden
from spatial.history import valid
from web.forms import page

WORDS = Path(__file__).parent / "words"
AREAS_MOST = 300


def admin() -> Caller:
    """Return the caller, an admin who has signed in; raise Forbidden for others."""
    caller: Caller = g.caller
    if caller.role is not Role.ADMIN or caller.user_id is None:
        raise Forbidden("Only an admin who has signed in keeps users.")
    return caller


def audited(action: str, subject: str) -> None:
    """Write what an admin did into the audit, in the same transaction."""
    record(g.session, g.vault, Event(actor=g.caller.actor, role=g.caller.role, action=action,
                                     subjects=(subject,)))


def act(one: AppUser, what: str, given: dict[str, Any]) -> str:
    """Change an account; return the word for what was done."""
    by = admin()
    if what in ("disable", "enable"):
        user_admin.set_open(g.session, by, one, is_open=what == "enable")
        done = what + "d"
    elif what == "identify":
        user_admin.identify(g.session, by, one, email=given["email"], subject=given["subject"])
        done = "identified"
    else:
        user_admin.forget_factor(g.session, by, one)
        done = "forgotten"
    audited("user-forget-factor" if what == "forget" else f"user-{what}", one.name)
    return done


def show(template: str, **more: Any) -> Response:
    """Render one of the admin's pages."""
    return page(template, words(g.language), roles=GRANTABLE, token_roles=TOKEN_ROLES,
                role_names=role_names(), state=state, day=day, **more)


def own(template: str, **more: Any) -> Response:
    """Render a page of one's own account."""
    return page(template, words(g.language), tab="account", role_names=role_names(), day=day,
                **more)


def state(one: Assignment) -> str:
    """Return how an assignment stands: revoked, waiting, over, future or acting."""
    now = datetime.now(UTC)
    if one.revoked_at is not None:
        return "revoked"
    if one.valid_to is not None and one.valid_to <= now:
        return "over"
    if one.approval_needed and one.approved_at is None:
        return "waiting"
    return "future" if one.valid_from > now else "acting"


def day(at: datetime | None, *, minute: bool = False) -> str:
    """Write a moment in the registry's zone."""
    return at.astimezone(g.zone).strftime("%Y-%m-%d %H:%M" if minute else "%Y-%m-%d") if at else ""


def role_names() -> dict[str, str]:
    """Return what each role is called."""
    return {code: name.in_language(g.language) for code, name in codelist("role").codes.items()}


def areas(by: Caller) -> list[tuple[str, str]]:
    """Return divisions of the caller's area to choose from: code or identifier, and name."""
    rows = g.session.execute(
        select(Division.code, Division.identifier, Division.name)
        .where(valid(Division, datetime.now(UTC)), Division.low >= by.low,
               Division.high <= by.high).order_by(Division.low).limit(AREAS_MOST))
    return [(row.code or row.identifier, row.name) for row in rows]


@cache
def words(language: str) -> dict[str, str]:
    """Return every word of these pages in one language."""
    return {name: both[language] for file in ("admin", "account") for name, both in json.loads(
        (WORDS / f"{file}.json").read_text(encoding="utf-8")).items()}
