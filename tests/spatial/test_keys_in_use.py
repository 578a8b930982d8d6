"""A database asks for the keys that sealed it, by name."""

import json

import pytest

from app import migrate
from spatial.config import settings
from spatial.errors import Unavailable
from spatial.program import Program
from spatial.sealing import FILE, Vault


@pytest.fixture
def program(fresh_url, tmp_path):
    return Program(settings({"DOORPLATE_HOME": str(tmp_path / "home"),
                             "DOORPLATE_DATABASE_URL": fresh_url}), migrate)


def start(program):
    program.engine().dispose()


def change(file, edit):
    body = json.loads(file.read_text("ascii"))
    edit(body)
    file.chmod(0o600)
    file.write_text(json.dumps(body), encoding="ascii")
    file.chmod(0o400)


def test_where_new_keys_lie_is_said_once(program, capsys):
    start(program)
    said = capsys.readouterr()
    file = program.settings.home / FILE
    assert said.out == "" and str(file) in said.err and file.stat().st_mode & 0o777 == 0o400
    start(program)
    assert capsys.readouterr().err == ""


def test_no_new_keys_are_made_beside_data_that_names_others(program):
    start(program)
    file = program.settings.home / FILE
    name = Vault.open(program.settings.home).current
    kept = file.rename(file.with_name("copy"))
    with pytest.raises(Unavailable, match=name):
        start(program)
    assert not file.exists()
    kept.rename(file)
    start(program)


def test_a_missing_key_is_named(program):
    start(program)
    file, old = program.settings.home / FILE, Vault.open(program.settings.home).current

    def lose(body):
        body["keys"] = {"0badcafe": body["keys"].pop(old)}
        body["current"] = "0badcafe"

    change(file, lose)
    with pytest.raises(Unavailable, match=f"Key {old} is missing"):
        start(program)


def test_another_key_of_the_same_name_is_told(program, tmp_path):
    start(program)
    file, old = program.settings.home / FILE, Vault.open(program.settings.home).current
    other = Vault.open(tmp_path / "other").current
    foreign = json.loads((tmp_path / "other" / FILE).read_text("ascii"))["keys"][other]
    change(file, lambda body: body["keys"].update({old: foreign}))
    with pytest.raises(Unavailable, match=f"Key {old} in .* is another key"):
        start(program)


def test_a_wrong_index_key_is_refused(program, tmp_path):
    start(program)
    file = program.settings.home / FILE
    Vault.open(tmp_path / "other")
    foreign = json.loads((tmp_path / "other" / FILE).read_text("ascii"))["index"]
    change(file, lambda body: body.update(index=foreign))
    with pytest.raises(Unavailable, match="put back its own key file"):
        start(program)
