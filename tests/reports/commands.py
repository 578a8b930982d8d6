"""The page of commands, from the command line itself."""

from collections.abc import Iterator
from inspect import cleandoc

import click

import app
from tests.reports.writing import code, page, table

HEAD = """# Commands

`python app.py GROUP COMMAND`, each with `--help`. Data goes to stdout, talk and progress to stderr.
Exit codes: 0 done, 1 an error of the house in one line, 2 wrong usage, 3 a check or an import found
something. Made from the commands themselves (`make docs`).
"""


def text() -> str:
    """Return the page."""
    commands = list(every_command())
    index = ((f"[`{' '.join(words)}`](#{'-'.join(words)})", _first(command))
             for words, command in commands if not isinstance(command, click.Group))
    parts = [line for words, command in commands for line in _command(words, command)]
    return page(HEAD.splitlines(), table(("command", "does"), index), parts)


def every_command() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command and group with its words, a group before its commands."""
    for name in app.COMMANDS:
        command = app.cli.get_command(click.Context(app.cli), name)
        if command is not None:
            yield from _opened((name,), command)


def _opened(words: tuple[str, ...], command: click.Command
            ) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _opened((*words, name), inner)


def _command(words: tuple[str, ...], command: click.Command) -> Iterator[str]:
    with click.Context(command, info_name=" ".join(words)) as context:
        yield f"{'#' * (1 + len(words))} {' '.join(words)}"
        yield ""
        if not isinstance(command, click.Group):
            yield _usage(words, command, context)
            yield ""
        yield from cleandoc(command.help or "").splitlines()
        records = [param.get_help_record(context) for param in command.params
                   if isinstance(param, click.Option)]
        yield from table(("option", "meaning"), ((code(names), said or "")
                                                 for names, said in filter(None, records)))
        yield ""


def _usage(words: tuple[str, ...], command: click.Command, context: click.Context) -> str:
    pieces = command.collect_usage_pieces(context)
    if not any(isinstance(param, click.Option) for param in command.params):
        pieces.remove(command.options_metavar or "")
    return f"`{' '.join(['python app.py', *words, *pieces])}`"


def _first(command: click.Command) -> str:
    return (command.help or "").partition("\n")[0]
