"""What the public page tells of a place: its grid, the offices to call, the nearest service point.

An address is told back to its building only; nobody's name stands here, but for an office's phone.
"""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.across.lookup import lookup_address
from layers.across.places import find, place_json
from layers.codelists import codelist
from spatial.errors import AddressNotUnderstood

#: Steps of a place's chain that are told; a dwelling is told as its building.
TOLD = ("compound", "building")
#: Roles of posts whose office phone is for everybody.
OFFICES = ("grid_head", "administrator", "police_liaison", "community_head", "duty_officer")


def here(session: Session, said: str, language: str) -> dict[str, Any] | None:
    """Return what is told of a place, given its identifier (a QR code's) or an address."""
    place = _place(session, said)
    if place is None:
        return None
    steps = {step["level"]: step for step in place["chain"]}
    grid, community = steps.get("grid"), steps.get("community")
    building = steps.get("building") or steps.get("compound") or steps.get("plate") or (
        place["chain"][-1])
    scope = find(session, building["identifier"]).scope
    roles = codelist("post_role")
    posts = session.execute(_POSTS, {"scope": scope, "roles": list(OFFICES)})
    return {
        "place": building["identifier"], "label": _label(steps, place),
        "grid": grid and grid["label"], "community": community and community["label"],
        "offices": [{"role": roles.label(row.role, language), "phone": row.phone}
                    for row in posts],
        "service_point": _nearest(session, place["point"])}


def _place(session: Session, said: str) -> dict[str, Any] | None:
    if said[1:].isalnum() and said.isascii() and len(said) == 17:
        return place_json(session, [find(session, said).ref])[0]
    try:
        found = lookup_address(session, said, limit=1)
    except AddressNotUnderstood:
        return None
    return found["place"] if found["match_class"] in ("A", "B", "C") else None


def _label(steps: dict[str, Any], place: dict[str, Any]) -> str:
    told = [steps[level]["label"] for level in TOLD if level in steps]
    return "".join(told) or str(place["chain"][-1]["label"])


def _nearest(session: Session, point: list[float] | None) -> dict[str, Any] | None:
    """Return the nearest point of service with its hours, and how far it is as the crow flies."""
    if point is None:
        return None
    row = session.execute(_NEAREST, {"lon": point[0], "lat": point[1]}).first()
    return None if row is None else {"name": row.name, "hours": row.hours, "phone": row.phone,
                    "metres": round(row.away)}


_POSTS = text(
    "SELECT DISTINCT ON (p.role) p.role, p.phone FROM post p LEFT JOIN grid g ON g.id = p.grid_id "
    "LEFT JOIN division d ON d.id = p.division_id WHERE p.valid_to IS NULL AND p.phone IS NOT NULL "
    "AND p.role = ANY(:roles) AND (g.scope = :scope OR d.level IN ('community', 'subdistrict') "
    "AND :scope BETWEEN d.low AND d.high) ORDER BY p.role, g.id NULLS LAST, d.low DESC")
_NEAREST = text(
    "WITH spot AS (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS p) "
    "SELECT f.name, f.hours, f.phone, ST_Distance(f.geometry::geography, p::geography) AS away "
    "FROM facility f, spot WHERE f.kind = 'service_station' AND f.valid_to IS NULL "
    "AND f.geometry IS NOT NULL ORDER BY f.geometry <-> p LIMIT 1")
