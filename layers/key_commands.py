"""`db rotate-keys`: another key for sealed values, while the registry is in use."""

import click

from spatial.commands import db
from spatial.errors import Conflict, InvalidInput
from spatial.program import Program, pass_program

__all__ = ["db"]


@db.command("rotate-keys")
@click.option("--forget", metavar="KEY", help="Take a key that seals nothing out of the file.")
@pass_program
def rotate_keys(program: Program, forget: str | None) -> None:
    """Seal everything anew with a new key; a run that was stopped goes on with its key.

    The old key stays in the file, for older backups name it; --forget takes it out.
    """
    if forget:
        _forget(program, forget)
        return
    from sqlalchemy.orm import Session
    from tqdm import tqdm

    from layers.across.rotation import left, rotate
    from spatial.keys_in_use import require_keys
    from spatial.sealing import add_key, vault

    keys = vault(program.settings)
    with Session(program.engine()) as session:
        if not (waiting := left(session, keys.current)):
            keys = add_key(program.settings.home)
            waiting = left(session, keys.current)
        require_keys(session.connection(), keys)
        session.commit()
        with tqdm(desc="sealing", total=waiting, unit="", delay=2, disable=None) as bar:
            done = rotate(session, keys, lambda number: bar.update(number - bar.n))
    click.echo(f"{done} values sealed with key {keys.current}; keep a copy of the key file",
               err=True)


def _forget(program: Program, name: str) -> None:
    from sqlalchemy.orm import Session

    from layers.across.rotation import sealed_with
    from spatial.keys_in_use import forget_key
    from spatial.sealing import drop_key, vault

    keys = vault(program.settings)
    if name not in keys.fingerprints():
        raise InvalidInput(f"There is no key {name[:20]!r} in the file.")
    if name == keys.current:
        raise Conflict(f"Key {name} is the one in use; rotate first.")
    with Session(program.engine()) as session:
        if count := sealed_with(session, name):
            raise Conflict(f"{count} values are sealed with key {name}; run db rotate-keys first.")
        forget_key(session.connection(), name)
        session.commit()
    drop_key(program.settings.home, name)
    click.echo(f"key {name} is gone; backups that name it do not open any more", err=True)
