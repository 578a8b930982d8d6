"""Buildings of two sources meet by their footprints."""

from importers.journal import SourceLink
from importers.withdrawing import take_back
from layers.buildings import Building
from layers.units import Unit
from tests.importers.conftest import rectangle

HEAD = "source_id,number,function,wkt"
SURVEY = f'{HEAD}\nA1,3,,"{rectangle(122.2050, 43.6050, 122.2060, 43.6052)}"'


def drawn(*rows):
    return "\n".join([HEAD, *(f'{one},,{use},"{rectangle(*box)}"' for one, use, box in rows)])


CADASTRE = drawn(
    ("C7", "residential", (122.20503, 43.6050, 122.20603, 43.6052)),      # the same, moved by 2 m
    ("C8", "office", (122.2056, 43.6050, 122.2066, 43.6052)),             # 40 of 160 in common
    ("C9", "office", (122.2080, 43.6050, 122.2090, 43.6052)))


def test_a_second_source_meets_the_building_that_is_there(door):
    door.take(door.write("buildings", SURVEY), source="survey")
    said = door.take(door.write("buildings", CADASTRE), source="cadastre")["buildings"]
    assert (said.new, said.changed, said.rejected) == (2, 1, 0)
    assert door.column(Building.source_id) == ["A1", "C8", "C9"]
    assert door.column(Building.function, Building.source_id == "A1") == ["residential"]
    assert door.column(Building.number, Building.source_id == "A1") == ["3"]
    again = door.take(door.write("buildings", CADASTRE), source="cadastre")["buildings"]
    assert (again.unchanged, again.new, again.changed) == (3, 0, 0)
    units = door.write("units", "source_id,building,designator\nU1,C7,101")
    assert door.take(units, source="cadastre")["units"].new == 1
    assert door.count(Unit, Unit.building_id == door.column(
        Building.id, Building.source_id == "A1")[0]) == 1
    done = take_back(door.engine, door.vault, said.job, by="li", apply=True)
    assert (done.restored, done.ended, done.unlinked) == (1, 2, 1)
    assert door.column(Building.function, Building.source_id == "A1") == [None]
    assert door.count(SourceLink) == 0


def test_of_two_that_fit_the_better_one_meets(door):
    door.take(door.write("buildings", SURVEY), source="survey")
    two = drawn(("C1", "", (122.20510, 43.6050, 122.20610, 43.6052)),
                ("C2", "", (122.20501, 43.6050, 122.20601, 43.6052)))
    said = door.take(door.write("buildings", two), source="cadastre")["buildings"]
    assert (said.new, said.changed + said.unchanged) == (1, 1)
    assert door.column(SourceLink.source_id) == ["C2"]
