"""The journal of imports: which file, which mapping, how far; so that a killed one resumes."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Identity,
    Integer,
    String,
    Text,
    delete,
    exists,
    false,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from layers import catalogue
from layers.across.review import ReviewItem
from spatial.database import Base
from spatial.state import remember, remembered

#: What the registry remembers while the steps that follow a load are not done.
OWED = "finish_owed"


class ImportJob(Base):
    """One table of one file on its way into one layer."""

    __tablename__ = "import_job"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), index=True)  # Usage: the same file again
    file: Mapped[str] = mapped_column(Text)
    table: Mapped[str] = mapped_column(Text)
    layer: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(80))
    mode: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default="staging")
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    by: Mapped[str | None] = mapped_column(String(80))
    started: Mapped[datetime] = mapped_column(DateTime(timezone=True),
                                              server_default=func.now())
    finished: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ImportChunk(Base):
    """The mark that a chunk was applied: written in the chunk's own transaction."""

    __tablename__ = "import_chunk"

    job_id: Mapped[int] = mapped_column(ForeignKey("import_job.id", ondelete="CASCADE"),
                                        primary_key=True)
    chunk: Mapped[int] = mapped_column(Integer, primary_key=True)


class SourceLink(Base):
    """A further source's name for a feature that another source brought first."""

    __tablename__ = "source_link"

    layer: Mapped[str] = mapped_column(String(40), primary_key=True)
    source: Mapped[str] = mapped_column(String(80), primary_key=True)
    source_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    # Usage: all the names of one feature.
    feature_id: Mapped[int] = mapped_column(BigInteger, index=True)
    content_hash: Mapped[bytes | None] = mapped_column()
    import_id: Mapped[int | None] = mapped_column(BigInteger)
    said: Mapped[dict[str, Any] | None] = mapped_column(JSONB)    # what it said; not of persons
    merge: Mapped[dict[str, Any] | None] = mapped_column(JSONB)   # how the record it had is undone
    apart: Mapped[bool] = mapped_column(server_default=false())   # is another: never meets again


class FieldOrigin(Base):
    """Which fields of a feature another source than its own has filled, and since when."""

    __tablename__ = "field_origin"

    layer: Mapped[str] = mapped_column(String(40), primary_key=True)
    feature_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB)   # column -> [source, since]


class SourceMapping(Base):
    """The clerk's decision how a source's columns are to be read."""

    __tablename__ = "source_mapping"

    source: Mapped[str] = mapped_column(String(80), primary_key=True)
    layer: Mapped[str] = mapped_column(String(40), primary_key=True)
    columns: Mapped[dict[str, Any]] = mapped_column(JSONB)
    parts: Mapped[dict[str, Any] | None] = mapped_column(JSONB)   # codes, constants, CRS …


def unfinished(session: Session, wanted: ImportJob) -> ImportJob | None:
    """Return the job that began with the same file, layer and mode and did not end."""
    return (session.query(ImportJob)
            .filter_by(digest=wanted.digest, table=wanted.table, layer=wanted.layer,
                       source=wanted.source, mode=wanted.mode)
            .filter(ImportJob.state.in_(("staging", "staged")))
            .order_by(ImportJob.id.desc()).first())


def forget_chunks(session: Session, job: ImportJob) -> None:
    """Forget how far a job came, which begins anew: what it stored will be found unchanged."""
    session.execute(delete(ImportChunk).where(ImportChunk.job_id == job.id))
    job.state = "staging"


def superseded(session: Session) -> list[ImportJob]:
    """Return jobs that were broken off and whose layer another import has changed since."""
    later = aliased(ImportJob)
    return (session.query(ImportJob)
            .filter(ImportJob.state.in_(("staging", "staged")))
            .filter(exists().where(later.layer == ImportJob.layer, later.id > ImportJob.id,
                                   later.state == "applied"))
            .all())


def owe_finish(session: Session) -> None:
    """Remember, with the first rows that are stored, that their places are still to be found."""
    remember(session, OWED, "yes")


def settle_finish(session: Session) -> None:
    """Remember that nothing is owed."""
    remember(session, OWED, "")


def finish_owed(session: Session) -> bool:
    """Tell whether an import was broken off before everything followed from it."""
    return bool(remembered(session, OWED))


def queued_rows(session: Session, layer: str, job: int) -> int:
    """Count the rows of a job that wait for a clerk to say which place their address means."""
    about = catalogue()[layer]
    owners = {link.model.__tablename__: link.owner for link in about.links}
    found = 0
    for table in dict.fromkeys(about.tables):
        if "address" in table.c:
            row = table.c[owners.get(table.name, "id")]
            found += int(session.scalar(
                select(func.count(row.distinct())).select_from(table)
                .join(ReviewItem, ReviewItem.text == table.c.address)
                .where(table.c.import_id == job, ReviewItem.decided.is_(None),
                       table.c.unit_id.is_(None), table.c.building_id.is_(None))) or 0)
    return found


def applied_chunks(session: Session, job: ImportJob) -> set[int]:
    """Return the numbers of the chunks that are in the registry already."""
    return {row.chunk for row in session.query(ImportChunk).filter_by(job_id=job.id)}


def readable(name: str) -> str:
    """Return a file's name as text that can be stored; bytes of no character become marks."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\0", "")
