"""Every coded value of the ledgers stands in its code list."""

import json
from pathlib import Path

import pytest

LISTS = Path(__file__).parent.parent.parent.parent / "data" / "codelists"
CODED = [
    ("divisions", "level", "division_level"), ("divisions", "kind", "division_kind"),
    ("grids", "kind", "grid_kind"), ("streets", "kind", "street_class"),
    ("compounds", "kind", "compound_kind"), ("buildings", "function", "building_function"),
    ("grounds", "kind", "ground_kind"), ("units", "use", "unit_use"),
    ("households", "kind", "household_kind"), ("residents", "sex", "sex"),
    ("residents", "id_type", "id_type"), ("residents", "residency", "residency_kind"),
    ("residents", "relation_to_head", "relation_to_head"),
    ("organizations", "kind", "organization_kind"), ("organizations", "industry", "industry"),
    ("posts", "role", "post_role"), ("posts", "level", "post_level"),
    ("facilities", "kind", "facility_kind"), ("facilities", "status", "facility_status"),
    ("incidents", "service_code", "service_code"), ("incidents", "channel", "channel"),
    ("incidents", "status", "incident_status"), ("agencies", "kind", "agency_kind"),
    ("services", "code", "service_code"), ("services", "calendar", "service_calendar"),
    ("tenancies", "kind", "tenancy_kind"), ("checks", "kind", "check_kind"),
    ("patrols", "kind", "patrol_kind"), ("calendar_days", "kind", "day_kind"),
]


@pytest.mark.parametrize(("ledger", "column", "codelist"), CODED)
def test_a_coded_value_stands_in_its_list(ledgers, ledger, column, codelist):
    body = json.loads((LISTS / f"{codelist}.json").read_text("utf-8"))
    known = {c["code"] for c in body["codes"]}
    shapes = (ledgers.folder / f"{ledger}.geojson").exists()
    rows = ledgers.features(ledger) if shapes else ledgers.rows(ledger)
    assert {code for r in rows for code in getattr(r, column).split(";")} <= known


@pytest.mark.parametrize("path", sorted(LISTS.glob("*.json")), ids=lambda p: p.stem)
def test_a_code_list_has_every_code_once_in_both_languages(path):
    body = json.loads(path.read_text("utf-8"))
    codes = [c["code"] for c in body["codes"]]
    assert len(set(codes)) == len(codes) > 0
    assert all(c["en"] and c["zh"] for c in body["codes"])
    assert body["title"]["en"] and body["title"]["zh"]
