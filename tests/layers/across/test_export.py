import csv
import json
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import geopandas
import pytest
from sqlalchemy.orm import Session

from layers import catalogue
from layers.access import PERSONAL
from layers.across.export import Wanted, exportable, layer_to_export
from layers.across.export_files import (
    STREAMS,
    Writer,
    export_file,
    stream,
    whole,
    write_csv,
    write_geojson,
    write_geojsonseq,
)
from layers.base import fields_of
from spatial.errors import Forbidden, InvalidInput, NotFound
from spatial.history import Moment
from tests.support.factories import (
    WEST,
    make_building,
    make_compound,
    make_entrance,
    make_grid,
    make_plate,
    make_residency,
    make_resident,
    make_storey,
    make_unit,
    square,
)


def written(session: Session, name: str, writer: Writer = write_geojson, **wanted: Any) -> str:
    session.flush()
    out = BytesIO()
    writer(session, layer_to_export(name), out, Wanted(**wanted))
    return out.getvalue().decode()


def features(session: Session, name: str, **wanted: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(written(session, name, **wanted))["features"]
    return found


@pytest.mark.parametrize("name", sorted(exportable()))
def test_an_empty_layer_is_a_whole_document_of_its_format(session: Session, name: str) -> None:
    assert json.loads(written(session, name))["features"] == []
    assert written(session, name, write_geojsonseq) == ""
    assert written(session, name, write_csv).startswith("identifier,source_id,source,")


def test_references_are_written_as_ledgers_write_them(session: Session) -> None:
    compound, grid = make_compound(session), make_grid(session)
    building = make_building(session, compound, grid=grid)
    entrance, storey = make_entrance(session, building), make_storey(session, building, index=2.0)
    unit = make_unit(session, building, entrance=entrance, storey=storey)

    of_unit = features(session, "units")[0]
    of_building = features(session, "buildings")[0]["properties"]

    assert of_unit["id"] == of_unit["properties"]["identifier"] == unit.identifier
    assert {key: of_unit["properties"][key] for key in ("building", "entrance", "storey")} == {
        "building": building.source_id, "entrance": entrance.source_id, "storey": 2}
    assert (of_building["compound"], of_building["grid"], of_building["current_grid"]) == (
        compound.source_id, None, grid.source_id)


def test_any_text_survives_being_exported(session: Session) -> None:
    odd = 'a\\b "c" \n,;\t{"x":1} 号 \U00020000 %s %(x)s :x'
    make_building(session, name=odd)
    assert features(session, "buildings")[0]["properties"]["name"] == odd
    assert json.loads(written(session, "buildings", write_geojsonseq))["properties"]["name"] == odd
    row = next(csv.DictReader(written(session, "buildings", write_csv).splitlines(keepends=True)))
    assert row["name"] == odd


@pytest.mark.parametrize("text", ["=1+1", "+x", "-x", "@x", "＝1", "\t=1"])
def test_no_cell_of_text_begins_a_formula(session: Session, text: str) -> None:
    make_building(session, name=text, aliases=[text])
    make_storey(session, make_building(session), index=-1.0)

    row = next(csv.DictReader(written(session, "buildings", write_csv).splitlines(keepends=True)))
    assert (row["name"], row["aliases"]) == (f"'{text}", f"'{text}")
    assert ",-1," in written(session, "storeys", write_csv)


def test_points_have_two_columns_and_areas_their_text(session: Session) -> None:
    make_plate(session)
    make_building(session)
    plate, building = (next(csv.DictReader(written(session, name, write_csv).splitlines()))
                       for name in ("plates", "buildings"))
    assert (plate["lon"], plate["lat"], plate["wkt"]) == ("122.22000000", "43.60000000", "")
    assert building["wkt"].startswith("POLYGON((122.22 43.6,")


def test_only_what_meets_the_box_and_stood_on_the_day_is_exported(session: Session) -> None:
    make_building(session, geometry=square(WEST + 1))
    old = make_building(session, valid_to=datetime(2010, 1, 1, tzinfo=UTC))
    new = make_building(session)
    box = (WEST, 43.6, WEST + 0.1, 43.7)
    then = Moment(valid_at=datetime(2009, 1, 1, tzinfo=UTC))

    assert [f["id"] for f in features(session, "buildings", bbox=box)] == [new.identifier]
    assert [f["id"] for f in features(session, "buildings", bbox=box, moment=then)] == [
        old.identifier, new.identifier]
    with pytest.raises(InvalidInput):
        features(session, "organizations", bbox=box)


def test_codes_can_be_written_as_words(session: Session) -> None:
    make_building(session, valid_from=datetime(2001, 5, 1, tzinfo=UTC),
                  valid_from_precision="month")
    said = features(session, "buildings", labels="zh")[0]["properties"]
    assert (said["function"], said["valid_from"]) == ("住宅", "2001-05")


def test_layers_of_persons_are_refused_by_name(session: Session, tmp_path: Path) -> None:
    for name in catalogue().keys() - exportable().keys():
        with pytest.raises(Forbidden, match=name):
            export_file(session, name, tmp_path / "x.csv", form="csv")
    with pytest.raises(NotFound, match="there are"):
        layer_to_export("souls")


@pytest.mark.parametrize("name", sorted(exportable()))
def test_no_export_has_a_field_that_tells_of_a_person(session: Session, name: str) -> None:
    person = make_resident(session, name="王某某")
    make_residency(session, person, make_unit(session))
    header = written(session, name, write_csv).split("\n")[0].split(",")
    personal = {f.ledger for f in fields_of(layer_to_export(name).model).values()
                if f.audience in PERSONAL}
    assert not personal & set(header)
    assert "王某某" not in written(session, name)


@pytest.mark.parametrize("form", ["geojson", "geojsonseq", "gpkg"])
def test_geopandas_reads_an_export_in_one_line(
        session: Session, tmp_path: Path, form: str) -> None:
    buildings = [make_building(session, name=f"楼{n}", aliases=["a", "b"]) for n in range(3)]
    path = tmp_path / f"out.{form}"

    count = export_file(session, "buildings", path, form=form)
    table = geopandas.read_file(path)

    assert count == len(table) == 3
    assert list(table["identifier"]) == [one.identifier for one in buildings]
    assert table.crs.to_epsg() == 4326
    assert table.geometry.notna().all()


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("before")
    with pytest.raises(RuntimeError), whole(path) as unfinished:
        unfinished.write_text("half")
        raise RuntimeError
    assert [one.read_text() for one in tmp_path.iterdir()] == ["before"]


@pytest.mark.parametrize("form", sorted(STREAMS))
def test_a_stream_gives_the_same_bytes_as_a_file(
        session: Session, tmp_path: Path, form: str) -> None:
    for _ in range(5):
        make_building(session)
    export_file(session, "buildings", tmp_path / "x", form=form)
    streamed = b"".join(stream(session, layer_to_export("buildings"), STREAMS[form]))
    assert streamed == (tmp_path / "x").read_bytes()


def test_what_goes_wrong_while_streaming_reaches_the_reader(session: Session) -> None:
    def failing(*_: Any) -> int:
        raise InvalidInput("broken")

    with pytest.raises(InvalidInput):
        list(stream(session, layer_to_export("buildings"), failing))
