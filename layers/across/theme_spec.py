"""A theme is data: what is counted, over what, by which area, when, and how it is coloured.

Built-in themes are files in data/themes; a saved one is the same document with a version. What a
link or a command says besides (`level`, `from`, …) makes another theme of it, checked alike.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from layers.codelists import codelist
from layers.text import Bilingual
from spatial.classes import METHODS
from spatial.errors import InvalidInput, NotFound

FOLDER = Path(__file__).parents[2] / "data" / "themes"
LEVELS = ("grid", "community", "subdistrict", "hexagon")
#: How a figure follows from what is counted.
STATISTICS = ("count", "rate", "smoothed", "share", "median", "density", "gi_star", "moran",
              "change", "load")
#: What may be counted, and what it may be divided by.
MEASURES = ("incidents", "overdue", "hours_to_close", "units", "dwellings", "vacant_dwellings",
            "buildings", "households", "residents_living", "residents_registered", "floating",
            "residents_by_age", "organizations", "tenancies", "days_since_recorded", "load")
OVER = ("households", "dwellings", "residents_living", "incidents", "closed", "posts", "area_km2")
DRAWN = ("areas", "circles", "surface")
SIDES = (50.0, 100.0, 200.0, 400.0)
MONTHS_MOST = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """One theme. `months` back from `until` (by default now) is its period, where it has one.

    `breaks` are fixed inner breaks; `reference` the figure that a diverging map parts at:
    `mean` (of all areas together) or a number.
    """

    name: str
    title: Bilingual
    about: Bilingual
    unit: Bilingual
    counts: str
    statistic: str = "count"
    over: str | None = None
    per: float = 1.0
    level: str = "grid"
    months: float | None = None
    since: datetime | None = None
    until: datetime | None = None
    services: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    ages: tuple[int, int] | None = None
    method: str = "quantiles"
    k: int = 5
    breaks: tuple[float, ...] = ()
    reference: float | None = None
    palette: str = "orange"
    drawn: str = "areas"
    side: float = 100.0
    bandwidth: float = 200.0
    height: str | None = None
    version: int = 1
    identifier: str | None = None

    def __post_init__(self) -> None:
        for name, options in (("counts", MEASURES), ("statistic", STATISTICS), ("level", LEVELS),
                              ("method", (*METHODS, "around")), ("drawn", DRAWN)):
            _among(name, getattr(self, name), options)
        if self.over is not None:
            _among("over", self.over, OVER)
        if self.palette not in palettes():
            _among("palette", self.palette, tuple(palettes()))
        for code in self.services:
            _among("services", code, tuple(codelist("service_code").codes))
        for code in self.kinds:
            _among("kinds", code, tuple(codelist("organization_kind").codes))
        self._check_numbers()

    def _check_numbers(self) -> None:
        for name in ("k", "version"):
            if not isinstance(getattr(self, name), int):
                raise InvalidInput(f"{name} is a whole number.")
        for name in ("per", "bandwidth", "side"):
            if not isinstance(getattr(self, name), int | float):
                raise InvalidInput(f"{name} is a number.")
        if self.months is not None and not 0 < self.months <= MONTHS_MOST:
            raise InvalidInput(f"months is {self.months:g}; up to {MONTHS_MOST} are wanted.")
        if self.side not in SIDES:
            raise InvalidInput(f"side is {self.side:g}; one of {SIDES} metres is wanted.")
        if self.since and self.until and self.since >= self.until:
            raise InvalidInput("The period ends before it begins; change from and to round.")
        if self.statistic in ("rate", "smoothed", "share") and self.over is None:
            raise InvalidInput(f"A {self.statistic} needs what it is over: {', '.join(OVER)}.")
        if self.ages and not 0 <= self.ages[0] < self.ages[1] <= 150:
            raise InvalidInput("ages is from and to in years, such as [60, 150].")

    @property
    def is_timed(self) -> bool:
        """Tell whether the theme has a period, so that a time slider can walk it."""
        return self.counts in ("incidents", "overdue", "hours_to_close", "load")


def _among(name: str, value: str, options: tuple[str, ...]) -> None:
    if value not in options:
        raise InvalidInput(f"{name} is {str(value)[:40]!r}; one of {', '.join(options)} is "
                           "wanted.")


def read(document: Mapping[str, Any], *, name: str) -> Theme:
    """Return the theme that a document describes; InvalidInput names what does not fit."""
    known = {one.name for one in fields(Theme)} - {"name", "identifier"}
    for key in document:
        if key not in known:
            raise InvalidInput(f"{key[:40]!r} is nothing a theme says; it may say: "
                               f"{', '.join(sorted(known))}.")
    said: dict[str, Any] = dict(document)
    for key in ("title", "about", "unit"):
        said[key] = _words(key, said.get(key))
    for key in ("services", "kinds", "breaks", "ages"):
        if said.get(key) is not None:
            said[key] = _list(key, said[key])
    for key in ("since", "until"):
        if isinstance(said.get(key), str):
            said[key] = _day(key, said[key])
    try:
        return Theme(name=name, **said)
    except TypeError as error:
        raise InvalidInput(f"The theme {name[:40]!r} is not complete or of the wrong kind: "
                           f"{str(error).partition(') ')[2] or error}.") from None


def written(theme: Theme) -> dict[str, Any]:
    """Return the document of a theme, without what is as by default."""
    said: dict[str, Any] = {}
    for one in fields(Theme):
        value = getattr(theme, one.name)
        if one.name in ("name", "identifier", "version") or value == one.default:
            continue
        if isinstance(value, Bilingual):
            value = value.as_json()
        elif isinstance(value, datetime):
            value = value.isoformat()
        said[one.name] = list(value) if isinstance(value, tuple) else value
    return said


def adapted(theme: Theme, **said: Any) -> Theme:
    """Return the theme with what is given (not None) in place of its own."""
    given = {key: value for key, value in said.items() if value is not None}
    if given.get("level") == "hexagon" and theme.counts not in LOCATED:
        raise InvalidInput(f"{theme.counts} cannot be shown by hexagon; choose "
                           f"{', '.join(LEVELS[:-1])}.")
    if given.get("method") not in (None, "fixed"):
        given.setdefault("breaks", ())
    return replace(theme, **given)


#: What has a point of its own or a building's, so that hexagons can hold it.
LOCATED = frozenset({"incidents", "overdue", "units", "dwellings", "buildings", "households",
                     "organizations"})


def _words(key: str, value: Any) -> Bilingual:
    if isinstance(value, Mapping) and set(value) == {"en", "zh"} and all(
            isinstance(text, str) and 0 < len(text) <= 300 for text in value.values()):
        return Bilingual(value["en"], value["zh"])
    raise InvalidInput(f"{key} must have words in both languages: "
                       '{"en": "…", "zh": "…"}.')


def _list(key: str, value: Any) -> tuple[Any, ...]:
    kind = str if key in ("services", "kinds") else (int, float)
    if not isinstance(value, list | tuple) or len(value) > 60 or not all(
            isinstance(one, kind) and not isinstance(one, bool) for one in value):
        raise InvalidInput(f"{key} must be a list of {'codes' if kind is str else 'numbers'}.")
    return tuple(value)


def _day(key: str, value: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise InvalidInput(f"{key} is {value[:40]!r}; a time such as 2026-05-01T00:00:00+08:00 "
                           "is wanted.") from None
    if found.tzinfo is None:
        raise InvalidInput(f"{key} must name its time zone, such as +08:00.")
    return found


@cache
def built_in() -> Mapping[str, Theme]:
    """Return the themes of data/themes by name, in the order of their files' index."""
    index = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))
    return MappingProxyType({name: read(json.loads(
        (FOLDER / f"{name}.json").read_text(encoding="utf-8")), name=name)
        for name in index["order"]})


def theme_called(name: str) -> Theme:
    """Return a built-in theme; NotFound names those there are."""
    if name not in built_in():
        raise NotFound(f"There is no theme {name[:40]!r}; there are: {', '.join(built_in())}.")
    return built_in()[name]


@cache
def palettes() -> Mapping[str, Mapping[str, Any]]:
    """Return the colours of classes by palette and colour scheme (light, dark)."""
    found: Mapping[str, Mapping[str, Any]] = json.loads(
        (FOLDER.parent / "theme_palettes.json").read_text(encoding="utf-8"))
    return found
