"""One listening connection a process: whoever waits is woken when a channel is notified.

The connection is none of the pool's, carries no data but numbers, and mends itself: after a cut
everybody is woken, so that they look for what they have missed.
"""

import select
import threading
import time
from contextlib import closing, suppress
from typing import Any

import psycopg2
from psycopg2 import sql

#: Seconds after which a quiet connection is looked at, and after which a lost one is tried again.
QUIET_S, RETRY_S = 10.0, 1.0


class Listener:
    """Counts the notifications of one channel; started once, it lives as long as the process."""

    def __init__(self, url: str, channel: str) -> None:
        self._url, self._channel = url, channel
        self._changed = threading.Condition()
        self._ticks = 0
        self._started = False

    @property
    def ticks(self) -> int:
        """Return how often there was something, a lost connection counted too."""
        return self._ticks

    def start(self) -> None:
        """Begin to listen, in a thread that ends with the process."""
        with self._changed:
            if not self._started:
                self._started = True
                threading.Thread(target=self._run, daemon=True, name="listener").start()

    def wait(self, ticks: int, seconds: float) -> int:
        """Wait until there was something after `ticks`, at most so long; return the new count."""
        with self._changed:
            self._changed.wait_for(lambda: self._ticks != ticks, timeout=seconds)
            return self._ticks

    def _run(self) -> None:
        while True:
            with suppress(psycopg2.Error, OSError), closing(self._connect()) as connection:
                self._wake()
                self._follow(connection)
            time.sleep(RETRY_S)

    def _connect(self) -> Any:
        connection = psycopg2.connect(self._url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
        return connection

    def _follow(self, connection: Any) -> None:
        while True:
            if select.select([connection], [], [], QUIET_S)[0]:
                connection.poll()
                if connection.notifies:
                    connection.notifies.clear()
                    self._wake()
            else:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")

    def _wake(self) -> None:
        with self._changed:
            self._ticks += 1
            self._changed.notify_all()
