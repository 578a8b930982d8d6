"""Parameters of queries: read by declaration, refused by name."""

from datetime import UTC, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.errors import InvalidInput
from web import params

ZONE = ZoneInfo("Asia/Shanghai")
SOME = (params.text("q", "words").needed(),
        params.whole("limit", "n", least=1, most=100, default=10),
        params.number("height", "m", least=-100, most=9000), params.yes("explain", "why"),
        params.position("near", "where"), params.box("bbox", "where"), *params.MOMENT,
        params.choice("kind", "which", ("a", "b")))


def read(query):
    return params.read_query(query.encode(), SOME, ZONE)


def test_absent_parameters_have_their_defaults():
    assert read("q=x") == {
        "q": "x", "limit": 10, "height": None, "explain": False, "near": None, "bbox": None,
        "valid_at": None, "known_at": None, "kind": None, "lang": None}


@pytest.mark.parametrize("query, about", [
    ("", "q must be given"),
    ("q=x&colour=red", "'colour' is no parameter"),
    ("q=x&q=y", "more than once"),
    ("q=" + "x" * 201, "201 characters"),
    ("q=%20", "1 to 200"),
    ("q=a%00b", "control character"),
    ("q=a%1Bb", "control character"),
    ("q=%ff%fe", "UTF-8"),
    ("q=x&limit=-1", "from 1 to 100"),
    ("q=x&limit=0", "from 1 to 100"),
    ("q=x&limit=99999", "from 1 to 100"),
    ("q=x&limit=1e2", "from 1 to 100"),
    ("q=x&limit=" + "9" * 50, "from 1 to 100"),
    ("q=x&limit=%EF%BC%91", "from 1 to 100"),
    ("q=x&height=nan", "a number"),
    ("q=x&height=inf", "a number"),
    ("q=x&height=1e308", "a number"),
    ("q=x&near=122", "lon,lat"),
    ("q=x&near=222,43", "from -180 to 180"),
    ("q=x&near=43,122", "from -90 to 90"),
    ("q=x&bbox=2,2,1,1", "lesser value first"),
    ("q=x&valid_at=2023-02-30", "a date"),
    ("q=x&valid_at=yesterday", "a date"),
    ("q=x&valid_at=99999-01-01", "a date"),
    ("q=x&kind=c", "one of a, b"),
    ("q=x&explain=maybe", "1 or 0"),
    ("q=x&lang=fr", "one of zh, en"),
    ("&".join(f"q{n}=1" for n in range(60)), "too many fields"),
])
def test_what_is_wrong_is_named(query, about):
    with pytest.raises(InvalidInput, match=about):
        read(query)


@pytest.mark.parametrize("text, moment", [
    ("2024-05-01", datetime(2024, 5, 1, tzinfo=ZONE)),
    ("2024-05", datetime(2024, 5, 1, tzinfo=ZONE)),
    ("2024", datetime(2024, 1, 1, tzinfo=ZONE)),
    ("2024-05-01T08:00:00Z", datetime(2024, 5, 1, 8, tzinfo=UTC)),
    ("2024-05-01T08:00:00+08:00", datetime(2024, 5, 1, tzinfo=UTC)),
])
def test_a_bare_day_begins_in_the_registrys_zone(text, moment):
    assert read(urlencode({"q": "x", "valid_at": text}))["valid_at"] == moment


def test_a_plus_that_nobody_escaped_still_means_plus():
    assert read("q=x&valid_at=2024-05-01T08:00:00+08:00")["valid_at"] == datetime(
        2024, 5, 1, tzinfo=UTC)


def test_what_was_known_on_a_day_is_known_at_its_end():
    assert read("q=x&known_at=2024-05-01")["known_at"].hour == 23


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_pair_does_worse_than_a_refusal(name, value):
    for pairs in ([("q", value)], [(name, value)], [("q", "x"), ("valid_at", value)],
                  [("q", "x"), ("bbox", value)], [("q", "x"), ("near", value)]):
        try:
            params.read_pairs(pairs, SOME, ZONE)
        except InvalidInput as error:
            assert "\x00" not in str(error)
