"""An address in many writings -> the unit, against a trigram index of all full labels."""

import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from psycopg2.extensions import cursor as Cursor
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from layers.across.lookup import lookup_address
from layers.across.places import place_json
from layers.across.register import register_of
from spatial.addressing import canonical, resolve
from spatial.statements import raw_cursor
from tests.bench.harness import Case, Way
from tests.bench.world import World

UNITS = 40
Chain = Mapping[str, str]
DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
#: How people write one and the same unit: its parts are the labels of its chain.
WRITINGS: Mapping[str, Callable[[Chain], str]] = {
    "in full": lambda c: c["full"],
    "from the compound": lambda c: f"{c['compound']}{c['building']}{c['entrance']}{c['unit']}",
    "dashes": lambda c: f"{c['compound']}{_no(c['building'])}-{_no(c['entrance'])}-"
                        f"{_no(c['unit'])}",
    "another word for building": lambda c: f"{c['compound']}{_no(c['building'])}幢"
                                           f"{c['entrance']}{_no(c['unit'])}",
    "Chinese digits": lambda c: f"{c['compound']}{c['building']}{c['entrance']}"
                                f"{_no(c['unit'])}".translate(DIGITS),
    "wide digits and spaces": lambda c: f"{c['compound']} {c['building']} {c['entrance']} "
                                        f"{c['unit']}".translate(WIDE),
    "chatter around it": lambda c: f"你好我住在{c['community']}{c['compound']}{c['building']}"
                                   f"{c['entrance']}{c['unit']}，麻烦快点",
    "a letter lost": lambda c: f"{c['subdistrict']}{_short(c['compound'])}{c['building']}"
                               f"{c['entrance']}{c['unit']}",
}
TRIGRAM = ("SELECT identifier FROM bench_label WHERE label %%> %s "
           "ORDER BY word_similarity(%s, label) DESC, similarity(label, %s) DESC LIMIT 1")


def cases(world: World) -> Iterator[Case]:
    """Yield the benchmark of addresses."""
    engine = world.engine()
    _index_labels(world, engine)
    asked = _variants(world, engine)
    texts = [text for _, text, _ in asked]
    truth = [ref for _, _, ref in asked]
    ours, peer = _whole(engine, texts), _trigram(engine, texts)
    yield Case(
        name="addresses", title="Address to unit",
        about=f"{len(texts)} texts: {UNITS} units of the demonstration, each in {len(WRITINGS)} "
              "writings. Ours gives the whole answer with its place and chain, or the engine "
              "alone; the peer the most similar of all full labels, by a trigram index.",
        bar="recall above the peer's, and ≥ 10 times faster",
        ways=(Way(name="the engine, `resolve`", run=lambda: _engine(engine, texts),
                  repeats=len(texts)),
              Way(name="the whole answer, `lookup_address`", run=lambda: _whole(engine, texts),
                  repeats=len(texts)),
              Way(name="trigram GIN on full labels", run=lambda: _trigram(engine, texts),
                  repeats=len(texts)),
              Way(name="addok", missing="not installed"),
              Way(name="nominatim", missing="not installed")),
        notes=(f"First answer right: ours {_share(ours, truth)}, the trigram index "
               f"{_share(peer, truth)}.", *_by_writing(asked, ours, peer)))
    engine.dispose()


def _no(label: str) -> str:
    return "".join(c for c in label if c.isascii())


def _short(name: str) -> str:
    """Leave out the middle character of a name."""
    return name[:len(name) // 2] + name[len(name) // 2 + 1:]


def _variants(world: World, engine: Engine) -> list[tuple[str, str, str]]:
    """Return (writing, text, identifier of the unit), for units of buildings with numbers."""
    rows = world.rows(
        "SELECT u.id FROM unit u JOIN building b ON b.id = u.building_id JOIN entrance e "
        "ON e.id = u.entrance_id WHERE b.compound_id IS NOT NULL AND b.number ~ '^[0-9]+$' "
        "AND e.number ~ '^[0-9]+$' AND u.designator ~ '^[0-9]+$' ORDER BY u.source_id")
    drawn = random.Random(world.seed).sample([row.id for row in rows], UNITS)
    with Session(engine) as session:
        places = place_json(session, [("u", key) for key in drawn])
    return [(name, write(_chain(place)), str(place["identifier"]))
            for place in places for name, write in WRITINGS.items()]


def _chain(place: Any) -> Chain:
    return {"full": place["full_label"], **{step["level"]: step["label"]
                                            for step in place["chain"]}}


def _index_labels(world: World, engine: Engine) -> None:
    """Give the peer its table: the full label of every unit, in the form that we compare by."""
    keys = [row.id for row in world.rows("SELECT id FROM unit ORDER BY id")]
    with Session(engine) as session:
        places = place_json(session, [("u", key) for key in keys])
        cursor = raw_cursor(session)
        cursor.execute("CREATE TABLE bench_label (identifier text, label text)")
        _insert(cursor, [(p["identifier"], canonical(p["full_label"])) for p in places])
        cursor.execute("CREATE INDEX ON bench_label USING gin (label gin_trgm_ops)")
        cursor.execute("ANALYZE bench_label")
        session.commit()


def _insert(cursor: Cursor, rows: list[tuple[str, str]]) -> None:
    from psycopg2.extras import execute_values

    execute_values(cursor, "INSERT INTO bench_label VALUES %s", rows, page_size=1000)


def _whole(engine: Engine, texts: list[str]) -> list[str | None]:
    with Session(engine) as session:
        return [lookup_address(session, text)["ref"] for text in texts]


def _engine(engine: Engine, texts: list[str]) -> list[str | None]:
    with Session(engine) as session:
        return [resolve(text, register_of(session)).ref for text in texts]


def _trigram(engine: Engine, texts: list[str]) -> list[str | None]:
    found: list[str | None] = []
    with Session(engine) as session:
        cursor = raw_cursor(session)
        cursor.execute("SET pg_trgm.word_similarity_threshold = 0.3")
        for text in texts:
            said = canonical(text)
            cursor.execute(TRIGRAM, (said, said, said))
            row = cursor.fetchone()
            found.append(row[0] if row else None)
    return found


def _right(given: list[str | None], truth: list[str]) -> int:
    return sum(one == right for one, right in zip(given, truth, strict=True))


def _share(given: list[str | None], truth: list[str]) -> str:
    return f"{_right(given, truth) / len(truth):.1%}"


def _by_writing(asked: list[tuple[str, str, str]], ours: list[str | None],
                peer: list[str | None]) -> Iterator[str]:
    """Say for each writing how many of its texts were answered right by us and by the peer."""
    parts = []
    for name in WRITINGS:
        picked = [place for place, one in enumerate(asked) if one[0] == name]
        truth = [asked[place][2] for place in picked]
        parts.append(f"{name} (“{asked[picked[0]][1]}”) "
                     f"{_right([ours[place] for place in picked], truth)} : "
                     f"{_right([peer[place] for place in picked], truth)}")
    yield f"Right of {UNITS} by writing, ours : trigram: " + "; ".join(parts) + "."
