"""Storeys that units speak of and no ledger brought: made, so that no unit hangs in the air."""

import re
from collections import defaultdict

from psycopg2 import sql
from psycopg2.extras import execute_values

from importers.staging import Stage
from spatial.solids import STOREY_HEIGHT, stack
from spatial.statements import raw_cursor, run

LEVEL = re.compile(r"(?:(地下|负|B|-)\s*)?(\d{1,3}|[一二三四五六七八九十])(?:F|层|楼|L)?",
                   re.IGNORECASE)
NUMBERS = {digit: number for number, digit in enumerate("一二三四五六七八九十", start=1)}
MEZZANINE = 1.5


def storey_index(written: str) -> float | None:
    """Return the index of a storey as people write it: 3, 3F, B1, 地下一层, 夹层."""
    text = written.strip()
    if text in ("夹层", "1.5"):
        return MEZZANINE
    if re.fullmatch(r"-?\d{1,3}(\.\d)?", text):
        return float(text) or None
    match = LEVEL.fullmatch(text)
    if match is None:
        return None
    number = float(NUMBERS.get(match[2]) or match[2])
    return (-number if match[1] else number) or None


def storey_label(index: float) -> str:
    """Return what people call the storey: B1, 1F, 夹层."""
    if index != int(index):
        return "夹层"
    return f"{index:.0f}F" if index > 0 else f"B{-index:.0f}"


def add_missing_storeys(stage: Stage) -> int:
    """Add the storeys that staged units name and their buildings lack; returns how many.

    A building with any missing gets its whole stack, so that no unit of the fifth floor stands
    on the ground.
    """
    wanted = run(stage.session, _WANTED.format(stage=stage.name)).fetchall()
    _translate(stage, {written for _, written in wanted})
    named: dict[int, set[float]] = defaultdict(set)
    for building, written in wanted:
        if (index := storey_index(written)) is not None:
            named[building].add(index)
    rows = [(building, index, storey_label(index), base, top)
            for building, above, below, height in run(
                stage.session, _BUILDINGS, {"ids": list(named)}).fetchall()
            for index, base, top in _stack(named[building], above, below, height)]
    if not rows:
        return 0
    execute_values(raw_cursor(stage.session), _ADD, rows, page_size=2000)
    return len(rows)


def _stack(named: set[float], above: int | None, below: int | None, height: float | None,
           ) -> list[tuple[float, float, float]]:
    """Return index, base and top of every storey of a building that its units speak of."""
    most = max(above or 0, int(max(named)), 1)
    least = max(below or 0, -int(min(named)), 0)
    rise = height / most if height and height > 0 else STOREY_HEIGHT
    whole = [(storey.index, storey.base_m, storey.top_m)
             for storey in stack(most, least, rise * most)]
    between = [(index, (int(index) - 0.5) * rise, int(index) * rise)
               for index in sorted(named) if index % 1]
    return [(index, float(base or 0), float(top or 0)) for index, base, top in whole + between]


def _translate(stage: Stage, written: set[str]) -> None:
    """Write the index in place of other spellings, so that one lookup finds all."""
    for text in written:
        index = storey_index(text)
        if index is not None and text != f"{index:g}":
            run(stage.session, sql.SQL("UPDATE {} SET ref_storey = %(index)s WHERE "
                                       "ref_storey = %(text)s").format(stage.name),
                {"index": f"{index:g}", "text": text})


_WANTED = sql.SQL(
    "WITH said AS (SELECT DISTINCT building_id, ref_storey FROM {stage} WHERE building_id IS NOT "
    "NULL AND ref_storey IS NOT NULL) SELECT * FROM said WHERE building_id IN (SELECT building_id "
    "FROM said s WHERE NOT EXISTS (SELECT FROM storey t WHERE t.building_id = s.building_id AND "
    "(t.label = s.ref_storey OR t.index = CASE WHEN s.ref_storey ~ '^-?[0-9]{{1,3}}(\\.[0-9]+)?$' "
    "THEN s.ref_storey::float8 END))) ORDER BY 1, 2")
_BUILDINGS = sql.SQL("SELECT id, storeys_above_ground, storeys_below_ground, height FROM building "
                     "WHERE id = ANY(%(ids)s) ORDER BY id")
_ADD = """
INSERT INTO storey (identifier, building_id, index, label, base_m, top_m, recorded_by)
SELECT 'f' || left(md5(gen_random_uuid()::text), 16), v.building, v.index, v.label, v.base, v.top,
       'derived'
FROM (VALUES %s) AS v(building, index, label, base, top)
WHERE NOT EXISTS (SELECT FROM storey t WHERE t.building_id = v.building AND t.index = v.index)
"""
