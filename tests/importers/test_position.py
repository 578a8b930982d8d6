"""An import says where its points lie, and what they look like; it moves none by itself."""

import numpy as np
import pytest
from sqlalchemy import text

from importers.loading import TooBad
from spatial import offsets
from spatial.crs import transformer
from tests.importers.conftest import Door
from tests.support.cluster import copy_database
from tests.support.walls import system_engine

# Twelve houses along two crooked streets, in degrees.
HOUSES = np.array([[122.2 + 0.0017 * x + 0.0003 * (y % 2), 43.6 + 0.0013 * y + 0.0002 * (x % 3)]
                   for x in range(4) for y in range(3)])


def houses(points):
    rows = "\n".join(
        f'B{n},"POLYGON(({x} {y},{x + 5e-4} {y},{x + 5e-4} {y + 2e-4},{x} {y + 2e-4},{x} {y}))"'
        for n, (x, y) in enumerate(points))
    return f"source_id,wkt\n{rows}"


def plates(points):
    return "source_id,street,number,lon,lat\n" + "\n".join(
        f"P{n},,{n},{x!r},{y!r}" for n, (x, y) in enumerate(points.tolist()))


@pytest.fixture(scope="module")
def town(cluster, template, vault, tmp_path_factory):
    """A town of twelve houses, shared: what is tried here is tried dry."""
    engine = system_engine(copy_database(cluster, "town"), vault)
    door = Door(engine, vault, tmp_path_factory.mktemp("town"))
    door.take(door.write("buildings", houses(HOUSES)))
    yield door
    engine.dispose()


DOORS = HOUSES + [2e-4, 1e-4]


def position(door, points, **order):
    return door.take(door.write("plates", plates(points)), apply=False, **order)["plates"]


@pytest.mark.parametrize(("spoilt", "looks_like"), [
    (offsets.wgs84_to_gcj02(DOORS), "GCJ-02"), (offsets.wgs84_to_bd09(DOORS), "BD-09"),
    (transformer(4326, 4529)(DOORS), "EPSG:4529")])
def test_a_dry_run_tells_what_shifted_points_look_like(town, spoilt, looks_like):
    order = {"crs": "EPSG:4528"} if looks_like == "EPSG:4529" else {}
    said = position(town, spoilt, **order)
    found = said.as_json()["position"]
    assert (found["verdict"], found["proposal"]) == ("proposal", looks_like)
    assert found["after_m"] < 1 < found["before_m"]
    assert any(f"--crs {looks_like}" in remark for remark in said.remarks)
    mended = position(town, spoilt, crs=looks_like).as_json()["position"]
    assert (mended["verdict"], mended["proposal"]) == ("fits", None)


def test_swapped_axes_that_every_row_breaks_on_are_still_told(town):
    with pytest.raises(TooBad) as refused:
        position(town, DOORS[:, ::-1], bad_share=0.2)
    found = refused.value.result.as_json()["position"]
    assert found["proposal"] == "swapped:EPSG:4326"
    said = position(town, DOORS[:, ::-1], crs="swapped:EPSG:4326")
    assert (said.new, said.position.finding.verdict) == (len(DOORS), "fits")


def test_nothing_is_applied_in_silence(door):
    shifted = offsets.wgs84_to_gcj02(DOORS)
    door.take(door.write("buildings", houses(HOUSES)))
    said = door.take(door.write("plates", plates(shifted)))["plates"]
    assert said.position.finding.proposal == "GCJ-02"
    with door.engine.connect() as connection:
        stored = connection.execute(text(
            "SELECT ST_X(geometry), ST_Y(geometry) FROM plate ORDER BY number::int")).all()
    assert np.abs(np.array([tuple(one) for one in stored]) - shifted).max() < 1e-9


def test_a_clean_file_says_that_it_fits_and_nothing_else(town):
    said = position(town, DOORS)
    assert said.as_json()["position"]["verdict"] == "fits"
    assert not [one for one in said.remarks if "looks like" in one or "too few" in one]


def test_four_points_are_too_few(town):
    few = position(town, DOORS[:4])
    assert few.as_json()["position"]["verdict"] == "too few"
    assert any("4 points are too few" in one for one in few.remarks)


def test_an_empty_registry_has_nothing_to_compare(door):
    assert position(door, DOORS).as_json()["position"]["verdict"] == "nothing to compare"


def test_the_accuracy_of_an_old_datum_is_told(town):
    said = position(town, transformer(4326, 2438)(DOORS), crs="EPSG:2438")
    assert said.as_json()["position"]["accuracy_m"] == 15.0
    assert any("exact to 15 m" in one for one in said.remarks)


def test_ledgers_without_a_place_have_no_position(town):
    said = town.take(town.write("organizations", "source_id,name\nO1,便利店"),
                     apply=False)["organizations"]
    assert "position" not in said.as_json()
