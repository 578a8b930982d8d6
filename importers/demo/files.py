"""The files of the district: one ledger a kind of thing, columns as registry.md names them."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from shapely import Geometry

from importers.demo.facilities import Facility
from importers.demo.frame import to_globe
from importers.demo.incidents import Incident
from importers.demo.interiors import Storey, Unit
from importers.demo.ledgers import Row, lonlats, write_csv, write_geojson
from importers.demo.orders import Handled
from importers.demo.people import Person
from importers.demo.plates import Plate
from importers.demo.posts import Post
from importers.demo.service_files import write_services
from importers.demo.town import Town
from importers.demo.townsfolk import Folk

_UNITS = ("source_id", "building", "entrance", "storey", "designator", "position", "use", "street",
          "plate", "aliases", "area_m2")
_RESIDENTS = ("source_id", "name", "former_name", "id_type", "id_number", "sex", "birth_date",
              "phone", "place", "address", "residency", "registered_address", "household",
              "relation_to_head", "from", "to")
_ORGANIZATIONS = ("source_id", "name", "short_names", "former_names", "credit_code", "kind",
                  "industry", "phone", "place", "address", "from", "to")
_POSTS = ("area", "role", "staff_name", "phone", "level", "from", "to")
_FACILITIES = ("source_id", "kind", "name", "lon", "lat", "height", "place", "storey", "operator",
               "phone", "hours", "services", "azimuth", "tilt", "hfov", "vfov", "pixel_width",
               "ptz", "range_m", "service_radius_m", "status", "address")
_INCIDENTS = ("source_id", "service_code", "description", "requested_at", "channel", "address",
              "place", "lon", "lat", "status", "closed_at", "agency", "external_number",
              "accepted_at", "on_site_at", "rating")


def write_town(folder: Path, town: Town) -> dict[str, int]:
    """Write the ledgers of places and return their rows by name."""
    plates = {p.owner: p for p in reversed(town.plates) if p.owner and "-" not in p.number}
    shapes: dict[str, Iterator[tuple[Row, Geometry]]] = {
        "divisions": _divisions(town),
        "grids": _grids(town),
        "streets": _streets(town),
        "compounds": _compounds(town, plates),
        "buildings": _buildings(town, plates),
        "grounds": _grounds(town),
    }
    rows = {name: write_geojson(folder / f"{name}.geojson", s) for name, s in shapes.items()}
    rows["entrances"] = _entrances(folder, town)
    rows["storeys"] = write_csv(
        folder / "storeys.csv", ("source_id", "building", "label", "index", "base_m", "top_m"),
        (_storey(s) for s in town.storeys))
    rows["units"] = write_csv(folder / "units.csv", _UNITS, (_unit(u) for u in town.units))
    rows["plates"] = _plates(folder, town.plates)
    rows["facilities"] = _facilities(folder, town.facilities)
    return rows


def write_folk(folder: Path, folk: Folk) -> dict[str, int]:
    """Write the ledgers of people, posts and incidents and return their rows by name."""
    return {
        "households": write_csv(
            folder / "households.csv", ("source_id", "number", "kind", "head", "place"),
            ((h.source_id, h.number, h.kind, h.head, h.place) for h in folk.households)),
        "residents": write_csv(
            folder / "residents.csv", _RESIDENTS, (_resident(p) for p in folk.residents)),
        "organizations": write_csv(
            folder / "organizations.csv", _ORGANIZATIONS,
            ((o.source_id, o.name, o.short_names, o.former_names, o.credit_code, o.kind, o.industry,
              o.phone, o.place, o.address, o.since, "") for o in folk.organizations)),
        "posts": write_csv(folder / "posts.csv", _POSTS, (_post(p) for p in folk.posts)),
        "incidents": _incidents(folder, folk.incidents, folk.handled),
        **write_services(folder, folk),
    }


def _divisions(town: Town) -> Iterator[tuple[Row, Geometry]]:
    for d in town.divisions:
        yield {"source_id": d.source_id, "level": d.level, "kind": d.kind, "code": d.code,
               "name": d.name, "parent": d.parent, "aliases": d.aliases,
               "former_names": d.former}, d.polygon


def _grids(town: Town) -> Iterator[tuple[Row, Geometry]]:
    for g in town.grids:
        yield {"source_id": g.source_id, "code": g.code, "name": g.name,
               "community": g.community.source_id, "kind": g.kind}, g.polygon


def _streets(town: Town) -> Iterator[tuple[Row, Geometry]]:
    district = town.divisions[0].source_id
    for s in town.streets:
        yield {"source_id": s.source_id, "name": s.name, "aliases": (), "former_names": (),
               "class": s.kind, "district": district}, to_globe(s.line)


def _compounds(town: Town, plates: dict[str, Plate]) -> Iterator[tuple[Row, Geometry]]:
    communities = {d.name: d.source_id for d in town.divisions if d.level == "community"}
    for c in town.compounds:
        if c.source_id:
            yield {"source_id": c.source_id, "name": c.lot.name, "kind": c.lot.kind,
                   "community": communities[c.lot.community],
                   "aliases": c.lot.spec.get("aliases", ()),
                   "former_names": c.lot.spec.get("former", ()),
                   **_address(plates.get(c.source_id))}, to_globe(c.polygon)


def _buildings(town: Town, plates: dict[str, Plate]) -> Iterator[tuple[Row, Geometry]]:
    communities = {d.name: d.source_id for d in town.divisions if d.level == "community"}
    grids = {g.key: g.source_id for g in town.grids}
    for b in town.buildings:
        draft = b.draft
        values = {"source_id": b.source_id, "compound": b.compound.source_id,
                  "community": communities[b.compound.lot.community], "grid": grids[draft.grid],
                  "number": b.number, "label": b.label, "name": b.name, "aliases": (),
                  **_address(plates.get(b.source_id)), "function": draft.function,
                  "storeys_above_ground": draft.above, "storeys_below_ground": draft.below,
                  "height": draft.height, "year_built": draft.year}
        yield values, to_globe(draft.polygon)


def _address(plate: Plate | None) -> dict[str, str]:
    if plate is None:
        return {"street": "", "plate": ""}
    return {"street": plate.street.source_id, "plate": plate.number}


def _grounds(town: Town) -> Iterator[tuple[Row, Geometry]]:
    for g in town.grounds:
        yield {"source_id": g.source_id, "kind": g.kind, "name": g.name}, to_globe(g.polygon)


def _entrances(folder: Path, town: Town) -> int:
    doors = [(b, e) for b in town.buildings for e in b.entrances]
    places = lonlats([e.point for _, e in doors])
    rows = ((e.source_id, b.source_id, e.number, e.label, *place)
            for (b, e), place in zip(doors, places, strict=True))
    columns = ("source_id", "building", "number", "label", "lon", "lat")
    return write_csv(folder / "entrances.csv", columns, rows)


def _storey(s: Storey) -> tuple[Any, ...]:
    return s.source_id, s.building.source_id, s.label, s.index, s.base, s.top


def _unit(u: Unit) -> tuple[Any, ...]:
    return (u.source_id, u.building.source_id, u.entrance or "", u.storey, u.designator, u.position,
            u.use, u.street, u.plate, "", u.area)


def _plates(folder: Path, plates: list[Plate]) -> int:
    places = lonlats([p.point for p in plates])
    rows = ((p.source_id, p.street.source_id, p.number, p.owner, *place)
            for p, place in zip(plates, places, strict=True))
    columns = ("source_id", "street", "number", "belongs_to", "lon", "lat")
    return write_csv(folder / "plates.csv", columns, rows)


def _facilities(folder: Path, facilities: list[Facility]) -> int:
    places = lonlats([(f.x, f.y) for f in facilities])
    rows = ((f.source_id, f.kind, f.name, *place, *(getattr(f, c) for c in _FACILITIES[5:]))
            for f, place in zip(facilities, places, strict=True))
    return write_csv(folder / "facilities.csv", _FACILITIES, rows)


def _resident(p: Person) -> tuple[Any, ...]:
    return (p.source_id, p.name, p.former_name, p.id_type, p.id_number, p.sex, p.born.isoformat(),
            p.phone, p.place, p.address, p.residency, p.registered_address, p.household, p.relation,
            p.since, "")


def _post(p: Post) -> tuple[Any, ...]:
    return p.area, p.role, p.staff_name, p.phone, p.level, p.since, ""


def _incidents(folder: Path, incidents: list[Incident], handled: list[Handled]) -> int:
    places = lonlats([i.point or (np.nan, np.nan) for i in incidents])
    rows = ((i.source_id, i.service_code, i.description, i.requested.isoformat(), i.channel,
             i.address, i.place, *(place if i.point else ("", "")), i.status,
             _moment(i.closed), h.agency, h.external_number, _moment(h.accepted),
             _moment(h.on_site), h.rating)
            for i, place, h in zip(incidents, places, handled, strict=True))
    return write_csv(folder / "incidents.csv", _INCIDENTS, rows)


def _moment(at: datetime | None) -> str:
    return at.isoformat() if at else ""
