"""Storeys meet what is there by building and index together."""

from sqlalchemy import select

from layers.storeys import Storey
from tests.importers.conftest import rectangle

BUILDINGS = f"""
    source_id,number,wkt
    A1,1,"{rectangle(122.0, 43.0, 122.001, 43.001)}"
    A2,2,"{rectangle(122.01, 43.0, 122.011, 43.001)}"
"""
STOREYS = """
    source_id,building,label,index,base_m
    F1,A1,1F,1,0
    F2,A1,2F,2,3
    F3,A2,1F,1,0.5
    F4,A2,2F,2,3.5
"""


def storeys(door):
    with door.engine.connect() as connection:
        return sorted(map(tuple, connection.execute(select(
            Storey.source, Storey.source_id, Storey.index, Storey.base_m))))


def test_storeys_of_two_buildings_are_four(door):
    door.write("buildings", BUILDINGS)
    door.write("storeys", STOREYS)
    assert door.take()["storeys"].new == 4
    assert [one[1:] for one in storeys(door)] == [
        ("F1", 1, 0), ("F2", 2, 3), ("F3", 1, 0.5), ("F4", 2, 3.5)]
    assert door.take()["storeys"].unchanged == 4


def test_a_storey_that_units_made_belongs_to_the_first_ledger_that_names_it(door):
    door.write("buildings", BUILDINGS)
    door.write("units", "source_id,building,storey,designator\nU1,A1,2,201\n")
    door.take()
    assert [one[:2] for one in storeys(door)] == [(None, None)] * 2
    door.write("storeys", STOREYS)
    counts = door.take(door.folder / "storeys.csv")["storeys"]
    assert (counts.new, counts.changed, counts.unchanged) == (2, 0, 2), "they say the same"
    assert ("test", "F2", 2, 3) in storeys(door)
    assert door.count(Storey) == 4


def test_a_ledger_of_nothing_but_buildings_and_indexes_is_stored(door):
    door.write("buildings", BUILDINGS)
    door.write("storeys", "source_id,building,index\nF1,A1,1\nF2,A2,1\n")
    assert door.take()["storeys"].new == 2
    assert door.take()["storeys"].unchanged == 2


def test_another_source_meets_the_storeys_that_are_there(door):
    door.write("buildings", BUILDINGS)
    door.write("storeys", STOREYS)
    door.take()
    path = door.write("survey.csv", """
        source_id,building,label,index,base_m,top_m
        X1,A1,底层,1,0.2,2.9
    """)
    with door.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE building SET source = 'other'")
    door.write("buildings", BUILDINGS)
    door.take(door.folder / "buildings.csv", source="other")
    result = door.take(path, layer="storeys", source="other")["storeys"]
    assert (result.read, result.rejected) == (1, 0)
    assert door.count(Storey) == 4
    with door.engine.connect() as connection:
        one = connection.execute(select(Storey.base_m, Storey.top_m, Storey.label).where(
            Storey.source_id == "F1")).one()
    assert tuple(one) == (0, 2.9, "1F"), "what came first stays, what was empty is filled"
