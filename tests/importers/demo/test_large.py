"""Cities: districts beside each other, each with names and numbers of its own."""

import csv
import json

import pytest
import shapely
from shapely.geometry import shape

from importers.demo.large import write_districts
from importers.demo.large.naming import district_code, words
from importers.mapping import best_layer
from spatial.codes import check_credit_code, check_id_number, check_phone


class City:
    """The ledgers of a folder whose files hold several districts each."""

    def __init__(self, folder):
        self.folder = folder

    def rows(self, name):
        with (self.folder / f"{name}-01.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def features(self, name):
        return json.loads((self.folder / f"{name}-01.geojson").read_text("utf-8"))["features"]


@pytest.fixture(scope="module")
def city(ledgers, tmp_path_factory):
    folder = tmp_path_factory.mktemp("city")
    write_districts(folder, seed=7, districts=2, progress=lambda *_: None, base=ledgers.folder)
    return City(folder)


def column(city, name, key):
    return [row[key] for row in city.rows(name) if row[key]]


@pytest.mark.parametrize(("ledger", "key", "check"), [
    ("residents", "id_number", check_id_number), ("residents", "phone", check_phone),
    ("organizations", "credit_code", check_credit_code)])
def test_numbers_are_right_and_nobody_shares_one(city, ledger, key, check):
    found = [row[key] for row in city.rows(ledger)
             if row[key] and row.get("id_type", "") in ("", "resident_id", "none")]
    assert len(set(found)) == len(found) > 2_000
    assert all(check(number).valid for number in found[::37])


def test_every_reference_is_to_a_row_of_the_same_city(city):
    known = {row["source_id"] for path in city.folder.glob("*.csv") if "source_id" in (
        head := path.read_text("utf-8").split("\n", 1)[0].split(",")) and head
        for row in city.rows(path.stem.removesuffix("-01"))}
    for path in city.folder.glob("*.geojson"):
        known |= {one["properties"]["source_id"]
                  for one in city.features(path.stem.removesuffix("-01"))}
    for name, keys in (("residents", ("place", "household")), ("units", ("building", "street")),
                       ("households", ("place",)), ("tenancies", ("place",)),
                       ("incidents", ("place", "agency")), ("plates", ("street", "belongs_to"))):
        for key in keys:
            assert not set(column(city, name, key)) - known, (name, key)


def test_each_district_has_its_own_code_name_and_ground(city):
    divisions = [one for one in city.features("divisions")
                 if one["properties"]["level"] == "district"]
    assert [one["properties"]["code"] for one in divisions] == [district_code(0), district_code(1)]
    assert divisions[0]["properties"]["name"] == "青禾区"
    assert divisions[1]["properties"]["name"] == f"{words()[1]}区"
    first, second = (shape(one["geometry"]) for one in divisions)
    assert not shapely.intersects(first, second)
    assert abs(first.area / second.area - 1) < 0.01
    names = [one["properties"]["name"] for one in city.features("compounds")]
    assert len([name for name in names if name.endswith("阳光花园")]) == 2
    assert len(set(names)) >= len(names) - 2       # 和平小区 stands twice in each


def test_people_of_another_district_have_other_names(city):
    rows = city.rows("residents")
    here, there = rows[:len(rows) // 2], rows[len(rows) // 2:]
    same = sum(a["name"] == b["name"] for a, b in zip(here, there, strict=True))
    assert same < len(here) / 8
    heads = {row["source_id"]: row["head"] for row in city.rows("households")}
    first = {}
    for row in rows:
        first.setdefault(row["household"], row["name"])
    assert first == {key: heads[key] for key in first}


def test_an_address_of_another_district_names_its_own_places(city):
    word = words()[1]
    texts = [row["registered_address"] for row in city.rows("residents")
             if word in row["registered_address"]]
    assert texts and not any("青禾" in text for text in texts)


def test_a_part_of_a_ledger_is_known_by_its_name():
    assert best_layer("residents-03", ()) == "residents"
    assert best_layer("units_12", ()) == "units"


def test_there_are_districts_enough_for_a_metropolis():
    assert len(set(words()[:216])) == 216
    assert len({district_code(number) for number in range(216)}) == 216
