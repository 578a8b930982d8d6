"""What came of every row of a file: stored, linked to which place, queued or refused, and why.

A row that says two things (where someone lives, and where they are registered) has a line for
each. The file is readable by its owner only, as the refused rows are.
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from psycopg2 import sql
from sqlalchemy.orm import Session

from importers.base import Issue
from importers.rejects import private
from importers.results import Result
from layers import catalogue
from layers.base import Layer, fields_of
from layers.codelists import codelist
from spatial.cells import guarded
from spatial.statements import raw_cursor, run, table
from spatial.wording import in_both

COLUMNS = ("file", "row", "layer", "source_id", "state", "outcome", "says", "place", "level",
           "address", "column", "rule", "remedy")
PLACES = ("unit", "building", "compound")


def write_report(session: Session, source: str, results: Sequence[Result], path: Path) -> None:
    """Write a line for each row and each thing it says, in the order of the files."""
    with private(path).open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for result in results:
            for line in _merged(_taken(session, source, result), _refused(result)):
                writer.writerow([guarded(str(cell if cell is not None else ""))
                                 for cell in (result.file, line[0], result.layer, *line[1:])])


def _merged(taken: Iterator[Sequence[Any]], refused: Sequence[Sequence[Any]],
            ) -> Iterator[Sequence[Any]]:
    """Yield both by their row."""
    waiting = list(reversed(refused))
    for line in taken:
        while waiting and waiting[-1][0] < line[0]:
            yield waiting.pop()
        yield line
    yield from reversed(waiting)


def _refused(result: Result) -> list[Sequence[Any]]:
    """Return a line for each thing that is wrong with a row."""
    found = (one for one in result.issues if one.rejects)
    return [_line(one) for one in sorted(found, key=lambda one: one.line)]


def _line(one: Issue) -> Sequence[Any]:
    named = "" if one.line else one.value
    return (one.line, named, "rejected", "rejected", "", "", "", "", one.column, one.rule,
            in_both(one.remedy))


def _taken(session: Session, source: str, result: Result) -> Iterator[Sequence[Any]]:
    if result.rows is None:
        return
    _lay_out(session, result.rows)
    layer = catalogue()[result.layer]
    asked = list(_tables(layer))
    if not asked:
        cursor = run(session, _PLAIN)
    else:
        parts = sql.SQL(" UNION ALL ").join(_part(*one) for one in asked)
        cursor = run(session, _LINKS.format(parts=parts), {"source": source})
    while rows := cursor.fetchmany(5_000):
        yield from rows


def _lay_out(session: Session, rows: IO[bytes]) -> None:
    """Put the rows that were taken into a table of this transaction."""
    run(session, sql.SQL("DROP TABLE IF EXISTS pg_temp.taken_row"))
    run(session, sql.SQL("CREATE TEMPORARY TABLE taken_row (line bigint, source_id text, "
                         "state text) ON COMMIT DROP"))
    with rows:
        raw_cursor(session).copy_expert(
            "COPY pg_temp.taken_row FROM STDIN WITH (FORMAT csv)", rows)
    run(session, sql.SQL("ANALYZE pg_temp.taken_row"))


def _tables(layer: Layer) -> Iterator[tuple[str, str, list[str]]]:
    """Yield the tables in which rows of a ledger hang on places, with a suffix of their ids."""
    if "address" in layer.table.c:
        yield layer.table.name, "", _levels(layer.table.c)
    for model in dict.fromkeys(link.model for link in layer.links):
        about = fields_of(model)["kind"].codelist
        kinds = list(codelist(about).codes) if about else [
            link.kind for link in layer.links if link.kind and link.model is model]
        for kind in kinds:
            yield model.__tablename__, kind, _levels(model.__table__.c)


def _levels(columns: Any) -> list[str]:
    return [name for name in PLACES if f"{name}_id" in columns]


def _part(name: str, kind: str, levels: list[str]) -> sql.Composable:
    """Select what the rows say in one table, with the place it was found to be."""
    keys = [sql.SQL("l.{}").format(sql.Identifier(f"{one}_id")) for one in levels]
    joins = sql.SQL(" ").join(
        sql.SQL("LEFT JOIN {0} ON {0}.id = {1}").format(table(one), key)
        for one, key in zip(levels, keys, strict=True))
    ids = sql.SQL(", ").join(sql.SQL("{}.source_id").format(table(one)) for one in levels)
    level = sql.SQL("CASE {} END").format(sql.SQL(" ").join(
        sql.SQL("WHEN {} IS NOT NULL THEN {}").format(key, sql.Literal(one))
        for one, key in zip(levels, keys, strict=True)))
    return _PART.format(
        kind=sql.Literal(kind), link=table(name), joins=joins, ids=ids, level=level,
        suffix=sql.Literal(f"#{kind}" if kind else ""),
        none=sql.SQL(" AND ").join(sql.SQL("{} IS NULL").format(key) for key in keys))


_PART = sql.SQL(
    "SELECT r.line, r.source_id, {kind} AS says, coalesce({ids}) AS place, {level} AS level, "
    "l.address, CASE WHEN NOT ({none}) THEN 'linked' WHEN l.address IS NULL THEN 'stored' "
    "WHEN EXISTS (SELECT FROM review_item i WHERE i.text = l.address AND i.decided IS NULL) "
    "THEN 'queued' ELSE 'kept' END AS outcome FROM pg_temp.taken_row r JOIN {link} l "
    "ON l.source = %(source)s AND l.source_id = r.source_id || {suffix} {joins} "
    "WHERE l.valid_to IS NULL OR l.valid_to > now()")
_LINKS = sql.SQL(
    "SELECT r.line, r.source_id, r.state, coalesce(p.outcome, 'stored'), p.says, p.place, p.level, "
    "p.address, NULL, NULL, NULL FROM pg_temp.taken_row r LEFT JOIN ({parts}) p "
    "ON p.line = r.line AND p.source_id = r.source_id ORDER BY r.line, r.source_id, p.says")
_PLAIN = sql.SQL("SELECT line, source_id, state, 'stored', NULL, NULL, NULL, NULL, NULL, NULL, "
                 "NULL FROM pg_temp.taken_row ORDER BY line, source_id")
