"""A real register with its history goes in whole, and gives back each of its states."""

import csv
import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from importers.mapping_file import read_map
from layers.buildings import Building
from layers.compounds import Compound
from layers.entrances import Entrance
from layers.storeys import Storey
from layers.units import Unit
from spatial.history import Moment, history_of, seen
from tests.importers.conftest import Door
from tests.support.cluster import copy_database
from tests.support.walls import system_engine

DATA = Path(__file__).parents[2] / "data"
MAP = DATA / "mappings" / "bbr.yaml"
FILES = {"buildings": "building_bygning", "entrances": "entrance_opgang",
         "storeys": "storey_etage", "units": "unit_enhed"}
MODELS = {"buildings": Building, "entrances": Entrance, "storeys": Storey, "units": Unit}
VERSIONS = {"buildings": (4491, 700), "entrances": (913, 301), "storeys": (437, 372),
            "units": (2385, 362)}
#: A column of ours, and the register's own, by layer: what a state is compared by.
TOLD = {
    "buildings": (("number", "byg007Bygningsnummer"),
                  ("storeys_above_ground", "byg054AntalEtager")),
    "entrances": (), "storeys": (("label", "eta006BygningensEtagebetegnelse"),),
    "units": (("area_m2", "enh026EnhedensSamledeAreal"),),
}


def instant(said):
    return datetime.fromisoformat(said.replace("Z", "+00:00")) if said else None


@pytest.fixture(scope="module")
def raw():
    found = {}
    for layer, name in FILES.items():
        packed = DATA / "samples" / "bbr" / f"{name}.csv.gz"
        with gzip.open(packed, "rt", encoding="utf-8-sig") as stream:
            found[layer] = list(csv.DictReader(stream))
    return found


@pytest.fixture(scope="module")
def denmark(cluster, template, vault, tmp_path_factory):
    """The register's four files, imported once through its mapping."""
    engine = system_engine(copy_database(cluster, "denmark"), vault)
    folder = tmp_path_factory.mktemp("bbr")
    for name in FILES.values():
        packed = (DATA / "samples" / "bbr" / f"{name}.csv.gz").read_bytes()
        (folder / f"{name}.csv").write_bytes(gzip.decompress(packed))
    door = Door(engine, vault, folder, {"source": "BBR", "bad_share": 0.0})
    door.results = door.take(decided=read_map(MAP))
    yield door
    engine.dispose()


def test_every_version_that_came_is_stored(denmark, raw):
    for layer, (versions, objects) in VERSIONS.items():
        table = MODELS[layer].__table__
        said = denmark.results[layer]
        assert (said.read, said.new, said.rejected) == (versions, versions, 0)
        assert denmark.count(table) == objects == len({row["id_lokalId"] for row in raw[layer]})
        assert denmark.count(table) + denmark.count(history_of(table)) == versions


def test_a_register_imported_again_changes_nothing(denmark):
    again = denmark.take(decided=read_map(MAP))
    for layer, (versions, _) in VERSIONS.items():
        assert (again[layer].unchanged, again[layer].new) == (versions, 0)
        assert denmark.count(history_of(MODELS[layer].__table__)) + denmark.count(
            MODELS[layer]) == versions


def test_every_reference_is_held(denmark, raw):
    wanted = {layer: {(row["id_lokalId"], row["bygning"]) for row in raw[layer]}
              for layer in ("entrances", "storeys")}
    homes = {row["id_lokalId"]: row["bygning"] for row in raw["storeys"]}
    wanted["units"] = {(row["id_lokalId"], homes[row["etage"]]) for row in raw["units"]}
    with denmark.engine.connect() as connection:
        for layer, pairs in wanted.items():
            for table in (MODELS[layer].__table__, history_of(MODELS[layer].__table__)):
                rows = connection.execute(
                    select(table.c.source_id, Building.source_id).join(
                        Building, Building.id == table.c.building_id)).all()
                assert {tuple(row) for row in rows} <= pairs
                assert len(rows) == denmark.count(table)
        assert denmark.count(Unit, Unit.entrance_id.is_(None) | Unit.storey_id.is_(None)) == 0


def test_life_cycles_and_codes_are_told_in_our_words(denmark, raw):
    codes = {"1": "planned", "2": "planned", "3": "under_construction", "6": "in_use",
             "9": "withdrawn", "10": "demolished", "11": "erroneous", "12": "under_construction"}
    for layer, model in MODELS.items():
        wanted = sorted(codes[row["status"]] for row in raw[layer])
        found = [one for table in (model.__table__, history_of(model.__table__))
                 for one in denmark.column(table.c.lifecycle)]
        assert sorted(found) == wanted
    assert set(denmark.column(Storey.index)) == {-1.0, 1.0, 2.0, 3.0}


MOMENTS = st.datetimes(datetime(1999, 1, 1), datetime(2020, 6, 1)).map(  # noqa: DTZ001
    lambda one: one.replace(tzinfo=UTC))


def expected(rows, valid_at, known_at):
    """Return the rows that the register itself held to be so."""
    def within(row, start, end, moment):
        first, last = instant(row[start]), instant(row[end])
        return first <= moment and (last is None or last > moment)

    return [row for row in rows if within(row, "registreringFra", "registreringTil", known_at)
            and within(row, "virkningFra", "virkningTil", valid_at)]


def compare(denmark, rows, layer, valid_at, known_at):
    alias = seen(MODELS[layer], Moment(valid_at, known_at))
    columns = [getattr(alias, ours) for ours, _ in TOLD[layer]]
    with Session(denmark.engine) as session:
        found = session.execute(select(alias.source_id, alias.valid_from, *columns)).all()
    wanted = [(row["id_lokalId"], instant(row["virkningFra"]),
               *(row[theirs] for _, theirs in TOLD[layer])) for row in expected(
                   rows, valid_at, known_at)]
    assert sorted((one[0], one[1], *map(plain, one[2:])) for one in found) == sorted(
        (one[0], one[1], *map(plain, one[2:])) for one in wanted)


def plain(value):
    said = "" if value is None else str(value)
    return said.removesuffix(".0")


@pytest.mark.parametrize("layer", list(MODELS))
@settings(max_examples=20)
@given(valid_at=MOMENTS, late=st.floats(0, 1))
def test_any_two_moments_give_back_what_the_register_said(denmark, raw, layer, valid_at, late):
    start = datetime(2017, 6, 2, 12, 29, 37, tzinfo=UTC)
    compare(denmark, raw[layer], layer, valid_at,
            start + late * (datetime(2020, 6, 1, tzinfo=UTC) - start))


@pytest.mark.parametrize("layer", list(MODELS))
def test_moments_at_the_very_edge_of_a_version_are_told_right(denmark, raw, layer):
    edges = sorted({(instant(row["virkningFra"]), instant(row["registreringFra"]))
                    for row in raw[layer]})
    for valid_at, known_at in edges[::max(len(edges) // 6, 1)]:
        compare(denmark, raw[layer], layer, valid_at, known_at)


def test_the_history_of_a_place_tells_its_versions(denmark, raw):
    from layers.across.versions import history

    with Session(denmark.engine) as session:
        one = session.scalars(select(Building).order_by(Building.id)).first()
        told = history(session, one.identifier)["items"]
    assert len(told) == len([row for row in raw["buildings"]
                             if row["id_lokalId"] == one.source_id])
    assert {item["source_id"] for item in told} == {one.source_id}


REMOVED = """
    source_id,name,recorded_from,recorded_to,valid_from
    K1,春苑,2015-01-01,2018-06-01,2010-01-01
    K2,夏苑,2015-01-01,,2010-01-01
"""


def at(day):
    return datetime.fromisoformat(f"{day}T12:00:00+08:00")


def names(door, valid_at=None, known_at=None):
    alias = seen(Compound, Moment(valid_at and at(valid_at), known_at and at(known_at)))
    with Session(door.engine) as session:
        return sorted(session.scalars(select(alias.name)))


def test_what_its_register_removed_is_known_until_then(door):
    said = door.take(door.write("compounds", REMOVED))["compounds"]
    assert (said.read, said.new, said.rejected) == (2, 2, 0)
    assert names(door) == ["夏苑"]
    assert names(door, "2016-01-01", "2014-01-01") == []
    assert names(door, "2019-01-01", "2016-01-01") == ["夏苑", "春苑"]
    assert names(door, "2019-01-01", "2020-01-01") == ["夏苑"]
    assert names(door, "2016-01-01", "2020-01-01") == ["夏苑", "春苑"]
    again = door.take(door.write("compounds", REMOVED))["compounds"]
    assert (again.unchanged, again.new, again.changed) == (2, 0, 0)


def test_what_its_register_removes_later_ends(door):
    door.take(door.write("compounds", REMOVED.replace("2018-06-01", "")))
    assert names(door) == ["夏苑", "春苑"]
    said = door.take(door.write("compounds", REMOVED))["compounds"]
    assert (said.changed, said.unchanged) == (1, 1)
    assert names(door) == ["夏苑"]
    with door.engine.connect() as connection:
        assert connection.scalar(text("SELECT reason FROM compound WHERE source_id = 'K1'")) \
            == "removed from its register"
        assert connection.scalar(select(func.count()).select_from(
            history_of(Compound.__table__))) == 1


def test_a_removal_before_its_record_is_refused(door):
    bad = REMOVED.replace("2018-06-01", "2011-01-01")
    said = door.take(door.write("compounds", bad))["compounds"]
    assert [(one.column, one.rule) for one in said.issues] == [("recorded_to", "period")]


def test_a_state_told_twice_is_refused_with_its_row(door):
    twice = REMOVED.replace("K2,夏苑", "K1,夏苑")
    said = door.take(door.write("compounds", twice), decided={"versions": True})["compounds"]
    assert [one.rule for one in said.issues] == ["duplicate"]
    assert "same state" in said.issues[0].remedy
