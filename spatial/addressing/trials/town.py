"""A register as the maker of cases looks at it: its doors, and which names are its own."""

import random
from collections import Counter
from dataclasses import dataclass, replace

from spatial.addressing.keys import canonical
from spatial.addressing.register import DIVISIONS, Node, Register
from spatial.addressing.trials.writings import Parts


@dataclass(frozen=True, slots=True)
class Door:
    """A unit, what it lies in and beside, and the parts of its address."""

    unit: Node
    building: Node
    compound: Node
    siblings: tuple[Node, ...]
    parts: Parts


class Town:
    """What the generator looks up in a register."""

    def __init__(self, register: Register) -> None:
        """Take in the compounds of `register` and all that is named in it."""
        self.register = register
        self.misses = 0
        entries = register.names.entries
        self.entries = {e.node.ref: e for e in entries if e.name}
        self.compounds = [e.node for e in entries if e.node.level == "compound" and e.name
                          and not e.node.retired]
        self.called = Counter(canonical(n) for e in entries
                              for n in {e.name, *e.aliases, *e.former, *e.retired} if n)
        self.known = {c.ref: canonical(c.label) for c in self.compounds}

    def unique(self, compound: Node) -> bool:
        """Tell whether the name alone means this compound: no twin, no zone of the same base."""
        own = self.known[compound.ref]
        return self.called[own] == 1

    def buildings(self, compound: Node) -> list[Node]:
        """Return the buildings of a compound that have plain numbers."""
        found = self.register.children("building", [compound], None)
        times = Counter(b.key for b in found)
        return [b for b in found if b.key.isdigit() and times[b.key] == 1]

    def door(self, rng: random.Random) -> Door | None:
        """Draw a unit whose numbers are plain and its own."""
        compound = rng.choice(self.compounds)
        buildings = self.buildings(compound)
        if not buildings:
            return None
        building = rng.choice(buildings)
        units = tuple(self.register.children("unit", [building], None))
        times = Counter((u.entrance, u.key) for u in units)
        plain = [u for u in units if u.key.isdigit() and len(u.key) >= 3
                 and (not u.entrance or u.entrance.isdigit()) and times[u.entrance, u.key] == 1]
        if not plain:
            return None
        unit = rng.choice(plain)
        chain = [n for n in compound.chain() if n.level in DIVISIONS]
        community = chain[-1].label if chain else ""
        area = "".join(n.label for n in chain[:-1])
        parts = Parts(area, community, compound.label, building.key, unit.entrance, unit.key)
        return Door(unit, building, compound, units, parts)


def named(door: Door, town: Town) -> Parts:
    """Return the parts with as much of the area as the name needs to be told from its twins."""
    if town.unique(door.compound):
        return door.parts
    divisions = "".join(n.label for n in door.compound.chain() if n.level in DIVISIONS)
    return replace(door.parts, area="", community="", c=divisions + door.parts.c)
