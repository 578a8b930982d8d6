"""The book of organizations of an office: short forms of addresses, wrong codes, rows twice."""

import csv
import random
from pathlib import Path

from importers.demo.dirty.places import Places, rows_of
from importers.demo.dirty.truth import Meaning, Truth
from importers.demo.dirty.writing import write_home

_WRONG, _TWICE = 0.03, 0.03
_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def firms(folder: Path, clean: Path, places: Places, truth: Truth, rng: random.Random,
          ) -> tuple[str, int]:
    """Write the organizations that have a unit of their own."""
    name, row = "单位台账.csv", 1
    with (folder / name).open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("单位名称", "统一社会信用代码", "经营地址", "联系电话", "备注"))
        for firm in rows_of(clean / "organizations.csv"):
            if firm["place"] not in places.homes:
                continue
            row += 1
            cells, meaning = _written(firm, places, rng)
            writer.writerow(cells)
            if cells[1] != firm["credit_code"]:
                truth.refused(name, row, "credit_code", "credit_code")
                continue
            truth.means(name, row, "operates", meaning)
            if rng.random() < _TWICE:
                row += 1
                writer.writerow(cells)
                truth.refused(name, row, "source_id", "duplicate")
    return name, row - 1


def _written(firm: dict[str, str], places: Places, rng: random.Random,
             ) -> tuple[tuple[str, ...], Meaning]:
    """Return the row of a firm, some with a wrong code, and what its address means."""
    meaning, code = write_home(places.homes[firm["place"]], places, rng), firm["credit_code"]
    if rng.random() < _WRONG:
        code = code[:17] + rng.choice([one for one in _LETTERS if one != code[17]])
    noted = bool(firm["phone"]) and rng.random() < 0.3
    phone = ("", f"电话：{firm['phone']}") if noted else (firm["phone"], "")
    return (firm["name"], code, meaning.text, *phone), meaning
