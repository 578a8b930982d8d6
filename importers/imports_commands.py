"""The journal of imports at the command line: what came, what met; taking it back."""

import json

import click

from spatial.program import Program, pass_program


@click.group()
def imports() -> None:
    """List what was imported and merged; withdraw an import, undo a merge."""


@imports.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True,
              help="How many at most, the newest first.")
@pass_program
def list_(program: Program, limit: int) -> None:
    """List imports: number, state, time, by whom, source, layer, file, what was new and changed."""
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from importers.journal import ImportJob

    with Session(program.engine()) as session:
        for job in session.scalars(select(ImportJob).order_by(ImportJob.id.desc()).limit(limit)):
            counts = "\t".join(str(job.counts.get(name, "")) for name in ("new", "changed"))
            click.echo(f"{job.id}\t{job.state}\t{job.started:%Y-%m-%d %H:%M}\t{job.by or ''}\t"
                       f"{job.source}\t{job.layer}\t{job.file}\t{counts}")


@imports.command()
@click.argument("job", type=int)
@click.option("--apply", is_flag=True, help="Do it; without this it is a dry run.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@pass_program
def withdraw(program: Program, job: int, apply: bool, as_json: bool) -> None:
    """Take back the import JOB: what it made ends as never so, what it changed is as before.

    History keeps what it had said, until now, and tells who withdrew it.
    """
    from importers.sessions import clerk_name
    from importers.withdrawing import take_back
    from spatial.sealing import vault

    done = take_back(program.engine(), vault(program.settings), job, by=clerk_name(), apply=apply)
    if as_json:
        click.echo(json.dumps(done.as_json(), ensure_ascii=False))
    else:
        click.echo("\t".join(f"{name} {value}" for name, value in done.as_json().items()))
    if not apply:
        click.echo("This was a dry run: nothing was withdrawn. Add --apply to do it.", err=True)


@imports.command()
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True,
              help="How many at most.")
@pass_program
def merges(program: Program, limit: int) -> None:
    """List records that met another source's: ledger, source, id, whose record it is, how."""
    from sqlalchemy.orm import Session

    from importers.merges import merged

    with Session(program.engine()) as session:
        for one in merged(session, limit=limit):
            click.echo("\t".join(one))


@imports.command()
@click.argument("layer")
@click.argument("source")
@click.argument("source_id")
@click.option("--apply", is_flag=True, help="Do it; without this it is a dry run.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@pass_program
def part(program: Program, layer: str, source: str, source_id: str, apply: bool,
         as_json: bool) -> None:
    """Undo one merge: the record SOURCE_ID of SOURCE is one of its own again.

    The record that it had met loses what SOURCE filled in or overruled; the history of both tells
    who parted them.
    """
    from importers.parting import take_apart
    from importers.sessions import clerk_name
    from spatial.sealing import vault

    done = take_apart(program.engine(), vault(program.settings), (layer, source, source_id),
                      by=clerk_name(), apply=apply)
    if as_json:
        click.echo(json.dumps(done.as_json(), ensure_ascii=False))
    else:
        click.echo(f"{done.kept}\t{done.other or ''}\t{', '.join(done.restored)}")
    if done.other is None:
        click.echo(f"{source_id} comes back as a record of its own with the next import of "
                   f"{source}.", err=True)
    if not apply:
        click.echo("This was a dry run: nothing was parted. Add --apply to do it.", err=True)
