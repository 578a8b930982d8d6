"""The door: commands are listed as they describe themselves, errors are one line."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import app
from spatial.errors import InvalidInput

ROOT = Path(__file__).parent.parent


def every_command():
    """Yield every command with its words, groups opened."""
    for name in app.COMMANDS:
        command = app.cli.get_command(None, name)
        yield (name,), command
        if isinstance(command, click.Group):
            yield from (((name, sub), one) for sub, one in command.commands.items())


@pytest.mark.parametrize("name", app.COMMANDS)
def test_the_list_says_what_the_command_says(name):
    command = app.cli.get_command(None, name)
    assert command.help.splitlines()[0] == app.COMMANDS[name][1]


def test_every_command_and_option_has_its_text():
    for words, command in every_command():
        assert command.help, words
        silent = [p.name for p in command.params if isinstance(p, click.Option) and not p.help]
        assert not silent, words


def test_help_loads_no_database_library():
    code = "import sys, app; app.cli(['--help'], standalone_mode=False); " \
           "print([m for m in ('sqlalchemy', 'flask', 'pyproj', 'shapely') if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          check=True).stdout
    assert "serve" in said and said.rstrip().endswith("[]")


def test_an_error_of_the_house_is_one_line_in_both_languages_and_exit_1(monkeypatch):
    @click.command()
    def broken() -> None:
        raise InvalidInput("number must be given.")

    monkeypatch.setattr(app.House, "get_command", lambda *_: broken)
    result = CliRunner().invoke(app.cli, ["broken"])
    assert result.exit_code == 1 and result.stdout == ""
    assert result.stderr == ("A value is not acceptable. number must be given. "
                             "输入的值不符合要求。须给出number。\n")


def test_wrong_usage_is_exit_2():
    assert CliRunner().invoke(app.cli, ["nonsense"]).exit_code == 2
    assert CliRunner().invoke(app.cli, ["serve", "--port", "0"]).exit_code == 2


def test_every_table_is_known_to_the_program():
    modules = {path for floor in ("spatial", "layers", "importers", "web")
               for path in (ROOT / floor).rglob("*.py") if "__tablename__ =" in path.read_text()}
    declared = {ROOT / (name.replace(".", "/") + ".py") for name in app.TABLES}
    layers = {path for path in modules if "\nLAYER = " in path.read_text()}
    assert modules - layers <= declared
