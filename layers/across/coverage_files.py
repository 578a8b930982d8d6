"""Coverage as features, what a planner imagines as cameras and stations, and the difference."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from sqlalchemy.orm import Session

from layers.across import theme_counts as counting
from layers.across.coverage import Coverage
from layers.across.coverage_cameras import Camera
from layers.across.coverage_reach import Spot
from layers.across.theme_period import Period, months_before
from layers.across.themes import this_minute
from spatial.crs import STORAGE, transform_geometries, transformer
from spatial.errors import InvalidInput
from spatial.geometry import geojson
from spatial.statistics import Numbers

DIGITS = 7
Features = dict[str, Any]


def collection(features: Sequence[Features]) -> dict[str, Any]:
    """Return a FeatureCollection."""
    return {"type": "FeatureCollection", "features": list(features)}


def gap_features(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return gaps as features, their rank among the properties."""
    return collection([{"type": "Feature", "geometry": geojson(row["geometry"], DIGITS),
                        "properties": {key: value for key, value in row.items()
                                       if key != "geometry"}} for row in rows])


def shed_features(found: Coverage) -> dict[str, Any]:
    """Return the view-shed of every camera; `guessed` where its data are not complete."""
    shapes = transform_geometries(found.seen.sheds, found.town.areas.srid, STORAGE)
    return collection([{
        "type": "Feature", "id": one.identifier, "geometry": geojson(shape, DIGITS),
        "properties": {"identifier": one.identifier, "name": one.name, "status": one.status,
                       "guessed": one.guessed, "task": found.asked.task}}
        for one, shape in zip(found.seen.cameras, shapes, strict=True) if not shape.is_empty])


def blind_features(found: Coverage) -> dict[str, Any]:
    """Return the open ground of each grid that no camera sees."""
    ours = found.town
    unseen = shapely.difference(ours.open_ground, found.seen.ground)
    used = np.flatnonzero((np.bincount(ours.grid[ours.grid >= 0], minlength=len(ours.areas)) > 0)
                          & ~shapely.is_empty(unseen))
    shapes = transform_geometries(unseen[used], ours.areas.srid, STORAGE)
    return collection([{
        "type": "Feature", "geometry": geojson(shape, DIGITS),
        "properties": {"grid": ours.areas.identifiers[i], "label": ours.areas.labels[i]}}
        for i, shape in zip(used, shapes, strict=True)])


def building_features(found: Coverage) -> dict[str, Any]:
    """Return each building as a point with what covers it and how many minutes away it is."""
    ours, near = found.town, found.reach.within(found.asked.minutes)
    spots = transform_geometries(np.asarray(shapely.point_on_surface(ours.footprints)),
                                 ours.areas.srid, STORAGE)
    return collection([{
        "type": "Feature", "geometry": geojson(spot, DIGITS),
        "properties": {"name": ours.names[i], "camera": bool(found.seen.buildings[i]),
                       "station": bool(near[i]), "patrol": bool(found.patrols.buildings[i]),
                       "minutes": _minutes(found.reach.seconds[i]),
                       "straight_m": _whole(found.reach.straight[i])}}
        for i, spot in enumerate(spots)])


def _minutes(seconds: float) -> float | None:
    return round(float(seconds) / 60, 1) if math.isfinite(seconds) else None


def _whole(metres: float) -> int | None:
    return round(float(metres)) if math.isfinite(metres) else None


def incident_points(session: Session, srid: int) -> Numbers:
    """Return where the incidents of the last twelve months lie, in metres (m, 2)."""
    now = this_minute(session)
    things = counting.incidents(Period(months_before(now, 12), now)).subquery("thing")
    places, amounts = counting.points(session, things, srid)
    return np.repeat(places, amounts.astype(np.int64), axis=0)


def imagined_camera(said: Sequence[float], srid: int, number: int) -> Camera:
    """Return a camera at lon, lat, with azimuth, hfov and height where they are given."""
    x, y = _metres(said[0], said[1], srid)
    azimuth, hfov, height = (*said[2:], *(None,) * 3)[:3]
    for name, value, most in (("azimuth", azimuth, 360), ("hfov", hfov, 360),
                              ("height", height, 300)):
        if value is not None and not 0 <= value <= most:
            raise InvalidInput(f"{name} is {value:g}; 0 to {most} is wanted.")
    return Camera(identifier=f"new-{number + 1}", x=x, y=y, azimuth=azimuth, hfov=hfov or None,
                  height=height)


def imagined_station(said: Sequence[float], srid: int, number: int) -> Spot:
    """Return a station at lon, lat."""
    x, y = _metres(said[0], said[1], srid)
    return Spot(f"new-station-{number + 1}", "station", "", x, y)


def _metres(lon: float, lat: float, srid: int) -> tuple[float, float]:
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InvalidInput(f"({lon:g}, {lat:g}) is no longitude and latitude.")
    x, y = transformer(STORAGE, srid)(np.array([[lon, lat]]))[0]
    return float(x), float(y)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return every share before and after, and the change in percentage points."""
    return {name: {"before": one, "after": after[name], "change": round(
        (after[name]["share"] or 0.0) - (one["share"] or 0.0), 3)}
        for name, one in before.items() if isinstance(one, dict) and "share" in one}

