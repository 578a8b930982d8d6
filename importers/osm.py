"""OpenStreetMap extracts (PBF and XML): one table for each ledger they can fill.

The columns are those of our ledgers, the references are `way/1`, `relation/2` and `node/3`,
so that every row can be looked up where it came from. Data © OpenStreetMap contributors, ODbL.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from importers import osm_tags
from importers.base import (
    BATCH_ROWS,
    Batch,
    Contents,
    Issue,
    Options,
    Table,
    check_size,
    shown,
    unreadable,
)
from importers.osm_places import Places, relate
from importers.osm_things import Extract, Thing, collect

Row = tuple[tuple[str | None, ...], BaseGeometry | None]
Make = Callable[[Extract, Places], list[Row]]
_NAMELESS = "without a name"


class OpenStreetMap:
    """Reads OpenStreetMap extracts."""

    format = "OpenStreetMap"
    suffixes = frozenset({".pbf", ".osm", ".xml"})

    def accepts(self, head: bytes) -> bool:
        """Tell by the header block of PBF or the root element of XML."""
        return _form(head) is not None

    def read(self, path: Path, options: Options) -> Contents:
        """Read the whole extract; the tables stand in the order they should be loaded."""
        check_size(path, options.limits.osm)
        with path.open("rb") as stream:
            head = stream.read(4096)
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
            raise unreadable(path, "it declares entities", "Remove its document type.")
        extract = collect(path, _form(head) or "osm")
        places = relate(extract)
        tables = [_table(role, columns, make(extract, places), extract)
                  for role, (columns, make) in LEDGERS.items()]  # fmt: skip
        said = [_summary(table.name, table.rows or 0, extract, table.name) for table in tables]
        merged = sum(map(len, places.parts_of.values()))
        said.append(_summary("parts read into their buildings", merged, extract, "parts"))
        found = tuple(table for table in tables if options.layer in (None, table.name))
        if not found:
            wrong = f"it gives no layer '{shown(options.layer)}'"
            raise unreadable(path, wrong, f"It gives: {', '.join(LEDGERS)}.")
        return Contents(found, ("data © OpenStreetMap contributors, ODbL", *said))


def _form(head: bytes) -> str | None:
    if b"OSMHeader" in head[:32]:
        return "pbf"
    return "osm" if b"<osm " in head[:4096] or b"<osm>" in head[:4096] else None


def _table(name: str, columns: tuple[str, ...], rows: list[Row], extract: Extract) -> Table:
    issues = tuple(extract.issues[name])
    if name == "buildings":
        issues += tuple(extract.issues["parts"])
    skipped = Counter(extract.skipped[name])

    def read(table: Table) -> Iterator[Batch]:
        table.issues.extend(issues)
        table.skipped.update(skipped)
        for start in range(0, len(rows), BATCH_ROWS):
            yield _batch(columns, rows[start : start + BATCH_ROWS], start + 1)

    return Table(name, columns, read, "EPSG:4326", len(rows), list(issues), Counter(skipped))


def _batch(columns: tuple[str, ...], rows: Sequence[Row], first: int) -> Batch:
    values = zip(*(cells for cells, _ in rows), strict=True)
    shapes = shapely.to_wkb([shape for _, shape in rows])
    return Batch(dict(zip(columns, values, strict=True)), range(first, first + len(rows)),
                 shapes.tolist())  # fmt: skip


def _summary(title: str, rows: int, extract: Extract, role: str) -> str:
    left = "; ".join(f"{count:,} × {why}" for why, count in extract.skipped[role].most_common())
    return f"{title}: {rows:,}" + (f", left out {left}" if left else "")


def _divisions(extract: Extract, places: Places) -> list[Row]:
    rows: list[Row] = []
    for thing in extract.things["divisions"]:
        names = osm_tags.names(thing.tags)
        if names.name is None:
            extract.leave_out("divisions", _NAMELESS)
            continue
        code = thing.tags.get("ref", "")
        rows.append(((thing.reference, osm_tags.division_level(thing.tags),
                      osm_tags.division_kind(names.name), code if code.isdigit() else None,
                      names.name, places.parent_of.get(thing.reference), names.aliases,
                      names.former), thing.geometry))  # fmt: skip
    # Parents come before their parts.
    return sorted(rows, key=lambda row: osm_tags.RANKS.index(str(row[0][1])))


def _streets(extract: Extract, places: Places) -> list[Row]:
    return [((street.reference, street.names.name, street.names.aliases, street.names.former,
              street.street_class), street.geometry) for street in places.streets]  # fmt: skip


def _compounds(extract: Extract, places: Places) -> list[Row]:
    rows: list[Row] = []
    for thing in extract.things["compounds"]:
        names = osm_tags.names(thing.tags)
        if names.name is None:
            extract.leave_out("compounds", _NAMELESS)
            continue
        kind = osm_tags.compound_kind(thing.tags)
        rows.append(((thing.reference, names.name, kind, names.aliases, names.former),
                     thing.geometry))  # fmt: skip
    return rows


def _buildings(extract: Extract, places: Places) -> list[Row]:
    return [(_building(thing, extract, places), thing.geometry) for thing in places.buildings]


def _building(thing: Thing, extract: Extract, places: Places) -> tuple[str | None, ...]:
    tags = thing.tags
    parts = [thing, *places.parts_of.get(thing.reference, ())]
    names = osm_tags.names(tags)
    number = osm_tags.block_number(tags)
    label = names.name if number and number != tags.get("ref") else None
    below = _tallest(parts, ("building:levels:underground",), osm_tags.storeys, extract)
    above = _tallest(parts, ("building:levels", "levels"), osm_tags.storeys, extract)
    height = _tallest(parts, ("height", "building:height"), osm_tags.metres, extract)
    built = osm_tags.year(tags.get("start_date", ""))
    return (thing.reference, places.compound_of.get(thing.reference), number, label,
            None if label else names.name, names.aliases, osm_tags.function(tags),
            _text(above), _text(below), _text(height), _text(built))  # fmt: skip


def _tallest(
    parts: Sequence[Thing],
    keys: tuple[str, ...],
    read: Callable[[str], float | None],
    extract: Extract,
) -> float | None:
    """Read a measure of a building and its parts, the greatest; what is no measure is noted."""
    found = []
    for part in parts:
        for key in keys:
            if key not in part.tags:
                continue
            value = read(part.tags[key])
            if value is not None:
                found.append(value)
            else:
                _note_measure(extract, part, key)
    return max(found, default=None)


def _note_measure(extract: Extract, part: Thing, key: str) -> None:
    issue = Issue(0, key, "no measure", f"{part.reference}: {shown(part.tags[key])}",
                  "Give a number, of metres where it is a length.", rejects=False)  # fmt: skip
    extract.issues["buildings"].append(issue)


def _text(value: float | None) -> str | None:
    return None if value is None else f"{value:g}"


def _entrances(extract: Extract, places: Places) -> list[Row]:
    return [((thing.reference, places.building_of[thing.reference],
              osm_tags.door_number(thing.tags), osm_tags.names(thing.tags).name), thing.geometry)
            for thing in extract.things["entrances"]
            if thing.reference in places.building_of]  # fmt: skip


def _plates(extract: Extract, places: Places) -> list[Row]:
    return [((plate.reference, plate.street, plate.number, plate.belongs_to), plate.point)
            for plate in places.plates]  # fmt: skip


def _grounds(extract: Extract, places: Places) -> list[Row]:
    return [((thing.reference, osm_tags.ground_kind(thing.tags), osm_tags.names(thing.tags).name),
             thing.geometry) for thing in extract.things["grounds"]]  # fmt: skip


LEDGERS: dict[str, tuple[tuple[str, ...], Make]] = {
    "divisions": (("source_id", "level", "kind", "code", "name", "parent", "aliases",
                   "former_names"), _divisions),
    "streets": (("source_id", "name", "aliases", "former_names", "class"), _streets),
    "compounds": (("source_id", "name", "kind", "aliases", "former_names"), _compounds),
    "buildings": (("source_id", "compound", "number", "label", "name", "aliases", "function",
                   "storeys_above_ground", "storeys_below_ground", "height", "year_built"),
                  _buildings),
    "entrances": (("source_id", "building", "number", "label"), _entrances),
    "plates": (("source_id", "street", "number", "belongs_to"), _plates),
    "grounds": (("source_id", "kind", "name"), _grounds),
}  # fmt: skip
