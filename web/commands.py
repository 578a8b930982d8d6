"""The commands of this floor: serve, demo."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from spatial.program import Program, pass_program

if TYPE_CHECKING:
    from sqlalchemy import Engine

PORT = click.IntRange(1, 65535)


@click.command()
@click.option("--host", help="Address to listen on; default: DOORPLATE_HOST or 127.0.0.1.")
@click.option("--port", type=PORT, help="Default: DOORPLATE_PORT or 8000.")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes; one a core at most.")
@pass_program
def serve(program: Program, host: str | None, port: int | None, workers: int | None) -> None:
    """Serve the pages and the API.

    While demonstration sign-ins exist, only this machine is served. Ctrl-C and SIGTERM stop
    the server and what was started for it.
    """
    from web import serving

    said = program.settings
    serving.serve(program, host=host or said.host, port=port or said.port,
                  workers=workers or said.workers, ready=_tell_where)


@click.command()
@click.option("--load-only", is_flag=True, help="Load, print the sign-ins, and end.")
@click.option("--seed", type=int, default=7, show_default=True, help="Another seed, another city.")
@click.option("--size", type=click.Choice(["district", "city", "metropolis"]), default="district",
              show_default=True, help="How many people: 46,000, a million, ten million.")
@click.option("--port", type=PORT, help="Default: DOORPLATE_PORT or 8000.")
@click.option("--dirty", is_flag=True,
              help="Only write ledgers as real offices keep them, with the truth beside them.")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False),
              default=Path("dirty-ledgers"), show_default=True, help="Where --dirty writes.")
@pass_program
def demo(program: Program, load_only: bool, seed: int, size: str, port: int | None, *,
         dirty: bool, output: Path) -> None:
    """Load the demonstration district and serve it.

    It is loaded once, into an empty registry only. The sign-ins are drawn anew each time and
    also written to demo-sign-ins.txt in DOORPLATE_HOME.
    """
    if dirty:
        _write_dirty(output, seed)
        return
    lines: list[str] = []

    def prepare(engine: "Engine") -> None:
        lines.extend(_load(program, engine, seed=seed, size=size))

    def ready(url: str) -> None:
        _tell_where(url)
        click.echo("\n".join(lines))

    if load_only:
        prepare(program.engine())
        click.echo("\n".join(lines))
        return
    from web import serving

    serving.serve(program, host="127.0.0.1", port=port or program.settings.port, workers=1,
                  ready=ready, prepare=prepare)


def _write_dirty(folder: Path, seed: int) -> None:
    """Write the dirty ledgers and say how to try them."""
    from importers.demo.dirty import TRUTH, write_dirty

    for name, rows in write_dirty(folder, seed=seed).rows.items():
        click.echo(f"{rows:>9,}  {folder / name}")
    click.echo(f"With the demonstration loaded: import {folder} --source 台账 --report report.csv, "
               f"then compare report.csv with {TRUTH}.", err=True)


def _load(program: Program, engine: "Engine", *, seed: int, size: str) -> list[str]:
    """Load what is missing; return the lines that say how to sign in."""
    from sqlalchemy.orm import Session

    from importers.demonstration import load
    from importers.progress import bars
    from layers.across.accounts import demo_sign_ins
    from spatial.sealing import vault

    with bars() as progress:
        load(engine, vault(program.settings), seed=seed, size=size, progress=progress)
    with Session(engine) as session:
        made = demo_sign_ins(session, program.settings.home)
        session.commit()
    return [f"sign-in {role} {name} {password}" for role, name, password in made]


def _tell_where(url: str) -> None:
    click.echo(f"Doorplate: {url}")
