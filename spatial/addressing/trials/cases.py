"""Queries with their right answers, made from whatever a register holds.

They follow the specification, not the resolver: true addresses in many writings, names written
wrong, texts that mean several places, and texts that must not find a door.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from spatial.addressing.characters import DATA
from spatial.addressing.keys import canonical
from spatial.addressing.register import Register
from spatial.addressing.sounds import same_sound
from spatial.addressing.trials.mixtures import mixture
from spatial.addressing.trials.town import Door, Town, named
from spatial.addressing.trials.writings import draw

_OTHER_CITIES = ("长春市朝阳区", "沈阳市和平区", "哈尔滨市道里区", "赤峰市红山区", "杭州市西湖区")
#: How often a clerk writes the community before the name.
_TOLD_ABOVE = 0.5
#: Characters that are never a slip for each other: numerals and directions.
_TELLING = frozenset("一二三四五六七八九十百千零甲乙丙丁东南西北中上下前后新老")
_STRANGE = "鹏岚熙骏璞沁寰钰翰曦"


@dataclass(frozen=True, slots=True)
class Case:
    """A text and its right answer: a status, and the places that may be given with it."""

    text: str
    kind: str
    status: str
    refs: frozenset[str] = field(default_factory=frozenset)


def cases(register: Register, number: int, *, seed: int) -> Iterator[Case]:
    """Yield about `number` cases over a register; the same seed gives the same cases."""
    rng = random.Random(seed)
    town = Town(register)
    made = 0
    while made < number and town.compounds:
        door = town.door(rng)
        if door is None:
            town.misses += 1
            if town.misses > 20 * len(town.compounds) + 100:
                return
            continue
        make = rng.choices([kind for kind, _ in _KINDS], [share for _, share in _KINDS])[0]
        case = make(door, town, rng)
        if case is not None:
            made += 1
            yield case


def _written(door: Door, town: Town, rng: random.Random, *, dirty: bool) -> Case:
    name, write = draw(rng, dirty=dirty)
    kind = f"{'dirty' if dirty else 'clean'}: {name}"
    return Case(write(named(door, town)), kind, "match", frozenset({door.unit.ref}))


def _clean(door: Door, town: Town, rng: random.Random) -> Case | None:
    return _written(door, town, rng, dirty=False)


def _dirty(door: Door, town: Town, rng: random.Random) -> Case | None:
    return _written(door, town, rng, dirty=True)


def _mixed(door: Door, town: Town, rng: random.Random, *, dirty: bool) -> Case | None:
    """The true address, put together from parts drawn one by one."""
    made = mixture(named(door, town), rng, dirty=dirty)
    meant = [u for u in door.siblings if u.key == door.unit.key
             and (u.entrance == door.unit.entrance or not made.entrance)]
    kind = f"mixed, {'dirty' if dirty else 'normal'}"
    refs = frozenset(u.ref for u in meant)
    return Case(made.text, kind, "match" if len(refs) == 1 else "ambiguous", refs)


def _mixed_normal(door: Door, town: Town, rng: random.Random) -> Case | None:
    return _mixed(door, town, rng, dirty=False)


def _mixed_dirty(door: Door, town: Town, rng: random.Random) -> Case | None:
    return _mixed(door, town, rng, dirty=True)


def _mixed_impossible(door: Door, town: Town, rng: random.Random) -> Case | None:
    """The same, with a building or a room that does not exist."""
    parts, taken = named(door, town), {b.key for b in town.register.children(
        "building", [door.compound], None)}  # fmt: skip
    rooms = {u.key for u in door.siblings}
    building = str(rng.randint(1, 80))
    room = f"{rng.randint(1, 40)}{rng.randint(1, 9):02d}"
    if rng.random() < 0.5 and building not in taken:
        made = mixture(replace(parts, b=building), rng, dirty=True)
        return Case(made.text, "mixed, no building", "partial", frozenset({door.compound.ref}))
    if room in rooms:
        return None
    made = mixture(replace(parts, r=room), rng, dirty=True)
    above = (door.unit.parent or door.building).ref if made.entrance else door.building.ref
    return Case(made.text, "mixed, no room", "partial", frozenset({above, door.building.ref}))


def _also_called(door: Door, town: Town, rng: random.Random) -> Case | None:
    entry = town.entries[door.compound.ref]
    names = [n for n in (*entry.aliases, *entry.former) if town.called[canonical(n)] == 1]
    if not names:
        return None
    parts = replace(door.parts, c=rng.choice(names))
    return Case(draw(rng, dirty=False)[1](parts), "alias", "match", frozenset({door.unit.ref}))


def _upper(door: Door, town: Town, rng: random.Random) -> Case | None:
    name = named(door, town).c
    if rng.random() < 0.5:
        return Case(name, "compound", "match", frozenset({door.compound.ref}))
    return Case(f"{name}{door.building.key}号楼", "building", "match",
                frozenset({door.building.ref}))


def _plate(door: Door, town: Town, rng: random.Random) -> Case | None:
    streets = [e.node for e in town.register.names.entries
               if e.node.level == "street" and e.name and town.called[canonical(e.name)] == 1]
    street = rng.choice(streets) if streets else None
    plates = town.register.children("plate", [street], None) if street else []
    if not plates or street is None:
        return None
    if rng.random() < 0.5:
        one = rng.choice(plates)
        return Case(f"{street.label}{one.label}", "plate", "match", frozenset({one.ref}))
    return Case(f"{street.label}98{rng.randint(100, 999)}号", "no such plate", "partial",
                frozenset({street.ref}))


def _misspelt(door: Door, town: Town, rng: random.Random) -> Case | None:
    """One look-alike in the name: the place is meant, if no other name is as near."""
    own = door.compound.label
    spots = [at for at, c in enumerate(own) if c in _lookalikes() and c not in _TELLING]
    if not spots or len(own) < 4 or not town.unique(door.compound):
        return None
    at = rng.choice(spots)
    slip = rng.choice(_lookalikes()[own[at]])
    wrong = own[:at] + slip + own[at + 1 :]
    others = (name for name in town.called if name != canonical(own))
    if slip in _TELLING or any(_apart(canonical(wrong), name) <= 1 for name in others):
        return None
    above = door.parts.community if rng.random() < _TOLD_ABOVE else ""
    text = f"{above}{wrong}{door.building.key}号楼{door.parts.tail}室"
    kind = "misspelt name, community told" if above else "misspelt name"
    return Case(text, kind, "match", frozenset({door.unit.ref}))


def _letter_lost(door: Door, town: Town, rng: random.Random) -> Case | None:
    """One character of the name is lost: no answer, but the name among what is offered."""
    own = door.compound.label
    if len(own) < 4 or not town.unique(door.compound):  # noqa: PLR2004
        return None
    at = rng.randrange(1, len(own) - 1)
    short = own[:at] + own[at + 1 :]
    if any(canonical(short) in name or name in canonical(short) for name in town.called):
        return None
    text = f"{short}{door.building.key}号楼{door.parts.tail}室"
    return Case(text, "letter lost", "offered", frozenset({door.compound.ref}))


def _apart(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True)) if len(one) == len(other) else 9


def _lookalikes() -> dict[str, list[str]]:
    table: dict[str, list[str]] = json.loads((DATA / "lookalikes.json").read_text("utf-8"))
    return table


def _no_entrance(door: Door, town: Town, rng: random.Random) -> Case | None:
    """The entrance is left out: one answer if the building has one such room, else several."""
    if not door.unit.entrance:
        return None
    same = frozenset(u.ref for u in door.siblings if u.key == door.unit.key)
    text = f"{named(door, town).c}{door.building.key}号楼{door.unit.key}室"
    if len(same) > 10:
        return None
    return Case(text, "no entrance", "match" if len(same) == 1 else "ambiguous", same)


def _twins(door: Door, town: Town, rng: random.Random) -> Case | None:
    """The bare name of several compounds."""
    own = town.known[door.compound.ref]
    same = frozenset(ref for ref, name in town.known.items() if name == own)
    if not 1 < len(same) <= 10 or town.called[own] != len(same):
        return None
    return Case(door.compound.label, "twins", "ambiguous", same)


def _no_building(door: Door, town: Town, rng: random.Random) -> Case | None:
    taken = {b.key for b in town.register.children("building", [door.compound], None)}
    free = next((str(n) for n in range(rng.randint(1, 60), 500) if str(n) not in taken), "")
    write = draw(rng, dirty=rng.random() < 0.3)[1]
    text = write(replace(named(door, town), b=free))
    return Case(text, "no such building", "partial", frozenset({door.compound.ref}))


def _no_room(door: Door, town: Town, rng: random.Random) -> Case | None:
    floor, number = rng.randint(1, 40), rng.randint(1, 9)
    room = f"{floor}{number:02d}"
    if any(u.key == room for u in door.siblings):
        return None
    above = (door.unit.parent or door.building).ref
    text = draw(rng, dirty=rng.random() < 0.3)[1](replace(named(door, town), r=room))
    return Case(text, "no such room", "partial", frozenset({above, door.building.ref}))


def _no_entrance_there(door: Door, town: Town, rng: random.Random) -> Case | None:
    taken = {u.entrance for u in door.siblings}
    entrance = str(rng.randint(5, 19))
    if not door.unit.entrance or entrance in taken:
        return None
    text = f"{named(door, town).c}{door.building.key}号楼{entrance}单元{door.unit.key}室"
    return Case(text, "no such entrance", "partial", frozenset({door.building.ref}))


def _other_city(door: Door, town: Town, rng: random.Random) -> Case | None:
    text = rng.choice(_OTHER_CITIES) + f"{door.parts.c}{door.building.key}号楼{door.parts.tail}室"
    return Case(text, "another city", "none")


def _other_name(door: Door, town: Town, rng: random.Random) -> Case | None:
    """An arbitrary other character makes another name."""
    own = door.compound.label
    at = rng.randrange(len(own) - 2) if len(own) > 3 else 0
    strange = rng.choice(_STRANGE)
    other = own[:at] + strange + own[at + 1 :]
    known = canonical(other) in town.called or same_sound(strange, own[at])
    if known or own[at].isdigit() or len(own) < 3:
        return None
    text = f"{other}{door.building.key}号楼{door.parts.tail}室"
    return Case(text, "another name", "none")


Make = Callable[[Door, Town, random.Random], Case | None]
#: Each kind of case and its share.
_KINDS: tuple[tuple[Make, float], ...] = (
    (_clean, 12), (_dirty, 14), (_mixed_normal, 12), (_mixed_dirty, 24), (_mixed_impossible, 10),
    (_also_called, 5), (_upper, 5), (_plate, 6), (_misspelt, 6), (_letter_lost, 2),
    (_no_entrance, 5), (_twins, 1), (_no_building, 6), (_no_room, 7),
    (_no_entrance_there, 4), (_other_city, 3), (_other_name, 4))
