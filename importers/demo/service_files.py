"""The ledgers of services: who answers for what, what is let, checked and patrolled."""

import shutil
from dataclasses import astuple
from pathlib import Path

import shapely

from importers.demo.agencies import Agency, service_rows
from importers.demo.ledgers import write_csv, write_geojson
from importers.demo.plan import DATA
from importers.demo.townsfolk import Folk

_AGENCIES = ("source_id", "name", "kind", "area", "hours", "phone", "roster", "wkt")
_SERVICES = ("source_id", "code", "name", "agency", "on_site_minutes", "finish", "calendar",
             "sensitive", "needs_check")
_TENANCIES = ("source_id", "place", "landlord", "tenant", "kind", "beds", "filing_number", "from",
              "to")
_CHECKS = ("source_id", "place", "kind", "finding", "found_on", "due_on", "mended_on")


def write_services(folder: Path, folk: Folk) -> dict[str, int]:
    """Write the ledgers and return their rows by name."""
    calendar = DATA / "calendar" / "calendar_days.csv"
    shutil.copyfile(calendar, folder / calendar.name)
    return {
        "agencies": write_csv(folder / "agencies.csv", _AGENCIES, (
            (a.source_id, a.name, a.kind, a.area, a.hours, a.phone, a.roster, _wkt(a))
            for a in folk.agencies)),
        "services": write_csv(folder / "services.csv", _SERVICES, service_rows(folk.agencies)),
        "tenancies": write_csv(folder / "tenancies.csv", _TENANCIES,
                               ((*astuple(t), "") for t in folk.tenancies)),
        "checks": write_csv(folder / "checks.csv", _CHECKS, map(astuple, folk.checks)),
        "patrols": write_geojson(folder / "patrols.geojson", (
            ({"source_id": p.source_id, "kind": p.kind, "name": p.name, "period": p.period},
             p.shape) for p in folk.patrols)),
        "calendar_days": len(calendar.read_text("utf-8").splitlines()) - 1,
    }


def _wkt(agency: Agency) -> str:
    return shapely.to_wkt(agency.shape, rounding_precision=8) if agency.shape else ""
