"""Streets: one connected graph, met by plates in order."""

from collections import defaultdict
from itertools import pairwise

import shapely


def test_there_are_eight_main_roads_and_twenty_nine_back_streets(ledgers):
    complete = next(d.shape for d in ledgers.features("divisions") if d.name == "明仁街道")
    inside = [s for s in ledgers.features("streets")
              if shapely.intersection(s.shape, complete).length > 0.0005]
    assert sum(s.kind == "main" for s in inside) == 8
    assert sum(s.kind == "back" for s in inside) == 29


def test_all_streets_hang_together_by_shared_vertices(ledgers):
    towards = defaultdict(set)
    for street in ledgers.features("streets"):
        for line in shapely.get_parts(street.shape):
            for a, b in pairwise(map(tuple, line.coords)):
                towards[a].add(b)
                towards[b].add(a)
    start = next(iter(towards))
    seen, edge = {start}, [start]
    while edge:
        edge = [n for p in edge for n in towards[p] if n not in seen and not seen.add(n)]
    assert len(seen) == len(towards)


def test_no_number_is_given_twice_on_a_street(ledgers):
    numbers = [(p.street, p.number) for p in ledgers.rows("plates")]
    assert len(set(numbers)) == len(numbers)


def test_numbers_on_a_side_grow_along_the_street(ledgers):
    points = ledgers.points("plates")
    lines = {f.source_id: line for f, line in zip(ledgers.features("streets"),
                                                  ledgers.metres("streets"), strict=True)}
    sides = defaultdict(list)
    for plate in ledgers.rows("plates"):
        if plate.number.isdigit() and plate.belongs_to not in villages(ledgers):
            along = lines[plate.street].project(points[plate.source_id])
            sides[plate.street, int(plate.number) % 2].append((int(plate.number), along))
    for some in sides.values():
        ordered = [along for _, along in sorted(some)]
        forth = sum(b >= a - 20.0 for a, b in pairwise(ordered))
        back = sum(b <= a + 20.0 for a, b in pairwise(ordered))
        assert max(forth, back) == len(ordered) - 1


def villages(ledgers):
    kinds = {c.source_id for c in ledgers.features("compounds") if c.kind == "village"}
    return {b.source_id for b in ledgers.features("buildings") if b.compound in kinds}


def test_plates_belong_to_buildings_to_compounds_and_to_bare_lots(ledgers):
    assert {p.belongs_to[:1] for p in ledgers.rows("plates")} == {"B", "C", ""}
