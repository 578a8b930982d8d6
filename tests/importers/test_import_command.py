"""The command as a clerk has it: what it prints, where, and with which exit code."""

import json
from dataclasses import dataclass

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from importers.commands import import_
from spatial.config import settings
from spatial.database import connect
from spatial.program import Program


@dataclass
class Clerk:
    """Somebody at the command line, with a folder and a registry of their own."""

    program: Program
    folder: object

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return path

    def run(self, *words):
        rejects = ["--rejects", str(self.folder / "refused")]
        said = CliRunner().invoke(import_, [*map(str, words), *rejects], obj=self.program)
        assert said.exception is None or isinstance(said.exception, SystemExit) or hasattr(
            said.exception, "title"), said.exception
        return said


@pytest.fixture
def clerk(fresh_url, tmp_path):
    home = {"DOORPLATE_HOME": str(tmp_path), "DOORPLATE_DATABASE_URL": fresh_url}
    return Clerk(Program(settings(home), lambda engine: None), tmp_path)


GOOD = "source_id,name\n" + "".join(f"K{n},小区{n}\n" for n in range(10))
MEMBERS = {"job", "layer", "read", "new", "changed", "ended", "unchanged", "rejected", "queued",
           "rejected_file", "seconds"}


def test_a_file_gives_one_json_document_and_a_folder_a_list(clerk):
    path = clerk.write("ledgers/compounds.csv", GOOD)
    one = clerk.run(path, "--json")
    assert (one.exit_code, set(json.loads(one.stdout))) == (0, MEMBERS)
    (same,) = json.loads(clerk.run(path.parent, "--json").stdout)
    assert (same["layer"], same["new"]) == ("compounds", 10)


@pytest.mark.parametrize("apply", [(), ("--apply",)])
@pytest.mark.parametrize(("bad", "code"), [(0, 0), (1, 3), (9, 1)])
def test_exit_codes_tell_whether_all_some_or_nothing_is_stored(clerk, apply, bad, code):
    path = clerk.write("compounds.csv", GOOD + "".join(f"B{n},\n" for n in range(bad)))
    said = clerk.run(path, "--json", *apply)
    assert said.exit_code == code
    body = json.loads(said.stdout)
    assert (body["rejected"], body["new"]) == (bad, 0 if code == 1 else 10)


def test_a_file_of_which_every_row_is_refused_stores_nothing(clerk):
    path = clerk.write("compounds.csv", "source_id,name\nA,\n")
    assert clerk.run(path, "--apply", "--bad-share", "1").exit_code == 1


def test_refused_rows_that_cannot_be_written_lose_no_import(clerk):
    path = clerk.write("compounds.csv", GOOD + "B,\n")
    clerk.write("refused", "a file where the folder would be")
    said = clerk.run(path, "--apply", "--json")
    assert said.exit_code in (2, 3)      # click itself refuses a file as folder
    if said.exit_code == 3:
        assert json.loads(said.stdout)["rejected_file"] is None
        assert "could not be written" in said.stderr


def test_a_ledger_that_is_refused_keeps_those_before_it(clerk):
    clerk.write("ledgers/compounds.csv", GOOD)
    clerk.write("ledgers/buildings.csv", "source_id,compound\nB1,K1\nB2,no\nB3,no\n")
    said = clerk.run(clerk.folder / "ledgers", "--apply", "--json")
    assert [(one["layer"], one["new"]) for one in json.loads(said.stdout)] == [
        ("compounds", 10), ("buildings", 0)]
    assert (said.exit_code, "2 of 3 rows are bad" in said.stderr) == (3, True)


def test_what_is_no_ledger_in_a_folder_is_passed_over_by_name(clerk):
    clerk.write("ledgers/compounds.csv", GOOD)
    clerk.write("ledgers/notes.csv", "x,y\n1,2\n")
    (clerk.folder / "ledgers" / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 99)
    said = clerk.run(clerk.folder / "ledgers")
    assert said.exit_code == 0
    assert "notes.csv is passed over" in said.stderr and "photo.png" in said.stderr


@pytest.mark.parametrize("mapping", [
    "columns: " + "[" * 5000, "columns: {source_id: [a]}", "codes: {function: 3}", "layer: [a]",
    "constants: {a: &a [x], b: *a}", "constants: {nothing: 1}", "hello", "\0", "columns: {1: 2}",
    "!!python/object/apply:os.system ['id']",
])
def test_a_mapping_that_is_none_is_refused_in_one_line(clerk, mapping):
    path = clerk.write("compounds.csv", GOOD)
    said = clerk.run(path, "--map", clerk.write("map.yaml", mapping), "--apply")
    assert said.exit_code == 1 and "\n" not in str(said.exception)


def test_a_file_name_of_any_bytes_is_taken(clerk):
    import os

    path = os.fsencode(clerk.folder) + b"/" + b"\xff" * 200 + b".csv"
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(GOOD + "B,\n")
    assert clerk.run(os.fsdecode(path), "--into", "compounds", "--apply").exit_code == 3


CORRECTION = """
layer: buildings
columns:
  甲: source_id
  乙: [number, label]
  备注: null
codes:
  function: {老楼: residential}
  year_built: {"0": null}
constants: {name: 老院}
"""
ODD = "甲,乙,备注,用途,建成年份\n1,3,x,老楼,0\n2,4,y,老楼,1987\n"


def test_a_guess_is_shown_and_the_correction_is_kept_for_the_source(clerk, fresh_url):
    path, mapping = clerk.write("odd.csv", ODD), clerk.write("map.yaml", CORRECTION)
    shown = clerk.run(path, "--into", "buildings", "--source", "老城").stderr
    assert "用途 → function" in shown and "left out: 甲, 乙, 备注" in shown
    assert clerk.run(path, "--into", "buildings", "--source", "老城", "--json").exit_code == 1
    dry = clerk.run(path, "--map", mapping, "--source", "老城", "--json")
    assert (dry.exit_code, json.loads(dry.stdout)["new"]) == (0, 2)
    assert clerk.run(path, "--map", mapping, "--source", "老城", "--apply").exit_code == 0
    kept = clerk.run(path, "--into", "buildings", "--source", "老城", "--apply", "--json")
    assert (kept.exit_code, json.loads(kept.stdout)["unchanged"]) == (0, 2)
    assert "甲 → source_id, 乙 → number" in kept.stderr and "乙 → label" in kept.stderr
    engine = connect(fresh_url)
    with engine.connect() as connection:
        assert connection.execute(text(
            "SELECT source_id, number, label, name, function, year_built FROM building "
            "ORDER BY 1")).all() == [("1", "3", "3", "老院", "residential", None),
                                     ("2", "4", "4", "老院", "residential", 1987)]
    engine.dispose()


def test_several_mappings_in_one_file_read_a_folder(clerk):
    clerk.write("f/one.csv", "k,n\nK1,春苑\n")
    clerk.write("f/two.csv", "b,im\nB1,K1\n")
    several = ("layer: compounds\ncolumns: {k: source_id, n: name}\n---\n"
               "layer: buildings\ncolumns: {b: source_id, im: compound}\n")
    said = clerk.run(clerk.write("f/one.csv", "k,n\nK1,春苑\n").parent, "--map",
                     clerk.write("map.yaml", several), "--json")
    assert [(one["layer"], one["new"]) for one in json.loads(said.stdout)] == [
        ("compounds", 1), ("buildings", 1)]
