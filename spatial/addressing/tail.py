"""The grammar of the numbers: which may be the building, the entrance, the storey, the room.

A text allows several readings; each gets a cost, the natural ones least. The tree decides between
close readings, never in favour of a far-fetched one: otherwise a missing building would be read as
a room.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from spatial.addressing.habits import habit as habit_named

#: Roles in the order in which an address descends.
ORDER = {"group": 0, "building": 1, "entrance": 2, "storey": 3, "room": 4, "shop": 4, "position": 5}
#: What it costs to leave out the building when something deeper is named.
NO_BUILDING = 0.5
INVERTED = 0.35
SECOND_BUILDING = 0.6
LIMIT = 6


@dataclass(frozen=True, slots=True)
class Shape:
    """All that decides the roles an element may have."""

    value: str
    word: str
    joined: bool


_DIGIT = re.compile(r"(?<!^)\d|[1-9]")


@lru_cache(maxsize=8192)
def shape(value: str, word: str, joined: bool) -> Shape:  # noqa: FBT001
    """Return the shape of an element; of its digits only how many and a zero ahead decide."""
    return Shape(_DIGIT.sub("1", value), word, joined)


@dataclass(frozen=True, slots=True)
class Assignment:
    """One reading: for each role, the elements (by position) that make it up, and the cost."""

    roles: tuple[tuple[str, tuple[int, ...]], ...]
    cost: float
    inverted: bool = False

    def get(self, role: str) -> tuple[int, ...] | None:
        """Return the positions of the elements in `role`."""
        for name, at in self.roles:
            if name == role:
                return at
        return None


_BARE: tuple[tuple[re.Pattern[str], Mapping[str, float]], ...] = tuple(
    (re.compile(pattern), costs) for pattern, costs in (
        (r"-\d{1,2}", {"storey": 0.0, "room": 0.2}), (r"-\d+", {"room": 0.0}),
        (r"\d{1,2}", {"building": 0.0, "entrance": 0.0, "room": 0.3, "storey": 0.4}),
        (r"\d{3}", {"room": 0.0, "building": 0.4}), (r"0?\d{4}", {"room": 0.0, "building": 0.7}),
        (r"\d{5,}", {"room": 0.1}), (r"[A-Z甲乙丙丁]", {"building": 0.0, "entrance": 0.15}),
        (r"B\d", {"storey": 0.15, "building": 0.1, "room": 0.2}),
        (r"[A-Z]+\d{3,}", {"room": 0.05, "building": 0.5}),
        (r"[A-Z]+\d+", {"building": 0.05, "room": 0.15}),
        (r"\d{1,2}[A-Z]", {"building": 0.1, "room": 0.1, "entrance": 0.3}),
        (r"\d{3,}[A-Z甲乙丙丁]", {"room": 0.05}),
        (r"[甲乙丙丁]?\d+[甲乙丙丁]?", {"building": 0.0, "room": 0.3}),
        (r"附?\d+", {"building": 0.2, "room": 0.2}), (r".*", {"building": 0.5, "room": 0.3}),
    ))  # fmt: skip


def _costs(shape: Shape, habit: str) -> Mapping[str, float]:
    """Return the roles of one element, alone, with their costs."""
    if shape.word in {"shop", "position"}:
        return {shape.word: 0.0}
    if shape.word == "below":
        return next(costs for pattern, costs in _BARE if pattern.fullmatch(shape.value))
    if not shape.word:
        return next(costs for pattern, costs in _BARE if pattern.fullmatch(shape.value))
    costs = dict(habit_named(habit).costs(shape.word))
    digits = len(re.sub(r"\D", "", shape.value))
    if digits >= 3 and shape.word in {"号", "#", "楼"}:
        costs = {r: c + (0.3 if r in {"building", "storey"} else 0.0) for r, c in costs.items()
                 if r != "entrance"}  # fmt: skip
        costs.setdefault("room", 0.3)
    if shape.word in {"号", "#", "室"} and shape.value.startswith("-"):
        return {"room": 0.0}
    if re.fullmatch("[东西南北中前后新老]", shape.value):
        costs.pop("storey", None)
        if shape.word == "楼":
            costs["room"] = 0.3  # 5号前楼: a room of a lane's house
    return costs


def _join_cost(shapes: Sequence[Shape]) -> tuple[str, float] | None:
    """Return the role and cost of two tied elements read as one (12-1号楼, B1-103), or None."""
    first, second = shapes
    if not second.joined or first.word not in {"", "F", "below"} or second.word == "shop":
        return None
    if second.word in {"号楼", "栋", "幢", "座", "#", "楼"} and not first.word:
        return ("building", 0.1)
    if first.word == "F" or re.fullmatch(r"[A-Z]\d*", first.value):
        return ("room", 0.1 if re.search(r"\d", first.value) else 0.2)
    if second.word in {"室", "", "号", "户", "房"}:
        return ("room", 0.35)
    return None


Choice = tuple[tuple[str, tuple[int, ...], float], ...]


def _choices(shapes: Sequence[Shape], habit: str, at: int = 0) -> Iterator[Choice]:
    """Yield every way of giving roles to the elements from `at` on."""
    if at == len(shapes):
        yield ()
        return
    for role, cost in _costs(shapes[at], habit).items():
        for rest in _choices(shapes, habit, at + 1):
            yield ((role, (at,), cost), *rest)
    if at + 1 < len(shapes):
        join = _join_cost(shapes[at : at + 2])
        options = [join] if join else []
        if join and join[0] == "room" and join[1] > 0.3 and at == 0:
            options.append(("building", 0.3))
        for role, cost in options:
            for rest in _choices(shapes, habit, at + 2):
                yield ((role, (at, at + 1), cost), *rest)


def _order_cost(choice: Choice, shapes: Sequence[Shape]) -> float | None:
    """Return what the order of the roles costs, or None when it makes no sense."""
    cost = 0.0
    names = [role for role, _, _ in choice]
    if len({"room" if n == "shop" else n for n in names}) != len(names):
        return None
    placed = [c for c in choice if c[0] != "position"]
    for (one, at_one, _), (two, at_two, _) in zip(placed, placed[1:], strict=False):
        if ORDER[one] <= ORDER[two]:
            continue
        explicit = all(shapes[i].word for i in (at_one[-1], at_two[-1]))
        lone_room = one == "room" and len(shapes[at_one[-1]].value) >= 3
        if not explicit and not (lone_room and shapes[at_two[-1]].word):
            return None
        cost += INVERTED
    return cost


def _shape_cost(choice: Choice, shapes: Sequence[Shape], *, anchored: bool) -> float:
    """Return what the reading as a whole costs: levels left out, bare storeys, long rooms."""
    roles = {role: at for role, at, _ in choice}
    cost = 0.0
    deeper = roles.keys() & {"entrance", "storey", "room", "shop", "position"}
    if "building" in roles:
        cost += SECOND_BUILDING if anchored else 0.0
    elif deeper and not anchored:
        cost += NO_BUILDING
    room = shapes[roles["room"][-1]] if "room" in roles else None
    if room and len(room.value) <= 2 and "storey" in roles:
        cost -= 0.45 if not room.word else 0.1
    storey = shapes[roles["storey"][-1]] if "storey" in roles else None
    if storey and not storey.word and not ("room" in roles or storey.value.startswith(("-", "B"))):
        cost += 0.5
    return cost


@lru_cache(maxsize=8192)
def assignments(shapes: tuple[Shape, ...], *, habit: str, anchored: bool) -> tuple[Assignment, ...]:
    """Return the readings of a row of elements, cheapest first.

    `anchored` says that the building is known already, by its name or by a plate.
    """
    if not shapes or len(shapes) > LIMIT:
        return ()
    found = []
    for choice in _choices(shapes, habit):
        order = _order_cost(choice, shapes)
        if order is None:
            continue
        cost = order + sum(c for _, _, c in choice)
        cost += _shape_cost(choice, shapes, anchored=anchored)
        roles = tuple((role, at) for role, at, _ in choice)
        found.append(Assignment(roles, round(cost, 3), order > 0))
    return tuple(sorted(found, key=lambda a: a.cost)[:12])
