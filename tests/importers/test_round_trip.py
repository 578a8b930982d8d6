"""What was exported comes in again as unchanged, in every format that is written."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from importers.intake import Intake, take_in
from importers.loading import Order
from layers.across.export import exportable
from layers.across.export_files import FORMATS, export_file

MORE = {
    "entrances": """
        source_id,building,number,lon,lat
        E1,B1,1,122.2052,43.6050
        E2,B1,2,122.2054,43.6050
    """,
    "streets": """
        source_id,name,class,wkt
        T1,明仁大街,主干道,"LINESTRING(122.1999 43.6041,122.2199 43.60412345678)"
    """,
    "plates": """
        source_id,street,number,belongs_to,lon,lat
        P1,T1,12,B1,122.20501234567,43.60501
    """,
    "facilities": """
        source_id,kind,name,lon,lat,valid_from
        Q1,camera,=南门,122.20512345678,43.60511,2019-05
    """,
}
#: What is written for others to look at, or to work with, and for no import.
SHOWN = {"html", "geoparquet"}


@pytest.fixture(scope="module")
def towns(cluster, template, vault, tmp_path_factory):
    """A small district with features of two sources and some of none."""
    from tests.importers.conftest import DISTRICT, Door
    from tests.support.cluster import copy_database
    from tests.support.walls import system_engine

    engine = system_engine(copy_database(cluster, "towns"), vault)
    door = Door(engine, vault, tmp_path_factory.mktemp("towns"))
    for name, body in {**DISTRICT, **MORE}.items():
        door.write(name, body)
    door.take()
    with engine.begin() as connection:
        connection.execute(text("UPDATE unit SET source = 'second' WHERE source_id = 'U2'"))
        connection.execute(text("UPDATE building SET source = NULL, source_id = NULL "
                                "WHERE source_id = 'B2'"))
    yield door
    engine.dispose()


def taken(door, path, layer, **named):
    intake = Intake(order=Order(source="whatever"), apply=True, layer=layer,
                    rejects=door.folder / "refused", **{"named": False, **named})
    return take_in(door.engine, door.vault, path, intake)


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in SHOWN])
def test_an_export_comes_in_again_unchanged(towns, tmp_path, form):
    layers = ("buildings", "units") if form == "cityjson" else tuple(exportable())
    for layer in layers:
        path = tmp_path / f"{layer}.{form}"
        with Session(towns.engine) as session:
            count = export_file(session, layer, path, form=form)
        if not count:
            continue
        results = taken(towns, path, None if form == "cityjson" else layer)
        told = [(one.layer, one.new, one.changed, one.rejected, one.unchanged, one.issues)
                for one in results]
        assert sum(one.unchanged for one in results if one.layer == layer) == count, told
        assert not any(one.new or one.changed or one.rejected for one in results), told


def test_a_value_changed_in_an_export_changes_that_one_feature(towns, tmp_path):
    path = tmp_path / "units.csv"
    with Session(towns.engine) as session:
        export_file(session, "units", path, form="csv")
    path.write_text(path.read_text("utf-8").replace("门市1", "门市一号"), "utf-8")
    results = taken(towns, path, "units")
    assert sorted((one.changed, one.unchanged) for one in results) == [(0, 1), (1, 2)]
    path.write_text(path.read_text("utf-8").replace("门市一号", "门市1"), "utf-8")
    assert sum(one.changed for one in taken(towns, path, "units")) == 1


def test_what_no_source_brought_is_known_by_its_identifier_and_taken_over(towns, tmp_path):
    path = tmp_path / "buildings.csv"
    with Session(towns.engine) as session:
        export_file(session, "buildings", path, form="csv")
        before = session.scalar(text("SELECT count(*) FROM building"))
    path.write_text(path.read_text("utf-8").replace(",6,", ",7,", 1).replace(
        "commercial", "office"), "utf-8")
    assert sum(one.changed for one in taken(towns, path, "buildings")) == 2
    with Session(towns.engine) as session:
        assert session.scalar(text("SELECT count(*) FROM building")) == before
        assert session.scalar(text("SELECT source FROM building WHERE function = 'office'")) == (
            "whatever")

