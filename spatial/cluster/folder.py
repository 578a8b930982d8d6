"""The data folder of a cluster on disk: made, configured, and who serves it."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from spatial.cluster.account import Account
from spatial.cluster.binaries import Binaries
from spatial.cluster.settings import ADMIN
from spatial.errors import Unavailable

PID_FILE = "postmaster.pid"
SOCKET_LOCK = ".s.PGSQL.5432.lock"


def data_major(data: Path) -> int | None:
    """Return the major version that made the folder, None when there is none."""
    try:
        return int((data / "PG_VERSION").read_text().split(".")[0])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError:
        raise Unavailable(f"{data} belongs to another user; run this as that user.") from None


def make_data_folder(data: Path, account: Account, binaries: Binaries, *, sync: bool) -> None:
    """Run initdb under another name first, so that a killed one leaves no half folder."""
    if data.exists() and any(data.iterdir()):
        raise Unavailable(
            f"{data} holds files and is no folder of PostgreSQL's. Move it away, or set "
            "DOORPLATE_HOME to another folder."
        )
    draft = data.with_name(data.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    give_folder(draft, account)
    # Under ctype C, or an ICU locale over it, pg_trgm finds no trigrams in Chinese.
    locale = ["--encoding=UTF8", "--locale=C", "--lc-ctype=C.UTF-8"]
    options = ["--data-checksums", f"--username={ADMIN}", "--auth=peer", "--no-instructions"]
    command = [binaries.program("initdb"), "-D", str(draft), *locale, *options]
    result = account.run(command if sync else [*command, "--no-sync"], timeout=600)
    if result.returncode:
        raise Unavailable(f"PostgreSQL could not make {data}: {result.stdout.strip()[-500:]}")
    with (draft / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write("include 'doorplate.conf'\n")
    draft.rename(data)


def give_folder(folder: Path, account: Account) -> None:
    """Make a folder only `account` may use; refuse one that belongs to somebody else."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), account.uid):
        raise Unavailable(f"{folder} belongs to somebody else. Remove it, or set DOORPLATE_HOME.")
    if os.geteuid() != account.uid:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)


def write_files(data: Path, files: Mapping[str, str], account: Account) -> None:
    """Replace configuration files of the folder, each readable to its owner only."""
    for name, text in files.items():
        draft = data / f"{name}.new"
        draft.unlink(missing_ok=True)
        # O_EXCL: root writes into a folder of another user, who could have laid a link there.
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            if os.geteuid() != account.uid:
                os.fchown(descriptor, account.uid, account.gid)
        draft.rename(data / name)


def server_pid(data: Path) -> int | None:
    """Return the process that serves the folder, None when none does."""
    pid = _first_number(data / PID_FILE)
    if pid is None:
        return None
    words = _proc(pid, "cmdline").split("\0")
    return pid if str(data) in words and "postgres" in Path(words[0]).name else None


def forget_dead_server(data: Path, socket: Path) -> None:
    """Remove lock files whose process is a zombie, or by now another program's.

    After a reboot or in a restarted container the number of a killed server is soon taken
    again, and in a container nobody may reap it; PostgreSQL would refuse to start. Free
    numbers are left to it. Orphaned connections it notices without the file.
    """
    for lock in (data / PID_FILE, socket / SOCKET_LOCK):
        pid = _first_number(lock)
        if pid is not None and _is_no_server(pid):
            lock.unlink()


def _is_no_server(pid: int) -> bool:
    """Return whether `pid` exists and is no living PostgreSQL."""
    name, _, rest = _proc(pid, "stat").partition("(")[2].rpartition(")")
    return bool(rest) and (name != "postgres" or rest.split()[0] in "ZX")


def start_log(data: Path) -> Path:
    """Return the file for what the server says while it starts, emptied of the last time."""
    log = data / "start.log"
    log.unlink(missing_ok=True)
    return log


def last_words(data: Path) -> str:
    """Return the end of what the server said when it last started or failed to."""
    log = data / "start.log"
    said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    fatal = [line for line in said.splitlines() if "FATAL" in line or "HINT" in line]
    return " ".join((fatal or said.splitlines())[-3:])


def _first_number(path: Path) -> int | None:
    try:
        text = path.read_text().split("\n", 1)[0].strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def _proc(pid: int, name: str) -> str:
    try:
        return Path("/proc", str(pid), name).read_text(errors="replace")
    except OSError:
        return ""
