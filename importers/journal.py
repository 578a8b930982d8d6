"""The journal of imports: which file, which mapping, how far; so that a killed one resumes."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, Integer, String, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from spatial.database import Base


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


class SourceMapping(Base):
    """The clerk's decision how a source's columns are to be read."""

    __tablename__ = "source_mapping"

    source: Mapped[str] = mapped_column(String(80), primary_key=True)
    layer: Mapped[str] = mapped_column(String(40), primary_key=True)
    columns: Mapped[dict[str, Any]] = mapped_column(JSONB)


def unfinished(session: Session, wanted: ImportJob) -> ImportJob | None:
    """Return the job that began with the same file, layer and mode and did not end."""
    return (session.query(ImportJob)
            .filter_by(digest=wanted.digest, table=wanted.table, layer=wanted.layer,
                       source=wanted.source, mode=wanted.mode)
            .filter(ImportJob.state.in_(("staging", "staged")))
            .order_by(ImportJob.id.desc()).first())


def applied_chunks(session: Session, job: ImportJob) -> set[int]:
    """Return the numbers of the chunks that are in the registry already."""
    return {row.chunk for row in session.query(ImportChunk).filter_by(job_id=job.id)}
