import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importers.json_text import JsonText
from spatial.errors import UnreadableSource

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
objects = st.lists(st.dictionaries(st.text(min_size=1), values, max_size=3), max_size=4)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "text.json"


def read(path: Path, text: str) -> list[Any]:
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return list(JsonText(path, "utf-8").objects())


@given(objects, st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_layout_gives_the_same_objects(
    path: Path, found: list[dict[str, Any]], pretty: bool
) -> None:
    found = [{key: value for key, value in one.items() if key != "features"} for one in found]
    indent = 1 if pretty else None
    collection = {"type": "FeatureCollection", "features": found, "name": "last"}
    assert read(path, json.dumps(collection, indent=indent)) == found
    assert read(path, json.dumps(found, indent=indent)) == found
    assert read(path, "\n".join(json.dumps(one) for one in found)) == found
    assert read(path, "".join(f"\x1e{json.dumps(one)}\n" for one in found)) == found


def test_members_around_the_features_are_kept(path: Path) -> None:
    path.write_text('{"name": "a", "features": [{"x": 1}], "crs": {"type": "name"}}')
    text = JsonText(path, "utf-8")
    assert list(text.objects()) == [{"x": 1}]
    assert text.members == {"name": "a", "crs": {"type": "name"}}


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"features": [{"a": 1},\n{"a": ', "line 2, column 7"),
        ('{"features": [{"a": 1}', "is it cut off"),
        ('{"features": [{"a": 1}]', "is it cut off"),
        ('{"features": [{"a": 1},]}', "line 1, column 24"),
        ('{"features": [{"a": 1} {"a": 2}]}', "Expecting ',' or ']'"),
        ('{"a" 1}', "Expecting ':'"),
        ("{a: 1}", "Expecting a name in quotes"),
        ('{"a": 1} nonsense', "Expecting an object"),
        ("[1, 2", "is it cut off"),
        ('{"features": [' + "[" * 100_000, "nested too deep"),
        ('{"a": ' * 100_000, "nested too deep"),
        ("[" + "9" * 5000 + "]", "number that is none"),
    ],
)
def test_a_fault_is_named_by_its_place(path: Path, text: str, where: str) -> None:
    with pytest.raises(UnreadableSource, match=where.replace("]", r"\]")):
        read(path, text)


def test_what_is_not_json_but_written_all_the_same_is_nothing(path: Path) -> None:
    assert read(path, '[{"a": NaN, "b": -Infinity}]') == [{"a": None, "b": None}]


def test_escapes_that_no_database_keeps_are_seen(path: Path) -> None:
    for text, seen in [('["\\u0000"]', True), ('["\\uD800"]', True), ('["\\u4e2d"]', False)]:
        path.write_text(text)
        assert JsonText(path, "utf-8").has_escapes() is seen
