"""One private cluster: made, started, shared between programs, stopped."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from spatial.cluster import databases, folder
from spatial.cluster.account import Account, caller, require_reach, server_account
from spatial.cluster.binaries import Binaries, find_binaries
from spatial.cluster.locking import locked, shared
from spatial.cluster.settings import (
    ADMIN,
    DURABLE,
    OWNER,
    conf_text,
    hba_text,
    ident_text,
    machine_memory,
    server_settings,
)
from spatial.cluster.urls import socket_url
from spatial.errors import Unavailable

#: A socket's path has at most 107 bytes; PostgreSQL appends `/.s.PGSQL.5432.lock`.
LONGEST_SOCKET_FOLDER = 85
#: A crash just before may leave gigabytes of log to replay.
START_S = 300
ORPHANS_S = 10.0


@dataclass(frozen=True)
class Status:
    """What is known of a cluster without starting it."""

    running: bool
    pid: int | None
    major: int | None
    data: Path
    socket: Path


class Cluster:
    """A PostGIS cluster below `home`, reachable only over a socket of this machine.

    `binaries` names the folder of initdb where it is not the usual one; `overrides` are
    server settings that win over the house's, for instance in tests.
    """

    def __init__(
        self,
        home: Path,
        *,
        binaries: str = "",
        zone: str = "Asia/Shanghai",
        overrides: Mapping[str, str] | None = None,
    ) -> None:
        # Resolved, because a running server is known again by the path it was started with.
        self.home = home.resolve()
        self.data = self.home / "cluster"
        self._named_binaries = binaries
        self._zone = zone
        self._overrides = dict(overrides or {})

    @cached_property
    def account(self) -> Account:
        """The user PostgreSQL runs as."""
        return server_account(self.data)

    @property
    def binaries(self) -> Binaries:
        """The programs of the data folder's version, or the newest when there is none."""
        return find_binaries(self._named_binaries, major=folder.data_major(self.data))

    @cached_property
    def socket(self) -> Path:
        """The folder of the socket: in `home`, but in /tmp when that path is too long."""
        near = self.home / "socket"
        if len(os.fsencode(near)) <= LONGEST_SOCKET_FOLDER:
            return near
        return Path("/tmp", "doorplate-" + sha256(os.fsencode(near)).hexdigest()[:12])

    def url(self, *, database: str = OWNER, role: str = OWNER) -> str:
        """Return the libpq URL of a database of this cluster; nothing is started."""
        return socket_url(self.socket, role=role, database=database)

    def admin_url(self, *, database: str = "postgres") -> str:
        """Return a URL as the administrator, whom row-level security does not bind."""
        return self.url(database=database, role=ADMIN)

    def status(self) -> Status:
        """Say whether the server runs, and from where."""
        pid = folder.server_pid(self.data)
        major = folder.data_major(self.data)
        return Status(pid is not None, pid, major, self.data, self.socket)

    def ensure(self) -> str:
        """Start the server if it does not run, make the database if missing; return its URL.

        The server goes on running when the program ends; `stop` stops it.
        """
        with locked(self._ready_home() / "cluster.lock"):
            self._start(leaver_stops=False)
        return self.url()

    def start(self) -> bool:
        """Do as `ensure`, and keep the server when all leases end; True if it was started."""
        with locked(self._ready_home() / "cluster.lock"):
            started = self._start(leaver_stops=False)
            self._leased.unlink(missing_ok=True)
        return started

    @contextmanager
    def lease(self) -> Iterator[str]:
        """Give the database's URL; the last to leave stops a server that a lease started."""
        home = self._ready_home()
        with shared(home / "cluster.users") as users:
            try:
                with locked(home / "cluster.lock"):
                    self._start(leaver_stops=True)
                yield self.url()
            finally:
                with locked(home / "cluster.lock"):
                    if users.alone() and self._leased.exists():
                        self._stop()

    def stop(self) -> bool:
        """Stop the server, ending its connections; False when it did not run."""
        if folder.data_major(self.data) is None:
            return False
        with locked(self._ready_home() / "cluster.lock"):
            return self._stop()

    @property
    def _leased(self) -> Path:
        return self.home / "cluster.leased"

    def _ready_home(self) -> Path:
        """Make the home folder; root's lets the server's user pass through, and no more."""
        if not os.path.isdir(self.home):
            try:
                self.home.mkdir(parents=True)
            except OSError as error:
                raise Unavailable(
                    f"The folder {self.home} cannot be made ({error.strerror}). "
                    "Set DOORPLATE_HOME to a folder of your own."
                ) from error
            self.home.chmod(0o711 if os.geteuid() == 0 else 0o700)
        if not os.access(self.home, os.W_OK | os.X_OK):
            raise Unavailable(
                f"User {caller().name} may not write to {self.home}. "
                "Set DOORPLATE_HOME to a folder of your own."
            )
        return self.home

    # From here on the caller holds the lock.

    def _start(self, *, leaver_stops: bool) -> bool:
        started = folder.server_pid(self.data) is None
        if started:
            # Said before the start, so that one interrupted in the middle is stopped as well.
            self._leased.touch() if leaver_stops else self._leased.unlink(missing_ok=True)
            self._launch()
        expected = {name: self._overrides.get(name, value) for name, value in DURABLE.items()}
        databases.ensure(self.admin_url(), self.admin_url(database=OWNER), expected=expected)
        return started

    def _launch(self) -> None:
        require_reach(self.account, self.home)
        if folder.data_major(self.data) is None:
            sync = self._overrides.get("fsync") != "off"
            folder.make_data_folder(self.data, self.account, self.binaries, sync=sync)
        folder.give_folder(self.socket, self.account)
        folder.write_files(self.data, self._files(), self.account)
        folder.forget_dead_server(self.data, self.socket)
        # Connections orphaned by a killed server hold its memory until they notice.
        deadline = time.monotonic() + ORPHANS_S
        while self._control("start", "-l", str(folder.start_log(self.data))):
            said = folder.last_words(self.data)
            if "still in use" not in said or time.monotonic() > deadline:
                raise Unavailable(f"PostgreSQL did not start in {self.data}: {said}")
            time.sleep(0.5)

    def _stop(self) -> bool:
        self._leased.unlink(missing_ok=True)
        if folder.server_pid(self.data) is None:
            return False
        if said := self._control("stop", "-m", "fast"):
            raise Unavailable(f"PostgreSQL did not stop: {said}")
        return True

    def _control(self, verb: str, *options: str) -> str:
        """Run pg_ctl and wait for its success; return what it said when it failed."""
        command = [self.binaries.program("pg_ctl"), verb, "-D", str(self.data), "-w", *options]
        result = self.account.run([*command, "-t", str(START_S)], timeout=None)
        return (result.stdout.strip() or "pg_ctl failed") if result.returncode else ""

    def _files(self) -> dict[str, str]:
        """Return what follows from this machine and this caller, written at every start."""
        values = server_settings(
            socket=self.socket,
            zone=self._zone,
            memory=machine_memory(),
            cores=os.cpu_count() or 1,
            overrides=self._overrides,
        )
        return {
            "doorplate.conf": conf_text(values),
            "pg_hba.conf": hba_text(),
            "pg_ident.conf": ident_text(("root", caller().name, self.account.name)),
        }
