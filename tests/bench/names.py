"""A name -> persons: characters, pinyin, a homophone; against trigram indexes of the names."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from layers.access import Role
from layers.across import person_queries as queries
from layers.caller import LEAST, MOST, Caller
from spatial.naming import keys
from spatial.statements import raw_cursor
from tests.bench.harness import Case, Way
from tests.bench.world import World

EACH, MOST_FOUND = 60, 50
CALLER = Caller(name="bench", role=Role.OFFICER, low=LEAST, high=MOST)
LIVING = "(valid_to IS NULL OR valid_to > now())"
TRIGRAM = ("SELECT identifier FROM resident WHERE {column} %% %s AND " + LIVING +
           " ORDER BY similarity({column}, %s) DESC, id LIMIT {most}")


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing typed, and the person who is meant."""

    kind: str
    text: str
    identifier: str


def cases(world: World) -> Iterator[Case]:
    """Yield the benchmark of names."""
    world.script(
        "CREATE INDEX IF NOT EXISTS bench_fold ON resident USING gin (name_fold gin_trgm_ops)",
        "CREATE INDEX IF NOT EXISTS bench_pinyin ON resident USING gin (name_pinyin gin_trgm_ops)",
        "ANALYZE resident")
    engine, asked = world.engine(), _asked(world)
    notes = tuple(_told(kind, asked, _ours(engine, asked), _peer(engine, asked))
                  for kind in dict.fromkeys(one.kind for one in asked))
    yield Case(
        name="names", title="Name to persons",
        about=f"{len(asked)} names typed: in characters, in pinyin, and as a homophone of the "
              f"right name; at most {MOST_FOUND} persons each, of everywhere.",
        bar="≥ 20 times the trigram index at a million residents and more",
        ways=(Way(name="btrees on folded name, pinyin and initials",
                  run=lambda: _ours(engine, asked), repeats=len(asked)),
              Way(name="trigram GIN on name and pinyin", run=lambda: _peer(engine, asked),
                  repeats=len(asked))),
        notes=notes)
    engine.dispose()
    world.script("DROP INDEX bench_fold, bench_pinyin")


def _asked(world: World) -> list[Asked]:
    dice = random.Random(world.seed)
    rows = world.rows("SELECT identifier, name, name_fold, name_pinyin FROM resident "
                      f"WHERE {LIVING} AND length(name_fold) BETWEEN 2 AND 3 ORDER BY source_id")
    homophones = world.rows(
        "SELECT DISTINCT ON (a.name_pinyin) a.name AS typed, b.identifier FROM resident a "
        "JOIN resident b ON a.name_pinyin = b.name_pinyin AND a.name_fold <> b.name_fold "
        "WHERE length(a.name_fold) = 3 AND (b.valid_to IS NULL OR b.valid_to > now()) "
        "ORDER BY a.name_pinyin, a.id, b.id")
    return [*(Asked("characters", row.name, row.identifier) for row in dice.sample(rows, EACH)),
            *(Asked("pinyin", row.name_pinyin, row.identifier)
              for row in dice.sample(rows, EACH)),
            *(Asked("a homophone", row.typed, row.identifier)
              for row in dice.sample(homophones, min(EACH, len(homophones))))]


def _ours(engine: Engine, asked: list[Asked]) -> list[list[str]]:
    found = []
    with Session(engine) as session:
        for one in asked:
            name = keys(one.text)
            query = (queries.by_letters(CALLER, one.text) if one.kind == "pinyin"
                     else queries.by_han(CALLER, name.fold, name.pinyin))
            found.append([row.identifier for row in session.scalars(query.limit(MOST_FOUND))])
            session.expunge_all()
    return found


def _peer(engine: Engine, asked: list[Asked]) -> list[list[str]]:
    found = []
    with Session(engine) as session:
        cursor = raw_cursor(session)
        for one in asked:
            column = "name_pinyin" if one.kind == "pinyin" else "name_fold"
            cursor.execute(TRIGRAM.format(column=column, most=MOST_FOUND), (one.text, one.text))
            found.append([row[0] for row in cursor.fetchall()])
    return found


def _told(kind: str, asked: list[Asked], ours: list[list[str]], peer: list[list[str]]) -> str:
    picked = [place for place, one in enumerate(asked) if one.kind == kind]
    right = [sum(asked[place].identifier in found[place] for place in picked)
             for found in (ours, peer)]
    return (f"The person meant is among the {MOST_FOUND}, by {kind}: ours {right[0]} of "
            f"{len(picked)}, the trigram index {right[1]}.")
