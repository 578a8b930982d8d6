"""`python -m tests.faults [--kills 50] [--seed N]`: try what must not happen; exit 3 if it does.

A whole run (50 kills and more) writes docs/faults.md.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from app import migrate
from spatial.database import connect
from spatial.sealing import Vault
from tests.faults.kills import Outcome, planned, suffer, table_of
from tests.faults.others import full_disk, two_at_once
from tests.reports.writing import DOCS, page, table
from tests.support.cluster import throwaway_cluster

WHOLE = 50
HEAD = """# Faults

What a run of `make faults` killed and filled, and what was there afterwards. Each kill has a file
of {rows:,} households, stored in *chunks* or, as a table that is all but empty, *at once*; `stage`
is while it is read, `apply` while rows are stored, `commit` within milliseconds of their commit.
*Importer* dies by `kill -9`, *back end* means every connection's process, *server* the postmaster
with all below it. After each the same import is run again until it ends. *Good* counts the kills
after which every row of the file was in the registry once, as the file says, with no version in
the history and nothing left of the staging. Made by the run.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run what is asked for."""
    said = _parser().parse_args(arguments)
    outcomes, notes = _run(said.kills, said.seed)
    bad = [one for one in outcomes if not one.good]
    for one in bad:
        print(f"BAD {one}", file=sys.stderr)
    if said.kills >= WHOLE:
        _write(outcomes, notes, said.seed)
    return 3 if bad else 0


def _run(kills: int, seed: int) -> tuple[list[Outcome], dict[str, str]]:
    outcomes: list[Outcome] = []
    with throwaway_cluster() as cluster, tempfile.TemporaryDirectory(prefix="faults-") as name:
        folder = Path(name)
        Vault.open(folder / "keys")
        _migrate(cluster.url())
        for kill in planned(kills, seed):
            began = time.monotonic()
            outcomes.append(suffer(kill, cluster, cluster.url(), folder))
            one = outcomes[-1]
            print(f"{kill.number + 1:>3} {kill.victim:<9} {kill.moment:<7} seed {kill.seed:<11} "
                  f"at '{one.said}': lost {one.lost}, doubled {one.doubled}, wrong {one.wrong}, "
                  f"runs {one.runs}, {time.monotonic() - began:.1f} s", flush=True)
        notes = {"Two imports of one layer at once": two_at_once(cluster, cluster.url(), folder)}
    notes["A full disk"] = full_disk(_migrate)
    for what, came in notes.items():
        print(f"{what}: {came}", flush=True)
    return outcomes, notes


def _migrate(url: str) -> None:
    engine = connect(url)
    migrate(engine)
    engine.dispose()


def _write(outcomes: Sequence[Outcome], notes: dict[str, str], seed: int) -> None:
    from tests.faults.kills import ROWS

    heads = ("stored", "killed", "during", "kills", "rows lost", "doubled", "wrong", "good",
             "runs at most")
    seeds = ", ".join(str(one.kill.seed) for one in outcomes)
    told = [f"- {what}: {came}." for what, came in notes.items()]
    text = page(HEAD.format(rows=ROWS).splitlines(),
                table(heads, table_of(outcomes), right="345678"),
                ["", *told, "", f"Seed {seed}; of the single kills, in order: {seeds}."])
    (DOCS / "faults.md").write_text(text, encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=WHOLE)
    parser.add_argument("--seed", type=int, default=7)
    return parser


if __name__ == "__main__":
    sys.exit(main())
