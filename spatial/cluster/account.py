"""The operating-system user that PostgreSQL runs as, and what that user can reach."""

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spatial.errors import Unavailable

SERVER_USER = "postgres"
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}


@dataclass(frozen=True)
class Account:
    """A user by name and numbers."""

    name: str
    uid: int
    gid: int

    def run(
        self,
        command: Sequence[str],
        *,
        environ: Mapping[str, str] = ENVIRONMENT,
        timeout: float | None = 120,
    ) -> subprocess.CompletedProcess[str]:
        """Run `command` as this user, detached from the terminal and our environment.

        A session of its own keeps the terminal's Ctrl-C from PostgreSQL; our environment
        could name another cluster (PGDATA, PGPORT).
        """
        foreign = os.geteuid() != self.uid
        return subprocess.run(
            list(command),
            user=self.uid if foreign else None,
            group=self.gid if foreign else None,
            extra_groups=os.getgrouplist(self.name, self.gid) if foreign else None,
            env=dict(environ),
            cwd="/",
            umask=0o077,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            check=False,
        )


def caller() -> Account:
    """Return the user this program runs as."""
    return _by_uid(os.geteuid())


def server_account(data: Path) -> Account:
    """Return who runs PostgreSQL: the caller, but for root another user.

    PostgreSQL refuses to run as root. An existing data folder decides: its owner runs it.
    """
    if data.exists() and (owner := data.stat().st_uid) != 0:
        if os.geteuid() not in (0, owner):
            raise Unavailable(
                f"{data} belongs to user {_by_uid(owner).name}. Run this as that user or as "
                "root, or set DOORPLATE_HOME to a folder of your own."
            )
        return _by_uid(owner)
    if os.geteuid() != 0:
        return caller()
    try:
        entry = pwd.getpwnam(SERVER_USER)
    except KeyError:
        raise Unavailable(
            f"PostgreSQL refuses to run as root, and there is no user {SERVER_USER} to run it. "
            f"Create one: useradd --system --no-create-home {SERVER_USER}"
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def require_reach(account: Account, folder: Path) -> None:
    """Raise Unavailable, naming the folder in the way, when `account` cannot enter `folder`."""
    way = [*reversed(folder.parents), folder]
    script = 'for one do test -x "$one" || { printf "%s" "$one"; exit 1; }; done'
    result = account.run(["/bin/sh", "-c", script, "sh", *map(str, way)])
    if result.returncode:
        raise Unavailable(
            f"PostgreSQL runs as user {account.name}, which cannot enter {result.stdout}. Set "
            "DOORPLATE_HOME to a folder it can reach, for instance /var/lib/doorplate, or open "
            f"the way: chmod o+x '{result.stdout}'"
        )


def _by_uid(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise Unavailable(
            f"User number {uid} has no name in /etc/passwd, and PostgreSQL needs one. Run as a "
            "named user, or name a database in DOORPLATE_DATABASE_URL."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
