"""Storeys that units speak of and no ledger brought: made, so that no unit hangs in the air."""

import re

from psycopg2 import sql

from importers.staging import Stage
from spatial.statements import run

LEVEL = re.compile(r"(?:(地下|负|B|-)\s*)?(\d{1,3}|[一二三四五六七八九十])(?:F|层|楼|L)?", re.IGNORECASE)
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
    """Add the storeys that staged units name and their buildings lack; returns how many."""
    wanted = run(stage.session, _WANTED.format(stage=stage.name)).fetchall()
    rows = [(building, index, storey_label(index)) for building, written in wanted
            if (index := storey_index(written)) is not None]
    for building, index, label in dict.fromkeys(rows):
        run(stage.session, _ADD, {"building": building, "index": index, "label": label})
    _translate(stage, {written for _, written in wanted})
    return len(rows)


def _translate(stage: Stage, written: set[str]) -> None:
    """Write the index in place of other spellings, so that one lookup finds all."""
    for text in written:
        index = storey_index(text)
        if index is not None and text != f"{index:g}":
            run(stage.session, sql.SQL("UPDATE {} SET ref_storey = %(index)s WHERE "
                                       "ref_storey = %(text)s").format(stage.name),
                {"index": f"{index:g}", "text": text})


_WANTED = sql.SQL(
    "SELECT DISTINCT s.building_id, s.ref_storey FROM {stage} s WHERE s.building_id IS NOT NULL "
    "AND s.ref_storey IS NOT NULL AND NOT EXISTS (SELECT FROM storey t "
    "WHERE t.building_id = s.building_id AND t.label = s.ref_storey) ORDER BY 1, 2")
_ADD = sql.SQL(
    "INSERT INTO storey (identifier, building_id, index, label, recorded_by) "
    "SELECT 'f' || left(md5(gen_random_uuid()::text), 16), %(building)s, %(index)s, %(label)s, "
    "'derived' WHERE NOT EXISTS (SELECT FROM storey WHERE building_id = %(building)s "
    "AND index = %(index)s)")
