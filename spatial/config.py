"""Settings as data: each has a name, a default, a help text and, where it bounds, its bounds.

One field of `Settings` is one setting; its type follows from the default. Nothing here reads
the process environment by itself: the caller hands it in.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from spatial.errors import InvalidInput

TYPE_NAMES = {int: "a whole number", float: "a number", bool: "yes or no"}
YES, NO = ("1", "yes", "true", "on"), ("0", "no", "false", "off")


@dataclass(frozen=True)
class Setting:
    """What one environment variable means; `floor` and `ceiling` bound a number."""

    name: str
    default: str | int | float | bool | Path
    help: str
    floor: float | None = None
    ceiling: float | None = None

    def parse(self, text: str) -> str | int | float | bool | Path:
        """Return the value `text` stands for; raise InvalidInput when it stands for none."""
        kind = type(self.default)
        if isinstance(self.default, Path):
            return Path(text).expanduser().absolute()
        if isinstance(self.default, bool):
            return self._yes_or_no(text)
        try:
            value = type(self.default)(text.strip())
        except ValueError:
            message = f"{self.name} is {text!r}; {TYPE_NAMES[kind]} is wanted. {self.help}"
            raise InvalidInput(message) from None
        return self._bounded(value)

    def _yes_or_no(self, text: str) -> bool:
        word = text.strip().lower()
        if word not in YES + NO:
            raise InvalidInput(f"{self.name} is {text!r}; yes or no is wanted. {self.help}")
        return word in YES

    def _bounded(self, value: str | int | float) -> str | int | float:
        if isinstance(value, str):
            return value
        # `not (>=)` instead of `<`, so that nan is refused as well.
        if self.floor is not None and not value >= self.floor:
            raise InvalidInput(f"{self.name} is {value}; the least allowed is {self.floor:g}.")
        if self.ceiling is not None and not value <= self.ceiling:
            raise InvalidInput(f"{self.name} is {value}; the most allowed is {self.ceiling:g}.")
        return value


def _setting(
    name: str, default: str | int | float | bool | Path, help: str, **bounds: float
) -> Any:
    return field(default=default, metadata={"setting": Setting(name, default, help, **bounds)})


@dataclass(frozen=True)
class Settings:
    """What the operator decided, each value parsed and within its bounds."""

    home: Path = _setting(
        "DOORPLATE_HOME",
        Path("~/.local/share/doorplate"),
        "Folder of the private cluster, keys and backups; for root /var/lib/doorplate.",
    )
    database_url: str = _setting(
        "DOORPLATE_DATABASE_URL",
        "",
        "PostGIS database to use; when empty, a private cluster is started in DOORPLATE_HOME.",
    )
    checkpoints: Path = _setting(
        "DOORPLATE_CHECKPOINTS",
        Path("checkpoints"),
        "Folder of the audit's signed states, on another disk where there is one; by default in "
        "DOORPLATE_HOME.",
    )
    postgres_bin: str = _setting(
        "DOORPLATE_POSTGRES_BIN",
        "",
        "Folder of initdb and pg_ctl, when PostgreSQL is not where Debian and Ubuntu put it.",
    )
    zone: str = _setting(
        "DOORPLATE_ZONE", "Asia/Shanghai", "Time zone in which civil dates of the registry count."
    )
    host: str = _setting("DOORPLATE_HOST", "127.0.0.1", "Address the web server listens on.")
    port: int = _setting(
        "DOORPLATE_PORT", 8000, "Port the web server listens on.", floor=1, ceiling=65535
    )
    workers: int = _setting(
        "DOORPLATE_WORKERS", 1, "Processes of the web server.", floor=1, ceiling=64
    )
    session_idle_min: int = _setting(
        "DOORPLATE_SESSION_IDLE_MIN", 15, "Minutes without a request after which a sign-in ends.",
        floor=1, ceiling=60,
    )
    session_hours: int = _setting(
        "DOORPLATE_SESSION_HOURS", 12, "Hours after which a sign-in ends in any case.",
        floor=1, ceiling=24,
    )
    review_persons: int = _setting(
        "DOORPLATE_REVIEW_PERSONS", 2,
        "Persons who must choose the same place on the review page before an address text becomes "
        "its alias; the command line settles at once.", floor=1, ceiling=3,
    )
    authority: str = _setting(
        "DOORPLATE_AUTHORITY", "",
        "File with the order of sources whose word counts, field by field, where two disagree; "
        "when empty, data/authority.yaml.",
    )
    limit_ids_a_minute: int = _setting(
        "DOORPLATE_LIMIT_IDS_A_MINUTE", 10,
        "Lookups by ID number that one user may make in a minute.",
        floor=1, ceiling=30,
    )
    limit_ids_a_day: int = _setting(
        "DOORPLATE_LIMIT_IDS_A_DAY", 100,
        "Lookups by ID number that one user may make in a day.",
        floor=1, ceiling=500,
    )
    limit_id_misses_an_hour: int = _setting(
        "DOORPLATE_LIMIT_ID_MISSES_AN_HOUR", 20,
        "ID numbers that nobody has, after which a user waits and the auditor is told.",
        floor=5, ceiling=50,
    )
    limit_names_a_minute: int = _setting(
        "DOORPLATE_LIMIT_NAMES_A_MINUTE", 30,
        "Searches for a name that one user may make in a minute.",
        floor=1, ceiling=60,
    )
    limit_opened_a_minute: int = _setting(
        "DOORPLATE_LIMIT_OPENED_A_MINUTE", 60,
        "Persons or places with persons that one user may open in a minute.",
        floor=1, ceiling=120,
    )
    limit_reveals_an_hour: int = _setting(
        "DOORPLATE_LIMIT_REVEALS_AN_HOUR", 10,
        "Fields that one user may be shown in full in an hour.",
        floor=1, ceiling=30,
    )
    limit_exports_a_day: int = _setting(
        "DOORPLATE_LIMIT_EXPORTS_A_DAY", 3,
        "Exports of persons that one user may propose in a day.",
        floor=1, ceiling=10,
    )
    limit_requests_a_minute: int = _setting(
        "DOORPLATE_LIMIT_REQUESTS_A_MINUTE", 600,
        "Requests that one user or token may make in a minute.",
        floor=60, ceiling=6000,
    )
    limit_tiles_a_minute: int = _setting(
        "DOORPLATE_LIMIT_TILES_A_MINUTE", 3000,
        "Tiles and scenes that one user or token may fetch in a minute.",
        floor=300, ceiling=30000,
    )
    limit_sign_ins_a_minute: int = _setting(
        "DOORPLATE_LIMIT_SIGN_INS_A_MINUTE", 30,
        "Sign-ins that one address may try in a minute.",
        floor=5, ceiling=300,
    )
    limit_public_a_minute: int = _setting(
        "DOORPLATE_LIMIT_PUBLIC_A_MINUTE", 60,
        "Questions that one address may ask in a minute without a sign-in (Open311, /here).",
        floor=5, ceiling=6000,
    )
    limit_reports_an_hour: int = _setting(
        "DOORPLATE_LIMIT_REPORTS_AN_HOUR", 20,
        "Reports that one address may send in an hour without a sign-in (Open311, /here).",
        floor=1, ceiling=1000,
    )
    border_metres: int = _setting(
        "DOORPLATE_BORDER_METRES", 20,
        "Metres from the border of a grid within which a clerk is asked whose an incident is.",
        floor=0, ceiling=200,
    )
    approval_roles: str = _setting(
        "DOORPLATE_APPROVAL_ROLES", "officer,operator,steward",
        "Roles that a second person must approve when an admin grants them on the page.",
    )
    second_factor_roles: str = _setting(
        "DOORPLATE_SECOND_FACTOR_ROLES", "",
        "Roles that sign in with a code of an authenticator besides the password.",
    )
    imagery: str = _setting(
        "DOORPLATE_IMAGERY", "",
        "Aerial imagery to lie under the map: a GeoTIFF or an MBTiles file of your own.",
    )
    terrain: str = _setting(
        "DOORPLATE_TERRAIN", "",
        "Terrain to lie under the map: a GeoTIFF of metres, or an MBTiles file (terrarium).",
    )
    public_url: str = _setting(
        "DOORPLATE_PUBLIC_URL", "",
        "Where people reach the pages, such as https://doorplate.example; OIDC returns there.",
    )
    oidc_issuer: str = _setting(
        "DOORPLATE_OIDC_ISSUER", "",
        "OpenID Connect provider to sign in at beside passwords; when empty, none is asked.",
    )
    oidc_client_id: str = _setting(
        "DOORPLATE_OIDC_CLIENT_ID", "doorplate", "What the OIDC provider knows us by.",
    )
    oidc_secret_file: str = _setting(
        "DOORPLATE_OIDC_SECRET_FILE", "", "File that holds the secret shared with the provider.",
    )


def declared() -> tuple[Setting, ...]:
    """Return every setting there is, in the order of the documentation."""
    return tuple(one.metadata["setting"] for one in fields(Settings))


def settings(environ: Mapping[str, str], *, root: bool | None = None) -> Settings:
    """Read the settings from `environ`; an empty value means the default.

    `root` says whose default home is wanted; by default that of the running user.
    """
    values: dict[str, Any] = {"home": _default_home(environ, root=root)}
    for one in fields(Settings):
        setting: Setting = one.metadata["setting"]
        if text := environ.get(setting.name, ""):
            values[one.name] = setting.parse(text)
    return Settings(**values)


def _default_home(environ: Mapping[str, str], *, root: bool | None) -> Path:
    if root if root is not None else os.geteuid() == 0:
        return Path("/var/lib/doorplate")
    home = Path(environ.get("HOME") or "~").expanduser()
    return (home / ".local" / "share" / "doorplate").absolute()
