"""Vector tiles: which layers a tile holds at which zoom, as one statement a tile.

A tile carries what symbols and labels need and nothing else; no field of a person is ever in one
(tests compare with layers.access.PERSONAL). Every feature of a layer bears its public identifier.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, reduce
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, func, literal, literal_column, select
from sqlalchemy.orm import Session

from layers.across import scene
from layers.across.export import written
from layers.buildings import Building
from layers.compounds import Compound
from layers.divisions import Division
from layers.entrances import Entrance
from layers.facilities import Facility
from layers.grids import Grid
from layers.grounds import Ground
from layers.plates import Plate
from layers.storeys import Storey
from layers.streets import Street
from layers.units import Unit
from spatial.errors import InvalidInput, NotFound
from spatial.history import NOW, Moment, seen
from spatial.prepared import run_prepared

WORLD_M = 40_075_016.685578
DEEPEST = 22
FEATURES_MOST, BYTES_MOST = 20_000, 1_000_000
#: Facilities that everyone may know of; where cameras, alarms and pipes are is not among them.
OPEN_KINDS = ("gate", "police_station", "fire_station", "service_station", "hydrant", "aed",
              "charging", "bus_stop", "waste_point", "toilet", "shelter", "parcel_locker", "clinic")


@dataclass(frozen=True, slots=True)
class Frame:
    """One tile as queries see it: its box, what it may hold and when.

    `x` and `y` are numbers, or the parameters of a statement for every tile of a zoom.
    """

    z: int
    x: Any
    y: Any
    moment: Moment

    @property
    def box(self) -> Any:
        """Return the tile's own box, in web mercator."""
        return func.ST_TileEnvelope(self.z, self.x, self.y)

    def near(self, shape: Any, share: float) -> Any:
        """Keep what touches the tile or its margin, `share` of its width."""
        reach = func.ST_Expand(self.box, WORLD_M / 2**self.z * share)
        return shape.op("&&")(reach)


@dataclass(frozen=True, slots=True)
class Content:
    """One layer of a tile: from which zoom on, and which rows (`geom` is their shape)."""

    name: str
    least: int
    rows: Callable[[Frame], Select[Any]]
    extent: int = 4096


def _areas(model: Any, *columns: str, extent: int = 4096) -> Callable[[Frame], Select[Any]]:
    """Return the query for whole shapes of a layer: its symbol's fields and `columns`."""
    def rows(frame: Frame) -> Select[Any]:
        one = seen(model, frame.moment)
        return select(*(getattr(one, name) for name in ("identifier", *columns)),
                      _cut(frame, one.geom_3857, extent)).where(frame.near(one.geom_3857, 1 / 16))
    return rows


def _cut(frame: Frame, shape: Any, extent: int = 4096) -> Any:
    return func.ST_AsMVTGeom(shape, frame.box, extent, extent // 16, True).label("geom")


def _spot(frame: Frame, shape: Any) -> Any:
    """Place a label once: on the surface, in the one tile that holds the spot."""
    spot = func.ST_PointOnSurface(shape)
    return func.ST_AsMVTGeom(spot, frame.box, 4096, 0, True).label("geom")


def _labels(model: Any, *columns: str) -> Callable[[Frame], Select[Any]]:
    def rows(frame: Frame) -> Select[Any]:
        one = seen(model, frame.moment)
        return select(one.identifier, *(getattr(one, name) for name in columns),
                      _spot(frame, one.geom_3857)).where(frame.near(one.geom_3857, 0))
    return rows


def drawn_height(building: Any) -> Any:
    """Return the height a building is drawn with: 3 m a storey where none is known."""
    storeys = func.greatest(building.storeys_above_ground, 1)
    return func.coalesce(building.height, 3.0 * storeys, 3.0)


def _buildings(frame: Frame) -> Select[Any]:
    one = seen(Building, frame.moment)
    rows = select(one.identifier, one.function, one.storeys_above_ground.label("storeys"),
                  drawn_height(one).label("height"), func.nullif(
                      one.solid.is_not(None), False).label("measured"),
                  _cut(frame, one.geom_3857)).where(
        frame.near(one.geom_3857, 1 / 16), func.ST_Dimension(one.geom_3857) == 2)
    if frame.z < 15:  # what would be smaller than two pixels is left out
        least = (WORLD_M / 2**frame.z / 256) ** 2
        rows = rows.where(func.ST_Area(one.geom_3857) > least)
    return rows


def _building_labels(frame: Frame) -> Select[Any]:
    one = seen(Building, frame.moment)
    name = func.coalesce(one.label, one.name, one.number)
    return select(one.identifier, name.label("name"), one.function,
                  one.storeys_above_ground.label("storeys"),
                  drawn_height(one).label("height"), _spot(frame, one.geom_3857)).where(
        frame.near(one.geom_3857, 0), name.is_not(None))


def _divisions(frame: Frame) -> Select[Any]:
    one = seen(Division, frame.moment)
    levels = ["district", "subdistrict"] + (["community"] if frame.z >= 12 else [])
    return select(one.identifier, one.level, one.name, _cut(frame, one.geom_3857)).where(
        frame.near(one.geom_3857, 1 / 16), one.level.in_(levels))


def _division_labels(frame: Frame) -> Select[Any]:
    one = seen(Division, frame.moment)
    level = ["subdistrict"] if frame.z < 13 else ["community"]
    return select(one.identifier, one.level, one.name, _spot(frame, one.geom_3857)).where(
        frame.near(one.geom_3857, 0), one.level.in_(level))


def _grounds(frame: Frame) -> Select[Any]:
    one = seen(Ground, frame.moment)
    wide = one.kind.in_(["water", "river"]) if frame.z < 12 else literal(True)
    return select(one.identifier, one.kind, one.name, _cut(frame, one.geom_3857)).where(
        frame.near(one.geom_3857, 1 / 16), wide)


def _facilities(frame: Frame) -> Select[Any]:
    one = seen(Facility, frame.moment)
    return select(one.identifier, one.kind, one.name, _cut(frame, one.geom_3857)).where(
        frame.near(one.geom_3857, 1 / 16), one.kind.in_(OPEN_KINDS))


def _entrances(frame: Frame) -> Select[Any]:
    one, building = seen(Entrance, frame.moment), Building
    return select(one.identifier, one.number, _name_of(one).label("name"),
                  building.identifier.label("building"), _cut(frame, one.geom_3857)).join(
        building, building.id == one.building_id).where(frame.near(one.geom_3857, 1 / 16))


def _name_of(entrance: Any) -> Any:
    return func.coalesce(entrance.label, entrance.number)


def _sections(frame: Frame) -> Select[Any]:
    piece = scene.SECTION.c
    return select(Entrance.identifier, _name_of(Entrance).label("name"), piece.height,
                  Building.identifier.label("building"), _cut(frame, piece.geom_3857)).join_from(
        scene.SECTION, Entrance, Entrance.id == piece.entrance_id).join(
        Building, Building.id == piece.building_id).where(frame.near(piece.geom_3857, 0))


def _bands(frame: Frame) -> Select[Any]:
    piece = scene.BAND.c
    return select(Building.identifier.label("building"), func.unnest(piece.tops).label("top"),
                  _cut(frame, piece.geom_3857)).join_from(
        scene.BAND, Building, Building.id == piece.building_id).where(
        Building.solid.is_(None), frame.near(piece.geom_3857, 1 / 16))


def _pieces(table: Any, *columns: str) -> Callable[[Frame], Select[Any]]:
    def rows(frame: Frame) -> Select[Any]:
        return select(*(table.c[name] for name in columns), _cut(frame, table.c.geom_3857)).where(
            frame.near(table.c.geom_3857, 1 / 16))
    return rows


def _units(frame: Frame) -> Select[Any]:
    one = seen(Unit, frame.moment)
    return select(one.identifier, Building.identifier.label("building"),
                  Storey.index.label("floor"), Entrance.number.label("ent"),
                  one.designator.label("no"), one.use, one.base_m.label("base"),
                  one.top_m.label("top"), _cut(frame, one.geom_3857, 8192)).join_from(
        one, Building, Building.id == one.building_id).outerjoin(
        Storey, Storey.id == one.storey_id).outerjoin(
        Entrance, Entrance.id == one.entrance_id).where(frame.near(one.geom_3857, 1 / 64))


#: What each set of tiles holds, in order of drawing.
SETS: Mapping[str, tuple[Content, ...]] = MappingProxyType({
    "base": (
        Content("division", 8, _divisions),
        Content("division_label", 9, _division_labels),
        Content("ground", 10, _grounds),
        Content("street", 11, _areas(Street, "name", "street_class")),
        Content("grid", 11, _areas(Grid, "name")),
        Content("grid_label", 12, _labels(Grid, "name")),
        Content("compound", 12, _areas(Compound, "kind")),
        Content("compound_label", 13, _labels(Compound, "name", "kind")),
        Content("road_area", 13, _pieces(scene.ROAD, "class")),
        Content("building", 13, _buildings),
        Content("facility", 14, _facilities),
        Content("building_label", 15, _building_labels),
        Content("shadow", 15, _pieces(scene.SHADOW)),
        Content("ao", 15, _pieces(scene.AO, "ring")),
        Content("plate", 16, _areas(Plate, "number")),
        Content("band", 16, _bands),
        Content("entrance", 16, _entrances),
        Content("section", 16, _sections),
    ),
    "units": (Content("unit", 15, _units, 8192),),
})


def checked(name: str, z: int, x: int, y: int) -> None:
    """Raise NotFound for a set or place there is none of, InvalidInput for a zoom too far out."""
    if name not in SETS:
        raise NotFound(f"There are no tiles called {name[:20]!r}; there are {', '.join(SETS)}.")
    if not (0 <= z <= DEEPEST and 0 <= x < 2**z and 0 <= y < 2**z):
        raise NotFound(f"There is no tile {z}/{x}/{y}; x and y run from 0 to 2^z - 1, z to "
                       f"{DEEPEST}.")
    if z < min(content.least for content in SETS[name]) and name != "base":
        raise InvalidInput(f"Tiles of {name} begin at zoom {SETS[name][0].least}; zoom in.")


def tile(session: Session, name: str, frame: Frame) -> bytes:
    """Return one tile; empty bytes where nothing is. Refuses one too large to be drawn."""
    checked(name, frame.z, frame.x, frame.y)
    if frame.moment.is_now:
        rows = run_prepared(session, f"tile_{name}_{frame.z}", sql=_present(name, frame.z),
                            values=[frame.x, frame.y])
        found = bytes(rows[0][0])
    else:
        found = bytes(session.scalar(_whole(name, frame)) or b"")
    if len(found) > BYTES_MOST:
        raise InvalidInput(f"The tile holds {len(found):,} bytes, over {BYTES_MOST:,}; zoom in.")
    return found


@cache
def _present(name: str, z: int) -> str:
    """Return the text that draws any tile of a zoom: making it takes longer than running it."""
    x: Any = literal_column("$1::integer")
    y: Any = literal_column("$2::integer")
    return written(_whole(name, Frame(z, x, y, NOW)))


def _whole(name: str, frame: Frame) -> Select[Any]:
    contents = [one for one in SETS[name] if frame.z >= one.least]
    parts = [_EMPTY, *(_encoded(one, frame) for one in contents)]
    return select(reduce(lambda whole, part: whole.op("||")(part), parts))


def _encoded(content: Content, frame: Frame) -> Any:
    rows = content.rows(frame).limit(FEATURES_MOST).subquery(content.name)
    packed = func.ST_AsMVT(rows.table_valued(), content.name, content.extent, "geom")
    return select(func.coalesce(packed, _EMPTY)).select_from(rows).scalar_subquery()


_EMPTY: Any = literal_column("''::bytea")


def fields_of_tiles() -> set[tuple[str, str]]:
    """Return (layer, column) of every declared field whose column may stand in a tile."""
    names = {(content.name, column.name) for contents in SETS.values() for content in contents
             for column in content.rows(Frame(16, 0, 0, Moment())).selected_columns}
    return {(layer, column) for layer, column in names if column != "geom"}
