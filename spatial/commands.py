"""`python app.py db …`: the database from the command line."""

from datetime import datetime
from pathlib import Path

import click

from spatial.cluster import private_cluster
from spatial.config import Settings
from spatial.errors import Conflict
from spatial.program import Program, pass_program

A_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def db() -> None:
    """Start, stop, migrate, back up and restore the database.

    Without DOORPLATE_DATABASE_URL the registry keeps a private PostgreSQL in DOORPLATE_HOME.
    """


@db.command()
@pass_program
def start(program: Program) -> None:
    """Start the private cluster and leave it running."""
    cluster = private_cluster(_private(program.settings))
    started = cluster.start()
    click.echo("started" if started else "was running already", err=True)


@db.command()
@pass_program
def stop(program: Program) -> None:
    """Stop the private cluster; open connections end."""
    stopped = private_cluster(_private(program.settings)).stop()
    click.echo("stopped" if stopped else "was not running", err=True)


@db.command()
@pass_program
def status(program: Program) -> None:
    """Say whether the private cluster runs, and where it lies; starts nothing."""
    if program.settings.database_url:
        click.echo("named\tDOORPLATE_DATABASE_URL")
        return
    found = private_cluster(program.settings).status()
    click.echo(f"running\t{'yes' if found.running else 'no'}")
    click.echo(f"process\t{found.pid or '-'}")
    click.echo(f"postgresql\t{found.major or '-'}")
    click.echo(f"data\t{found.data}")
    click.echo(f"socket\t{found.socket}")


@db.command()
@pass_program
def url(program: Program) -> None:
    """Print the URL of the database, for psql, QGIS and ogr2ogr."""
    click.echo(program.url())


@db.command()
@pass_program
def migrate(program: Program) -> None:
    """Bring the database to the newest schema."""
    _migrate(program, program.url())
    click.echo("the schema is the newest", err=True)


@db.command()
@click.argument("file", type=A_FILE, required=False)
@click.option("--replace", is_flag=True, help="Replace FILE when it exists.")
@pass_program
def backup(program: Program, file: Path | None, replace: bool) -> None:
    """Write the whole database to FILE; without FILE into DOORPLATE_HOME/backups.

    Sealed values stay sealed in it. Keep the keys of DOORPLATE_HOME too, in another place.
    """
    from spatial.backup import back_up
    from spatial.sealing import vault
    from spatial.walls import SYSTEM, token

    target = file or _dated_file(program.settings)
    settings, url, scope = program.settings, program.url(), ""
    # Row-level security hides rows even from the owner; a backup holds all.
    if settings.database_url:
        scope = token(vault(settings), SYSTEM)
    else:
        url = private_cluster(settings).admin_url(database="doorplate")
    back_up(url, target, replace=replace, binaries=settings.postgres_bin, scope=scope)
    click.echo(target)


@db.command()
@click.argument("file", type=A_FILE)
@click.option("--replace", is_flag=True, help="Lose what the private database holds now.")
@pass_program
def restore(program: Program, file: Path, replace: bool) -> None:
    """Load a backup into the empty database; migrate it when it is older.

    With --replace the private database is exchanged at once after all checks passed.
    """
    from spatial.backup import restore_named, restore_private

    settings = program.settings

    def bring_up(url: str) -> None:
        _migrate(program, url)
        if program.restored is not None:
            program.restored(program.engine(url), settings)

    if not settings.database_url:
        cluster = private_cluster(settings)
        restore_private(cluster, file, migrate=bring_up, replace=replace)
    elif replace:
        raise Conflict("--replace is for the private cluster; empty a named database yourself.")
    else:
        restore_named(program.url(), file, migrate=bring_up, binaries=settings.postgres_bin)
    click.echo("restored", err=True)


def _private(settings: Settings) -> Settings:
    if settings.database_url:
        raise Conflict(
            "DOORPLATE_DATABASE_URL names a database, so the private cluster is not in use. "
            "Unset it to start or stop the private one."
        )
    return settings


def _migrate(program: Program, url: str) -> None:
    from spatial.database import connect

    engine = connect(url)
    try:
        program.migrate(engine)
    finally:
        engine.dispose()


def _dated_file(settings: Settings) -> Path:
    folder = settings.home / "backups"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"doorplate-{datetime.now():%Y%m%d-%H%M%S}.dump"
