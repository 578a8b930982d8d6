"""The command line of the registry, and the WSGI application behind it."""

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from spatial.errors import RegistryError
from spatial.version import VERSION

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine, MetaData

    from spatial.config import Settings
    from spatial.program import Program

#: Where each command lives, and its first line for the list; modules load when they are asked for.
COMMANDS = {
    "db": ("layers.key_commands:db", "Start, stop, migrate, back up and restore the database."),
    "import": ("importers.commands:import_",
               "Import the ledger PATH, or every ledger of the folder PATH."),
    "cleanse": ("importers.cleanse_command:cleanse",
                "Add to each row of FILE the place that its address means, with class and "
                "differences."),
    "imports": ("importers.imports_commands:imports",
                "List what was imported and merged; withdraw an import, undo a merge."),
    "review": ("importers.review_commands:review",
               "Settle the addresses that no one place answers, and records that may be one."),
    "lookup": ("layers.lookup_commands:lookup",
               "Find places by address, organization, identifier or point; persons for a purpose."),
    "export": ("layers.export_commands:export",
               "Export LAYER: buildings, units, plates, … as one whole document."),
    "incident": ("layers.incident_commands:incident",
                 "Take reports in, work on orders, count them, hand them on."),
    "audit": ("layers.audit_commands:audit",
              "Seal and check the audit, and tell who read about a person."),
    "person": ("layers.resident_commands:person",
               "Tell a resident what is held; correct, protect, hide and erase it."),
    "check": ("layers.check_commands:check",
              "Check what must hold: totals balance, shapes fit. Exit 3 where something does not."),
    "coverage": ("layers.coverage_commands:coverage",
                 "Tell what cameras see, stations reach in time and patrols pass."),
    "theme": ("layers.theme_commands:theme", "List, show and export thematic maps."),
    "user": ("layers.user_commands:user", "Add, list, assign and disable the people who sign in."),
    "token": ("layers.commands:token", "Add, list and revoke the tokens of programs."),
    "demo": ("web.commands:demo", "Load the demonstration district and serve it."),
    "serve": ("web.commands:serve", "Serve the pages and the API."),
}
#: The modules that declare tables besides the layers.
TABLES = (
    "spatial.audit",
    "spatial.limits",
    "spatial.state",
    "layers.users",
    "layers.saved_views",
    "layers.emergencies",
    "layers.visits",
    "layers.across.alerts",
    "layers.across.person_orders",
    "layers.across.orders_tables",
    "layers.across.pairs",
    "layers.across.review",
    "layers.across.scene",
    "layers.across.theme_ages",
    "layers.across.theme_store",
    "importers.journal",
)


class House(click.Group):
    """A group that loads commands late, and tells errors of the house in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exit 1 with one line on an error of the house."""
        try:
            return super().invoke(ctx)
        except RegistryError as error:
            from spatial.wording import in_chinese

            chinese = "".join(filter(None, map(in_chinese, (error.title, str(error)))))
            click.echo(" ".join(filter(None, (error.title, str(error), chinese))), err=True)
            sys.exit(1)


@click.group(cls=House)
@click.version_option(VERSION, prog_name="doorplate")
@click.pass_context
def cli(context: click.Context) -> None:
    """Run, fill and ask the registry of places and of who and what is there."""
    # Help, wherever it is asked for, needs neither settings nor a database.
    if not set(context.help_option_names) & set(sys.argv[1:]):
        context.obj = program()


def program() -> "Program":
    """Return the program as the environment configures it; nothing is started."""
    from spatial.config import settings
    from spatial.program import Program

    return Program(settings(os.environ), migrate, restored)


def migrate(engine: "Engine") -> None:
    """Bring a database to the newest schema."""
    from spatial.migrations import upgrade

    upgrade(engine, metadata())


def restored(engine: "Engine", settings: "Settings") -> None:
    """Do again in a restored database what its backup cannot know of."""
    from layers.across.erasure import replay_in
    from spatial.audit_keys import notary
    from spatial.audit_restore import mark_restore

    mark_restore(engine, notary(settings))
    replay_in(engine, settings)
    engine.dispose()


def metadata() -> "MetaData":
    """Return the declaration of every table there is."""
    from layers import catalogue
    from spatial.database import Base

    catalogue()
    for name in TABLES:
        import_module(name)
    return Base.metadata


def create_app() -> "Flask":
    """Return the WSGI application configured from the environment."""
    from web.serving import application

    return application(program())


if __name__ == "__main__":
    cli()
