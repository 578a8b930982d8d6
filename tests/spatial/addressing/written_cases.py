"""The cases written by hand, one file a town, and how the resolver does on them.

`python -m tests.spatial.addressing.written_cases` tells the figures and every failure;
`--compare` only those that `known.txt` does not name (exit 3 when there are any); `--keep` writes
that file anew.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from spatial.addressing import Answer, resolve
from spatial.errors import AddressNotUnderstood
from tests.spatial.addressing.memory import MemoryRegister
from tests.spatial.addressing.towns import TOWNS

FOLDER = Path(__file__).parent / "written"
KNOWN = FOLDER / "known.txt"
_DOORS = frozenset({"unit", "building"})


@dataclass(frozen=True, slots=True)
class Written:
    """One text of a town, and what it means: statuses, places and classes that are right."""

    town: str
    text: str
    statuses: tuple[str, ...]
    refs: frozenset[str]
    classes: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the words by which the case is known in `known.txt`."""
        return f"{self.town}\t{self.text}"

    def right(self, answer: Answer) -> bool:
        """Tell whether an answer is right; where the case leaves something open, anything is."""
        if answer.status not in self.statuses or (
                self.classes and answer.match_class not in self.classes):
            return False
        if answer.status == "none" or not self.refs:
            return True
        if answer.status == "ambiguous":
            return {c.node.ref for c in answer.candidates} == self.refs
        return answer.ref in self.refs

    def false_door(self, answer: Answer) -> bool:
        """Tell whether a bulk run would link the text to a door that is not meant."""
        linked = answer.match_class in {"A", "B"} and answer.level in _DOORS
        return linked and bool(self.refs or "match" not in self.statuses) and not (
            "match" in self.statuses and answer.ref in self.refs)


def written(town: str) -> Iterator[Written]:
    """Yield the cases of a town."""
    for line in (FOLDER / f"{town}.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            text, statuses, refs, classes = (*line.split("\t"), "", "")[:4]
            split = refs.replace("|", ",").split(",")
            yield Written(town, text, tuple(statuses.split("|")), frozenset(split) - {""},
                          tuple(classes.split("|")) if classes else ())


def all_written() -> list[Written]:
    """Return the cases of all towns that have a file."""
    return [one for town in TOWNS if (FOLDER / f"{town}.tsv").exists() for one in written(town)]


@lru_cache(maxsize=len(TOWNS))
def register(town: str) -> MemoryRegister:
    """Return the register of a town, made once."""
    return TOWNS[town]()


def answered(case: Written) -> Answer:
    """Return what the resolver says."""
    try:
        return resolve(case.text, register(case.town))
    except AddressNotUnderstood:
        return Answer(case.text, "")


def known() -> frozenset[str]:
    """Return the cases that are known to fail."""
    return frozenset(KNOWN.read_text(encoding="utf-8").splitlines()) if KNOWN.exists() else (
        frozenset())


def main() -> int:
    """Tell how many of each town are right, and which are not."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--compare", action="store_true")
    asked.add_argument("--keep", action="store_true")
    options = asked.parse_args()
    found = [(case, answered(case)) for case in all_written()]
    wrong = [(case, answer) for case, answer in found if not case.right(answer)]
    shown = [w for w in wrong if not options.compare or w[0].name not in known()]
    for case, answer in shown:
        print(f"{case.town:10}{case.text}\n{'':12}meant {'|'.join(case.statuses)} "
              f"{','.join(sorted(case.refs))} {'|'.join(case.classes)}; "
              f"said {answer.status} {answer.ref} {answer.match_class} {sorted(answer.flags)}"
              f"{[c.node.ref for c in answer.candidates][:4] or ''}")
    for town in dict.fromkeys(case.town for case, _ in found):
        own = [case for case, _ in found if case.town == town]
        bad = sum(case.town == town for case, _ in wrong)
        print(f"{town:10}{len(own) - bad} of {len(own)}")
    doors = [case for case, answer in found if case.false_door(answer)]
    print(f"all       {len(found) - len(wrong)} of {len(found)} "
          f"({1 - len(wrong) / len(found):.1%}), {len(doors)} false doors"
          f"{': ' + '; '.join(d.text for d in doors) if doors else ''}")
    if options.keep:
        KNOWN.write_text("".join(f"{case.name}\n" for case, _ in wrong), encoding="utf-8")
    return 3 if options.compare and shown else 0


if __name__ == "__main__":
    sys.exit(main())
