"""Figures of orders for who sees no single one: what may tell of persons is rounded.

Orders of things are counted exactly. Of all others a row gets its count rounded where it has
LEAST or more; what is left of the smaller ones is one block together, in the residual. The total
is the sum of these, so that none is had by subtraction; and the running month is left out, so that
nobody watches a figure change.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from layers.across.disclosure import LEAST, STEP, rounded_to_step
from layers.across.orders_figures_asked import Asked
from layers.across.orders_rights import READERS
from layers.across.rollup import EXACT_FOR
from layers.across.theme_period import Period, whole_months
from layers.caller import Caller

Row = dict[str, Any]
#: Earlier than any order, for a period without a beginning.
_EVER = datetime(1970, 1, 2)


def is_rounded(caller: Caller) -> bool:
    """Tell whether this caller's figures are rounded."""
    return caller.role not in READERS and caller.role not in EXACT_FOR["incidents"]


def in_full_months(asked: Asked) -> Asked:
    """Return the question over the full months of its period."""
    now = datetime.now(ZoneInfo(asked.zone))
    since = asked.since or _EVER.replace(tzinfo=now.tzinfo)
    months = whole_months(Period(since, max(asked.until or now, since)), now)
    return replace(asked, since=asked.since and months.since, until=months.until)


def told(rows: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return one row a key, of rows that are each of things, or `private`; the rest has none."""
    known: dict[str | None, Row] = {}
    small: Row = {}
    for row in rows:
        counts = {name: value for name, value in row.items() if name not in ("key", "private")}
        if not row["private"]:
            _add(known.setdefault(row["key"], {}), counts)
        elif row["key"] is None or counts["received"] < LEAST:
            _add(small, counts)
        else:
            _add(known.setdefault(row["key"], {}), _rounded(counts))
    if small.get("received", 0) >= LEAST:
        _add(known.setdefault(None, {}), _rounded(small))
    return [{"key": key, **row} for key, row in known.items()]


def _add(to: Row, counts: Mapping[str, int]) -> None:
    for name, value in counts.items():
        to[name] = to.get(name, 0) + value


def _rounded(counts: Mapping[str, int]) -> Row:
    """Round every count alike, so that no part is above its whole."""
    return {name: rounded_to_step(value) for name, value in counts.items()}


def rule(asked: Asked) -> dict[str, Any]:
    """Return what the answer says of its rounding."""
    return {"to": STEP, "least": LEAST, "until": asked.until and asked.until.isoformat()}
