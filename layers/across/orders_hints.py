"""Hints for the desk: what kind of request the words may be, and which open orders are alike."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.across.orders_clocks import DATA
from layers.across.orders_intake import Located
from layers.caller import Caller
from layers.codelists import codelist

#: Metres within which an open order of the same service out of doors may be the same thing.
NEAR_M = 250
#: Days after which an open order is no longer taken for the same thing.
DAYS = 14
MOST = 5


@dataclass(frozen=True, slots=True)
class Guess:
    """One service that words speak for, with the words that do."""

    code: str
    words: tuple[str, ...]

    @property
    def weight(self) -> tuple[int, int]:
        """Return how much speaks for it: letters of its words, then how many there are."""
        return sum(len(word) for word in self.words), len(self.words)


@cache
def word_list() -> Mapping[str, tuple[str, ...]]:
    """Return the words of each service."""
    said = json.loads((DATA / "words.json").read_text(encoding="utf-8"))["words"]
    return {code: tuple(words) for code, words in said.items()}


def guess(written: str, language: str) -> list[dict[str, Any]]:
    """Return the services that a text may be about, the likeliest first, and why."""
    text_ = written.casefold()
    found = [Guess(code, hits) for code, words in word_list().items()
             if (hits := tuple(word for word in words if word in text_))]
    found.sort(key=lambda one: one.weight, reverse=True)
    names = codelist("service_code")
    return [{"code": one.code, "label": names.label(one.code, language),
             "words": list(one.words)} for one in found[:MOST]]


def alike(session: Session, caller: Caller, located: Located, code: str,
          language: str) -> list[dict[str, Any]]:
    """Return open orders of the same service at the same building or within 250 metres.

    They are told by receipt number and where in the building they are; words are not told.
    """
    spot, inside = located.spot, located.columns
    rows = session.execute(_ALIKE, {
        "code": code, "building": inside.get("building_id"), "unit": inside.get("unit_id"),
        "lon": spot.lon, "lat": spot.lat, "metres": NEAR_M, "days": DAYS, "most": MOST,
        "low": caller.low, "high": caller.high}).all()
    status = codelist("incident_status")
    return [{"identifier": row.identifier, "receipt": row.receipt,
             "status": status.label(row.status, language), "how": row.how,
             "received_at": row.received_at.isoformat(),
             "metres": None if row.away is None else round(row.away)} for row in rows]


_ALIKE = text("""
WITH asked AS (
    SELECT ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), 4326) AS p,
           (SELECT storey_id FROM unit WHERE id = CAST(:unit AS bigint)) AS storey
), near AS (
    SELECT i.identifier, o.receipt, o.status, o.received_at,
           ST_Distance(ST_PointOnSurface(coalesce(i.geometry, b.geometry))::geography,
                       asked.p::geography) AS away,
           CASE WHEN coalesce(i.building_id, u.building_id) IS DISTINCT FROM
                     CAST(:building AS bigint) OR CAST(:building AS bigint) IS NULL THEN 'near'
                WHEN coalesce(i.storey_id, u.storey_id) = asked.storey THEN 'floor'
                ELSE 'building' END AS how
    FROM incident_order o JOIN incident i ON i.id = o.incident_id CROSS JOIN asked
    LEFT JOIN unit u ON u.id = i.unit_id
    LEFT JOIN building b ON b.id = coalesce(i.building_id, u.building_id)
    WHERE o.service_code = :code AND o.status NOT IN ('closed', 'rejected')
      AND o.scope BETWEEN :low AND :high
      AND o.received_at > now() - make_interval(days => :days)
)
SELECT * FROM near WHERE how <> 'near' OR away <= :metres
ORDER BY how = 'near', how = 'building', away, received_at DESC LIMIT :most
""")
