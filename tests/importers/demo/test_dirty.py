"""Dirty ledgers: what the import reports of each row is what the truth beside them says."""

import csv
import json
from collections import Counter

import pytest

from importers.demo.dirty import TRUTH, write_dirty
from importers.demo.dirty.places import read_places
from importers.intake import Intake, take_in
from importers.loading import Order
from layers.households import Household
from layers.residents import Resident
from spatial.sealing import Vault
from tests.support.walls import system_engine

#: Two compounds of one name, courts without entrances, and a common one.
COMPOUNDS = {"和平小区", "马家院", "仓门里", "南仓小区"}
PLACES = ("divisions.geojson", "grids.geojson", "streets.geojson")


def keep_csv(source, target, wanted):
    with (source.open(encoding="utf-8", newline="") as file,
          target.open("w", encoding="utf-8", newline="") as out):
        reader = csv.DictReader(file)
        writer = csv.DictWriter(out, reader.fieldnames)
        writer.writeheader()
        rows = [row for row in reader if wanted(row)]
        writer.writerows(rows)
    return {row.get("source_id") for row in rows}


def keep_features(source, target, wanted):
    body = json.loads(source.read_text("utf-8"))
    body["features"] = [one for one in body["features"] if wanted(one["properties"])]
    target.write_text(json.dumps(body, ensure_ascii=False), "utf-8")
    return {one["properties"]["source_id"] for one in body["features"]}


@pytest.fixture(scope="module")
def share(ledgers, tmp_path_factory):
    """The places of a few compounds, and the clean ledgers of who lives there."""
    source, places = ledgers.folder, tmp_path_factory.mktemp("places")
    clean = tmp_path_factory.mktemp("clean")
    for name in PLACES:
        (places / name).write_bytes((source / name).read_bytes())
    inside = {"street": None, "plate": None}
    compounds = keep_features(source / "compounds.geojson", places / "compounds.geojson",
                              lambda one: one["name"] in COMPOUNDS)
    buildings = keep_features(source / "buildings.geojson", places / "buildings.geojson",
                              lambda one: one["compound"] in compounds)
    for name in ("entrances", "storeys", "units"):
        inside[name] = keep_csv(source / f"{name}.csv", places / f"{name}.csv",
                                lambda row: row["building"] in buildings)
    for path in places.iterdir():
        (clean / path.name).write_bytes(path.read_bytes())
    known = read_places(places).by_text
    keep_csv(source / "residents.csv", clean / "residents.csv",
             lambda row: row["place"] in inside["units"] and (
                 "青禾区" not in row["registered_address"] or row["registered_address"] in known))
    for name in ("households", "organizations"):
        keep_csv(source / f"{name}.csv", clean / f"{name}.csv",
                 lambda row: row["place"] in inside["units"])
    return places, clean


def expected(path):
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file)]


@pytest.fixture
def taken(share, fresh_url, tmp_path):
    """The truth and the report of one import into a registry of these places."""
    places, clean = share
    folder = tmp_path / "dirty"
    vault = Vault.open(tmp_path / "keys")
    engine = system_engine(fresh_url, vault)
    take_in(engine, vault, places, Intake(order=Order(source="demonstration"), apply=True))
    write_dirty(folder, clean=clean)
    intake = Intake(order=Order(source="台账"), apply=True, rejects=tmp_path / "refused",
                    report=tmp_path / "report.csv")
    results = take_in(engine, vault, folder, intake)
    with intake.report.open(encoding="utf-8-sig", newline="") as file:
        report = list(csv.DictReader(file))
    yield expected(folder / TRUTH), report, results, engine
    engine.dispose()


def test_the_report_of_dirty_ledgers_is_right_row_by_row(taken):
    truth, report, results, engine = taken
    assert {row["outcome"] for row in truth} == {"linked", "queued", "kept", "rejected"}
    assert len(truth) > 2000
    told, meant = Counter(), Counter()
    for row in report:
        refused = row["outcome"] == "rejected"
        told[row["file"], int(row["row"]), row["outcome"],
             row["column"] if refused else row["says"],
             row["rule"] if refused else row["place"]] += 1
    for row in truth:
        refused = row["outcome"] == "rejected"
        meant[row["file"], int(row["row"]), row["outcome"],
              row["column"] if refused else row["says"],
              row["rule"] if refused else row["place"]] += 1 if refused else int(row["persons"])
    for counted in (told, meant):       # a row of several persons is refused once, or for each
        counted.update({key: 1 - count for key, count in counted.items() if key[2] == "rejected"})
    wrong = sorted((told - meant).items()) + sorted((meant - told).items())
    texts = {(row["file"], int(row["row"])): row["address"] for row in report}
    assert not wrong, [(*one, texts.get(one[0][:2])) for one in wrong[:20]]
    assert sum(one.rejected for one in results) == len(
        {(row["file"], row["row"]) for row in truth if row["outcome"] == "rejected"})
    with engine.connect() as connection:
        persons = connection.exec_driver_sql("SELECT count(*) FROM resident").scalar_one()
        twice = connection.exec_driver_sql(
            "SELECT count(*) FROM (SELECT FROM residency WHERE coalesce(state, 'confirmed') = "
            "'confirmed' GROUP BY resident_id, kind HAVING count(*) > 1) t").scalar_one()
        homeless = connection.exec_driver_sql(
            f"SELECT count(*) FROM {Household.__tablename__} h WHERE unit_id IS NULL AND "
            "building_id IS NULL AND EXISTS (SELECT FROM resident r JOIN residency y "
            "ON y.resident_id = r.id WHERE r.household_id = h.id AND y.kind = 'living' "
            "AND y.unit_id IS NOT NULL)").scalar_one()
        phones = connection.exec_driver_sql(
            f"SELECT count(*) FROM {Resident.__tablename__} WHERE phone IS NOT NULL").scalar_one()
    assert persons == sum(one.new for one in results if one.layer == "residents")
    assert (twice, homeless) == (0, 0) and phones > persons / 2
