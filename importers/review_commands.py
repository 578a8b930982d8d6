"""The review queue at the command line: addresses that no one place answers, pairs of records."""

import json

import click

from importers.sessions import clerk_name
from spatial.program import Program, pass_program


@click.group()
def review() -> None:
    """Settle the addresses that no one place answers, and records that may be one."""


@review.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True,
              help="How many at most.")
@pass_program
def list_(program: Program, limit: int) -> None:
    """List the open questions, those that would settle most rows first."""
    from sqlalchemy.orm import Session

    from layers.across.review import open_items

    with Session(program.engine()) as session:
        for one in open_items(session, limit=limit):
            click.echo(f"{one.id}\t{one.match_class}\t{one.waiting}\t{one.text}")


@review.command()
@click.argument("number", type=int)
@pass_program
def show(program: Program, number: int) -> None:
    """Show question NUMBER with its candidates."""
    from sqlalchemy.orm import Session

    from layers.across.review import item

    with Session(program.engine()) as session:
        one = item(session, number)
        click.echo(json.dumps({
            "id": one.id, "text": one.text, "class": one.match_class, "status": one.status,
            "waiting": one.waiting, "candidates": one.candidates, "choice": one.choice,
        }, ensure_ascii=False, indent=1))


@review.command()
@click.argument("number", type=int)
@click.argument("place")
@pass_program
def choose(program: Program, number: int, place: str) -> None:
    """Say that question NUMBER means PLACE; rows that wait for it are linked at once."""
    from sqlalchemy.orm import Session

    from importers.finishing import DECISION, finish
    from layers.across.places import find
    from layers.across.review import choose as decide

    with Session(program.engine()) as session:
        find(session, place)
        decide(session, number, place, by=clerk_name())
        session.commit()
        finish(session, lambda *_: None, DECISION, zone=program.settings.zone)
    click.echo(f"question {number} is settled", err=True)


@review.command()
@pass_program
def link(program: Program) -> None:
    """Link the records that wait for texts settled on the review page; merge settled pairs."""
    from sqlalchemy.orm import Session

    from importers.authority import authority
    from importers.finishing import finish
    from importers.journal import finish_owed, settle_finish
    from importers.merging import Merging
    from spatial.sealing import vault

    with Session(program.engine()) as session:
        if not finish_owed(session):
            click.echo("nothing is owed: every settled text is linked", err=True)
            return
        Merging(session, vault(program.settings), authority(program.settings.authority)).settle()
        queued = finish(session, lambda *_: None)
        settle_finish(session)
        session.commit()
    click.echo(f"linked; {queued:,} records still wait", err=True)


@review.command()
@click.argument("number", type=int)
@pass_program
def undo(program: Program, number: int) -> None:
    """Take back the decision of question NUMBER; its text is no alias any more."""
    from sqlalchemy.orm import Session

    from layers.across.review import reopen

    with Session(program.engine()) as session:
        reopen(session, number)
        session.commit()
    click.echo(f"question {number} is open again", err=True)


@review.command()
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True,
              help="How many at most.")
@pass_program
def pairs(program: Program, limit: int) -> None:
    """List pairs of records that may be one: number, ledger, both identifiers, what they share."""
    from sqlalchemy.orm import Session

    from layers.across.pairs import open_pairs
    from layers.across.pairs_desk import identifiers

    with Session(program.engine()) as session:
        for one in open_pairs(session, limit=limit):
            both = "\t".join(identifiers(session, one))
            share = f" {one.share:.0%}" if one.share else ""
            click.echo(f"{one.id}\t{one.layer}\t{both}\t{', '.join(one.why)}{share}")


@review.command()
@click.argument("number", type=int)
@pass_program
def same(program: Program, number: int) -> None:
    """Say that the records of pair NUMBER are one thing; they are merged at once."""
    _settle(program, number, same=True)


@review.command()
@click.argument("number", type=int)
@pass_program
def different(program: Program, number: int) -> None:
    """Say that the records of pair NUMBER are two things; they are never asked about again."""
    _settle(program, number, same=False)


def _settle(program: Program, number: int, *, same: bool) -> None:
    from importers.alone import alone
    from importers.authority import authority
    from importers.finishing import finish
    from importers.loading import silent
    from importers.merging import Merging
    from importers.sessions import acting
    from layers.across.pairs import decide, pair
    from spatial.sealing import vault

    engine, keys = program.engine(), vault(program.settings)
    with alone(engine, silent), acting(engine, keys, apply=True) as session:
        decide(session, pair(session, number), same=same, by=clerk_name())
        if same:
            Merging(session, keys, authority(program.settings.authority)).settle()
            finish(session, silent, zone=program.settings.zone)
        session.commit()
    click.echo(f"pair {number} is settled: {'one' if same else 'two'}", err=True)
