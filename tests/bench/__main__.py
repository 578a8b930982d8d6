"""`python -m tests.bench [--size district] [--only NAME …]`: run the benchmarks.

A whole run writes docs/benchmarks.md; with --only the figures are printed and nothing is kept.
"""

import argparse
import sys
from collections.abc import Callable, Iterable
from importlib import import_module

from importers.demo import SIZES
from tests.bench import page
from tests.bench.harness import Case, Outcome, race
from tests.bench.world import SEED, World, world

#: Module of each benchmark; its `cases(world)` yields the cases.
MODULES = ("ids", "walls", "addresses", "names", "exports", "tiles", "imports", "incidents",
           "themes", "server")
LEAST = 7


def main(arguments: list[str] | None = None) -> int:
    """Run what is asked for."""
    said = _parser().parse_args(arguments)
    if said.repetitions < LEAST:
        print(f"fewer than {LEAST} repetitions show nothing", file=sys.stderr)
        return 2
    with world(said.size, said.seed) as ours:
        print(f"loaded in {ours.loaded_s:.0f} s", file=sys.stderr, flush=True)
        outcomes = list(_outcomes(ours, said.only or MODULES, said.repetitions))
        if not said.only:
            page.write(ours, outcomes, said.repetitions)
    return 0


def _outcomes(ours: World, names: Iterable[str], repetitions: int) -> Iterable[Outcome]:
    for name in names:
        cases: Callable[[World], Iterable[Case]] = import_module(f"tests.bench.{name}").cases
        for case in cases(ours):
            outcome = race(case, ours.postmaster, repetitions)
            print("\n".join(page.lines(outcome)), flush=True)
            yield outcome


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default=SIZES[0])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", choices=MODULES, action="append", help="may be repeated")
    parser.add_argument("--repetitions", type=int, default=LEAST)
    return parser


if __name__ == "__main__":
    sys.exit(main())
