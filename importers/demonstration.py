"""The demonstration district, through the same door as everyone's data."""

import tempfile
from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from importers.intake import Intake, take_in
from importers.loading import Order, Progress, silent
from importers.results import Result
from layers.buildings import Building
from layers.divisions import Division
from spatial.errors import Conflict
from spatial.sealing import Vault

SOURCE = "demonstration"
#: The district's code; it is assigned to no one.
DISTRICT = "999901"


def is_loaded(session: Session) -> bool:
    """Tell whether the demonstration district is in the registry."""
    return bool(session.scalar(select(func.count()).select_from(Division).where(
        Division.code == DISTRICT, Division.source == SOURCE)))


def load(engine: Engine, vault: Vault, *, seed: int = 7, size: str = "district",
         progress: Progress = silent) -> list[Result]:
    """Write the ledgers of the demonstration district and import them.

    Does nothing when they are there. Raises Conflict when the registry holds anything else: a
    demonstration never mixes with real data.
    """
    from importers.demo import write_district

    with Session(engine) as session:
        if is_loaded(session):
            return []
        if session.scalar(select(func.count()).select_from(Building)):
            raise Conflict("the registry holds real data; run the demonstration with another "
                           "DOORPLATE_HOME or database")
    with tempfile.TemporaryDirectory(prefix="doorplate-demo-") as folder:
        progress("drawing", 0, None)
        write_district(Path(folder), seed=seed, size=size, progress=progress)
        order = Order(source=SOURCE, by="demo", progress=progress)
        return take_in(engine, vault, Path(folder), Intake(order=order, apply=True))
