"""CityJSON 2.0 out: Building > BuildingStorey > BuildingUnit, each with its solid.

What was measured leaves as it came, facet by facet; of the rest the derived volumes do, and say
so. Coordinates are metres in the registry's metric CRS, heights above `ground_m` where it is
known, else above ground. An object is named by its identifier, its attributes are its ledger.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from sqlalchemy import Select, func, literal_column, select
from sqlalchemy.orm import Session

from layers import catalogue
from layers.across.export import Wanted, columns, narrowed
from layers.base import Layer
from spatial import facets
from spatial.errors import InvalidInput
from spatial.history import seen
from spatial.solids import STOREY_HEIGHT
from spatial.state import metric_srid

CLASSES = {"buildings": "Building", "storeys": "BuildingStorey", "units": "BuildingUnit"}
#: Things in one document, which is made whole in memory.
MOST = 200_000
SCALE = 0.001
Row = Mapping[str, Any]


def document(session: Session, layer: Layer, wanted: Wanted) -> tuple[int, bytes]:
    """Return how many features of the layer are in the document, and the document.

    Of buildings everything in them is told; of storeys and units, the buildings they are in.
    """
    if layer.name not in CLASSES:
        raise InvalidInput(f"{layer.name} cannot be CityJSON; {', '.join(CLASSES)} can.")
    srid = metric_srid(session)
    rows = _rows(session, layer, wanted, srid or 4326)
    if sum(map(len, rows.values())) > MOST:
        raise InvalidInput(f"More than {MOST:,} things are too many for one CityJSON document; "
                           "narrow it with --bbox or --filter, or export as GeoJSON.")
    model = _Model(srid)
    for building in rows["buildings"]:
        model.building(building)
    for storey in rows["storeys"]:
        model.storey(storey)
    for unit in rows["units"]:
        model.unit(unit)
    return len(rows[layer.name]), model.written()


def _rows(session: Session, layer: Layer, wanted: Wanted, srid: int) -> dict[str, list[Row]]:
    """Return the rows of the three layers that belong to what is wanted."""
    chosen = {layer.name: _ask(session, layer, wanted, srid, narrow=True)}
    homes = {row["_id"] if layer.name == "buildings" else row["_building"]
             for row in chosen[layer.name]}
    floors = {row.get("_storey") for row in chosen.get("units", ())}
    for name in CLASSES:
        if name not in chosen:
            every = _ask(session, catalogue()[name], wanted, srid, narrow=False)
            chosen[name] = [row for row in every if _belongs(name, layer.name, row, homes, floors)]
    return chosen


def _belongs(name: str, asked: str, row: Row, homes: set[Any], floors: set[Any]) -> bool:
    if name == "buildings":
        return row["_id"] in homes
    if asked == "units" and name == "storeys":
        return row["_id"] in floors
    return row["_building"] in homes


def _ask(session: Session, layer: Layer, wanted: Wanted, srid: int, *, narrow: bool) -> list[Row]:
    one: Any = seen(layer.model, wanted.moment)
    plain = Wanted(moment=wanted.moment, bbox=wanted.bbox, filter=wanted.filter)
    said = [c.expression.label(c.name) for c in columns(layer, one, plain)]
    keys = [one.id.label("_id"), *(getattr(one, name).label(f"_{name.removesuffix('_id')}")
                                   for name in ("building_id", "storey_id") if hasattr(one, name))]
    shapes = [func.ST_AsBinary(func.ST_Transform(getattr(one, name), srid)).label(f"_{name}")
              for name in ("geometry", "solid") if name in layer.table.c]
    statement: Select[Any] = select(*said, *keys, *shapes).select_from(one)
    if narrow:
        statement = narrowed(statement, layer, one, plain)
    return [dict(row) for row in session.execute(
        statement.order_by(literal_column("_id")).limit(MOST + 1)).mappings()]


@dataclass
class _Model:
    """A document on its way."""

    srid: int | None
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    points: dict[tuple[int, int, int], int] = field(default_factory=dict)
    homes: dict[int, tuple[str, float, Any]] = field(default_factory=dict)
    floors: dict[int, str] = field(default_factory=dict)

    def building(self, row: Row) -> None:
        """Add a building; where no solid was measured, its outline up to its height."""
        shape, ground = _read(row["_geometry"]), float(row.get("ground_m") or 0.0)
        top = row["height"] or STOREY_HEIGHT * max(row["storeys_above_ground"] or 1, 1)
        self.homes[row["_id"]] = row["identifier"], ground, shape
        self._add(row, "Building", ground, shape, (0.0, top), _read(row["_solid"]))

    def storey(self, row: Row) -> None:
        """Add a storey: the building's outline between its base and top."""
        home, ground, outline = self.homes[row["_building"]]
        self.floors[row["_id"]] = row["identifier"]
        self._add(row, "BuildingStorey", ground, outline, (row["base_m"], row["top_m"]), None,
                  parent=home, footprint=False)

    def unit(self, row: Row) -> None:
        """Add a unit to its storey, or to its building where it has none."""
        home, ground, _ = self.homes[row["_building"]]
        self._add(row, "BuildingUnit", ground, _read(row["_geometry"]),
                  (row["base_m"], row["top_m"]), _read(row["_solid"]),
                  parent=self.floors.get(row["_storey"], home))

    def _add(self, row: Row, kind: str, ground: float, outline: Any, span: Sequence[Any],
             solid: Any, *, parent: str | None = None, footprint: bool = True) -> None:
        said = {name: value for name, value in row.items()
                if value is not None and not name.startswith("_")}
        made: dict[str, Any] = {"type": kind, "attributes": said, "geometry": []}
        area = outline is not None and outline.geom_type in ("Polygon", "MultiPolygon")
        if area and footprint:
            made["geometry"].append(self._footprint(outline, ground))
        elif outline is not None and footprint:
            said["wkt"] = shapely.to_wkt(outline, rounding_precision=4)
        if solid is not None:
            said.setdefault("volume_source", "measured")
            made["geometry"] += [self._solid(body, ground, "2.2")
                                 for body in facets.from_shape(solid)]
        elif area and None not in span and span[0] < span[1]:
            said.setdefault("volume_source", "derived")
            made["geometry"] += [self._solid(body, ground, "1.2")
                                 for body in facets.prism(outline, *map(float, span))]
        if parent is not None:
            made["parents"] = [parent]
            self.objects[parent].setdefault("children", []).append(row["identifier"])
        self.objects[row["identifier"]] = made

    def _footprint(self, outline: Any, ground: float) -> dict[str, Any]:
        rings = [[shapely.get_coordinates(ring)[:-1] for ring in (part.exterior, *part.interiors)]
                 for part in shapely.get_parts(outline)]
        return {"type": "MultiSurface", "lod": "0", "boundaries": [
            [[self._point((*point, 0.0), ground) for point in ring] for ring in part]
            for part in rings]}

    def _solid(self, body: facets.Body, ground: float, lod: str) -> dict[str, Any]:
        """Return a closed body as a solid with what its surfaces are, an open one as surfaces."""
        kinds = [facets.ROOF, facets.GROUND, facets.WALL]
        closed = facets.open_edges(body) == 0
        if closed and facets.volume(body) < 0:          # as seen from the room
            body = [[ring[::-1] for ring in facet] for facet in body]
        boundaries = [[[self._point(point, ground) for point in ring] for ring in facet]
                      for facet in body]
        values = [kinds.index(facets.kind(facet)) for facet in body]
        return {"type": "Solid" if closed else "MultiSurface", "lod": lod,
                "boundaries": [boundaries] if closed else boundaries,
                "semantics": {"surfaces": [{"type": kind} for kind in kinds],
                              "values": [values] if closed else values}}

    def _point(self, point: Any, ground: float) -> int:
        x, y, z = (float(one) for one in point)
        key = round(x / self._scale), round(y / self._scale), round((z + ground) / SCALE)
        return self.points.setdefault(key, len(self.points))

    @property
    def _scale(self) -> float:
        return SCALE if self.srid else 1e-8

    def written(self) -> bytes:
        """Return the document; coordinates are whole steps from its south-western corner."""
        points = list(self.points)
        least = [min((point[at] for point in points), default=0) for at in range(3)]
        most = [max((point[at] for point in points), default=0) for at in range(3)]
        scale = [self._scale, self._scale, SCALE]
        metadata: dict[str, Any] = {
            "referenceSystem": f"https://www.opengis.net/def/crs/EPSG/0/{self.srid or 4326}"}
        if points:
            metadata["geographicalExtent"] = [
                round(corner[at] * scale[at], 3) for corner in (least, most) for at in range(3)]
        return json.dumps({
            "type": "CityJSON", "version": "2.0", "metadata": metadata,
            "transform": {"scale": scale, "translate": [
                round(least[at] * scale[at], 8) for at in range(3)]},
            "CityObjects": self.objects,
            "vertices": [[p[at] - least[at] for at in range(3)] for p in points],
        }, ensure_ascii=False, default=str).encode() + b"\n"


def _read(shape: Any) -> Any:
    return None if shape is None else shapely.from_wkb(bytes(shape))
