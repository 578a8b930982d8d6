"""Themes over a small town, against figures made another way."""

import csv
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise
from zoneinfo import ZoneInfo

import geopandas
import numpy as np
import pytest
import shapely
from sqlalchemy import text

from layers.access import Role
from layers.across.disclosure import rounded
from layers.across.orders_adopt import adopt
from layers.across.theme_ages import AgeCount
from layers.across.theme_files import FORMS, document
from layers.across.theme_frames import Film, frames
from layers.across.theme_legend import blended, legend, number
from layers.across.theme_period import bins, months_before
from layers.across.theme_spec import adapted, built_in, read, theme_called, written
from layers.across.theme_store import change, save, saved_by, theme_named
from layers.across.theme_table import rows
from layers.across.themes import theme_map
from layers.caller import LEAST, MOST, Caller
from spatial.errors import Forbidden, InvalidInput, NotFound, StaleVersion
from spatial.state import bump, remember
from spatial.statistics import empirical_bayes
from tests.support.factories import (
    SOUTH,
    WEST,
    make_building,
    make_grid,
    make_household,
    make_incident,
    make_residency,
    make_resident,
    make_tree,
    make_unit,
    point,
    square,
)
from tests.support.sealed import vault

ZONE = ZoneInfo("Asia/Shanghai")
SIDE = 0.004
NOW = datetime.now(UTC)


def caller(role=Role.OPERATOR, low=LEAST, high=MOST, **said):
    return Caller(name="test", role=role, low=low, high=high, **said)


@pytest.fixture
def town(session):
    """Six grids in a row; the first four with 12, 30, 18 and 2 dwellings, each with a household."""
    _, subdistrict, community = make_tree(session)
    shape = square(WEST, SOUTH, side=6 * SIDE, height=SIDE)
    community.geometry = shape
    grids = [make_grid(session, community, name=f"第{n + 1}网格", scope=community.low + n + 1,
                       geometry=square(WEST + n * SIDE, SOUTH, side=SIDE)) for n in range(6)]
    for n, homes in enumerate((12, 30, 18, 2)):
        building = make_building(session, grid=grids[n],
                                 geometry=square(WEST + (n + 0.4) * SIDE, SOUTH + 0.001))
        for _ in range(homes):
            make_household(session, make_unit(session, building))
    remember(session, "metric_srid", "4549")
    bump(session)
    session.flush()
    return grids


def happen(session, grid, times, *, days=30, hours=5, **said):
    """Let incidents happen in a grid, closed after `hours`."""
    at = NOW - timedelta(days=days)
    west = WEST + (grid.scope % 1000 - 1) * SIDE if "geometry" not in said else 0
    for _ in range(times):
        made = {"requested_at": at, "closed_at": at + timedelta(hours=hours), "status": "closed",
                "geometry": point(west + SIDE / 2, SOUTH + SIDE / 2), "scope": grid.scope, **said}
        make_incident(session, **made)
    bump(session)
    session.flush()


def value_of(found):
    return dict(zip(found.areas.labels, found.figures.value.tolist(), strict=True))


def test_every_built_in_theme_is_complete_and_reads_back():
    for name, theme in built_in().items():
        assert read(written(theme), name=name) == theme
        for said in (theme.title, theme.about, theme.unit):
            assert said.en and said.zh
    assert len(built_in()) >= 16


def test_counts_equal_geopandas_spatial_join(session, town):
    for n, times in enumerate((3, 0, 7, 1)):
        happen(session, town[n], times)
    found = theme_map(session, theme_called("incidents"), caller())
    points = geopandas.GeoDataFrame(
        geometry=[shapely.Point(WEST + (n + 0.5) * SIDE, SOUTH + SIDE / 2)
                  for n, times in enumerate((3, 0, 7, 1)) for _ in range(times)], crs=4326)
    cells = geopandas.GeoDataFrame({"name": [g.name for g in town]},
                                   geometry=list(found.areas.shapes), crs=4326)
    joined = geopandas.sjoin(points, cells, predicate="within").groupby("name").size()
    assert dict(zip(found.areas.labels, found.figures.count.tolist(), strict=True)) == {
        g.name: float(joined.get(g.name, 0)) for g in town}


def test_a_place_where_nothing_is_registered_is_no_data_and_no_zero(session, town):
    happen(session, town[0], 2)
    value = value_of(theme_map(session, theme_called("incidents"), caller()))
    assert value["第2网格"] == 0
    assert np.isnan(value["第6网格"])


def test_rates_are_smoothed_by_the_formula_over_households(session, town):
    for n, times in enumerate((3, 9, 2, 2)):
        happen(session, town[n], times)
    found = theme_map(session, theme_called("incident_rate"), caller())
    homes = np.array([12, 30, 18, 2, 0, 0])
    events = np.array([3, 9, 2, 2, 0, 0])
    years = (found.period.until - found.period.since).total_seconds() / (365.25 * 86400)
    expected = empirical_bayes(events, homes).rates * 1000 / years
    assert np.allclose(found.figures.value, expected, equal_nan=True)
    assert np.allclose(found.figures.columns["raw"][:4], events[:4] / homes[:4] * 1000 / years)
    assert found.figures.unreliable[3]


def test_overdue_and_time_to_close_follow_the_clock(session, town):
    happen(session, town[0], 3, hours=10, service_code="street_lamp")
    happen(session, town[0], 1, hours=400, service_code="street_lamp")
    happen(session, town[0], 1, days=40, service_code="street_lamp", status="open",
           closed_at=None)
    adopt(session, ZONE)
    share = value_of(theme_map(session, theme_called("overdue"), caller()))
    assert share["第1网格"] == pytest.approx(40.0)
    hours = value_of(theme_map(session, theme_called("time_to_close"), caller()))
    assert hours["第1网格"] == 10


def test_change_compares_two_periods_of_one_length(session, town):
    happen(session, town[1], 5, days=20)
    happen(session, town[1], 2, days=250)
    found = theme_map(session, theme_called("change"), caller())
    assert value_of(found)["第2网格"] == 3
    assert found.figures.columns["ratio"][1] == 2.5


def test_larger_areas_hold_the_sum_of_their_parts(session, town):
    for n in range(4):
        happen(session, town[n], n + 1)
    grids = theme_map(session, theme_called("incidents"), caller())
    for level in ("community", "subdistrict"):
        whole = theme_map(session, adapted(theme_called("incidents"), level=level), caller())
        assert whole.figures.count.sum() == grids.figures.count.sum() == 10


def test_hexagons_hold_every_incident_that_lies_in_them(session, town):
    for n in range(4):
        happen(session, town[n], 5)
    found = theme_map(session, adapted(theme_called("incidents"), level="hexagon"), caller())
    assert found.figures.count.sum() + found.figures.residual == 20
    dense = theme_map(session, theme_called("density"), caller())
    peak = dense.areas.metric[np.nanargmax(dense.figures.value)].centroid
    spots = [dense.areas.metric[i] for i in np.flatnonzero(dense.figures.count)]
    assert min(spot.distance(peak) for spot in spots) < 120


def test_vacancy_households_and_organizations_count_each_thing_once(session, town):
    units = session.execute(text("SELECT id FROM unit ORDER BY id LIMIT 9")).scalars().all()
    for unit in units:
        home = session.get(type(make_unit(session)), unit)
        make_residency(session, make_resident(session), home)
    bump(session)
    session.flush()
    found = theme_map(session, theme_called("vacancy"), caller())
    assert value_of(found)["第1网格"] == pytest.approx(25.0)
    homes = theme_map(session, theme_called("households"), caller())
    assert value_of(homes)["第2网格"] == 30
    assert homes.classes.method == "fixed"


def test_ages_are_counted_from_sealed_birth_dates_once_a_day(session, town):
    unit = make_unit(session, make_building(session, grid=town[0]))
    for birth in ("1930-01-01", "1990", "2020-05"):
        person = make_resident(session)
        person.birth_date = vault().seal("resident", "birth_date", person.identifier, birth)
        make_residency(session, person, unit)
    bump(session)
    session.flush()
    old = theme_map(session, theme_called("residents_80"), caller(), vault=vault())
    assert old.figures.count[0] == 1
    assert value_of(old)["第1网格"] == pytest.approx(100 / 3)
    assert session.query(AgeCount).count() == 3
    young = theme_map(session, theme_called("residents_children"), caller(), vault=vault())
    assert young.figures.count[0] == 1
    with pytest.raises(InvalidInput, match="counted by"):
        theme_map(session, adapted(theme_called("residents_80"), ages=(33, 80)), caller(),
                  vault=vault())


def test_the_load_index_has_the_mean_one(session, town):
    for n in range(4):
        session.execute(text(
            "INSERT INTO post (identifier, grid_id, role, scope, loaded_at, creation_date) "
            "VALUES (:i, :g, 'administrator', :s, now(), now())"),
            {"i": f"k{n}", "g": town[n].id, "s": town[n].scope})
    happen(session, town[1], 9)
    found = theme_map(session, theme_called("workload"), caller(), vault=vault())
    value = found.figures.value
    assert np.nanmean(value) == pytest.approx(1.0)
    assert np.nanargmax(value) == 1
    assert "component_missing" in found.figures.notes


def test_hot_spots_say_when_there_is_not_enough_to_tell(session, town):
    happen(session, town[0], 5)
    for name in ("hot_spots", "clusters"):
        found = theme_map(session, theme_called(name), caller())
        assert not np.isfinite(found.figures.value).any()
        told = legend(found, language="en", zone=ZONE)
        assert any("Not enough data" in note for note in told["notes"])


def test_who_sees_aggregates_only_gets_rounded_figures_and_no_small_ones(session, town):
    happen(session, town[0], 13, service_code="dispute", days=60)
    happen(session, town[1], 4, service_code="dispute", days=60)
    found = theme_map(session, theme_called("incidents"), caller(Role.ANALYST))
    assert found.rounded and found.figures.count[:2].tolist() == [15, 0]
    assert found.figures.suppressed[:2].tolist() == [False, True]
    row = rows(found, "zh")[1]
    assert (row["value"], row["count"], row["flag"]) == (None, None, "suppressed")
    lamps = adapted(theme_called("incidents"), services=("street_lamp",))
    happen(session, town[2], 3, service_code="street_lamp", days=60)
    exact = theme_map(session, lamps, caller(Role.ANALYST))
    assert exact.figures.count[2] == 3 and not exact.rounded
    homes = theme_map(session, theme_called("households"), caller(Role.ANALYST))
    assert homes.figures.count[:4].tolist() == [10, 30, 20, 0]
    assert theme_map(session, theme_called("households"),
                     caller(Role.PLANNER)).figures.count[0] == 12


def test_hexagons_never_count_persons_for_who_sees_aggregates_only(session, town):
    happen(session, town[0], 6, service_code="dispute")
    happen(session, town[0], 2, service_code="street_lamp")
    homes = adapted(theme_called("households"), level="hexagon")
    with pytest.raises(Forbidden, match="Hexagons"):
        theme_map(session, homes, caller(Role.ANALYST))
    dense = theme_map(session, theme_called("density"), caller(Role.ANALYST))
    assert dense.figures.count.sum() == 2
    assert "things_only" in dense.figures.notes


def test_nobody_sees_areas_that_are_not_theirs(session, town):
    happen(session, town[0], 3)
    own = caller(low=town[1].scope, high=town[2].scope, area=town[0].identifier)
    with pytest.raises(NotFound):
        theme_map(session, theme_called("incidents"), own, division="150502")
    single = caller(Role.GRID_WORKER, numbers=(town[1].scope,))
    found = theme_map(session, theme_called("incidents"), single)
    assert found.areas.labels == ("第2网格",)
    with pytest.raises(NotFound, match="by grid"):
        theme_map(session, adapted(theme_called("incidents"), level="community"), single)


def test_frames_of_a_film_share_borders_and_breaks(session, town):
    for n, days in enumerate((1, 2, 3)):
        happen(session, town[n], 4 + n, days=days)
    for unit, count in (("day", 4), ("week", 2), ("month", 2)):
        found, pooled = frames(session, theme_called("incidents"), caller(),
                               Film(count=count, unit=unit, zone=ZONE))
        maps = [one.found for one in found]
        assert sum(one.figures.count.sum() for one in maps) == 15
        assert {one.classes.breaks for one in maps} == {pooled.breaks}
        assert {one.areas.identifiers for one in maps} == {maps[0].areas.identifiers}
        assert all(a.period.until == b.period.since for a, b in pairwise(maps))
        assert [one.incomplete for one in found] == [*[False] * (count - 1), True]
    with pytest.raises(InvalidInput, match="no period"):
        frames(session, theme_called("households"), caller(), Film(count=2))


@pytest.mark.parametrize(("until", "unit", "window", "first", "last", "runs"), [
    ("2026-03-31T12:00", "month", 1, "2026-02-01", "2026-03-31T12:00", True),
    ("2026-03-01T00:00", "month", 1, "2026-01-01", "2026-03-01", False),
    ("2026-03-29T09:30", "week", 1, "2026-03-16", "2026-03-29T09:30", True),
    ("2026-03-29T09:30", "day", 7, "2026-03-22", "2026-03-29T09:30", True),
])
def test_the_steps_of_a_film_are_civil_and_the_running_one_is_told(until, unit, window, first,
                                                                   last, runs):
    now = datetime.fromisoformat(until).replace(tzinfo=ZONE)
    steps = list(bins(now, now, unit=unit, count=2, step=1, window=window))
    (earlier, done), (running, open_) = steps
    assert earlier.since == datetime.fromisoformat(first).replace(tzinfo=ZONE)
    assert running.until == datetime.fromisoformat(last).replace(tzinfo=ZONE)
    assert (done, open_) == (False, runs)


def test_the_legend_says_all_that_a_reader_must_know(session, town):
    for n in range(4):
        happen(session, town[n], n + 2)
    found = theme_map(session, theme_called("incident_rate"), caller())
    for language in ("zh", "en"):
        told = legend(found, language=language, zone=ZONE)
        assert all(told[key] for key in ("title", "unit", "period", "denominator", "method",
                                         "statistic", "boundary", "data_time"))
        assert sum(one["count"] for one in told["classes"]) + sum(
            one["count"] for one in told["missing"][:2]) == len(found.areas)
        assert sum(told["histogram"]["bars"]) == np.isfinite(found.figures.value).sum()
        assert len({one["colour"] for one in told["classes"]}) == len(told["classes"])


def test_files_hold_the_numbers_of_the_answer(session, town, tmp_path):
    for n in range(4):
        happen(session, town[n], n + 2)
    found = theme_map(session, theme_called("incident_rate"), caller())
    body = json.loads(document(found, "geojson", language="en", zone=ZONE, home=tmp_path))
    assert [f["properties"]["value"] for f in body["features"]] == [
        row["value"] for row in rows(found, "en")]
    table = list(csv.DictReader(StringIO(document(found, "csv", language="en", zone=ZONE,
                                                  home=tmp_path).decode("utf-8-sig"))))
    assert [float(row["Count"]) for row in table] == found.figures.count.tolist()
    path = tmp_path / "theme.gpkg"
    path.write_bytes(document(found, "gpkg", language="zh", zone=ZONE, home=tmp_path))
    read_back = geopandas.read_file(path)
    assert read_back.crs.to_epsg() == 4326
    assert np.allclose(read_back["value"], found.figures.value, equal_nan=True, atol=1e-6)
    html = document(found, "html", language="zh", zone=ZONE, home=tmp_path).decode()
    assert found.figures.unreliable.any() and '"hatch"' in html.split("leaflet", 1)[1]
    with pytest.raises(InvalidInput, match="there are"):
        document(found, "docx", language="en", zone=ZONE, home=tmp_path)
    assert set(FORMS) >= {"geojson", "csv", "gpkg"}


def test_a_saved_theme_has_versions_and_one_owner(session):
    mine = written(theme_called("incidents"))
    kept = save(session, caller(), mine)
    assert theme_named(session, kept.identifier).version == 1
    changed = change(session, caller(), kept.identifier, mine | {"level": "community"}, base=1)
    assert (changed.version, changed.level) == (2, "community")
    assert theme_named(session, kept.identifier, version=1).level == "grid"
    with pytest.raises(StaleVersion):
        change(session, caller(), kept.identifier, mine, base=1)
    with pytest.raises(Forbidden):
        change(session, Caller(name="other", role=Role.OPERATOR, low=0, high=9),
               kept.identifier, mine, base=2)
    assert [one.version for one in saved_by(session, caller())] == [2]
    with pytest.raises(NotFound):
        theme_named(session, "m0")


@pytest.mark.parametrize("wrong", [
    {"counts": "persons_by_religion"}, {"statistic": "score"}, {"level": "room"}, {"x": 1},
    {"title": "one language"}, {"services": ["nothing"]}, {"months": 0}, {"breaks": ["a"]},
    {"statistic": "rate"}, {"palette": "rainbow"}, {"since": "yesterday"}, {"ages": [9, 3]},
    {"until": "2026-01-01T00:00:00"}, {"k": "five"}, {"months": "12"}])
def test_a_document_that_is_no_theme_is_refused_by_name(wrong):
    with pytest.raises(InvalidInput):
        read(written(theme_called("incidents")) | wrong, name="wrong")


def test_months_go_back_to_the_last_day_there_is():
    day = datetime(2024, 3, 31, 12, tzinfo=ZONE)
    assert months_before(day, 1).day == 29
    assert months_before(day, 12).date().isoformat() == "2023-03-31"


def test_colours_and_figures_are_fit_to_read():
    stops = ["#FFFFFF", "#888888", "#000000"]
    assert blended(stops, 3) == stops
    assert len(set(blended(stops, 6))) == 6
    assert blended(stops, 1) == ["#888888"]
    assert [number(v) for v in (1234.5, 12.34, 0.5, 3.0, None, float("nan"))] == [
        "1,234", "12.3", "0.5", "3", "–", "–"]
    assert rounded(np.array([0, 9, 10, 13]))[0].tolist() == [0, 0, 10, 15]
