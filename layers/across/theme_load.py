"""The load index of an area: what a grid worker has to look after, as one figure.

L = sum of w x / mean(x) over its components, so that its mean is 1 (planner's weights; nobody's
health or care is in it). A component that the registry does not keep is left out and the others
weigh more; the legend says so.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from sqlalchemy import func, select

from layers.across.theme_areas import Areas
from layers.streets import Street
from spatial.crs import STORAGE, transform_geometries
from spatial.errors import InvalidInput
from spatial.history import seen
from spatial.statistics import Numbers

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from layers.across.theme_told import Question

#: Weights of the components; they sum up to 1.
WEIGHTS: Mapping[str, float] = {"households": 0.45, "residents_80": 0.15, "incidents": 0.20,
                                "tenancies": 0.10, "organizations": 0.05, "street_m": 0.05}


def load_index(question: "Question") -> tuple[Numbers, Mapping[str, Numbers], tuple[str, ...]]:
    """Return the index of each area, its components, and the names of those that are missing."""
    found: dict[str, Numbers] = {}
    for name in WEIGHTS:
        try:
            values = _component(question, name)
        except InvalidInput:
            continue
        if values.sum() > 0:
            found[name] = values
    whole = sum(WEIGHTS[name] for name in found)
    index = np.zeros(len(question.areas))
    for name, values in found.items():
        index += WEIGHTS[name] / whole * values / values[values > 0].mean()
    return index, found, tuple(name for name in WEIGHTS if name not in found)


def _component(question: "Question", name: str) -> Numbers:
    if name == "street_m":
        return street_metres(question.session, question.areas)
    if name == "residents_80":
        aged = replace(question, theme=replace(question.theme, ages=(80, 150)))
        return aged.told("residents_by_age").number
    return question.told(name).number


def street_metres(session: "Session", areas: Areas) -> Numbers:
    """Return metres of street within each area."""
    street = seen(Street)
    shapes = session.scalars(select(func.ST_AsBinary(street.geometry)).where(
        street.geometry.is_not(None))).all()
    lines = transform_geometries(np.array(shapely.from_wkb([bytes(one) for one in shapes]),
                                          dtype=object), STORAGE, areas.srid)
    found = np.zeros(len(areas))
    if len(lines):
        tree = shapely.STRtree(lines)
        area, line = tree.query(areas.metric, predicate="intersects")
        inside = shapely.length(shapely.intersection(areas.metric[area], lines[line]))
        np.add.at(found, area, inside)
    return found
