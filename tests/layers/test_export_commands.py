"""Exports and checks from the command line."""

import json
from io import BytesIO

import geopandas
import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from app import migrate
from layers import catalogue
from layers.across.export import Wanted
from layers.across.export_files import write_geojson, write_kml
from layers.check_commands import check
from layers.export_commands import export
from spatial.config import settings
from spatial.database import connect
from spatial.errors import Forbidden, InvalidInput
from spatial.program import Program
from spatial.sealing import Vault
from tests.support.factories import make_building, make_grid, make_unit, square


@pytest.fixture
def call(fresh_url, tmp_path):
    Vault.open(tmp_path)
    program = Program(settings({"DOORPLATE_HOME": str(tmp_path),
                                "DOORPLATE_DATABASE_URL": fresh_url}), migrate)

    def call(command, *words):
        return CliRunner().invoke(command, words, obj=program, catch_exceptions=False)
    return call


@pytest.fixture
def district(fresh_url):
    engine = connect(fresh_url)
    with Session(engine) as session:
        make_unit(session, make_building(session, grid=make_grid(session)))
        session.commit()
        yield session
    engine.dispose()


def test_stdout_is_one_document_and_the_talk_is_elsewhere(call, district) -> None:
    done = call(export, "units")
    assert len(json.loads(done.stdout)["features"]) == 1
    assert done.stderr == "1 units exported as geojson\n"


@pytest.mark.parametrize("name", ["out.geojson", "out.geojsonl", "out.gpkg"])
def test_the_suffix_says_the_format(call, district, tmp_path, name) -> None:
    assert call(export, "buildings", "-o", str(tmp_path / name)).exit_code == 0
    assert len(geopandas.read_file(tmp_path / name)) == 1


@pytest.mark.parametrize("words", [
    ("units", "--bbox", "1,2,3"), ("units", "--bbox", "3,2,1,4"), ("units", "--bbox", "a,b,c,d"),
    ("units", "--valid-at", "2023-02-30"), ("units", "--format", "gpkg"),
    ("units", "-o", "/nowhere/at/all.csv")])
def test_what_cannot_be_done_is_said_in_one_line(call, words) -> None:
    with pytest.raises(InvalidInput):
        call(export, *words)


def test_residents_never_leave(call) -> None:
    with pytest.raises(Forbidden, match="residents"):
        call(export, "residents")


def test_a_box_and_a_day_narrow_the_export(call, district) -> None:
    far = call(export, "units", "--bbox", "0,0,1,1", "--valid-at", "2020-01-01")
    assert json.loads(far.stdout)["features"] == []


@pytest.mark.parametrize("words", [(), ("totals",), ("topology",), ("totals", "--json"),
                                   ("topology", "--json")])
def test_a_sound_registry_passes_every_check(call, district, words) -> None:
    done = call(check, *words)
    assert done.exit_code == 0
    if "--json" in words:
        assert json.loads(done.stdout)["findings"] == []


def test_checks_print_a_table_and_end_with_three_when_they_find_something(call, district) -> None:
    make_unit(district, make_building(district, geometry=square()), scope=1)
    district.commit()
    totals, topology = call(check, "totals"), call(check, "topology")
    assert (totals.exit_code, topology.exit_code, call(check).exit_code) == (3, 3, 3)
    assert totals.stdout.startswith("metric")
    assert "stale_scopes: 1 found" in totals.stdout
    assert "overlapping_buildings: 1 found" in topology.stdout


@pytest.mark.parametrize("write", [write_geojson, write_kml])
def test_nothing_is_written_before_the_filter_is_understood(district, write) -> None:
    out = BytesIO()
    with pytest.raises(InvalidInput):
        write(district, catalogue()["units"], out, Wanted(filter="nowhere = 1"))
    assert out.getvalue() == b""
