"""Volumes of units that no survey measured: derived, stored, and told to be derived.

A building's volumes are made anew when it, its storeys, entrances or units changed since; they
follow from other columns and so make no versions of their own.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from psycopg2 import sql
from psycopg2.extras import execute_values
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy.orm import Session

from spatial.crs import STORAGE, transform_geometries
from spatial.solids import EntranceSpec, StoreySpec, UnitSpec, derive
from spatial.state import metric_srid
from spatial.statements import raw_cursor, run

BATCH = 500
Row = Sequence[Any]


def refresh(session: Session, progress: Callable[[int, int], None] = lambda done, of: None) -> int:
    """Derive the volumes of every building that lacks them or changed; returns the units."""
    metric = metric_srid(session)
    if metric is None:
        return 0
    wanted = [row[0] for row in run(session, sql.SQL(_STALE)).fetchall()]
    count = 0
    for start in range(0, len(wanted), BATCH):
        count += _derive(session, wanted[start:start + BATCH], metric)
        progress(min(start + BATCH, len(wanted)), len(wanted))
    return count


def _derive(session: Session, buildings: list[int], metric: int) -> int:
    footprints = _footprints(session, buildings, metric)
    storeys = _grouped(session, _STOREYS, buildings)
    entrances = _grouped(session, _ENTRANCES, buildings)
    units = _grouped(session, _UNITS, buildings)
    made: list[tuple[int, float, float, BaseGeometry]] = []
    for building, footprint in footprints.items():
        volumes = derive(
            footprint,
            [StoreySpec(str(r[1]), r[2], r[3] or "", r[4], r[5]) for r in storeys[building]],
            list(_doors(entrances[building], metric)),
            [UnitSpec(str(r[1]), str(r[2]), r[3] and str(r[3]), r[4] or "", r[5])
             for r in units[building]])
        made += [(int(key), v.base_m, v.top_m, v.polygon) for key, v in volumes.items()]
    _store(session, made, metric)
    run(session, sql.SQL(_SAY_NONE), {"ids": buildings})
    return len(made)


def _footprints(session: Session, buildings: list[int], metric: int,
                ) -> dict[int, Polygon | MultiPolygon]:
    rows = run(session, sql.SQL(_FOOTPRINTS), {"ids": buildings}).fetchall()
    shapes = np.array([shapely.from_wkb(bytes(row[1])) for row in rows] + [None])[:-1]
    moved = transform_geometries(shapes, STORAGE, metric)
    return {row[0]: shape for row, shape in zip(rows, moved, strict=True)
            if isinstance(shape, (Polygon, MultiPolygon))}


def _doors(rows: Iterable[Row], metric: int) -> Iterable[EntranceSpec]:
    for row in rows:
        point = None
        if row[3] is not None:
            point = transform_geometries(
                np.array([shapely.Point(row[3], row[4])], dtype=object), STORAGE, metric)[0]
        yield EntranceSpec(str(row[1]), row[2] or "", point)


def _grouped(session: Session, statement: str, buildings: list[int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in run(session, sql.SQL(statement), {"ids": buildings}):
        found[row[0]].append(row)
    return found


def _store(session: Session, made: list[tuple[int, float, float, BaseGeometry]],
           metric: int) -> None:
    if not made:
        return
    shapes = transform_geometries(np.array([one[3] for one in made], dtype=object), metric,
                                  STORAGE)
    wkb = shapely.to_wkb(shapely.set_srid(shapes, STORAGE), hex=True, include_srid=True)
    execute_values(raw_cursor(session), _STORE, [
        (unit, base, top, shape)
        for (unit, base, top, _), shape in zip(made, wkb, strict=True)], page_size=2000)


_STALE = """
SELECT b.id FROM building b
WHERE b.geometry IS NOT NULL AND EXISTS (
    SELECT FROM unit u WHERE u.building_id = b.id AND u.volume_source IS NULL)
   OR EXISTS (
    SELECT FROM unit u WHERE u.building_id = b.id AND u.volume_source = 'derived'
       AND b.geometry IS NOT NULL AND b.loaded_at > u.loaded_at
       AND b.loaded_at > coalesce((SELECT value::timestamptz FROM registry_state
                                   WHERE key = 'volumes_at'), '-infinity'))
ORDER BY b.id
"""
_FOOTPRINTS = "SELECT id, ST_AsBinary(geometry) FROM building WHERE id = ANY(%(ids)s) ORDER BY id"
_STOREYS = ("SELECT building_id, id, index, label, base_m, top_m FROM storey "
            "WHERE building_id = ANY(%(ids)s) AND (valid_to IS NULL OR valid_to > now())")
_ENTRANCES = ("SELECT building_id, id, number, ST_X(geometry), ST_Y(geometry) FROM entrance "
              "WHERE building_id = ANY(%(ids)s) AND (valid_to IS NULL OR valid_to > now()) "
              "AND (geometry IS NULL OR GeometryType(geometry) = 'POINT')")
_UNITS = ("SELECT building_id, id, storey_id, entrance_id, designator, position FROM unit "
          "WHERE building_id = ANY(%(ids)s) AND storey_id IS NOT NULL "
          "AND (valid_to IS NULL OR valid_to > now())")
_STORE = """
UPDATE unit u SET geometry = v.shape::geometry, base_m = v.base, top_m = v.top,
                  volume_source = 'derived'
FROM (VALUES %s) AS v(id, base, top, shape)
WHERE u.id = v.id AND u.volume_source IS DISTINCT FROM 'measured'
"""
_SAY_NONE = ("UPDATE unit SET volume_source = 'none' WHERE building_id = ANY(%(ids)s) "
             "AND volume_source IS NULL")
