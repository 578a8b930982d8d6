"""Divisions and grids: a partition without gaps, with codes that follow the standards."""

import re
from collections import defaultdict

import numpy as np
import shapely


def test_grids_fit_together_without_gap_or_overlap(ledgers):
    shapes = np.array([g.shape for g in ledgers.features("grids")])
    assert shapely.coverage_is_valid(shapes)
    assert all(s.geom_type == "Polygon" and s.is_valid for s in shapes)
    whole = shapely.coverage_union_all(shapes)
    assert whole.geom_type == "Polygon" and not whole.interiors


def test_every_division_is_exactly_the_union_of_its_parts(ledgers):
    divisions = {d.source_id: d for d in ledgers.features("divisions")}
    parts = defaultdict(list)
    for grid in ledgers.features("grids"):
        parts[grid.community].append(grid.shape)
    for division in divisions.values():
        if division.parent:
            parts[division.parent].append(division.shape)
    for source_id, shapes in parts.items():
        union = shapely.coverage_union_all(np.array(shapes))
        assert shapely.normalize(union).equals(shapely.normalize(divisions[source_id].shape))


def test_codes_follow_the_standards(ledgers):
    divisions = {d.source_id: d for d in ledgers.features("divisions")}
    for division in divisions.values():
        length = {"district": 6, "subdistrict": 9, "community": 12}[division.level]
        assert re.fullmatch(rf"999901\d{{{length - 6}}}", division.code)
        if division.parent:
            assert division.code.startswith(divisions[division.parent].code)
    for grid in ledgers.features("grids"):
        assert re.fullmatch(r"\d{20}", grid.code)
        assert grid.code[6:18] == divisions[grid.community].code
    assert len({g.code for g in ledgers.features("grids")}) == 772


def test_names_of_communities_are_unique(ledgers):
    names = [d.name for d in ledgers.features("divisions")]
    assert len(set(names)) == len(names)
