"""Attributes of city models -> columns of ledgers: the standard's own names, and usual ones."""

from collections.abc import Mapping, Sequence
from typing import Any

HEIGHTS = ("measuredHeight", "height")
_YEARS = ("yearOfConstruction", "year_built", "oorspronkelijk_bouwjaar", "baujahr")
_ABOVE = ("storeysAboveGround", "storeys_above_ground")
_BELOW = ("storeysBelowGround", "storeys_below_ground")
_AREAS = ("area", "area_m2", "floorArea")
_NAMES = ("name", "label")
_DESIGNATORS = ("designator", "number", "name", "unitNumber")
INDEXES = ("index", "level", "storeyNumber", "floorNumber", "floorIndex")
#: Names that the standard gives columns of ours, which are not told a second time.
_KNOWN = frozenset({*HEIGHTS, *_YEARS, *_ABOVE, *_BELOW})
#: Words of the functions and classes of buildings, in the code list of CityGML and in English.
FUNCTIONS = {
    "1000": "residential", "1010": "residential", "1020": "residential", "1030": "residential",
    "1040": "residential", "1050": "residential", "1060": "residential", "1100": "mixed",
    "1120": "office", "1130": "office", "1140": "commercial", "1150": "commercial",
    "1151": "commercial", "2000": "public", "2070": "school", "2100": "school",
    "2110": "hospital", "2300": "industrial", "2500": "garage",
    "residential": "residential", "residential building": "residential", "habitation":
    "residential", "dwelling": "residential", "apartment": "residential", "house": "residential",
    "mixed": "mixed", "commercial": "commercial", "business": "commercial", "retail":
    "commercial", "office": "office", "school": "school", "education": "school",
    "hospital": "hospital", "public": "public", "administration": "public", "industrial":
    "industrial", "industry": "industrial", "warehouse": "industrial", "garage": "garage",
    "other": "other",
}
USES = {
    "apartment": "dwelling", "dwelling": "dwelling", "residential": "dwelling", "flat":
    "dwelling", "habitation": "dwelling", "1000": "dwelling", "shop": "shop", "retail": "shop",
    "commercial": "shop", "office": "office", "garage": "garage", "parking": "garage",
    "storage": "storage", "cellar": "storage", "public": "public", "other": "other",
}
Values = Mapping[str, Any]


def attributes(values: Values) -> dict[str, Any]:
    """Return what a thing says of itself that is no list of things, but for known names."""
    return {name: value for name, value in values.items()
            if name not in _KNOWN and not isinstance(value, dict | list) and value is not None}


def is_ours(values: Values) -> bool:
    """Tell whether a thing was exported here: then its attributes are its ledger, as it was."""
    return {"identifier", "source_id"} <= set(values) or {"identifier", "volume_source"} <= set(
        values) or {"identifier", "index", "building"} <= set(values)


def ledger(values: Values) -> dict[str, Any]:
    """Return the ledger of a thing that was exported here; what is derived is no part of it."""
    return {name: value for name, value in values.items()
            if name not in ("volume_source", "base_m", "top_m") or "index" in values}


def of_building(values: Values) -> dict[str, Any]:
    """Return what the standard says of a building, as its ledger has it."""
    return {"name": first(values, ("name",)), "function": code(values, FUNCTIONS),
            "storeys_above_ground": whole(values, _ABOVE),
            "storeys_below_ground": whole(values, _BELOW), "year_built": whole(values, _YEARS)}


def of_unit(values: Values) -> dict[str, Any]:
    """Return what the standard says of a unit."""
    return {"designator": first(values, _DESIGNATORS), "use": code(values, USES, "use"),
            "area_m2": number(values, _AREAS)}


def label(values: Values) -> str | None:
    """Return what people call a storey."""
    return first(values, ("label", "name"))


def first(values: Values, names: Sequence[str]) -> str | None:
    """Return the first of these that is said, as text."""
    found = next((values[name] for name in names if _is_plain(values.get(name))), None)
    return None if found is None else str(found)


def number(values: Values, names: Sequence[str]) -> float | None:
    """Return the first of these that is a positive number."""
    for name in names:
        value = as_number(values.get(name))
        if value is not None and value > 0:
            return value
    return None


def whole(values: Values, names: Sequence[str]) -> int | None:
    """Return the first of these that is a whole number, a year out of a date."""
    for name in names:
        said = values.get(name)
        value = as_number(str(said)[:4] if isinstance(said, str) and "-" in said[1:] else said)
        if value is not None and value == int(value):
            return int(value)
    return None


def as_number(said: Any) -> float | None:
    """Return a number, also one written as text; nothing for what is none."""
    if isinstance(said, bool):
        return None
    try:
        value = float(said)
    except (TypeError, ValueError):
        return None
    return value if abs(value) < 1e9 else None


def code(values: Values, known: Mapping[str, str], *more: str) -> str | None:
    """Return our code for what a thing is for; None for words that are not known."""
    for name in (*more, "function", "usage", "class"):
        said = values.get(name)
        every = said if isinstance(said, list) else [said]
        for one in every:
            if (found := known.get(str(one).strip().casefold())) is not None:
                return found
    return None


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""
