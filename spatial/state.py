"""What the whole registry remembers of itself: its metric CRS, its version, its settings.

`version` counts the commits that changed what lookups answer; every bump is also a NOTIFY on
`registry`, so that worker processes rebuild what they keep in memory.
"""

from sqlalchemy import String, Text, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from spatial.database import Base
from spatial.prepared import run_prepared

CHANNEL = "registry"


class RegistryState(Base):
    """One remembered value."""

    __tablename__ = "registry_state"

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


def remembered(session: Session, key: str) -> str | None:
    """Return the value kept under `key`."""
    found = session.get(RegistryState, key, populate_existing=True)
    return found.value if found else None


def remember(session: Session, key: str, value: str) -> None:
    """Keep `value` under `key`, replacing what was there."""
    session.execute(text("INSERT INTO registry_state VALUES (:key, :value) "
                         "ON CONFLICT (key) DO UPDATE SET value = excluded.value"),
                    {"key": key, "value": value})


def version(session: Session) -> int:
    """Return the registry's version: how many changes lookups have seen so far."""
    return int(run_prepared(session, "state_version", sql=_VERSION)[0][0])


def bump(session: Session) -> int:
    """Count one more change and tell every listening process when this commits."""
    new = int(session.scalars(_NEXT).one())
    session.execute(text("SELECT pg_notify(:channel, :version)"),
                    {"channel": CHANNEL, "version": str(new)})
    return new


_VERSION = "SELECT coalesce((SELECT value::bigint FROM registry_state WHERE key = 'version'), 0)"
_NEXT = text("INSERT INTO registry_state VALUES ('version', '1') ON CONFLICT (key) DO UPDATE "
             "SET value = (registry_state.value::bigint + 1)::text RETURNING value")


def metric_srid(session: Session) -> int | None:
    """Return the CRS of measures, fixed at the first import; None before it."""
    known = remembered(session, "metric_srid")
    return int(known) if known else None
