"""The page of ledgers: the columns each may have, what they mean, what headers are known."""

from collections.abc import Iterator, Mapping

from importers import readers
from importers.ledgers import COMMON, LINKED, OWN_TIMES, SHAPES, Target, plain, targets
from layers import catalogue
from layers.base import Field, Layer, fields_of
from layers.codelists import CodeList, codelist
from tests.reports.writing import anchor, code, codes, page, table

HEAD = """# Ledgers

A ledger is a table of one kind of thing. `python app.py import FILE` tries it, `--apply` stores it;
a folder of ledgers goes in as a whole. A column is found by its name or by any header below; case,
spaces, `_`, `-`, `*` and what stands in brackets are ignored. What is called otherwise is mapped
with `--map`. Made from the declarations in `layers/` (`make docs`).

In the tables, **required** means that a row without it is refused; **sealed** values are stored
encrypted and are found by their exact value only; a **reference** may be written in any of the ways
named, as long as it means one feature.
"""
AS_KEPT = """Ledgers come in as offices keep them. Several persons in a cell, parted by
`、` or `;` (`王建国（户主）、李梅（妻）`), become a row each, and cells beside that list
as many values are shared out; merged cells and `同上` hold for all their
rows; `同现住址` is the address beside. Dates are read as `1965-03-02`,
`1965/3/2`, `1965年3月2日`, `19650302`, `一九六五年三月二日` or as a spreadsheet's
number of days; numbers of 15 digits become 18. Household numbers of a
source without a ledger of households make households. A row that cannot be
told apart is refused whole, with the remedy; `--report FILE` writes what
came of every row, and to which place each address led. `demo --dirty -o
FOLDER` writes such ledgers of invented people, with the truth of every row
beside them, to try it on.
"""
LISTS = """A code may be written as itself or as its word in either language. The lists are files in
`data/codelists`, which also name other words that are understood.
"""
COLUMN_HEADS = ("column", "English", "中文", "headers recognised", "rules")
#: What the columns mean that every ledger may have.
MEANINGS: Mapping[str, tuple[str, str]] = {
    "identifier": ("The registry's own identifier, as exports have it.",
                   "登记系统自身的标识，见于导出文件。"),
    "source_id": ("The row's own key in the source; by it a later import meets the row again.",
                  "来源中的唯一编号，再次导入时据此识别同一条记录。"),
    "valid_from": ("Since when it exists: year, month, day or time.",
                   "实际存在的起始时间（年、月、日或时刻）。"),
    "valid_to": ("Until when it exists.", "实际存在的终止时间。"),
    "recorded_from": ("Since when the source's register has it.", "来源台账的登记日期。"),
    "recorded_to": ("When the source's register removed it.", "来源台账的注销日期。"),
    "document": ("The paper it rests on.", "依据文件或文号。"),
    "lon": ("Longitude in degrees, or x in the CRS named by `--crs`.",
            "经度，或 `--crs` 所指坐标系的横坐标。"),
    "lat": ("Latitude in degrees, or y in the CRS named by `--crs`.",
            "纬度，或 `--crs` 所指坐标系的纵坐标。"),
    "wkt": ("Geometry as WKT, instead of `lon` and `lat`.", "几何（WKT），代替经纬度。"),
    "solid": ("Measured facets as MULTIPOLYGON Z in metres above the building's ground; they tell "
              "outline, base and top.",
              "实测表面（MULTIPOLYGON Z，高度自地面起算），据此得出轮廓、底面和顶面。"),
    "from": ("Since when the tie holds.", "关系的起始时间。"),
    "to": ("Until when the tie holds.", "关系的终止时间。"),
    "registered_address": ("Where the person is registered.", "户籍所在地址。"),
    "notes": ("Read for a phone number where the row has none; never stored.",
              "仅用于补取联系电话，不入库。"),
}


def text() -> str:
    """Return the page."""
    layers = list(catalogue().values())
    index = ((f"[`{layer.name}`]({anchor(layer.name)})", layer.title.en, layer.title.zh,
              layer.about.en) for layer in layers)
    parts = [line for layer in layers for line in _ledger(layer)]
    lists = [line for name in used_lists() for line in _list(codelist(name))]
    head = [*HEAD.splitlines(), "", *AS_KEPT.splitlines()]
    return page(head, table(("ledger", "English", "中文", "of"), index), _formats(), _common(),
                parts, ["## Code lists", "", *LISTS.splitlines()], lists)


def _formats() -> Iterator[str]:
    yield "## Formats"
    yield ""
    yield "Known by their contents, whatever the file is called."
    yield from table(("format", "usual suffixes"),
                     ((one.format, codes(sorted(one.suffixes))) for one in readers()))


def _common() -> Iterator[str]:
    yield "## Every ledger"
    yield ""
    yield "May have these columns, and those of places their position."
    yield from table(COLUMN_HEADS[:-1], (
        (code(name), *MEANINGS[name], ", ".join(heads))
        for name, heads in {**COMMON, **SHAPES}.items()))
    also = ((code(name), ", ".join(head for head in heads if head not in COMMON[name]))
            for name, heads in OWN_TIMES.items())
    yield "Where a row is itself the tie, and has no `from` and `to` of its own, also:"
    yield from table(("column", "headers recognised"), also)


def declared(layer: Layer) -> dict[str, Field]:
    """Return the fields that ledger columns fill, by column, the layer's own before its links'."""
    found: dict[str, Field] = {}
    for field in layer.ledger_fields().values():
        found.setdefault(str(field.ledger), field)
    for link in layer.links:
        own = {field.ledger: field for field in fields_of(link.model).values() if field.in_ledger}
        for column, name in link.columns.items():
            if name in own and column not in LINKED:
                found.setdefault(column, own[name])
    return found


def used_lists() -> list[str]:
    """Return the code lists that ledgers use, by name."""
    return sorted({field.codelist for layer in catalogue().values()
                   for field in declared(layer).values() if field.codelist})


def meaning(name: str, field: Field | None) -> tuple[str, str]:
    """Return what a ledger column means, in English and Chinese."""
    return (field.title.en, field.title.zh) if field else MEANINGS[name]


def _ledger(layer: Layer) -> Iterator[str]:
    yield f"## {layer.name}"
    yield ""
    yield f"**{layer.title.en}, {layer.title.zh}.** {layer.about.en} {layer.about.zh}"
    own, columns = declared(layer), targets(layer.name)
    yield from table(COLUMN_HEADS, (_column(column, own.get(column.name))
                                    for column in columns.values() if column.name in own
                                    or column.name not in {*COMMON, *SHAPES}))
    place = ", and its position" if layer.has_shape else ""
    yield f"Also the columns of [every ledger](#every-ledger){place}."
    if layer.keys:
        ways = " or ".join(" + ".join(code(part) for part in key) for key in layer.keys)
        yield f"Rows without `source_id` are told apart by {ways}."
    yield ""


def _column(column: Target, field: Field | None) -> tuple[str, ...]:
    english, chinese = meaning(column.name, field)
    heads = sorted(column.headers - {plain(column.name)}, key=lambda head: (head.isascii(), head))
    return (code(column.name), english, chinese, ", ".join(heads),
            "; ".join(rules(field)) if field else "")


def rules(field: Field) -> Iterator[str]:
    """Yield what a value of this field must keep to."""
    if field.required:
        yield "**required**"
    if field.sealed:
        yield "**sealed**"
    if field.refers:
        inside = f" in its {field.within.removesuffix('_id')}" if field.within else ""
        yield f"**reference** to {code(_ledger_of(field.refers))}{inside} by {codes(field.by)}"
    if field.codelist:
        yield f"one of [{field.codelist}]({anchor(field.codelist)})"
    if field.check:
        yield f"checked as {field.check}"
    if field.unit:
        yield f"in {field.unit}"
    if field.minimum is not None or field.maximum is not None:
        low = "" if field.minimum is None else f"{field.minimum:,g}"
        high = "" if field.maximum is None else f"{field.maximum:,g}"
        yield f"{low} to {high}" if low and high else f"from {low}" if low else f"up to {high}"


def _ledger_of(table_name: str) -> str:
    return next((layer.name for layer in catalogue().values() if layer.table.name == table_name),
                table_name)


def _list(one: CodeList) -> Iterator[str]:
    yield f"### {one.name}"
    yield ""
    yield f"{one.title.en}, {one.title.zh}."
    yield from table(("code", "English", "中文"),
                     ((code(key), words.en, words.zh) for key, words in one.codes.items()))
