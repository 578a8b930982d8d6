"""An import in a process of its own, which says where it is: reading, storing, committing."""

import sys
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.orm import Session

from importers.at_once import AtOnce
from importers.intake import Intake, take_in
from importers.loading import Order
from spatial.database import connect
from spatial.errors import RegistryError
from spatial.sealing import Vault

TOLD = 3
AT_ONCE = "at once"


def main(url: str, keys: str, file: str, way: str = "chunks") -> int:
    """Import `file` by chunks or `at once`; exit 3 with one line when the database is gone."""
    commits = 0

    def committing(_session: Session) -> None:
        nonlocal commits
        commits += 1
        print("commit", commits, flush=True)

    event.listen(Session, "before_commit", committing)
    order = Order(source="faults", at_once=AtOnce(1, float("inf")) if way == AT_ONCE else None,
                  progress=lambda step, done, of: print(step, done, flush=True))
    try:
        take_in(connect(url), Vault.open(Path(keys)), Path(file),
                Intake(order=order, apply=True, layer="households"))
    except RegistryError as error:
        print("told", error, flush=True)
        return TOLD
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
