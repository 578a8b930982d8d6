"""Down the tree: does what an assignment says exist, and where does it end if not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from spatial.addressing.keys import (
    building_key,
    entrance_key,
    group_key,
    room_key,
    storey_key,
)
from spatial.addressing.register import Node, Register
from spatial.addressing.tail import Assignment
from spatial.addressing.tokens import Element

#: Words that stay in the key of a building that has them.
ROWS = ("排", "舍", "斋", "公寓", "宿舍")
#: Buildings looked through when the text leaves the building out.
MOST_BUILDINGS = 120


@dataclass(frozen=True, slots=True)
class Wanted:
    """The keys that one assignment asks for, role by role."""

    building: tuple[str, ...] = ()
    building_word: str = ""
    entrance: str = ""
    storey: str = ""
    rooms: tuple[str, ...] = ()
    room: str = ""
    position: str = ""
    group: str = ""
    below: str = ""  # the room that 2幢-2-1 may mean as well: below ground

    @property
    def inside(self) -> bool:
        """Tell whether anything below the building is named."""
        return bool(self.entrance or self.storey or self.room or self.position)


@dataclass(slots=True)
class Outcome:
    """Where a descent ended: the places found, or the deepest that exist and what failed."""

    nodes: list[Node]
    complete: bool
    failed: str | None = None
    flags: set[str] = field(default_factory=set)
    cost: float = 0.0


def wanted(assignment: Assignment, elements: Sequence[Element], pick: int = 0) -> Wanted:
    """Return the keys of an assignment; `pick` chooses from an element with several values."""

    def said(role: str) -> str:
        at = assignment.get(role)
        if at is None:
            return ""
        named = elements[at[0]] if role == "room" else None
        if named and named.word == "楼" and "一" <= named.value <= "鿿":
            return named.value + named.word
        return "-".join(_pick(elements[i], pick) for i in at)

    room, storey = said("room"), said("storey")
    shop, building = said("shop"), said("building")
    level = storey_key(storey) if storey else ""
    word = elements[(assignment.get("building") or (0,))[-1]].word
    return Wanted(
        building=_building_keys(building, word), building_word=word if building else "",
        entrance=entrance_key(said("entrance")) if said("entrance") else "",
        storey=level, room=shop or room, position=said("position"),
        group=group_key(said("group")) if said("group") else "",
        rooms=_room_keys(shop or room, level) if (shop or room) else (),
        below=_below(elements) if room else "")  # fmt: skip


def _below(elements: Sequence[Element]) -> str:
    """Return the room below ground that a row may mean by its first dash: 2幢-2-1."""
    last = elements[-2:]
    dashed = len(elements) > len(last) and all(e.joined and not e.word for e in last)
    return f"-{last[0].value}-{last[1].value}" if dashed and elements[-3].word else ""


def _pick(element: Element, pick: int) -> str:
    return element.values[min(pick, len(element.values) - 1)]


def _building_keys(building: str, word: str) -> tuple[str, ...]:
    """Return the keys a building may be stored under: 3舍 may be numbered 3 or called 3舍."""
    if not building:
        return ()
    return tuple(dict.fromkeys((building_key(building), building_key(building + word))))


def _room_keys(room: str, storey: str) -> tuple[str, ...]:
    """Return the keys a room may be stored under; 5楼2号 is 502, B1层103 is B1-103 or -103."""
    key = room_key(room)
    if not storey or not key.isdigit():
        return (key,)
    if storey.startswith("-"):
        below = storey[1:]
        return (f"B{below}-{key}", f"-{below}-{key}", f"-{key}", f"-{below}{key.zfill(2)}",
                f"B{below}{key.zfill(2)}", key)  # fmt: skip
    if len(key) <= 2:
        return (storey + key.zfill(2), f"{storey}F-{key.zfill(2)}", f"{storey}F-{key}",
                f"{storey}-{key}", f"{storey}-{key.zfill(2)}", key)  # fmt: skip
    return (key,)


def descend(anchors: Sequence[Node], want: Wanted, register: Register) -> Outcome:
    """Return where `want` leads below the anchors."""
    buildings, outcome = _buildings(anchors, want, register)
    if outcome is not None or not want.inside:
        return outcome or Outcome(buildings, complete=True)
    look = _rooms if want.room else _position if want.position else _between
    outcome = look(buildings, want, register)
    if not want.building and not any(a.level == "building" for a in anchors):
        outcome.flags.add("inferred_building")
    return outcome


def _buildings(
    anchors: Sequence[Node], want: Wanted, register: Register
) -> tuple[list[Node], Outcome | None]:
    """Return the buildings meant, or the outcome when the descent ends at or above them."""
    known = [a for a in anchors if a.level == "building"]
    if known:
        if want.building and not any(b.key in want.building for b in known):
            return [], Outcome(list(known), complete=False, failed="building")
        return list(known), None
    if want.group:
        anchors = register.children("group", anchors, [want.group])
        if not anchors:
            return [], Outcome([], complete=False, failed="group")
        if not want.building and not want.inside:
            return [], Outcome(list(anchors), complete=True)
    if want.building:
        found = _numbered(anchors, want, register)
        if not found:
            return [], Outcome(list(anchors), complete=False, failed="building")
        return found, None
    found = register.children("building", anchors, None)
    if len(found) == 1:
        return found, None
    return _without_building(anchors, found, want, register)


def _numbered(anchors: Sequence[Node], want: Wanted, register: Register) -> list[Node]:
    """Return the buildings of the number said; in a village, those of its groups too."""
    found = register.children("building", anchors, list(want.building))
    if not found and not want.building_word:
        found = register.children("building", anchors, _rows(want.building))
    villages = [a for a in anchors if a.level == "community"] if not found else []
    if villages and (groups := register.children("group", villages, None)):
        found = register.children("building", groups, list(want.building))
    if len(found) > 1 and want.building_word:
        said = [b for b in found if b.label.endswith(want.building_word)]
        same = {(b.key, b.parent.ref if b.parent else "") for b in found}
        found = said if said and len(same) < len(found) else found
    return found


def _rows(building: Sequence[str]) -> list[str]:
    """Return the keys of what is numbered with its word: 2排 and 3舍, said as 2 and 3."""
    return [key + word for key in building if key.isdigit() for word in ROWS]


def _without_building(
    anchors: Sequence[Node], found: Sequence[Node], want: Wanted, register: Register
) -> tuple[list[Node], Outcome | None]:
    """The building is left out: keep those that have what is named, if they are few."""
    if not found or len(found) > MOST_BUILDINGS or not want.room:
        return [], Outcome(list(anchors), complete=False, failed="building")
    units = _fitting(register.children("unit", found, want.rooms), want)
    holding = {u.chain()[_building_at(u)].ref for u in units}
    kept = [b for b in found if b.ref in holding]
    if not kept:
        return [], Outcome(list(anchors), complete=False, failed="building")
    outcome = _rooms(kept, want, register)
    outcome.flags.add("inferred_building")
    return [], outcome


def _building_at(unit: Node) -> int:
    levels = [n.level for n in unit.chain()]
    return levels.index("building") if "building" in levels else -1


def _fitting(units: Sequence[Node], want: Wanted) -> list[Node]:
    """Return the units that agree with the entrance, storey and position named."""
    kept = [u for u in units if not want.entrance or u.entrance == want.entrance]
    if want.storey and want.room and room_key(want.room).isdigit():
        short = len(room_key(want.room)) <= 2 or want.storey.startswith("-")
        kept = [
            u for u in kept if not short or u.storey == want.storey or u.key != room_key(want.room)
        ]
    return kept


def _rooms(buildings: Sequence[Node], want: Wanted, register: Register) -> Outcome:
    """Find the unit; otherwise say whether entrance or room is what does not exist."""
    asked = (*want.rooms, want.below) if want.below else want.rooms
    found = _fitting(register.children("unit", buildings, asked), want)
    best = min((want.rooms.index(u.key) for u in found if u.key in want.rooms), default=0)
    units = [u for u in found if u.key in {want.rooms[best], want.below or want.rooms[best]}]
    if len(units) > 1 and want.position and not want.entrance:
        # 西门302 may name the entrance on that side.
        units = [u for u in units if _side(u.entrance) == _side(want.position)] or units
    if not units:
        return _stopped(buildings, want, register, "room")
    flags = _contradictions(units[0], want)
    if want.entrance == "" and any(u.entrance for u in units):
        flags.add("inferred_entrance")
    return Outcome(units, complete=True, flags=flags)


def _contradictions(unit: Node, want: Wanted) -> set[str]:
    """Return the flags for a floor or side that the explicit room number contradicts."""
    flags = set()
    digits = re.sub(r"\D", "", unit.key)
    stated = unit.storey or (digits[:-2] if len(digits) >= 3 else "")
    if want.storey and stated and stated != want.storey:
        flags.add("contradicts_storey")
    if want.position and unit.position and _side(unit.position) != _side(want.position):
        flags.add("contradicts_position")
    return flags


def _side(position: str) -> str:
    return position[:1]


def _stopped(buildings: Sequence[Node], want: Wanted, register: Register, failed: str) -> Outcome:
    """Return the deepest place that exists on the way to a room that does not."""
    if not want.entrance:
        return Outcome(list(buildings), complete=False, failed=failed)
    entrances = register.children("entrance", buildings, [want.entrance])
    if entrances:
        return Outcome(entrances, complete=False, failed=failed)
    return Outcome(list(buildings), complete=False, failed="entrance")


def _between(buildings: Sequence[Node], want: Wanted, register: Register) -> Outcome:
    """End at an entrance or a storey."""
    if want.entrance:
        entrances = register.children("entrance", buildings, [want.entrance])
        if not entrances:
            return Outcome(list(buildings), complete=False, failed="entrance")
        if not want.storey:
            return Outcome(entrances, complete=True)
        buildings = [e.parent for e in entrances if e.parent is not None]
        storeys = register.children("storey", buildings, [want.storey])
        return (
            Outcome(storeys, complete=True)
            if storeys
            else Outcome(entrances, complete=False, failed="storey")
        )
    storeys = register.children("storey", buildings, [want.storey])
    if storeys:
        return Outcome(storeys, complete=True)
    return Outcome(list(buildings), complete=False, failed="storey")


def _position(buildings: Sequence[Node], want: Wanted, register: Register) -> Outcome:
    """Find the unit on a side of a floor: 5楼东户."""
    units = [u for u in register.children("unit", buildings, None)
             if (not want.entrance or u.entrance == want.entrance)
             and (not want.storey or u.storey == want.storey)
             and u.position and _side(u.position) == _side(want.position)]  # fmt: skip
    if not units:
        upper = replace(want, position="")
        if not upper.inside:
            return Outcome(list(buildings), complete=False, failed="position")
        above = _between(buildings, upper, register)
        above.complete, above.failed = False, above.failed or "position"
        return above
    flags = {"inferred_entrance"} if not want.entrance and any(u.entrance for u in units) else set()
    return Outcome(units, complete=True, flags=flags)
