"""Storeys and units: labels, indexes and doors."""

from collections import Counter, defaultdict


def test_storeys_stand_on_each_other(ledgers):
    buildings = defaultdict(list)
    for s in ledgers.rows("storeys"):
        buildings[s.building].append((float(s.index), float(s.base_m), float(s.top_m)))
    assert len(buildings) == 334
    for storeys in buildings.values():
        storeys.sort()
        assert all(round(a[2], 2) == round(b[1], 2)
                   for a, b in zip(storeys, storeys[1:], strict=False))
        assert all((index < 0) == (base < 0) for index, base, _ in storeys)


def test_a_unit_stands_on_a_storey_and_behind_a_door_of_its_building(ledgers):
    storeys = {(s.building, key) for s in ledgers.rows("storeys") for key in (s.index, s.label)}
    doors = {(e.building, e.number) for e in ledgers.rows("entrances")}
    for unit in ledgers.rows("units"):
        assert (unit.building, unit.storey) in storeys
        assert not unit.entrance or (unit.building, unit.entrance) in doors


def test_a_door_has_a_designator_once(ledgers):
    doors = Counter((u.building, u.entrance, u.designator) for u in ledgers.rows("units"))
    assert max(doors.values()) == 1


def test_the_designators_people_use_are_there(ledgers):
    designators = {u.designator for u in ledgers.rows("units")}
    assert {"101", "501", "1502", "门市3", "B1-103", "摊位12"} <= designators
    assert {"东户", "西户", "北房"} <= {u.position for u in ledgers.rows("units")}
    assert {"B1", "B2", "夹层"} <= {s.label for s in ledgers.rows("storeys")}


def test_the_dwelling_everyone_asks_for_exists_and_is_lived_in(ledgers):
    compound = next(c.source_id for c in ledgers.features("compounds") if c.name == "阳光花园")
    building = next(b.source_id for b in ledgers.features("buildings")
                    if b.compound == compound and b.label == "3号楼")
    found = [u for u in ledgers.rows("units") if u.building == building and u.entrance == "2"
             and u.designator == "501" and u.storey == "5"]
    assert len(found) == 1
    assert found[0].source_id in {h.place for h in ledgers.rows("households")}


def test_shop_fronts_bear_the_plate_that_hangs_there(ledgers):
    plates = {(p.street, p.number) for p in ledgers.rows("plates")}
    shops = [u for u in ledgers.rows("units") if u.designator.startswith("门市")]
    assert len(shops) > 150
    assert all((u.street, u.plate) in plates for u in shops)
