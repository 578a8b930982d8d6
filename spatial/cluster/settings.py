"""What the private cluster is told: its settings, who may connect, and as whom."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

MB = 1024 * 1024
OWNER, ADMIN = "doorplate", "postgres"
APP = "doorplate_app"
#: What the owner may act as (spatial/sql/roles.sql says what each may do); APP also logs in.
ROLES = (APP, "doorplate_tiles", "doorplate_import", "doorplate_audit_writer",
         "doorplate_audit_sealer")
MAP = "house"
#: The operator's own file, read last, so that it wins and survives our rewriting.
LOCAL_FILE = "local.conf"

# psycopg2 puts values into the statement on our side, so that a logged statement would carry
# names and numbers of persons: no statement, parameter or DETAIL line ever reaches the log. Nor
# does the text of an error, which repeats the value it could not read.
CONFIDENTIAL = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
# For clusters that live as long as a test run.
THROWAWAY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def server_settings(
    *, socket: Path, zone: str, memory: int, cores: int, overrides: Mapping[str, str]
) -> dict[str, str]:
    """Return the settings for a machine of `memory` bytes and `cores`; `overrides` win."""
    return {
        "listen_addresses": "",
        "unix_socket_directories": str(socket),
        "unix_socket_permissions": "0700",
        "port": "5432",
        "max_connections": "100",
        "timezone": zone,
        "log_timezone": zone,
        **_memory_settings(memory, cores),
        **_log_settings(),
        **CONFIDENTIAL,
        **DURABLE,
        **overrides,
    }


def _memory_settings(memory: int, cores: int) -> dict[str, str]:
    """Leave most of the machine to the page cache and to the other programs on it."""
    return {
        "shared_buffers": _share(memory, 8, 64, 4096),
        "effective_cache_size": _share(memory, 2, 256, 65536),
        "work_mem": _share(memory, 256, 8, 64),
        "maintenance_work_mem": _share(memory, 16, 64, 1024),
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "wal_compression": "on",
        "random_page_cost": "1.1",
        "max_parallel_workers_per_gather": str(max(1, min(4, cores // 2))),
        "dynamic_shared_memory_type": _shared_memory_kind(),
        # Lookups take microseconds; compiling their plans would take a thousand times that.
        "jit": "off",
    }


def _log_settings() -> dict[str, str]:
    """Keep a week of log files, one a weekday, so that they never fill the disk."""
    return {
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "%a.log",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_line_prefix": "%m [%p] ",
    }


def _share(memory: int, divisor: int, least: int, most: int) -> str:
    return f"{max(least, min(most, memory // divisor // MB))}MB"


def _shared_memory_kind() -> str:
    """Avoid a missing or tiny /dev/shm (containers give 64 MB): parallel queries would fail."""
    try:
        room = os.statvfs("/dev/shm")
    except OSError:
        return "mmap"
    roomy = room.f_blocks * room.f_frsize >= 256 * MB
    return "posix" if roomy and os.access("/dev/shm", os.W_OK) else "mmap"


def machine_memory() -> int:
    """Return the bytes of memory this program may use: the machine's, or its container's."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    text = limit.read_text().strip() if limit.exists() else "max"
    return min(total, int(text)) if text.isdigit() else total


def conf_text(values: Mapping[str, str]) -> str:
    """Return `values` as a PostgreSQL configuration file."""
    lines = [f"{name} = {_quoted(value)}" for name, value in values.items()]
    head = f"# Rewritten at every start; your own settings belong into {LOCAL_FILE}."
    return "\n".join([head, *lines, f"include_if_exists {_quoted(LOCAL_FILE)}", ""])


def hba_text() -> str:
    """Return who may connect: users of this machine over the socket, known by their login."""
    return f"local all all peer map={MAP}\nlocal replication all peer map={MAP}\n"


def ident_text(logins: Iterable[str]) -> str:
    """Return the map that lets each login act as owner, application and administrator."""
    roles = (OWNER, APP, ADMIN)
    pairs = [(login, role) for login in sorted(set(logins)) for role in roles]
    return "".join(f'{MAP} "{login}" {role}\n' for login, role in pairs)


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
