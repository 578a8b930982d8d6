"""CityJSON out: whole, valid by cjio, read by cjio, closed, oriented, the right way round."""

import json

import numpy as np
import pytest
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from layers.across.export import Wanted
from layers.across.export_files import export_file
from spatial import facets
from spatial.errors import InvalidInput


@pytest.fixture(scope="module")
def town(cluster, template, tmp_path_factory):
    """A district with derived units, and a measured house in it."""
    from spatial.sealing import Vault
    from tests.importers.conftest import DISTRICT, Door
    from tests.importers.test_cityjson import SAMPLES
    from tests.support.cluster import copy_database
    from tests.support.walls import system_engine

    vault = Vault.open(tmp_path_factory.mktemp("keys"))
    engine = system_engine(copy_database(cluster, "city_town"), vault)
    door = Door(engine, vault, tmp_path_factory.mktemp("town"))
    for name, body in DISTRICT.items():
        door.write(name, body)
    door.take()
    door.take(SAMPLES / "building_units_storeys.gml")
    yield door
    engine.dispose()


def document(town, path, layer="buildings", **wanted):
    with Session(town.engine) as session:
        export_file(session, layer, path, form="cityjson", wanted=Wanted(**wanted))
    return json.loads(path.read_text("utf-8"))


def solids(body):
    """Yield the name and the facets of every solid, in metres."""
    scale, shift = (np.array(body["transform"][name]) for name in ("scale", "translate"))
    points = np.array(body["vertices"]) * scale + shift
    for name, one in body["CityObjects"].items():
        for geometry in one["geometry"]:
            if geometry["type"] == "Solid":
                (shell,) = geometry["boundaries"]
                yield name, [[points[ring] for ring in surface] for surface in shell]


def test_buildings_hold_storeys_hold_units(town, tmp_path):
    objects = document(town, tmp_path / "x.city.json")["CityObjects"]
    kinds = {name: one["type"] for name, one in objects.items()}
    assert sorted(set(kinds.values())) == ["Building", "BuildingStorey", "BuildingUnit"]
    for name, one in objects.items():
        for parent in one.get("parents", ()):
            assert name in objects[parent]["children"]
        if kinds[name] == "BuildingUnit" and one["attributes"].get("storey"):
            assert kinds[one["parents"][0]] == "BuildingStorey"
        if kinds[name] == "BuildingStorey":
            assert kinds[one["parents"][0]] == "Building"


def test_every_solid_is_closed_oriented_and_of_positive_volume(town, tmp_path):
    body = document(town, tmp_path / "x.city.json")
    found = dict(solids(body))
    assert len(found) > 10
    for name, shell in found.items():
        assert facets.open_edges(shell) == 0, name
        assert facets.volume(shell) > 0, name
        for facet in shell:
            flat = facet[0] - facet[0].mean(axis=0)
            assert np.linalg.svd(flat, compute_uv=False)[-1] < 0.01, "facets are plane"
    units = [shell for name, shell in found.items()
             if body["CityObjects"][name]["type"] == "BuildingUnit"
             and body["CityObjects"][name]["attributes"]["volume_source"] == "derived"]
    for first in range(len(units)):
        for second in range(first):
            assert not _overlap(units[first], units[second])


def _overlap(one, other):
    (low, high), (base, top) = facets.extent([one]), facets.extent([other])
    if min(high, top) - max(low, base) < 0.01:
        return False
    return shapely.intersection(facets.footprint([one]), facets.footprint([other])).area > 0.05


@pytest.fixture
def cityjson():
    """cjio's reader; importing it makes every JSON of the process round its numbers."""
    before = json.encoder.c_make_encoder, getattr(json.encoder, "float", float)
    from cjio import cityjson

    yield cityjson
    json.encoder.c_make_encoder, json.encoder.float = before


def test_cjio_reads_it_whole_and_finds_nothing_to_mend(cityjson, town, tmp_path):
    path = tmp_path / "x.city.json"
    body = document(town, path)
    with path.open(encoding="utf-8") as stream:
        model = cityjson.reader(stream)
    assert (model.get_version(), model.get_epsg()) == ("2.0", int(
        body["metadata"]["referenceSystem"].rpartition("/")[2]))
    told = "\n".join(model.get_info(long=True))
    for kind in ("Building", "BuildingStorey", "BuildingUnit"):
        assert kind in told
    assert model.number_city_objects_level1() == sum(
        "parents" not in one for one in body["CityObjects"].values())
    assert model.remove_orphan_vertices() == 0
    assert model.remove_duplicate_vertices() == 0


def test_what_was_measured_leaves_as_it_came(town, tmp_path):
    body = document(town, tmp_path / "x.city.json")
    measured = [one for one in body["CityObjects"].values()
                if one["attributes"].get("volume_source") == "measured"]
    assert {one["type"] for one in measured} == {"Building", "BuildingUnit"}
    home = next(one for one in measured if one["type"] == "Building")
    kinds = [value for geometry in home["geometry"] if "semantics" in geometry
             for value in np.ravel(geometry["semantics"]["values"])]
    assert kinds.count(0) == 2, "both slopes of its roof"


def test_units_bring_only_the_buildings_they_are_in(town, tmp_path):
    body = document(town, tmp_path / "x.city.json", "units", filter="designator = '501'")
    kinds = [one["type"] for one in body["CityObjects"].values()]
    assert sorted(kinds) == ["Building", "BuildingStorey", "BuildingUnit"]


def test_other_layers_are_no_cityjson(town, tmp_path):
    with pytest.raises(InvalidInput, match="streets cannot be CityJSON"):
        document(town, tmp_path / "x.city.json", "streets")
    assert not (tmp_path / "x.city.json").exists()


def test_an_empty_document_is_whole(town, tmp_path):
    body = document(town, tmp_path / "x.city.json", bbox=(0, 0, 1, 1))
    assert (body["CityObjects"], body["vertices"]) == ({}, [])
    with Session(town.engine) as session:
        assert session.scalar(text("SELECT count(*) FROM building")) > 0
