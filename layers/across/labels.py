"""What places are called: one label for each rung, and the full label from the province down.

Numbers that stand alone are given their word (3 -> 3号楼, 2 -> 2单元, 501 -> 501室); what already
reads as a name is left as it is written.
"""

import re
from collections.abc import Mapping
from typing import Any

from layers.codelists import codelist

#: Rungs that a postal text does not name: a grid is the office's, a storey is in the number.
SILENT = frozenset({"grid", "storey"})
_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z./-]*[甲乙丙丁戊己]?$|[甲乙丙丁戊己][0-9]+$")
_ROOM = re.compile(r"[0-9]+(?:-[0-9]+)*[甲乙丙丁]?$")
UNNAMED = "未编号"
Row = Mapping[str, Any]


def building_label(row: Row) -> str:
    """Return a building's label: as signed, else by number, by name, or by plate."""
    if row["label"]:
        return str(row["label"])
    if row["number"]:
        return _worded(row["number"], "号楼")
    return str(row["name"] or (plate_label(row["plate"]) if row["plate"] else UNNAMED + "楼"))


def entrance_label(row: Row) -> str:
    """Return an entrance's label."""
    return str(row["label"] or (_worded(row["number"], "单元") if row["number"] else "门"))


def storey_label(label: str | None, index: float | None) -> str:
    """Return a storey's label: as signed, else counted from its index (-1 is B1)."""
    if label:
        return _worded(label, "层") if label.isdigit() else label
    if index is None:
        return UNNAMED + "层"
    if index != int(index):
        return f"{int(index)}层夹层"
    return f"B{int(-index)}" if index < 0 else f"{int(index)}层"


def unit_label(row: Row) -> str:
    """Return a unit's label: 室 follows a plain number only (501室; 门市3, B1-103 as they are)."""
    text = row["designator"]
    if not text:
        return str(row["position"] or UNNAMED + "室")
    return f"{text}室" if _ROOM.match(text) else str(text)


def plate_label(number: str | None) -> str:
    """Return a plate's label."""
    return _worded(number or UNNAMED, "号")


def facility_label(row: Row) -> str:
    """Return a facility's name, else what kind of thing it is."""
    return str(row["name"] or codelist("facility_kind").label(row["kind"], "zh"))


def full_label(chain: list[dict[str, Any]]) -> str:
    """Return the whole text of a chain as people write it on an envelope, nothing said twice."""
    text, said = "", set()
    for step in chain:
        label = step["label"]
        if label in said or (step["level"] in SILENT and step is not chain[-1]):
            continue
        said.add(label)
        text += label
    return text


def _worded(number: str, word: str) -> str:
    return f"{number}{word}" if _NUMBER.match(number) else number
