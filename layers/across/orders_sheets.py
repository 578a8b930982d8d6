"""Figures as files: CSV and XLSX as tables, GeoJSON with shapes of grids; formulas are inert."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from layers.across.orders_figures import RATES, Asked, figures
from layers.caller import Caller
from layers.grids import Grid
from layers.text import Bilingual
from spatial.cells import guarded
from spatial.history import valid

MEDIA = {"csv": "text/csv", "geojson": "application/geo+json",
         "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_HEADS = {"key": Bilingual("Code", "代码"), "label": Bilingual("Name", "名称"),
          "received": Bilingual("Received", "受理"), "response": Bilingual("Response", "响应率"),
          "on_site": Bilingual("On site in time", "按时到场率"),
          "completion": Bilingual("Completion", "办结率"),
          "on_time": Bilingual("On time", "按时办结率"),
          "satisfaction": Bilingual("Satisfaction", "满意率")}
_PARTS = (Bilingual("numerator", "分子"), Bilingual("denominator", "分母"), Bilingual("%", "%"))
_RESIDUAL, _TOTAL = Bilingual("Not attributed", "未归入"), Bilingual("Total", "合计")


def table(found: Mapping[str, Any], language: str) -> Iterator[list[Any]]:
    """Yield heads, rows, residual and total as cells."""
    def head(name: str) -> str:
        return _HEADS[name].in_language(language)
    yield [head("key"), head("label"), head("received"), *(
        f"{head(name)} {part.in_language(language)}" for name in RATES for part in _PARTS)]
    for one in found["rows"]:
        yield _row(one["key"], one["label"], one)
    yield _row("", _RESIDUAL.in_language(language), found["residual"])
    yield _row("", _TOTAL.in_language(language), found["total"])


def as_csv(found: Mapping[str, Any], language: str) -> bytes:
    """Return the figures as CSV with a byte order mark, so that spreadsheets read the Chinese."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in table(found, language):
        writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(found: Mapping[str, Any], language: str) -> bytes:
    """Return the figures as a workbook; texts are texts, whatever they begin with."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False,
                                     "strings_to_urls": False, "strings_to_numbers": False})
    sheet = book.add_worksheet("figures")
    for number, row in enumerate(table(found, language)):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, place, cell)
            elif cell is not None:
                sheet.write_number(number, place, cell)
    sheet.freeze_panes(1, 2)
    book.close()
    return out.getvalue()


def as_geojson(session: Session, caller: Caller, asked: Asked, language: str) -> bytes:
    """Return the figures by grid with the grids' shapes; what lies in none is the residual."""
    found = figures(session, caller, Asked(by="grid", since=asked.since, until=asked.until,
                                           zone=asked.zone), language)
    rows = session.execute(select(
        Grid.identifier, func.ST_AsGeoJSON(Grid.geometry, 7).label("shape")).where(
            Grid.identifier.in_([one["key"] for one in found["rows"]]), valid(Grid, func.now())))
    shapes: dict[str, str | None] = {row.identifier: row.shape for row in rows}
    features = [{"type": "Feature", "properties": _flat(one),
                 "geometry": json.loads(shapes.get(one["key"]) or "null")}
                for one in found["rows"]]
    body = {"type": "FeatureCollection", "features": features,
            "residual": _flat(found["residual"]), "total": _flat(found["total"])}
    return json.dumps(body, ensure_ascii=False).encode()


def _flat(one: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: one[name] for name in ("key", "label", "received") if name in one}
    return said | {f"{name}_{part}": one["rates"][name][part] for name in RATES
                   for part in ("numerator", "denominator", "percent")}


def _row(key: str, label: str, one: Mapping[str, Any]) -> list[Any]:
    return [key, label, one["received"], *(
        one["rates"][name][part] for name in RATES
        for part in ("numerator", "denominator", "percent"))]
