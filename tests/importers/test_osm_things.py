from pathlib import Path

import pytest

from importers.osm_things import collect
from spatial.errors import UnreadableSource
from tests.support.osm_drawing import Drawing

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "extract.osm"


def test_an_outline_that_leaves_the_extract_is_counted_and_named(path: Path) -> None:
    drawing = Drawing()
    drawing.way(7, [(0, 0), (0, 5), 999, (0, 0)], building="yes", name="东楼")
    extract = collect(drawing.save(path), "osm")
    assert extract.skipped["buildings"] == {"reaches beyond the extract": 1}
    (issue,) = extract.issues["buildings"]
    assert (issue.value, issue.rejects) == ("way/7 (东楼)", False)


def test_an_open_or_crossed_outline_is_told_from_a_clipped_one(path: Path) -> None:
    drawing = Drawing()
    drawing.way(1, [(0, 0), (0, 5), (5, 5)], building="yes")
    drawing.way(2, [(10, 0), (15, 5), (15, 0), (10, 5), (10, 0)], building="yes")
    drawing.way(3, [], building="yes")
    extract = collect(drawing.save(path), "osm")
    assert extract.skipped["buildings"] == {
        "its outline is not closed": 2,
        "its outline crosses itself": 1,
    }


def test_a_court_outside_the_extract_leaves_a_building_without_it(path: Path) -> None:
    drawing = Drawing()
    drawing.square(1, 0, 0, 10)
    members = [("way", 1, "outer"), ("way", 2, "inner")]
    drawing.relation(5, members, type="multipolygon", building="yes")
    extract = collect(drawing.save(path), "osm")
    (building,) = extract.things["buildings"]
    assert building.reference == "relation/5"
    assert building.geometry.geom_type == "Polygon"
    assert [issue.rule for issue in extract.issues["buildings"]] == ["inner ring missing"]


def test_a_boundary_with_ways_outside_is_left_out(path: Path) -> None:
    drawing = Drawing()
    drawing.square(1, 0, 0, 10)
    members = [("way", 1, "outer"), ("way", 2, "outer")]
    tags = {"type": "boundary", "boundary": "administrative", "admin_level": "8"}
    drawing.relation(5, members, **tags)
    drawing.relation(6, members, **{**tags, "admin_level": "2"})
    extract = collect(drawing.save(path), "osm")
    assert extract.skipped["divisions"] == {
        "reaches beyond the extract": 1,
        "a country, above our tree": 1,
    }


def test_a_node_off_the_globe_is_left_out(path: Path) -> None:
    path.write_text(
        '<osm version="0.6"><node id="1" lat="100" lon="1"><tag k="entrance" v="yes"/></node></osm>'
    )
    assert collect(path, "osm").skipped["entrances"] == {"no position": 1}


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_file_cut_off_is_refused(tmp_path: Path, share: float) -> None:
    whole = (SAMPLES / "monaco.osm.pbf").read_bytes()
    path = tmp_path / "monaco.osm.pbf"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(UnreadableSource, match="damaged or cut off"):
        collect(path, "pbf")


def test_an_unsorted_extract_is_refused_with_the_way_to_sort_it(path: Path) -> None:
    drawing = Drawing()
    drawing.square(2, 0, 0, 5, building="yes")
    drawing.square(1, 9, 0, 5, building="yes")
    with pytest.raises(UnreadableSource, match="osmium sort"):
        collect(drawing.save(path), "osm")
