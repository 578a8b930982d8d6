"""Tables that people open in a spreadsheet, opened in one: no cell computes anything."""

import csv
import io
import shutil
import subprocess
from xml.etree import ElementTree

import pytest
import xlsxwriter

from importers.base import Issue
from importers.rejects import _write_text, _write_workbook
from layers.across.export import layer_to_export
from layers.across.export_files import write_csv
from layers.across.orders_figures import RATES
from layers.across.orders_sheets import as_csv, as_xlsx
from spatial.cells import FORMULA
from tests.support.factories import make_facility

SOFFICE = shutil.which("soffice")
ACTS = ("1+1", "HYPERLINK(\"https://example.org\",\"x\")", "cmd|' /C calc'!A0", "SUM(1,1)*2",
        "WEBSERVICE(\"https://example.org\")", "DDE(\"cmd\",\"/C calc\",\"x\")")
TEXTS = [lead + act for lead in FORMULA for act in ACTS]
_PARTS = {"numerator": 1, "denominator": 2, "percent": 50.0}
_RATES = dict.fromkeys(RATES, _PARTS)
_TOTAL = {"received": 1, "rates": _RATES}
NAMESPACE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
#: Separator, quote, UTF-8, first row, columns, language, quoted as text, numbers found, as shown,
#: formulas exported, spaces kept, sheet, and formulas are evaluated.
READ = "CSV:44,34,76,1,,0,false,true,true,false,false,0,true"


class Sheet:
    """What the writers of rejected rows are given, as little of it as they read."""

    columns, crs = ("名称", "=1+1"), None


def written(session, folder):
    """Write one table by each writer there is; return the folder's files by name."""
    for number, text in enumerate(TEXTS):
        make_facility(session, name=text, operator=text, source_id=f"={number}")
    out = io.BytesIO()
    write_csv(session, layer_to_export("facilities"), out)
    (folder / "export.csv").write_bytes(out.getvalue())
    rows = [{"key": text, "label": text, "received": 1, "rates": _RATES} for text in TEXTS]
    found = {"rows": rows, "residual": _TOTAL, "total": _TOTAL}
    (folder / "figures.csv").write_bytes(as_csv(found, "zh"))
    (folder / "figures.xlsx").write_bytes(as_xlsx(found, "zh"))
    cells = [([text, text], None, [Issue(line=1, column=text, rule=text, value=text, remedy=text)])
             for text in TEXTS]
    _write_text(folder / "rejected.csv", Sheet(), cells, ",")
    _write_workbook(folder / "rejected.xlsx", Sheet(), cells)
    with (folder / "control.csv").open("w", encoding="utf-8") as stream:
        csv.writer(stream).writerow(["=1+1", "x"])
    with xlsxwriter.Workbook(folder / "control.xlsx") as book:
        book.add_worksheet().write_formula(0, 0, "=1+1")
    return sorted(path.name for path in folder.iterdir())


def formulas(folder, names):
    """Open each file in LibreOffice; return the formulas that it found, by file."""
    command = [SOFFICE, "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}",
               "--convert-to", "fods", "--outdir", str(folder / "seen")]
    for kind, more in (("csv", [f"--infilter={READ}"]), ("xlsx", [])):
        files = [str(folder / name) for name in names if name.endswith(kind)]
        subprocess.run([*command, *more, *files], check=True, capture_output=True, timeout=240)
        for name in files:
            seen = folder / "seen" / f"{name.rpartition('/')[2].rpartition('.')[0]}.fods"
            seen.rename(f"{name}.fods")
    return {name: [cell.get(f"{NAMESPACE}formula") for cell in ElementTree.parse(
        folder / f"{name}.fods").iter() if cell.get(f"{NAMESPACE}formula")] for name in names}


@pytest.mark.skipif(SOFFICE is None, reason="no LibreOffice here: libreoffice-calc-nogui")
def test_no_cell_is_a_formula_to_a_spreadsheet(session, tmp_path):
    names = written(session, tmp_path)
    (tmp_path / "seen").mkdir()
    found = formulas(tmp_path, names)
    for control in ("control.csv", "control.xlsx"):
        assert len(found.pop(control)) == 1
    assert len(found) == 5 and set(map(tuple, found.values())) == {()}
    seen = (tmp_path / "export.csv.fods").read_text("utf-8")
    assert seen.count("1+1") >= len(FORMULA)
