"""What every command is handed: the settings and the way to a ready database."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from spatial.config import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine


@dataclass(frozen=True)
class Program:
    """The running program; app.py makes it and knows the layers' metadata, spatial does not.

    `migrate` brings a database to the newest schema; `restored` does what a backup cannot know.
    """

    settings: Settings
    migrate: "Callable[[Engine], None]"
    restored: "Callable[[Engine, Settings], None] | None" = None

    def url(self) -> str:
        """Return the libpq URL of the database; the private cluster is started if needed."""
        from spatial.cluster import database_url

        return database_url(self.settings)

    def engine(self, url: str | None = None) -> "Engine":
        """Return an engine on a database of the newest schema, migrated if it was behind.

        Its transactions act for the registry itself: they see all rows of persons.
        """
        from spatial.database import connect
        from spatial.keys_in_use import require_file, require_keys
        from spatial.migrations import current, head
        from spatial.sealing import vault
        from spatial.walls import install, stand

        engine = connect(url or self.url())
        with engine.connect() as connection:
            behind = current(connection) != head()
        if behind:
            self.migrate(engine)
        with engine.begin() as connection:
            require_file(connection, self.settings.home)
            keys = vault(self.settings)
            require_keys(connection, keys)
            install(connection, keys)
        return stand(engine, keys)


pass_program = click.make_pass_decorator(Program)
