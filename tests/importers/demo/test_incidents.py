"""Incidents and facilities: the rhythm of the city and what watches over it."""

from collections import Counter
from datetime import datetime

import shapely


def moments(ledgers, *codes):
    return [datetime.fromisoformat(i.requested_at) for i in ledgers.rows("incidents")
            if not codes or i.service_code in codes]


def test_they_cover_two_years_in_order(ledgers):
    times = moments(ledgers)
    assert times == sorted(times)
    assert 725 < (times[-1] - times[0]).days <= 730


def test_a_day_a_week_and_a_year_have_their_rhythm(ledgers):
    hours = Counter(t.hour for t in moments(ledgers))
    assert hours[9] > 4 * hours[3]
    offices = Counter(t.weekday() for t in moments(ledgers, "subsidy", "household_register"))
    assert offices[0] > 5 * offices[6]
    cold = Counter(t.month for t in moments(ledgers, "heating", "snow"))
    assert cold[1] > 20 and cold[7] == 0
    assert Counter(t.month for t in moments(ledgers, "flooding"))[7] > 10


def test_every_incident_says_where_in_one_way(ledgers):
    for incident in ledgers.rows("incidents"):
        assert [bool(incident.place), bool(incident.address), bool(incident.lon)].count(True) == 1


def test_what_is_closed_was_closed_after_it_was_reported(ledgers):
    for incident in ledgers.rows("incidents"):
        assert (incident.status == "closed") == bool(incident.closed_at)
        if incident.closed_at:
            closed = datetime.fromisoformat(incident.closed_at)
            assert closed >= datetime.fromisoformat(incident.requested_at)


def test_the_newest_are_still_in_hand(ledgers):
    newest = ledgers.rows("incidents")[-60:]
    assert sum(i.status in ("open", "accepted", "in_progress", "done") for i in newest) > 10


def test_cameras_say_where_they_look(ledgers):
    cameras = [f for f in ledgers.rows("facilities") if f.kind == "camera"]
    assert len(cameras) > 150
    for camera in cameras:
        assert 0 <= float(camera.azimuth) < 360
        assert 10 <= float(camera.hfov) <= 120 and float(camera.range_m) > 0


def test_the_facilities_a_city_needs_are_there(ledgers):
    kinds = Counter(f.kind for f in ledgers.rows("facilities"))
    assert {"police_station", "fire_station", "service_station", "hydrant", "aed", "lift", "gate",
            "charging", "bus_stop", "lamp", "manhole", "alarm"} <= set(kinds)


def test_what_stands_in_the_open_stands_in_no_house(ledgers):
    houses = shapely.union_all(ledgers.metres("buildings"))
    points = ledgers.points("facilities")
    outdoor = ("camera", "hydrant", "lamp", "manhole", "bus_stop", "charging", "waste_point")
    spots = [points[f.source_id] for f in ledgers.rows("facilities") if f.kind in outdoor]
    shapely.prepare(houses)
    assert not shapely.contains_properly(houses, spots).any()
