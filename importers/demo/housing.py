"""Housing in rows: walk-ups, slabs with lifts, towers, courtyard houses and villages."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from importers.demo import shapes
from importers.demo.compounds import Compound, Part
from importers.demo.drafts import Draft, Inside, parts_with_rows, set_down
from importers.demo.shapes import Shape
from importers.demo.site import row_places, slide

_SHOP_M = 4.2
_FLAT_M = 2.9


@dataclass(frozen=True, slots=True)
class Manner:
    """How a kind of housing is built: module per entrance, depth, gaps, flats per landing."""

    module: float
    depth: float
    gap: float
    entrances: tuple[int, int]
    flats: int


_MANNERS = {
    ("walkup", 2): Manner(15.6, 12.6, 13.0, (2, 5), 2),
    ("slab", 2): Manner(18.6, 14.2, 17.0, (2, 4), 2),
    ("slab", 3): Manner(22.0, 15.4, 17.0, (2, 4), 3),
    ("tower", 4): Manner(26.0, 23.5, 18.0, (1, 1), 4),
    ("tower", 6): Manner(30.0, 27.0, 18.0, (1, 1), 6),
    ("broad", 2): Manner(20.0, 17.0, 18.0, (2, 2), 2),
    ("broad", 3): Manner(24.0, 19.0, 18.0, (2, 2), 3),
}
_FLATS = {"walkup": 2, "slab": 3, "tower": 6, "broad": 3}
"""Flats a landing where the lot does not say."""


def house(compound: Compound, rng: random.Random) -> Iterator[Draft]:
    """Yield the buildings of a lot that is housing, row by row from the south."""
    style = compound.lot.style
    for part, rows in parts_with_rows(compound):
        if style == "courtyard":
            yield from _courtyards(compound, part, rows, rng)
        elif style == "village":
            yield from _village(compound, part, rows, rng)
        else:
            yield from _rows(compound, part, rows, rng)


def _rows(
    compound: Compound, part: Part, rows: list[int], rng: random.Random
) -> Iterator[Draft]:
    manner = _manner(compound)
    proud = compound.lot.style == "walkup" and rng.random() < 0.6
    for row, y in enumerate(row_places(part.site, len(rows), manner.depth)):
        west, east = part.site.span(y, y + manner.depth)
        doors = _doors(manner, east - west, rows[row], rng)
        places = _spread(west, east, [manner.module * d for d in doors], rng)
        for x, count in zip(places, doors, strict=True):
            shape = _form(compound.lot.style, manner, count, proud)
            size = (manner.module * count, manner.depth)
            place = (x, slide(part.site, (x, y), size, _outward(row, len(rows))))
            shops = _has_shops(compound, row, len(rows))
            yield replace(_flats(compound, part, shape, place, shops, rng), row=row)


def _manner(compound: Compound) -> Manner:
    form = compound.lot.spec.get("form", compound.lot.style)
    return _MANNERS[form, compound.lot.spec.get("flats", _FLATS[form])]


def _outward(row: int, rows: int) -> float:
    """Tell which way a row may move to follow its street: outer rows outwards."""
    if row == rows - 1:
        return 1.0
    return -1.0 if row == 0 else 0.0


def _doors(manner: Manner, width: float, count: int, rng: random.Random) -> list[int]:
    """Choose how many entrances each building of a row has."""
    low, high = manner.entrances
    room = (width - manner.gap * (count - 1)) / count
    most = max(low, min(high, int(room // manner.module)))
    return [max(low, most - (rng.random() < 0.25)) for _ in range(count)]


def _spread(west: float, east: float, widths: list[float], rng: random.Random) -> list[float]:
    """Set buildings of the given widths along a row, leaving gardens between them."""
    spare = east - west - sum(widths)
    shares = [rng.uniform(0.15, 0.5), *[1.0] * (len(widths) - 1), rng.uniform(0.15, 0.5)]
    if len(widths) == 1:
        shares = [rng.uniform(0.8, 1.2), 1.0]
    places, x = [], west
    for share, width in zip(shares, widths, strict=False):
        x += spare * share / sum(shares)
        places.append(x)
        x += width
    return places


def _form(style: str, manner: Manner, doors: int, proud: bool) -> Shape:
    width = manner.module * doors
    if style == "tower":
        return shapes.tower(width, manner.depth, doors)
    return shapes.block(width, manner.depth, doors, proud=proud)


def _has_shops(compound: Compound, row: int, rows: int) -> bool:
    where = compound.lot.spec.get("shops")
    return where == "all" or row == {"south": 0, "north": rows - 1}.get(where or "")


def _flats(
    compound: Compound,
    part: Part,
    shape: Shape,
    place: tuple[float, float],
    shops: bool,
    rng: random.Random,
) -> Draft:
    spec, style = compound.lot.spec, compound.lot.style
    manner = _manner(compound)
    footprint, doors = set_down(shape, part.site, *place)
    below = spec.get("below", 0)
    inside = Inside(
        flats=manner.flats,
        shops=max(3, round(shape.polygon.bounds[2] / 7.5)) if shops else 0,
        garages=round(footprint.area / 32.0) if below else 0,
        mezzanine=bool(shops and spec.get("mezzanine")),
        positions=bool(spec.get("positions")),
    )
    above = spec["storeys"] + (rng.choice((0, 0, 0, -1, 1)) if style != "walkup" else 0)
    ground_m = _SHOP_M if shops else _FLAT_M
    function = "mixed" if shops else "residential"
    year = spec["year"] + rng.choice((0, 0, 0, 1))
    return Draft(compound.lot.key, part.grid, footprint, doors, function, above, below,
                 ground_m, _FLAT_M, year, inside)


def _courtyards(
    compound: Compound, part: Part, rows: list[int], rng: random.Random
) -> Iterator[Draft]:
    site = part.site
    pitch = (site.high - site.low) / len(rows)
    for row, count in enumerate(rows):
        depth = min(30.0, pitch - rng.uniform(4.0, 6.5))
        y = site.low + pitch * row + rng.uniform(0.3, 1.2)
        west, east = site.span(y, y + depth)
        lot = (east - west) / count
        for i in range(count):
            width = min(lot - rng.uniform(4.0, 7.0), rng.uniform(30.0, 44.0))
            shape, homes = _yard(width, depth, rng)
            x = west + lot * i + (lot - width) * rng.uniform(0.2, 0.8)
            yield replace(_low(compound, part, shape, (x, y), Inside(yard=homes), rng), row=row)


def _yard(width: float, depth: float, rng: random.Random) -> tuple[Shape, int]:
    """Draw one courtyard house: four, three or two wings around its court."""
    wing, dice = rng.uniform(5.6, 6.8), rng.random()
    if dice < 0.58:
        return shapes.courtyard(width, depth, wing), rng.randint(4, 8)
    if dice < 0.82:
        return shapes.horseshoe(width, depth, wing), rng.randint(3, 6)
    return shapes.ell(width, depth, wing, east=rng.random() < 0.5), rng.randint(2, 4)


def _village(
    compound: Compound, part: Part, rows: list[int], rng: random.Random
) -> Iterator[Draft]:
    site = part.site
    for row, y in enumerate(row_places(site, len(rows), 13.0)):
        west, east = site.span(y, y + 13.0)
        lot = (east - west) / rows[row]
        for i in range(rows[row]):
            width = rng.uniform(11.5, 17.0)
            shape = _farmhouse(width, rng)
            x = west + lot * i + (lot - width) * rng.uniform(0.15, 0.85)
            low = y + rng.uniform(0.0, 4.0)
            draft = _low(compound, part, shape, (x, low), Inside(), rng, rng.uniform(-4, 4))
            year = compound.lot.spec["year"] + rng.randint(-14, 16)
            yield replace(draft, year=year, row=row)


def _farmhouse(width: float, rng: random.Random) -> Shape:
    dice = rng.random()
    if dice < 0.55:
        return shapes.block(width, rng.uniform(7.0, 8.6), 1)
    if dice < 0.85:
        return shapes.ell(width, rng.uniform(9.5, 12.5), 5.2, east=rng.random() < 0.5)
    return shapes.horseshoe(width + 1.5, rng.uniform(10.0, 12.5), 4.6)


def _low(
    compound: Compound,
    part: Part,
    shape: Shape,
    place: tuple[float, float],
    inside: Inside,
    rng: random.Random,
    twist: float = 0.0,
) -> Draft:
    footprint, doors = set_down(shape, part.site, *place, twist=twist)
    above = 2 if rng.random() < 0.12 else 1
    year = compound.lot.spec["year"] + rng.choice((0, 0, 1))
    return Draft(compound.lot.key, part.grid, footprint, doors if inside.yard == 0 else (),
                 "residential", above, 0, 3.3, 3.0, year, inside)
