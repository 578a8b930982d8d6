"""Finds PostgreSQL's programs: a supported version that has PostGIS beside it."""

import re
from dataclasses import dataclass
from pathlib import Path

from spatial.errors import Unavailable

#: The oldest version that still gets corrections; newer ones than we know are welcome.
OLDEST = 14
DEBIAN = Path("/usr/lib/postgresql")
REMEDY = (
    "Run `make setup`, or install PostgreSQL with PostGIS (on Debian 12: "
    "postgresql-15-postgis-3), or set DOORPLATE_POSTGRES_BIN to the folder of initdb."
)


@dataclass(frozen=True, order=True)
class Binaries:
    """The programs of one major version of PostgreSQL."""

    major: int
    folder: Path

    def program(self, name: str) -> str:
        """Return the path of one program, for instance `pg_ctl`."""
        return str(self.folder / name)


def find_binaries(named: str = "", *, major: int | None = None) -> Binaries:
    """Return the highest supported PostgreSQL with PostGIS, or the one of version `major`.

    `named` is a folder the operator chose; then no other is looked at.
    """
    folders = [Path(named)] if named else sorted(DEBIAN.glob("*/bin"))
    found = [one for folder in folders if (one := _inspect(folder))]
    fitting = [one for one in found if major is None or one.major == major]
    if fitting:
        return max(fitting)
    if major is not None and found:
        raise Unavailable(_other_version(major, max(found).major))
    places = ", ".join(str(folder) for folder in folders) or str(DEBIAN)
    raise Unavailable(f"No supported PostgreSQL with PostGIS was found in {places}. {REMEDY}")


def _other_version(wanted: int, installed: int) -> str:
    return (
        f"The data folder was made by PostgreSQL {wanted}, and installed is {installed}. "
        f"Install postgresql-{wanted}-postgis-3 beside it; then `python app.py db backup FILE`, "
        f"move the data folder away, and with PostgreSQL {installed} "
        "`python app.py db restore FILE`."
    )


def _inspect(folder: Path) -> Binaries | None:
    if not ((folder / "initdb").exists() and (folder / "pg_ctl").exists()):
        return None
    major = _major(folder)
    if major < OLDEST or not _has_postgis(folder, major):
        return None
    return Binaries(major, folder)


def _major(folder: Path) -> int:
    """Read the version from the folder's name as Debian gives it, else from a header it ships."""
    if re.fullmatch(r"\d+", folder.parent.name):
        return int(folder.parent.name)
    for share in _shares(folder, 0):
        sample = share / "postgres.bki"
        if sample.exists() and (match := re.match(r"# PostgreSQL (\d+)", sample.read_text())):
            return int(match[1])
    return 0


def _has_postgis(folder: Path, major: int) -> bool:
    return any(
        (share / "extension" / "postgis.control").exists() for share in _shares(folder, major)
    )


def _shares(folder: Path, major: int) -> list[Path]:
    return [
        Path("/usr/share/postgresql") / str(major),
        folder.parent / "share",
        folder.parent / "share" / "postgresql",
    ]
