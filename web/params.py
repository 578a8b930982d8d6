"""Parameters of queries and bodies, declared once, parsed and checked. No Flask here.

A parameter reads text, whether it came from a URL or from a JSON body; its `schema` is what
the API's description says of it. Unknown and repeated names are refused by name.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from spatial.errors import InvalidInput
from spatial.history import Moment

TEXT_MOST, FIELDS_MOST, SHOWN = 200, 50, 40
#: Control characters and lone surrogates: no term of ours holds one.
_BREAKS = {9: " ", 10: " ", 13: " "}
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One named value that a client may give."""

    name: str
    about: str
    parse: Callable[[str], Any]
    schema: Mapping[str, Any]
    default: Any = None
    required: bool = False
    #: Line breaks and tabs may stand in it, as people write.
    lines: bool = False

    def needed(self) -> "Parameter":
        """Return the same parameter, not to be left out."""
        return replace(self, required=True)


def text(name: str, about: str, *, least: int = 1, most: int = TEXT_MOST,
         default: str | None = None) -> Parameter:
    """Declare a text of `least` to `most` characters, without control characters."""
    def parse(value: str) -> str:
        check_printable(name, value)
        if not least <= len(value.strip()) or len(value) > most:
            raise InvalidInput(f"{name} has {len(value)} characters; {least} to {most} are wanted.")
        return value.strip()
    return Parameter(name=name, about=about, parse=parse, default=default,
                     schema={"type": "string", "minLength": least, "maxLength": most})


def words(name: str, about: str, *, most: int) -> Parameter:
    """Declare what a person writes: a text of several lines."""
    return replace(text(name, about, most=most), lines=True, parse=lambda value: (
        text(name, about, most=most).parse(value.translate(_BREAKS)) and value.strip()))


def whole(name: str, about: str, *, least: int, most: int,
          default: int | None = None) -> Parameter:
    """Declare a whole number within bounds."""
    def parse(value: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,19}", value) or not least <= int(value) <= most:
            raise InvalidInput(f"{name} is {shown(value)}; a whole number from {least} to {most} "
                               "is wanted.")
        return int(value)
    return Parameter(name=name, about=about, parse=parse, default=default,
                     schema={"type": "integer", "minimum": least, "maximum": most})


def number(name: str, about: str, *, least: float, most: float,
           default: float | None = None) -> Parameter:
    """Declare a finite number within bounds."""
    def parse(value: str) -> float:
        return _number(name, value, least, most)
    return Parameter(name=name, about=about, parse=parse, default=default,
                     schema={"type": "number", "minimum": least, "maximum": most})


def choice(name: str, about: str, options: Sequence[str], *,
           default: str | None = None) -> Parameter:
    """Declare a value out of a fixed list."""
    def parse(value: str) -> str:
        if value not in options:
            raise InvalidInput(f"{name} is {shown(value)}; one of {', '.join(options)} is wanted.")
        return value
    return Parameter(name=name, about=about, parse=parse, default=default,
                     schema={"type": "string", "enum": list(options)})


def yes(name: str, about: str) -> Parameter:
    """Declare a switch: 1 or true, 0 or false; absent is off."""
    def parse(value: str) -> bool:
        if value not in ("1", "true", "0", "false"):
            raise InvalidInput(f"{name} is {shown(value)}; 1 or 0 is wanted.")
        return value in ("1", "true")
    return Parameter(name=name, about=about, parse=parse, default=False,
                     schema={"type": "boolean"})


def position(name: str, about: str) -> Parameter:
    """Declare `lon,lat` in degrees."""
    def parse(value: str) -> tuple[float, float]:
        lon, lat = _numbers(name, value, "lon,lat")
        return lon, lat
    return Parameter(name=name, about=about, parse=parse,
                     schema={"type": "string", "pattern": "lon,lat"})


def box(name: str, about: str) -> Parameter:
    """Declare `west,south,east,north` in degrees."""
    def parse(value: str) -> tuple[float, float, float, float]:
        west, south, east, north = _numbers(name, value, "west,south,east,north")
        if west > east or south > north:
            raise InvalidInput(f"{name} is {shown(value)}; west,south,east,north is wanted, "
                               "the lesser value first.")
        return west, south, east, north
    return Parameter(name=name, about=about, parse=parse,
                     schema={"type": "string", "pattern": "west,south,east,north"})


def moment(name: str, about: str, *, end_of_day: bool = False) -> Parameter:
    """Declare a date or a date with time; a time without zone counts in the registry's zone.

    Of a bare date the first instant is meant, or the last one where `end_of_day`.
    """
    def parse(value: str) -> datetime:
        try:
            if len(value) <= 10:
                first = date.fromisoformat(value + "-01-01"[len(value) - 4:] if len(value) in (4, 7)
                                           else value)
                last = timedelta(days=1, microseconds=-1) if end_of_day else timedelta()
                return datetime.combine(first, time()) + last
            return datetime.fromisoformat(value.replace(" ", "+"))
        except (ValueError, OverflowError):
            raise InvalidInput(f"{name} is {shown(value)}; a date such as 2024-05-01 or a time "
                               "such as 2024-05-01T08:00:00+08:00 is wanted.") from None
    return Parameter(name=name, about=about, parse=parse,
                     schema={"type": "string", "format": "date-time"})


VALID_AT = moment("valid_at", "The world on that day; by default today.")
KNOWN_AT = moment("known_at", "As the register knew it then; by default now.", end_of_day=True)
MOMENT = (VALID_AT, KNOWN_AT)
#: Every route understands it; see web/language.py.
LANGUAGE = choice("lang", "Language of labels: zh or en.", ("zh", "en"))


def moment_of(valid_at: datetime | None, known_at: datetime | None) -> Moment:
    """Return the point in both times that a client asked for."""
    return Moment(valid_at=valid_at, known_at=known_at)


def read_query(raw: bytes, declared: Sequence[Parameter], zone: ZoneInfo) -> dict[str, Any]:
    """Read a URL's query string by its declaration; LANGUAGE is always understood."""
    try:
        pairs = parse_qsl(raw.decode("utf-8"), keep_blank_values=True, errors="strict",
                          max_num_fields=FIELDS_MOST)
    except ValueError:
        raise InvalidInput("The query is no text in UTF-8, or has too many fields.") from None
    return read_pairs(pairs, (*declared, LANGUAGE), zone)


def read_pairs(pairs: Iterable[tuple[str, str]], declared: Sequence[Parameter],
               zone: ZoneInfo) -> dict[str, Any]:
    """Return one value for each declared parameter, by name."""
    known = {one.name: one for one in declared}
    given: dict[str, Any] = {}
    for name, value in pairs:
        if name not in known:
            raise InvalidInput(f"{shown(name)} is no parameter here; "
                               f"there are: {', '.join(known) or 'none'}.")
        if name in given:
            raise InvalidInput(f"{name} is given more than once.")
        check_printable(name, value.translate(_BREAKS) if known[name].lines else value)
        given[name] = _in_zone(known[name].parse(value), zone)
    return complete(given, declared)


def complete(given: Mapping[str, Any], declared: Sequence[Parameter]) -> dict[str, Any]:
    """Return `given` with the defaults of what is absent."""
    missing = [one.name for one in declared if one.required and one.name not in given]
    if missing:
        raise InvalidInput(f"{', '.join(missing)} must be given.")
    return {one.name: given.get(one.name, one.default) for one in declared}


def check_printable(name: str, value: str) -> None:
    """Refuse control characters, NUL above all."""
    if UNPRINTABLE.search(value):
        raise InvalidInput(f"{name} holds a control character; leave it out.")


def shown(value: str) -> str:
    """Return `value` as an error may repeat it: short and harmless."""
    return repr(value if len(value) <= SHOWN else value[:SHOWN] + "…")


def _numbers(name: str, value: str, form: str) -> tuple[float, ...]:
    parts, wanted = value.split(","), form.split(",")
    if len(parts) != len(wanted):
        raise InvalidInput(f"{name} is {shown(value)}; {form} is wanted.")
    bounds = [180.0 if axis in ("lon", "west", "east") else 90.0 for axis in wanted]
    return tuple(_number(name, part, -most, most)
                 for part, most in zip(parts, bounds, strict=True))


def _number(name: str, value: str, least: float, most: float) -> float:
    try:
        found = float(value) if len(value) <= SHOWN and value.isascii() else math.nan
    except ValueError:
        found = math.nan
    if not least <= found <= most:
        raise InvalidInput(f"{name} is {shown(value)}; a number from {least:g} to {most:g} "
                           "is wanted.")
    return found


def _in_zone(value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=zone)
    return value
