"""The measured volume of a place: its facets as they came, and what they measure."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

from spatial import facets
from spatial.crs import STORAGE, metric_crs_for, transform_geometries

SOURCE = "measured"


def measured_volume(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return outline, base and top, cubic metres where it is closed, and the facets (GeoJSON).

    `row` has `solid` and `shape` as GeoJSON texts. Heights are metres above the ground.
    """
    solid = json.loads(row["solid"])
    bodies = metric_bodies(shapely.from_geojson(row["solid"]))
    base, top = facets.extent(bodies)
    cubic = facets.measured_volume(bodies)
    return {"polygon": json.loads(row["shape"]) if row.get("shape") else None,
            "base_m": round(base, 3), "top_m": round(top, 3), "source": SOURCE,
            "volume_m3": None if cubic is None else round(cubic, 2), "solid": solid}


def metric_bodies(solid: Any) -> list[list[list[facets.Ring]]]:
    """Return the bodies of a stored solid in metres, in the zone it lies in."""
    spot = shapely.get_coordinates(solid)[0]
    moved = transform_geometries(np.array([solid, None], dtype=object)[:1], STORAGE,
                                 metric_crs_for(float(spot[0]), float(spot[1])))[0]
    return facets.from_shape(moved)
