"""What has met: the names that further sources have for features of others."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from importers.journal import SourceLink
from layers import catalogue


def merged(session: Session, *, limit: int) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield ledger, source, id, the identifier it leads to, and who let them meet; newest first."""
    layers = {one.table.name: one for one in catalogue().values()}
    for link in session.scalars(select(SourceLink).where(~SourceLink.apart).order_by(
            SourceLink.import_id.desc().nulls_last(), SourceLink.layer, SourceLink.source_id)
            .limit(limit)):
        model = layers[link.layer].model
        kept = session.scalar(select(model.identifier).where(model.id == link.feature_id))
        yield (layers[link.layer].name, link.source, link.source_id, kept or "",
               "review" if link.merge else f"import {link.import_id}")
