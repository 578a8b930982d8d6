"""The commands `audit` and `person`: seal and check the audit, and tell residents what is held."""

import json
import sys
from getpass import getuser
from typing import TYPE_CHECKING, Any

import click

from spatial.program import Program, pass_program

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from spatial.sealing import Vault

LANGUAGE = click.option("--language", type=click.Choice(["zh", "en"]), multiple=True,
                        help="Of the list; default: Chinese, then English.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
FOUND = 3


@click.group()
def audit() -> None:
    """Seal and check the audit, and tell who read about a person."""


@audit.command()
@pass_program
def seal(program: Program) -> None:
    """Seal the lines that wait; `serve` does this each second."""
    from spatial.audit_keys import notary
    from spatial.audit_seal import seal as seal_now

    sealed = seal_now(program.engine(), notary(program.settings))
    click.echo(f"{sealed} lines sealed", err=True)


@audit.command()
@AS_JSON
@pass_program
def verify(program: Program, as_json: bool) -> None:
    """Check every line of the audit against its signed states; exit 3 names the first bad line.

    What was cut off together with its checkpoints can be seen only from another copy of these:
    keep DOORPLATE_CHECKPOINTS on another machine's disk.
    """
    from spatial.audit_check import verify as check
    from spatial.audit_keys import notary
    from spatial.sealing import vault

    verdict = check(program.engine(), vault(program.settings), notary(program.settings))
    if as_json:
        click.echo(json.dumps({"sealed": verdict.sealed, "waiting": verdict.waiting,
                               "restores": verdict.restores, "findings": [
            {"line": one.line, "what": one.what} for one in verdict.findings]}))
    else:
        for one in verdict.findings:
            click.echo(str(one))
        for restore in verdict.restores:
            click.echo(restore, err=True)
        click.echo(f"{verdict.sealed} lines sealed, {verdict.waiting} waiting, "
                   f"{len(verdict.findings)} findings", err=True)
    if verdict.findings:
        sys.exit(FOUND)


@audit.command("report")
@click.argument("person")
@LANGUAGE
@AS_JSON
@pass_program
def report_readers(program: Program, person: str, language: tuple[str, ...],
                   as_json: bool) -> None:
    """Tell who read about PERSON (identifier or source_id), when, and what for."""
    from zoneinfo import ZoneInfo

    from layers.across.readers import readings, told

    def answer(session: "Session", _vault: "Vault", identifier: str) -> list[Any]:
        found = readings(session, identifier, ZoneInfo(program.settings.zone))
        if as_json:
            return [one.as_json() for one in found]
        return [line for one in language or ("zh", "en")
                for line in (*told(found, identifier, one), "")]
    _tell(program, person, "audit-report", answer, as_json=as_json)


@click.group()
def person() -> None:
    """Tell a resident what is held; correct, protect, hide and erase it."""


@person.command("report")
@click.argument("person")
@LANGUAGE
@AS_JSON
@pass_program
def report_held(program: Program, person: str, language: tuple[str, ...], as_json: bool) -> None:
    """Print all that is held about PERSON, from where, and who read it; for PERSON only."""
    from zoneinfo import ZoneInfo

    from layers.across.person_report import report, versions

    def answer(session: "Session", keys: "Vault", identifier: str) -> list[Any]:
        if as_json:
            return [one.as_json() for one in versions(
                session, keys, identifier, (language or ("zh",))[0])]
        return [line for one in language or ("zh", "en") for line in (
            *report(session, keys, identifier, zone=ZoneInfo(program.settings.zone),
                    language=one), "")]
    _tell(program, person, "person-report", answer, as_json=as_json)


def _tell(program: Program, name: str, action: str, answer: Any, *, as_json: bool) -> None:
    """Print an answer about one person, after the line about it is on the disk."""
    from sqlalchemy.orm import Session

    from layers.across.readers import person_called
    from spatial.audit import Event, record
    from spatial.sealing import vault

    keys = vault(program.settings)
    with Session(program.engine()) as session:
        identifier = person_called(session, name)
        lines = answer(session, keys, identifier)
        seen = ("everything",) if action == "person-report" else ()
        record(session, keys, Event(actor=getuser(), role="machine", action=action,
                                    subjects=(identifier,), seen=seen), durable=True)
        session.commit()
    click.echo(json.dumps(lines, ensure_ascii=False) if as_json else "\n".join(lines))
