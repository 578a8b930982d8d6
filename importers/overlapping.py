"""Buildings of several sources meet by their footprints: by how much of both they share.

Two sources draw the same house a little differently. Where the common part is most of what both
cover together, it is one building: the first source's stays, the second's name is kept for it. A
lesser overlap may be a neighbour or a new house on an old lot: it is stored, and people are asked
(importers/resembling.py).
"""

from psycopg2 import sql

from importers.staging import Stage
from spatial.statements import run, table

#: Share of what both cover together: one and the same from here on, doubtful from there.
SAME, DOUBTFUL = 0.7, 0.3


def meet_by_footprint(stage: Stage) -> None:
    """Let staged buildings that are not known meet those of other sources; each one at most."""
    if stage.shape.layer.meets and stage.shape.has_geometry:
        run(stage.session, _MEET.format(stage=stage.name, pairs=_pairs(stage)),
            {"source": stage.source, "share": SAME})


def _pairs(stage: Stage) -> sql.Composed:
    return _PAIRS.format(stage=stage.name, table=table(stage.shape.layer.table.name))


# Within one house a degree east and a degree north keep their proportion: shares need no metres.
_PAIRS = sql.SQL(
    "SELECT at, line, id, identifier, common / nullif(own + other - common, 0) AS share FROM ("
    "SELECT s.ctid AS at, s.line, t.id, t.identifier, ST_Area(s.geometry) AS own, "
    "ST_Area(t.geometry) AS other, ST_Area(ST_Intersection(s.geometry, t.geometry)) AS common "
    "FROM {stage} s JOIN {table} t ON t.geometry && s.geometry WHERE s.known_id IS NULL "
    "AND s.state IS NULL AND t.source <> %(source)s AND t.valid_to IS NULL "
    "AND ST_Dimension(s.geometry) = 2 AND ST_Dimension(t.geometry) = 2) measured")
_MEET = sql.SQL(
    "WITH pairs AS ({pairs}), best AS (SELECT DISTINCT ON (line) * FROM pairs "
    "WHERE share >= %(share)s ORDER BY line, share DESC, id), one AS (SELECT DISTINCT ON (id) * "
    "FROM best ORDER BY id, share DESC, line) UPDATE {stage} s SET known_id = one.id, "
    "identifier = one.identifier, met = true FROM one WHERE s.ctid = one.at")
