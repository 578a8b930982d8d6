"""JSON bodies: strict where laxity would hide a mistake."""

from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.errors import InvalidInput
from web import params
from web.bodies import read_json

ZONE = ZoneInfo("Asia/Shanghai")
SOME = (params.text("name", "who", most=20), params.whole("year", "when", least=1900, most=2100),
        params.number("height", "m", least=0, most=100), params.yes("all", "every one"))


def read(body):
    return read_json(body if isinstance(body, bytes) else body.encode(), SOME, ZONE)


def test_values_keep_their_types():
    assert read('{"name": "张三", "year": 1980, "height": 1.5, "all": true}') == {
        "name": "张三", "year": 1980, "height": 1.5, "all": True}


def test_null_is_absent():
    assert read('{"name": null}')["name"] is None


@pytest.mark.parametrize("body, about", [
    ("", "no JSON"), ("[]", "must be a JSON object"), ("{", "no JSON"), (b"\xff\xfe{}", "no JSON"),
    ('{"colour": "red"}', "'colour' is no parameter"), ('{"colour": null}', "is no parameter"),
    ('{"name": "a", "name": "b"}', "twice"), ('{"year": NaN}', "no number of JSON"),
    ('{"year": Infinity}', "no number of JSON"), ('{"year": "1980"}', "must be a JSON integer"),
    ('{"year": true}', "must be a JSON integer"), ('{"year": 1980.5}', "must be a JSON integer"),
    ('{"name": 5}', "must be a JSON string"), ('{"name": ["a"]}', "must be a JSON string"),
    ('{"name": {"$gt": ""}}', "must be a JSON string"), ('{"height": 1e999}', "a number"),
    ('{"name": "a\\u0000b"}', "control character"), ('{"name": "\\ud800"}', "control character"),
    ('{"name": "' + "x" * 21 + '"}', "21 characters"), ('{"year": ' + "9" * 5000 + "}", "no JSON"),
    ("[" * 100_000, "deeper"), ('{"name":' * 40, "deeper"),
])
def test_what_is_wrong_is_named(body, about):
    with pytest.raises(InvalidInput, match=about):
        read(body)


def test_brackets_inside_texts_are_no_depth():
    assert read('{"name": "' + "[" * 18 + '\\""}')["name"] == "[" * 18 + '"'


@given(st.binary(max_size=200))
def test_no_body_does_worse_than_a_refusal(body):
    with suppress(InvalidInput):
        read(body)
