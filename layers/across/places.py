"""A place: one shape for every answer, whatever layer it comes from and whoever asks.

`place_json` describes any number of places by two statements; `find` turns a public identifier
into a place. Both can be asked as of a day, and as the registry knew it then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import cos, hypot, radians
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from layers.across import labels
from layers.across.chains import COLUMNS, ancestors, models, rungs
from spatial.errors import NotFound
from spatial.history import NOW, Moment, history_of, seen

#: Level of each layer of places by the letter of its identifiers; a division's is its own.
LEVELS = {"q": "facility", "u": "unit", "f": "storey", "e": "entrance", "p": "plate",
          "b": "building", "c": "compound", "s": "street", "g": "grid", "d": "division"}
#: The rungs named on the way down to a place; a street only where no compound stands for it.
STEPS = {"q": "gscbefuq", "u": "gscbefu", "f": "gscbf", "e": "gscbe", "b": "gscb", "c": "gc",
         "p": "gsp", "s": "s", "g": "g", "d": ""}
PLACEMENTS = {"q": "facility", "u": "inside_volume", "e": "door", "p": "plate", "b": "footprint"}
#: Half the size in metres of what is drawn as a point.
POINT_SIZES = {"q": 3.0, "e": 3.0, "u": 5.0, "p": 10.0, "b": 20.0, "c": 150.0}
METRES_PER_DEGREE = 111_195.0


class Ref(NamedTuple):
    """A place by the letter of its layer (Feature.prefix) and its row's key."""

    letter: str
    id: int


@dataclass(frozen=True, slots=True)
class Place:
    """What finding an identifier tells: which row of which layer, and the scope it lies in."""

    ref: Ref
    identifier: str
    source_id: str | None
    level: str
    scope: int


def find(session: Session, identifier: str, moment: Moment = NOW) -> Place:
    """Return the place called `identifier`; NotFound if there was none at `moment`.

    Asked as of now it also finds a place that has ended: its status says so.
    """
    letter = identifier[:1]
    if letter not in COLUMNS or not identifier[1:].isalnum() or len(identifier) > 20:
        raise NotFound(f"No place is called {identifier[:20]!r}; check the identifier.")
    row = session.execute(_named(letter, identifier, moment)).first()
    if row is None:
        raise NotFound(f"No place is called {identifier!r}; check the identifier and the day.")
    level = row.level if letter == "d" else LEVELS[letter]
    return Place(Ref(letter, row.id), identifier, row.source_id, level, row.scope)


def place_json(
    session: Session, refs: Sequence[tuple[str, int]], moment: Moment = NOW
) -> list[dict[str, Any]]:
    """Return the places in the order of `refs`, each in the shape every answer uses.

    Always two statements. A place that did not exist at `moment` is left out: compare
    identifiers, not positions, where that may happen.
    """
    if not refs:
        return []
    rows = rungs(session, refs, moment=moment)
    above = ancestors(session, {row.home for row in rows if row.home}, moment=moment)
    at = moment.valid_at or datetime.now(UTC)
    return [_place(row._mapping, above.get(row.home, []), at) for row in rows]


def status(valid_from: datetime | None, valid_to: datetime | None, at: datetime) -> str:
    """Return current, retired or planned."""
    if valid_to is not None and valid_to <= at:
        return "retired"
    return "planned" if valid_from is not None and valid_from > at else "current"


def _named(letter: str, identifier: str, moment: Moment) -> Any:
    model: Any = models()[letter]
    one: Any = model if moment.is_now else seen(model, moment)
    level = [one.level] if letter == "d" else []
    named = one.identifier == identifier
    if not moment.is_now:
        # By key, for the past is indexed by key; what left the present table is searched there.
        present, past = model.__table__, history_of(model.__table__)
        named = one.id == func.coalesce(*(
            select(table.c.id).where(table.c.identifier == identifier).limit(1).scalar_subquery()
            for table in (present, past)))
    return select(one.id, one.source_id, one.scope, *level).where(named)


def _place(row: Any, above: list[Any], at: datetime) -> dict[str, Any]:
    chain = [_division(one) for one in above]
    chain += [_step(row, letter) for letter in STEPS[row["letter"]] if row[f"{letter}_id"]]
    own = row["letter"]
    said: dict[str, Any] = {
        "identifier": row[f"{own}_identifier"], "source_id": row[f"{own}_source_id"],
        "level": chain[-1]["level"], "label": chain[-1]["label"],
        "full_label": labels.full_label(chain), "chain": chain, **_spot(row),
        "status": status(row["valid_from"], row["valid_to"], at)}
    if own in "fu" and row["f_id"]:
        said["storey_index"] = row["f_index"]
        said["storey_label"] = labels.storey_label(row["f_label"], row["f_index"])
    return said


def _division(row: Any) -> dict[str, Any]:
    return {"level": row.level, "identifier": row.identifier, "source_id": row.source_id,
            "label": row.name, "code": row.code}


def _step(row: Any, letter: str) -> dict[str, Any]:
    own = {name: row[f"{letter}_{name}"] for name in COLUMNS[letter]}
    step = {"level": LEVELS[letter], "identifier": row[f"{letter}_identifier"],
            "source_id": row[f"{letter}_source_id"], "label": label_of(letter, own)}
    if letter == "g":
        step["code"] = own["code"]
    return step


def label_of(letter: str, own: Any) -> str:
    """Return the label of one rung, given the columns that COLUMNS names for it."""
    match letter:
        case "u":
            return labels.unit_label(own)
        case "f":
            return labels.storey_label(own["label"], own["index"])
        case "e":
            return labels.entrance_label(own)
        case "b":
            return labels.building_label(own)
        case "p":
            return labels.plate_label(own["number"])
        case "q":
            return labels.facility_label(own)
    return str(own["name"] or labels.UNNAMED)


def _spot(row: Any) -> dict[str, Any]:
    """Return point, height, placement and precision: how exact the answer is, honestly."""
    own, anchor = row["letter"], row["anchor"]
    height = row["q_height"] if own == "q" else _middle(row, own)
    placement = PLACEMENTS.get(anchor or "", "centroid")
    if anchor == "u" and height is None:
        placement = "footprint"
    point = None if row["x"] is None else [round(row["x"], 8), round(row["y"], 8)]
    return {"point": point, "height": height, "placement": placement if point else None,
            "precision_m": _size(row) if point else None}


def _middle(row: Any, own: str) -> float | None:
    if own not in "uf":
        return None
    base, top = row[f"{own}_base_m"], row[f"{own}_top_m"]
    if base is None and own == "u":
        base, top = row["f_base_m"], row["f_top_m"]
    return None if base is None or top is None else round((base + top) / 2, 2)


def _size(row: Any) -> float:
    """Return half the diagonal of what the point stands for: no part of it lies further off."""
    across = (row["east"] - row["west"]) * cos(radians(row["y"]))
    half = hypot(across, row["north"] - row["south"]) * METRES_PER_DEGREE / 2
    return float(round(max(half, 0.0), 1) or POINT_SIZES.get(row["anchor"] or "", 50.0))


