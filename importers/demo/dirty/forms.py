"""The residents' books of three offices, each kept in its own way."""

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from importers.demo.dirty.places import Places
from importers.demo.dirty.truth import NOWHERE, Meaning, Truth
from importers.demo.dirty.writing import (
    Family,
    may_be_old,
    old_number,
    write_date,
    write_home,
    write_living,
    write_registered,
    wrong_number,
)

_WRONG, _OLD, _TWICE = 0.015, 0.06, 0.012
_SEX = {"male": "男", "female": "女"}
_RELATION = {"head": "户主", "spouse": "妻", "son": "子", "daughter": "女", "father": "父亲",
             "mother": "母亲", "not_related": "非亲属"}
_ID_TYPE = {"resident_id": "居民身份证", "none": "无证件", "passport": "护照",
            "permit_hmt": "港澳台居民居住证"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A person as an office writes them down; `refused` says why the row cannot be taken."""

    name: str
    number: str
    sex: str
    born: str
    phone: str
    relation: str
    living: Meaning
    registered: Meaning
    refused: str = ""
    dirt: str = ""


def police_form(folder: Path, families: Sequence[Family], places: Places, truth: Truth,
                rng: random.Random) -> tuple[str, int]:
    """Write a workbook with a title and merged cells: a row a person, both addresses in it."""
    import xlsxwriter

    name = "居民台账-派出所.xlsx"
    heads = ("序号", "户号", "姓名", "身份证号码", "性别", "出生日期", "联系电话", "现住址",
             "户籍地址", "与户主关系")
    with xlsxwriter.Workbook(folder / name, {"strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("居民登记表")
        sheet.merge_range(0, 0, 0, len(heads) - 1, "明仁街道居民登记表")
        sheet.write_row(1, 0, heads)
        row = 2
        for family in families:
            entries = list(_entries(family, places, rng))
            _merge(sheet, row, 1, len(entries), family.number)
            for entry in entries:
                cells = (str(row - 1), None, entry.name, entry.number, entry.sex, entry.born,
                         entry.phone, entry.living.text, _same(entry), entry.relation)
                for column, cell in enumerate(cells):
                    if cell is not None:
                        sheet.write_string(row, column, cell)
                _tell(truth, name, row + 1, entry)
                row += 1
    return name, row - 2


def village_form(folder: Path, families: Sequence[Family], places: Places, truth: Truth,
                 rng: random.Random) -> tuple[str, int]:
    """Write a table in GB18030: a row a household, its members in one cell, phones in remarks."""
    name = "居民台账-社区.csv"
    with (folder / name).open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("户号", "姓名", "身份证号", "性别", "出生年月", "现住址", "户籍地址",
                         "备注"))
        row = 1
        for family in families:
            entries = [one for one in _entries(family, places, rng)
                       if one.living is not NOWHERE]
            if not entries:
                continue
            row += 1
            home = entries[0]
            same = [one for one in entries if one.registered == home.registered]
            names = "、".join(f"{one.name}（{one.relation}）" if one.relation else one.name
                             for one in same)
            phone = next((one.phone for one in same if one.phone), "")
            writer.writerow((
                family.number, names, "；".join(one.number for one in same),
                "、".join(one.sex for one in same), "；".join(one.born for one in same),
                home.living.text, _same(home), f"联系电话{phone}" if phone else ""))
            _tell_all(truth, name, row, same)
    return name, row - 1


def grid_form(folder: Path, families: Sequence[Family], places: Places, truth: Truth,
              rng: random.Random) -> tuple[str, int]:
    """Write a table by tabs: a row a person, 同上 where nothing changed, some persons twice."""
    name = "居民台账-网格.tsv"
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(("姓名", "证件类型", "证件号码", "性别", "出生日期", "手机", "家庭住址",
                         "户籍地址"))
        row = 1
        for family in families:
            above = ""
            for member, entry in zip(family.members, _entries(family, places, rng), strict=True):
                home = entry.living.text
                cells = (entry.name, _ID_TYPE.get(member["id_type"], ""), entry.number, entry.sex,
                         entry.born, entry.phone, "同上" if home and home == above else home,
                         _same(entry))
                above = home
                row += 1
                writer.writerow(cells)
                _tell(truth, name, row, entry)
                if entry.number and not entry.refused and rng.random() < _TWICE:
                    row += 1
                    _again(writer, truth, (name, row), cells, entry, rng)
    return name, row - 1


def _again(writer: Any, truth: Truth, place: tuple[str, int], cells: tuple[str, ...],
           entry: Entry, rng: random.Random) -> None:
    """Write a person a second time: the same again, or by the number of old."""
    if len(entry.number) == 18 and may_be_old(entry.number) and rng.random() < 0.5:
        writer.writerow((*cells[:2], old_number(entry.number), *cells[3:]))
        truth.means(*place, "living", entry.living, dirt="the same person, old number")
        truth.means(*place, "registered", entry.registered)
    else:
        writer.writerow(cells)
        truth.refused(*place, "source_id", "duplicate")


def _entries(family: Family, places: Places, rng: random.Random) -> Iterator[Entry]:
    """Yield the members of a household as an office writes them down."""
    home = write_home(family.home, places, rng)
    for member in family.members:
        number, refused, dirt = _number(member["id_number"], rng)
        relation = _RELATION.get(member["relation_to_head"], "")
        if relation == "妻" and member["sex"] == "male":
            relation = "夫"
        yield Entry(member["name"], number, _SEX[member["sex"]],
                    write_date(member["birth_date"], rng), member["phone"],
                    relation, write_living(member, home),
                    write_registered(member, home, places), refused, dirt)


def _number(number: str, rng: random.Random) -> tuple[str, str, str]:
    """Return an ID number as written down, why it must be refused, and what is odd about it."""
    dice = rng.random()
    if not number:
        return "", "", ""
    if dice < _WRONG:
        return wrong_number(number, rng), "id_number", ""
    if dice < _WRONG + _OLD and may_be_old(number):
        return old_number(number), "", "15 digits"
    return (number.lower(), "", "") if dice > 0.95 else (number, "", "")


def _same(entry: Entry) -> str:
    """Write where someone is registered: most offices say 同现住址."""
    same = entry.registered == entry.living and entry.living.text
    return "同现住址" if same else entry.registered.text


def _merge(sheet: Any, row: int, column: int, rows: int, text: str) -> None:
    """Write a text once for several rows, as a merged cell."""
    if rows > 1:
        sheet.merge_range(row, column, row + rows - 1, column, text)
    else:
        sheet.write_string(row, column, text)


def _tell(truth: Truth, name: str, row: int, entry: Entry, persons: int = 1) -> None:
    if entry.refused:
        truth.refused(name, row, entry.refused, entry.refused)
        return
    if entry.living.text or not entry.registered.text:
        truth.means(name, row, "living" if entry.living.text else "", entry.living,
                    persons=persons, dirt=entry.dirt)
    if entry.registered.text:
        truth.means(name, row, "registered", entry.registered, persons=persons)


def _tell_all(truth: Truth, name: str, row: int, entries: Sequence[Entry]) -> None:
    """Tell of a row of several persons: it comes in whole, or not at all."""
    wrong = next((one for one in entries if one.refused), None)
    _tell(truth, name, row, wrong or entries[0], persons=len(entries))
