import csv
import json

import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from app import migrate
from importers import cleansing
from importers.cleanse_command import cleanse
from importers.cleansing import cleanse_file
from spatial.config import settings
from spatial.errors import InvalidInput
from spatial.program import Program
from spatial.state import bump
from tests.support.factories import (
    make_building,
    make_compound,
    make_entrance,
    make_tree,
    make_unit,
)

TEXTS = ("向阳小区8号楼3单元501", "向阳小区9号楼3单元501", "和平小区", "", "向阳小区8-3-501",
         "和平小区")


@pytest.fixture
def unit(session):
    community = make_tree(session)[2]
    building = make_building(session, make_compound(session, community), number_key="8")
    entrance = make_entrance(session, building, number_key="3")
    other = make_tree(session)[2]
    other.name = "新建社区"
    for home in (community, other):
        make_compound(session, home, name="和平小区")
    made = make_unit(session, building, entrance=entrance, room_key="501")
    bump(session)
    return made


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "工单.csv"
    rows = "".join(f"{n},{text},=1+1\n" for n, text in enumerate(TEXTS))
    path.write_text("编号,地址,备注\n" + rows, encoding="gb18030")
    return path


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_row_stays_and_is_answered(session, unit, ledger, tmp_path):
    out = tmp_path / "out.csv"
    outcome = cleanse_file(session, ledger, "地址", out)

    rows = rows_of(out)
    assert [row["编号"] for row in rows] == [str(n) for n in range(len(TEXTS))]
    assert list(rows[0])[:3] == ["编号", "地址", "备注"]
    assert [row["match_class"] for row in rows] == ["A", "D", "C", "D", "A", "C"]
    assert rows[0]["ref"] == rows[4]["ref"] == unit.identifier
    assert rows[0]["备注"] == "'=1+1"
    assert (outcome.resumed, outcome.unreadable) == (0, 0)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out.csv", "工单.csv"]


def test_the_report_counts_asks_and_tells_what_is_lacking(session, unit, ledger, tmp_path):
    said = cleanse_file(session, ledger, "地址", tmp_path / "out.csv").tally.as_json()

    assert said["rows"] == 6 and said["classes"] == {"A": 2, "B": 0, "C": 2, "D": 2}
    assert said["questions"] == [{"text": "和平小区", "asks": "向阳社区还是新建社区？", "rows": 2}]
    assert said["lacking"] == [{"lacks": "向阳小区 9号楼 不存在", "rows": 1}]
    assert {"match_class": "A", "community": "向阳社区", "rows": 2} in said["by_community"]


def test_a_run_that_was_broken_off_goes_on(session, unit, ledger, tmp_path, monkeypatch):
    out, whole = tmp_path / "out.csv", tmp_path / "whole.csv"
    cleanse_file(session, ledger, "地址", whole)
    monkeypatch.setattr(cleansing, "BATCH", 2)

    def broken(done, of):
        if done == 4:
            with (tmp_path / "out.csv.part").open("a") as stream:
                stream.write("4,half a ro")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cleanse_file(session, ledger, "地址", out, progress=broken)
    assert not out.exists()
    outcome = cleanse_file(session, ledger, "地址", out)

    assert outcome.resumed == 4 and outcome.tally.rows == 6
    assert out.read_bytes() == whole.read_bytes()


def test_another_register_or_file_begins_anew(session, unit, ledger, tmp_path, monkeypatch):
    monkeypatch.setattr(cleansing, "BATCH", 2)
    out = tmp_path / "out.csv"

    def broken(done, of):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cleanse_file(session, ledger, "地址", out, progress=broken)
    bump(session)
    assert cleanse_file(session, ledger, "地址", out).resumed == 0
    assert len(rows_of(out)) == 6


def test_a_spreadsheet_comes_out_by_its_suffix(session, unit, ledger, tmp_path):
    out = tmp_path / "out.xlsx"
    cleanse_file(session, ledger, "地址", out)
    again = tmp_path / "again.xlsx"
    outcome = cleanse_file(session, out, "地址", again)

    rows = CalamineWorkbook.from_path(out).get_sheet_by_index(0).to_python()
    assert rows[0][:4] == ["编号", "地址", "备注", "ref"] and rows[1][2] == "=1+1"
    names = CalamineWorkbook.from_path(again).get_sheet_by_index(0).to_python()[0]
    assert "ref" in names and "ref_found" in names and outcome.tally.rows == 6


def test_a_column_that_is_not_there_is_named_with_those_that_are(session, unit, ledger, tmp_path):
    with pytest.raises(InvalidInput, match="编号、地址、备注"):
        cleanse_file(session, ledger, "住址", tmp_path / "out.csv")
    with pytest.raises(InvalidInput, match="overwrite"):
        cleanse_file(session, ledger, "地址", ledger)


def test_the_command_tells_its_report(fresh_url, ledger, tmp_path):
    program = Program(settings({"DOORPLATE_HOME": str(tmp_path / "home"),
                                "DOORPLATE_DATABASE_URL": fresh_url}), migrate)
    run = CliRunner().invoke(cleanse, [str(ledger), "--column", "地址", "-o",
                                       str(tmp_path / "o.csv"), "--json"],
                             obj=program, catch_exceptions=False)

    assert run.exit_code == 0
    said = json.loads(run.stdout)
    assert said["rows"] == len(TEXTS) and said["classes"]["D"] == len(TEXTS)
