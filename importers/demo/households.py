"""Households: who lives together, how old they are and where they are registered."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

TODAY = date(2026, 11, 15)
"""The day the demonstration's ledgers were written."""

Member = tuple[str, int, bool]
"""Relation to the head, age, male."""

_KINDS = (
    ("single_young", 6), ("single_old", 6), ("couple_young", 6), ("couple_old", 12),
    ("one_child", 26), ("two_children", 14), ("lone_parent", 4), ("three_generations", 16),
    ("grown_child", 7), ("sharers", 3),
)


_MAY_GROW = ("one_child", "couple_old", "grown_child")


@dataclass(slots=True)
class Household:
    """A household; `standing` is local, apart (人户分离) or tenant."""

    kind: str
    members: list[Member]
    standing: str = "local"
    since: date = TODAY
    people: str = "han"
    family: str = ""
    names: list[str] = field(default_factory=list)


def build_households(rng: random.Random, *, count: int, residents: int) -> list[Household]:
    """Return `count` family households with exactly `residents` members."""
    kinds = [k for k, _ in _KINDS]
    weights = [w for _, w in _KINDS]
    found = [_household(kind, rng) for kind in rng.choices(kinds, weights, k=count)]
    _adjust(found, residents, rng)
    return found


def _household(kind: str, rng: random.Random) -> Household:
    dice = rng.random()
    standing = "tenant" if dice < 0.13 else "apart" if dice < 0.27 else "local"
    if kind == "sharers":
        standing = "tenant"
    if kind in ("couple_old", "single_old", "three_generations") and standing == "tenant":
        standing = "local"
    days = 500 if standing == "tenant" else 7000
    since = TODAY - timedelta(days=int(rng.triangular(20, days, days * 0.4)))
    return Household(kind, list(_members(kind, rng)), standing, since)


def _adjust(households: list[Household], residents: int, rng: random.Random) -> None:
    """Let members leave or join until the total is exact."""
    total = sum(len(h.members) for h in households)
    while total != residents:
        household = households[rng.randrange(len(households))]
        if total > residents and len(household.members) > 3:
            household.members.pop()
            total -= 1
        elif total < residents and household.kind in _MAY_GROW and len(household.members) < 5:
            household.members.append(_joining(household, rng))
            total += 1


def _joining(household: Household, rng: random.Random) -> Member:
    age = household.members[0][1]
    if household.kind == "one_child":
        return "mother", min(96, age + rng.randint(21, 30)), False
    if household.kind == "grown_child" or age < 45:
        male = rng.random() < 0.5
        return ("grandson" if male else "granddaughter"), max(0, age - rng.randint(48, 56)), male
    male = rng.random() < 0.5
    return ("son" if male else "daughter"), max(0, age - rng.randint(24, 32)), male


def _members(kind: str, rng: random.Random) -> Iterator[Member]:
    makers = {
        "single_young": lambda: _single(rng, 21, 42),
        "single_old": lambda: _single(rng, 60, 93),
        "couple_young": lambda: _couple(rng, 24, 38),
        "couple_old": lambda: _couple(rng, 55, 86),
        "one_child": lambda: _with_children(rng, 1),
        "two_children": lambda: _with_children(rng, 2),
        "lone_parent": lambda: _lone(rng),
        "three_generations": lambda: _three(rng),
        "grown_child": lambda: _grown(rng),
        "sharers": lambda: _sharers(rng),
    }
    yield from makers[kind]()


def _single(rng: random.Random, low: int, high: int) -> Iterator[Member]:
    yield "head", rng.randint(low, high), rng.random() < 0.47


def _couple(rng: random.Random, low: int, high: int) -> Iterator[Member]:
    age, male = rng.randint(low, high), rng.random() < 0.78
    yield "head", age, male
    yield "spouse", max(20, age + rng.randint(-4, 2) * (1 if male else -1)), not male


def _with_children(rng: random.Random, count: int) -> Iterator[Member]:
    parents = list(_couple(rng, 26, 50))
    yield from parents
    mother = min(parents[0][1], parents[1][1])
    age = max(0, min(24, mother - rng.randint(23, 32)))
    for _ in range(count):
        male = rng.random() < 0.52
        yield ("son" if male else "daughter"), age, male
        age = max(0, age - rng.randint(2, 6))


def _lone(rng: random.Random) -> Iterator[Member]:
    age, male = rng.randint(28, 54), rng.random() < 0.25
    yield "head", age, male
    boy = rng.random() < 0.52
    yield ("son" if boy else "daughter"), max(0, min(24, age - rng.randint(23, 30))), boy


def _three(rng: random.Random) -> Iterator[Member]:
    family = list(_with_children(rng, 1 if rng.random() < 0.62 else 2))
    yield from family
    age = family[0][1] + rng.randint(22, 30)
    if rng.random() < 0.72:
        yield "mother", min(97, age), False
    if rng.random() < 0.55:
        yield "father", min(97, age + rng.randint(-1, 5)), True


def _grown(rng: random.Random) -> Iterator[Member]:
    parents = list(_couple(rng, 48, 66))
    yield from parents
    male = rng.random() < 0.6
    yield ("son" if male else "daughter"), min(p[1] for p in parents) - rng.randint(23, 29), male


def _sharers(rng: random.Random) -> Iterator[Member]:
    male = rng.random() < 0.55
    yield "head", rng.randint(20, 38), male
    for _ in range(rng.randint(1, 3)):
        yield "not_related", rng.randint(19, 40), male
