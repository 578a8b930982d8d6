"""Facilities: what stands along the streets, at the gates and in the buildings."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import shapely
from shapely import Point, Polygon
from shapely.geometry.base import BaseGeometry

from importers.demo.buildings import Building
from importers.demo.compounds import Compound
from importers.demo.gates import Gate
from importers.demo.roadside import Crossing, along, bearing
from importers.demo.streets import WIDTH, Street


@dataclass(frozen=True, slots=True, kw_only=True)
class Facility:
    """One facility; the members of a view are set for cameras only."""

    kind: str
    name: str
    x: float
    y: float
    source_id: str = ""
    height: float | None = None
    place: str = ""
    storey: str = ""
    operator: str = ""
    phone: str = ""
    hours: str = ""
    services: str = ""
    azimuth: float | None = None
    tilt: float | None = None
    hfov: float | None = None
    vfov: float | None = None
    pixel_width: int | None = None
    ptz: bool | None = None
    range_m: float | None = None
    service_radius_m: float | None = None
    status: str = "working"
    address: str = ""


def build_facilities(
    streets: list[Street],
    meetings: list[Crossing],
    gates: list[Gate],
    buildings: list[Building],
    ground: Polygon,
    rng: random.Random,
) -> list[Facility]:
    """Return all facilities, numbered through."""
    found = [
        *_crossing_cameras(meetings, rng),
        *_gates(gates, rng),
        *_stations(buildings),
        *_in_buildings(buildings, rng),
        *_in_compounds(buildings, rng),
        *_street_furniture([s for s in streets if s.local], ground),
    ]
    return [_aged(replace(f, source_id=f"Q{i:05d}"), rng) for i, f in enumerate(found, start=1)]


def _aged(facility: Facility, rng: random.Random) -> Facility:
    dice = rng.random()
    if dice > 0.03:
        return facility
    return replace(facility, status="faulty" if dice < 0.018 else "maintenance")


def _camera(name: str, x: float, y: float, azimuth: float, rng: random.Random) -> Facility:
    ptz = rng.random() < 0.2
    hfov = round(rng.choice((48.0, 62.0, 78.0, 90.0)), 1)
    return Facility(kind="camera", name=name, x=x, y=y, height=rng.choice((4.5, 5.5, 6.5)),
                    operator="青禾区公共视频中心", azimuth=azimuth,
                    tilt=-rng.choice((12.0, 15.0, 18.0)),
                    hfov=hfov, vfov=round(hfov * 0.5625, 1), ptz=ptz,
                    pixel_width=rng.choice((1920, 2560, 3840)),
                    range_m=rng.choice((45.0, 60.0, 80.0, 100.0)))


def _crossing_cameras(meetings: list[Crossing], rng: random.Random) -> Iterator[Facility]:
    for meeting in meetings:
        first, second = WIDTH[meeting.first.kind] / 2, WIDTH[meeting.second.kind] / 2
        corners = [(1, 1), (-1, -1), (1, -1), (-1, 1)]
        for n, (east, north) in enumerate(corners[: _views(meeting)], start=1):
            reach = max(first, second) + 2.0
            x, y = meeting.x + east * reach, meeting.y + north * reach
            look = bearing(x, y, (meeting.x, meeting.y))
            yield _camera(f"{meeting.text}{n}号机", round(x, 2), round(y, 2), look, rng)


def _views(meeting: Crossing) -> int:
    """Tell how many cameras a crossing has: 4 where main roads cross, 2 where one is met."""
    if meeting.main:
        return 4
    return 2 if "main" in (meeting.first.kind, meeting.second.kind) else 1


def _gates(gates: list[Gate], rng: random.Random) -> Iterator[Facility]:
    for gate in gates:
        name = gate.compound.lot.name
        yield Facility(kind="gate", name=f"{name}{gate.label}", x=gate.x, y=gate.y,
                       place=gate.compound.source_id,
                       hours="00:00-24:00" if gate.main else "06:00-22:00")
        if gate.main or rng.random() < 0.4:
            look = bearing(gate.x, gate.y, (gate.outside.x, gate.outside.y))
            camera = _camera(f"{name}{gate.label}摄像头", gate.x, gate.y, look, rng)
            yield replace(camera, place=gate.compound.source_id, height=3.5, range_m=35.0)


def _at(building: Building) -> tuple[float, float]:
    point = building.draft.polygon.representative_point()
    return point.x, point.y


def _stations(buildings: list[Building]) -> Iterator[Facility]:
    def one(kind: str, name: str, lot: str, index: int, radius: float, hours: str) -> Facility:
        building = [b for b in buildings if b.compound.lot.key == lot][index]
        x, y = _at(building)
        return Facility(kind=kind, name=name, x=x, y=y, place=building.source_id, hours=hours,
                        service_radius_m=radius)

    yield one("police_station", "明仁派出所", "办事处", 1, 1500.0, "00:00-24:00")
    yield one("police_station", "阳光警务室", "春光小区", 0, 500.0, "08:00-20:00")
    yield one("police_station", "工人村警务室", "工人东", 0, 500.0, "08:00-20:00")
    yield one("fire_station", "明仁消防救援站", "消防站", 0, 2500.0, "00:00-24:00")
    yield one("fire_station", "团结微型消防站", "团结小区", 0, 500.0, "00:00-24:00")
    yield one("service_station", "明仁街道便民服务中心", "办事处", 0, 1500.0, "08:30-17:30")
    yield one("clinic", "明仁社区卫生服务中心", "明仁小区", 0, 1200.0, "08:00-20:00")
    yield one("shelter", "人民公园应急避难场所", "公园", 0, 1000.0, "00:00-24:00")
    for community in dict.fromkeys(b.compound.lot.community for b in buildings):
        home = next(b for b in buildings if b.compound.lot.community == community)
        x, y = _at(home)
        yield Facility(kind="service_station", name=f"{community}便民服务站", x=x, y=y,
                       place=home.source_id, hours="08:30-17:30", service_radius_m=500.0,
                       services="社保;民政;户籍代办")


def _in_buildings(buildings: list[Building], rng: random.Random) -> Iterator[Facility]:
    for building in buildings:
        draft = building.draft
        if draft.above > 7:
            doors = [(e.label, e.point) for e in building.entrances] or [("", _at(building))]
            for label, (x, y) in doors:
                yield Facility(kind="lift", name=f"{building.text}{label}电梯", x=x, y=y,
                               place=building.source_id, operator="物业服务中心")
        public = draft.function in ("hospital", "school", "commercial", "office", "public")
        if public and rng.random() < 0.7:
            x, y = _at(building)
            yield Facility(kind="aed", name=f"{building.text}AED", x=x, y=y, height=1.2,
                           storey="1F", place=building.source_id, service_radius_m=200.0)
        if public or draft.above > 7:
            x, y = _at(building)
            yield Facility(kind="alarm", name=f"{building.text}火灾报警主机", x=x, y=y,
                           place=building.source_id, storey="1F")


def _in_compounds(buildings: list[Building], rng: random.Random) -> Iterator[Facility]:
    """Yield what an estate has between its houses."""
    homes: dict[str, list[Building]] = {}
    for building in buildings:
        if building.compound.lot.kind in ("estate", "village", "hospital", "office_park"):
            homes.setdefault(building.compound.source_id, []).append(building)
    for own in homes.values():
        compound = own[0].compound
        free = _free(compound, own)
        kinds = ["waste_point", "waste_point", "transformer", "parcel_locker"]
        kinds += ["charging"] * (2 if compound.lot.spec["year"] >= 2005 else 1)
        for n, kind in enumerate(kinds, start=1):
            point = _random_point(free, rng)
            yield Facility(kind=kind, name=f"{compound.lot.name}{_WORDS[kind]}{n}", x=point.x,
                           y=point.y, place=compound.source_id)


_WORDS = {"waste_point": "垃圾投放点", "transformer": "箱变", "parcel_locker": "快递柜",
          "charging": "充电桩"}


def _free(compound: Compound, own: list[Building]) -> BaseGeometry:
    walls = shapely.union_all([b.draft.polygon for b in own])
    inner = shapely.buffer(compound.polygon, -3.0)
    return shapely.difference(inner, shapely.buffer(walls, 3.0))


def _random_point(ground: BaseGeometry, rng: random.Random) -> Point:
    west, south, east, north = ground.bounds
    while True:
        point = Point(round(rng.uniform(west, east), 2), round(rng.uniform(south, north), 2))
        if ground.covers(point):
            return point


def _street_furniture(streets: list[Street], ground: Polygon) -> Iterator[Facility]:
    for street in streets:
        main = street.kind == "main"
        for spot in along(street, ground, every=45.0 if main else 60.0, start=12.0, beside=1.2,
                          both=main):
            yield Facility(kind="lamp", name=f"{street.name}路灯{spot.number:03d}", x=spot.x,
                           y=spot.y, height=9.0 if main else 6.0, operator="市政公用中心")
        for spot in along(street, ground, every=75.0, start=30.0, beside=-2.2):
            yield Facility(kind="manhole", name=f"{street.name}检查井{spot.number:03d}", x=spot.x,
                           y=spot.y, operator="市政公用中心")
        for spot in along(street, ground, every=115.0, start=55.0, beside=0.8):
            yield Facility(kind="hydrant", name=f"{street.name}消火栓{spot.number:03d}", x=spot.x,
                           y=spot.y, operator="青禾区供水公司", service_radius_m=150.0)
        if main:
            for spot in along(street, ground, every=260.0, start=120.0, beside=1.8, both=True):
                yield Facility(kind="bus_stop", name=f"{street.name}公交站{spot.number}", x=spot.x,
                               y=spot.y, operator="青禾公交")
