"""A full disk, and two imports of one layer at the same time."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from spatial.cluster import Cluster
from tests.faults.child import TOLD
from tests.faults.kills import ROWS, _answering, _begin, looking, write_file
from tests.support.cluster import SETTINGS, short_folder

DISK_MB, LEFT_MB = 700, 4


def two_at_once(cluster: Cluster, url: str, folder: Path) -> str:
    """Import two files of one layer and source at once: both are stored, one after the other."""
    paths = [write_file(folder, mark) for mark in ("T1-", "T2-")]
    running = [_begin(url, folder, path) for path in paths]
    ends = [one.communicate(timeout=600)[0] and one.returncode for one in running]
    found = [_rows(url, folder, mark) for mark in ("T1-", "T2-")]
    assert ends == [0, 0] and found == [ROWS, ROWS], (ends, found)
    return f"both stored whole, {ROWS:,} rows each"


def full_disk(migrate: Callable[[str], None]) -> str:
    """Fill the disk in the middle of an import: it is told in one line, and resumes with room."""
    with short_folder() as place:
        try:
            with _small_disk(place) as home:
                return _filled(home, migrate)
        except (PermissionError, FileNotFoundError) as error:
            return f"not tried here: {error}"


def _filled(home: Path, migrate: Callable[[str], None]) -> str:
    cluster = Cluster(home, overrides={**SETTINGS, "max_wal_size": "64MB", "min_wal_size": "32MB"})
    cluster.ensure()
    try:
        migrate(cluster.url())
        url, path = cluster.url(), write_file(home, "D1-", 60_000)
        ballast = home / "ballast"
        free = shutil.disk_usage(home).free - LEFT_MB * 2**20
        ballast.write_bytes(b"\0" * max(free, 0))
        process = _begin(url, home, path)
        output, _ = process.communicate(timeout=600)
        assert process.returncode == TOLD, output[-400:]
        ballast.unlink()
        _answering(cluster)
        again = _begin(url, home, path)
        output, _ = again.communicate(timeout=600)
        assert again.returncode == 0, output[-400:]
        assert (stored := _rows(url, home, "D1-")) == 60_000, stored
        return "told in one line (the database broke off); with room again all 60,000 rows stored"
    finally:
        cluster.stop()


@contextmanager
def _small_disk(place: Path) -> Iterator[Path]:
    """Give a folder on a disk of its own; PermissionError where none may be made."""
    home = place / "disk"
    home.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=0711", "tmpfs",
                           str(home)], capture_output=True, text=True, check=False)
    if made.returncode:
        raise PermissionError(f"no disk can be made ({made.stderr.strip()})")
    try:
        yield home
    finally:
        subprocess.run(["umount", "-l", str(home)], check=False)


def _rows(url: str, folder: Path, mark: str) -> int:
    connection = looking(url, folder)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM household WHERE source_id LIKE %s", (f"{mark}%",))
        found = int((cursor.fetchone() or (0,))[0])
    connection.close()
    return found
