"""A city model as ledgers: buildings, storeys and units with their bodies.

Parts are bodies of their building, rooms those of their unit; a room that is part of no unit is
one. Heights are told from the building's ground, whose level is kept beside.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import shapely

from importers import city_words as words
from importers.base import BATCH_ROWS, Batch, Contents, Issue, Options, Table, shown, unreadable
from importers.city import City, Thing
from importers.city_shapes import Placed, measure
from importers.headers import clean_header
from importers.typed import canonical

Row = tuple[dict[str, Any], Any, int]
LEDGERS = ("buildings", "storeys", "units")


def tables(path: Path, city: City, options: Options, *, crs: str) -> Contents:
    """Return the ledgers that have rows."""
    placed = measure(city)
    made = {"buildings": _buildings(city, placed), "storeys": _storeys(city, placed),
            "units": _units(city, placed)}
    found = [_table(name, rows, city, crs, (placed.issues if name == "buildings" else []))
             for name, rows in made.items() if rows and options.layer in (None, name)]
    if not found:
        left = ", ".join(f"{count:,} × {what}" for what, count in city.left_out.items())
        raise unreadable(path, f"it has no building{left and f' ({left})'}",
                         f"It can give: {', '.join(LEDGERS)}.")
    return Contents(tuple(found), tuple(placed.remarks))


def _buildings(city: City, placed: Placed) -> list[Row]:
    rows: list[Row] = []
    for thing in city.of_kind("building"):
        if words.is_ours(thing.values):
            rows.append(_ours(thing, placed))
            continue
        said = words.attributes(thing.values)
        _, top = placed.extent(thing.id)
        given = words.number(thing.values, words.HEIGHTS)
        values = {"source_id": thing.id, **words.of_building(thing.values),
                  "height": given or (round(top, 3) if top > 0 else None),
                  "ground_m": placed.told_ground(thing.id), "solid": placed.wkt(thing.id)}
        rows.append(({**values, **_others(said, values)}, placed.outline(thing.id), thing.place))
    return rows


def _storeys(city: City, placed: Placed) -> list[Row]:
    rows: list[Row] = []
    for thing in city.of_kind("storey"):
        building = city.above(thing, "building")
        if building is None:
            city.leave_out("storey: part of no building in the file")
            continue
        if words.is_ours(thing.values):
            rows.append(_ours(thing, placed))
            continue
        base, top = placed.span(thing.id)
        index, label = placed.levels[thing.id]
        values = {"source_id": thing.id, "building": building.id, "label": label,
                  "index": index, "base_m": base, "top_m": top}
        rows.append(({**values, **_others(words.attributes(thing.values), values)}, None,
                     thing.place))
    return rows


def _units(city: City, placed: Placed) -> list[Row]:
    rows: list[Row] = []
    for thing in [*city.of_kind("unit"), *placed.lone_rooms]:
        building = city.above(thing, "building")
        if building is None:
            city.leave_out(f"{thing.kind}: part of no building in the file")
            continue
        if words.is_ours(thing.values):
            rows.append(_ours(thing, placed))
            continue
        values = {"source_id": thing.id, "building": building.id,
                  "storey": placed.storey_of(city, thing, building),
                  **words.of_unit(thing.values), "solid": placed.wkt(thing.id)}
        rows.append(({**values, **_others(words.attributes(thing.values), values)},
                     placed.outline(thing.id), thing.place))
    return rows


def _ours(thing: Thing, placed: Placed) -> Row:
    """Return the row of a thing that was exported here."""
    return ({**words.ledger(thing.values), "solid": placed.wkt(thing.id)},
            placed.outline(thing.id), thing.place)


def _others(said: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes that have no column of their own, under their own names."""
    return {name: value for name, value in said.items() if name not in values}


def _table(name: str, rows: list[Row], city: City, crs: str, issues: Sequence[Issue]) -> Table:
    names = clean_header(list(dict.fromkeys(
        key for values, _, _ in rows for key, value in values.items() if value is not None)))[0]
    doubled = [Issue(one.place, "source_id", "duplicate", shown(one.id),
                     "The file has this id already; give each object one of its own.",
                     cells=(one.id,)) for one in city.doubled if name == "buildings"]
    skipped = Counter(city.left_out if name == "buildings" else {})
    mine = [*issues, *doubled]
    return Table(name, names, partial(_read, rows, mine, skipped), crs, len(rows))


def _read(rows: list[Row], issues: list[Issue], skipped: Counter[str], table: Table,
          ) -> Iterator[Batch]:
    table.issues.extend(issues)
    table.skipped.update(skipped)
    for start in range(0, len(rows), BATCH_ROWS):
        part = rows[start:start + BATCH_ROWS]
        columns = {name: [_written(values.get(name)) for values, _, _ in part]
                   for name in table.columns}
        shapes = [None if shape is None else shapely.to_wkb(shape) for _, shape, _ in part]
        yield Batch(columns, [place for _, _, place in part],
                    None if table.name == "storeys" else shapes)


def _written(value: Any) -> str | None:
    try:
        return canonical(value)
    except ValueError as error:
        return str(error)
