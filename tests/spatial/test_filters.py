"""CQL2 filters: bounded before they are parsed, bound when they are asked."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    DateTime,
    Float,
    Integer,
    MetaData,
    Table,
    Text,
    select,
)
from sqlalchemy.dialects import postgresql

from spatial.errors import InvalidInput
from spatial.filters import DEEPEST, LONGEST, MOST_NODES, parse_filter

HOUSE = Table("house", MetaData(), Column("name", Text), Column("storeys", Integer),
              Column("height", Float), Column("aliases", ARRAY(Text)), Column("lift", Boolean),
              Column("since", DateTime(timezone=True)), Column("geometry", Text),
              Column("owner", Text))
#: The owner is hidden.
NAMES = {column.name: column for column in HOUSE.c if column.name != "owner"}


def sql(text):
    dialect = postgresql.dialect()
    return str(select(HOUSE.c.name).where(parse_filter(text, NAMES)).compile(
        dialect=dialect, compile_kwargs={"literal_binds": True})).split("WHERE ")[1]


@pytest.mark.parametrize(("said", "means"), [
    ("storeys >= 6 AND name = '向阳小区'", "house.storeys >= 6.0 AND house.name = '向阳小区'"),
    ("6 < storeys", "house.storeys > 6.0"),
    ("name = 'it''s'", "house.name = 'it''s'"),
    ("name = ''", "house.name = ''"),
    ("NOT (height < 3 OR lift = true)", "NOT (house.height < 3.0 OR house.lift = true)"),
    ("height BETWEEN 3 AND 9", "house.height >= 3.0 AND house.height <= 9.0"),
    ("name IN ('a', 'b')", "house.name IN ('a', 'b')"),
    ("name NOT IN ('a')", "(house.name NOT IN ('a'))"),
    ("name IS NULL", "house.name IS NULL"),
    ("name IS NOT NULL", "house.name IS NOT NULL"),
    ("name LIKE '%阳光%'", "CAST(house.name AS TEXT) LIKE '%%阳光%%'"),
    ("aliases = '阳光'", "'阳光' = ANY (house.aliases)"),
    ("since > TIMESTAMP('2024-05-01T00:00:00Z')", "house.since > '2024-05-01 00:00:00+00:00'"),
    ("\"storeys\" <> storeys", "house.storeys != house.storeys"),
])
def test_a_filter_means_what_it_says(said, means):
    assert sql(said) == means


def test_places_are_asked_by_shapes():
    assert "ST_Intersects(house.geometry, ST_GeomFromText('POLYGON ((1 2, 3 2" in sql(
        "S_INTERSECTS(geometry, BBOX(1, 2, 3, 4))")
    assert "ST_Within(house.geometry, ST_GeomFromText('POLYGON" in sql(
        "S_WITHIN(geometry, POLYGON((0 0, 1 0, 1 1, 0 0)))")


@pytest.mark.parametrize(("text", "wrong"), [
    ("", "is empty"), ("   ", "is empty"), ("x" * (LONGEST + 1), "characters"),
    ("(" * 1500 + "1=1" + ")" * 1500, "nested too deep"),
    ("(" * (DEEPEST * 2 + 1) + "name = 'a'" + ")" * (DEEPEST * 2 + 1), "nested too deep"),
    (" AND ".join(["storeys = 1"] * 30), "asks too much"),
    (f"storeys IN ({', '.join(map(str, range(2 * MOST_NODES + 1)))})", "asks too much"),
    ("owner = 'a'", "no field 'owner'"), ("nobody = 'a'", "no field 'nobody'"),
    ("height > 'tall'", "can never hold"), ("name = 3 AND lift = 2", "can never hold"),
    ("since > 'yesterday'", "compares a time"), ("pg_sleep(9) = 1", "must name the field"),
    ("name = pg_sleep(9)", "can never hold"), ("height", "must compare"), ("1 = 1", "must name"),
    ("name = 'a'; DROP TABLE house", "no CQL2 text"), ("name = 'a' --", "no CQL2 text"),
    ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 0 1, 1 0, 0 0)))", "must be valid"),
    ("aliases > 'a'", "list is asked"), ("T_AFTER(since, DATE('2024-01-01'))", "uses 't_after'"),
    ("name = 'a\0b'", "can never hold|no CQL2"),
])
def test_what_is_no_filter_is_refused_with_the_remedy(text, wrong):
    with pytest.raises(InvalidInput, match=wrong):
        parse_filter(text, NAMES)


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("()'\"=<>, aANDORNOTINLIKE1.向%名name_storeys-;\\"), max_size=60)
       | st.text(max_size=40))
def test_no_text_does_anything_but_be_understood_or_refused(text):
    try:
        sql(text)
    except InvalidInput:
        return
