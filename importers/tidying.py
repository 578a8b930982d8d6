"""Cells as offices really fill them -> cells that say one thing each, before any is read.

Several persons in a row (王建国、李梅) become a row each; 同上 is what stands above, 同现住址 what
stands beside; a relation in brackets behind a name goes where relations go, and a phone number in
the remarks to the one without a phone. What cannot be told apart is a problem, never a guess.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from importers.base import Batch, Table
from importers.mapping import ColumnMap
from importers.values import Problem, clean, phones_in
from layers import catalogue
from layers.base import Layer
from layers.codelists import codelist

Texts = dict[str, list[str | None]]
Problems = dict[str, dict[int, Problem]]         # by column and row
#: Read for what it says of other columns, never stored.
NOTES = "notes"
ABOVE = frozenset({"同上", "同前", "〃", "″", "”", "\"", "''"})
#: Columns that no one shares with the row above, whatever the cell says.
ONE_S_OWN = frozenset({"source_id", "name", "id_number"})
BESIDE: Mapping[str, str] = {"address": "registered_address", "registered_address": "address"}
SAME = re.compile(r"同(?:现住|居住|现居住|住|现|户籍|户口所在|户口|户籍所在)(?:地址|址|地)?"
                  r"|同左|同右|一致")
SEVERAL = re.compile(r"[;；、\n]")
#: These separate too, but also stand inside a name of another script, or a date.
LOOSELY = re.compile(r"[,，/]")
HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
AND_OTHERS = re.compile(r".{2,}等(?:[\d一二三四五六七八九十两]+[人口名]?|人)")
BRACKETED = re.compile(r"(.+?)\s*[（(]([^（()）]{1,12})[)）]")


@dataclass
class Tidier:
    """Tidies the batches of one table for one layer; counts what it did."""

    layer: Layer
    columns: frozenset[str]                      # ledger columns that the load fills
    counts: Counter[str] = field(default_factory=Counter)
    above: dict[str, str | None] = field(default_factory=dict)

    def tidy(self, batch: Batch, texts: Texts) -> tuple[Batch, Texts, Problems]:
        """Return the batch and its texts, a row a thing, and the problems by column and row."""
        problems: Problems = {}
        self._repeat(texts)
        self._look_beside(texts, problems)
        each = [name for name in self.layer.each if name in texts]
        if each and each[0] == self.layer.each[0] and UNTIDY.search(
                "".join(filter(None, texts[each[0]]))):
            batch, texts = self._spread(batch, texts, each, problems)
        if "relation_to_head" in self.columns and "name" in texts:
            self._take_relations(texts)
        if NOTES in texts and "phone" in self.columns:
            self._take_phones(texts)
        for name in self.columns & DRAWN.keys():
            texts.setdefault(name, [None] * len(batch))
        return batch, texts, problems

    def remarks(self) -> list[str]:
        """Say what was done, for the clerk to check."""
        return [f"{count:,} {what}" for what, count in self.counts.items() if count]

    def _repeat(self, texts: Texts) -> None:
        """Write in place of 同上 what stands above it."""
        for name, column in texts.items():
            if name not in ONE_S_OWN and not ABOVE.isdisjoint(column):
                said = self.above.get(name)
                for row, text in enumerate(column):
                    if text in ABOVE:
                        column[row] = said
                        self.counts["cells that say 同上 were read as the cell above"] += 1
                    said = column[row]
            self.above[name] = column[-1] if column else None

    def _look_beside(self, texts: Texts, problems: Problems) -> None:
        """Write in place of 同现住址 the address that stands beside it."""
        for name, other in BESIDE.items():
            if "同" not in (said := "".join(filter(None, texts.get(name, ())))) and (
                    "一致" not in said):
                continue
            for row, text in enumerate(texts.get(name, ())):
                if text is None or text[0] not in "同一" or not SAME.fullmatch(text):
                    continue
                beside = texts.get(other, [None] * (row + 1))[row]
                if beside is None or SAME.fullmatch(beside):
                    problems.setdefault(name, {})[row] = _NOTHING_BESIDE
                texts[name][row] = beside
                self.counts["addresses that say 同 were read as the address beside"] += 1

    def _spread(self, batch: Batch, texts: Texts, each: list[str], problems: Problems,
                ) -> tuple[Batch, Texts]:
        """Make a row of each person that a row names."""
        rows: list[int] = []
        out: Texts = {name: [] for name in texts}
        moved: Problems = {}
        for row, first in enumerate(texts[each[0]]):
            count = len(_names(first)) if first else 1
            if first and AND_OTHERS.fullmatch(first):
                moved.setdefault(each[0], {})[len(rows)] = _OTHERS
            shares = {name: texts[name][row:row + 1] for name in texts}
            if count > 1:
                self._share(shares, each, count, moved, len(rows))
            for name, shared in shares.items():
                out[name] += shared if len(shared) == count else shared * count
            for name, found in problems.items():
                if row in found:
                    moved.setdefault(name, {})[len(rows)] = found[row]
            rows += [row] * count
        problems.clear()
        problems.update(moved)
        shapes = batch.geometry and [batch.geometry[row] for row in rows]
        return replace(batch, columns={}, lines=[batch.lines[row] for row in rows],
                       geometry=shapes), out

    def _share(self, shares: Texts, each: list[str], count: int,
               problems: Problems, at: int) -> None:
        """Give each of several persons of a row their own part of its cells."""
        for name in each:
            text = shares[name][0]
            parts = _each(name, text, count)
            if len(parts) == 1 and name == "phone":
                parts += [None] * (count - 1)       # the household's: its first member answers it
            if len(parts) != count:
                parts = [None] * count
                problems.setdefault(name, {})[at] = Problem(
                    "several", f"the row names {count} persons and lists another number of "
                    f"values here; write {count}, separated by 、 or ;, or a row a person")
            shares[name] = parts
        if NOTES in shares:
            shares[NOTES] += [None] * (count - 1)
        if own := shares.get("source_id", [None])[0]:
            shares["source_id"] = [own, *(f"{own}/{n}" for n in range(2, count + 1))]
        self.counts["rows name several persons, who were read one by one"] += 1

    def _take_relations(self, texts: Texts) -> None:
        """Take 户主 out of 王建国（户主）."""
        said = texts.setdefault("relation_to_head", [None] * len(texts["name"]))
        for row, text in enumerate(texts["name"]):
            match = BRACKETED.fullmatch(text) if text and text[-1] in ")）" else None
            if match and codelist("relation_to_head").find(match[2]):
                texts["name"][row] = match[1]
                said[row] = said[row] or match[2]
                self.counts["relations in brackets were taken from names"] += 1

    def _take_phones(self, texts: Texts) -> None:
        """Give who has no phone the first number that their remarks hold."""
        known = texts.setdefault("phone", [None] * len(texts[NOTES]))
        for row, text in enumerate(texts[NOTES]):
            if text and not known[row] and (found := phones_in(text)):
                known[row] = found[0]
                self.counts["phone numbers were taken from remarks"] += 1


def drawn(table: Table, mapping: ColumnMap, layer: str) -> frozenset[str]:
    """Return the columns that the file lacks and whose values stand in others, by its beginning."""
    has = {*mapping.columns.values(), *mapping.constants}
    heads = {ledger: head for head, ledger in mapping.columns.items()}
    fields = {field.ledger for field in catalogue()[layer].ledger_fields().values()}
    wanted = {name: heads[source] for name, source in DRAWN.items()
              if name in fields and name not in has and source in heads}
    if not wanted:
        return frozenset()
    first = next(iter(table.batches()), None)
    return frozenset(name for name, head in wanted.items()
                     if first and any(map(HOLDS[name], first.columns[head])))


def _names(text: str) -> list[str | None]:
    """Return the names in a cell: 、 and ; part them, a comma only between Chinese ones."""
    text = text.strip("、；;,，/\n ")
    if SEVERAL.search(text):
        return [clean(part) for part in SEVERAL.split(text)]
    loosely = LOOSELY.split(text)
    parted = len(loosely) > 1 and all(map(HAN.search, loosely))
    return [clean(part) for part in loosely] if parted else [text]


def _each(name: str, text: str | None, count: int) -> list[str | None]:
    """Return what a cell says of each of `count` persons; nothing where it says nothing."""
    if text is None:
        return [None] * count
    if name == "name":
        return _names(text)
    parts = [clean(part) for part in SEVERAL.split(text)]
    if len(parts) == 1 and name != "birth_date":
        parts = [clean(part) for part in LOOSELY.split(text)]
    return parts


def _holds_relation(text: str | None) -> bool:
    ends = (BRACKETED.fullmatch(part) for part in _names(text or "") if part)
    return any(one and codelist("relation_to_head").find(one[2]) for one in ends)


def _holds_phone(text: str | None) -> bool:
    return bool(text and phones_in(text))


#: Columns that may stand inside another one, and how one tells.
DRAWN: Mapping[str, str] = {"relation_to_head": "name", "phone": NOTES}
HOLDS = {"relation_to_head": _holds_relation, "phone": _holds_phone}
_OTHERS = Problem("several", "it names one person and counts others; name each of them")
_NOTHING_BESIDE = Problem("reference", "it says that it is the same as the address beside, and "
                          "there is none; write the address")


#: What a column of names holds, if any of its cells may name several.
UNTIDY = re.compile(f"{SEVERAL.pattern}|{LOOSELY.pattern}|等")


def companions(lines: Iterable[int], refused: Iterable[int]) -> set[int]:
    """Return the rows that stand in one line of the file with a refused one."""
    lines, bad = list(lines), set(refused)
    broken = {lines[row] for row in bad}
    return {row for row, line in enumerate(lines) if line in broken} - bad
