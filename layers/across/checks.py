"""What must hold of the whole registry: totals that balance, shapes that fit into each other.

Checks return what they found; they neither raise nor mend.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from layers.across.counts import METRICS
from layers.across.rollup import ALL, SMALL, areas, by_place, by_scope, levels, share
from spatial.crs import WEB
from spatial.history import NOW
from spatial.state import metric_srid

SQL = Path(__file__).parent.parent / "sql"
#: Findings of one rule that are told one by one; the rest are counted.
TOLD = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule in SQL: what a finding is, how much is forgiven (m²), and how to mend it."""

    name: str
    about: str
    remedy: str
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach: which rule, where, against what, by how much, and how to mend it."""

    rule: str
    identifier: str
    other: str | None
    measure: float
    remedy: str


@dataclass(frozen=True, slots=True)
class Balance:
    """One measure at one level: the parts, what is left, and what was counted on its own."""

    metric: str
    level: str
    areas: int
    rows: int
    residual: int
    total: int

    @property
    def holds(self) -> bool:
        """Tell whether the parts and the rest make up the total."""
        return self.residual >= 0 and self.rows + self.residual == self.total


TOTALS = (
    Rule("double_residencies", "one person counted twice",
         "end one of the residencies, or mark one as reported"),
    Rule("stale_scopes", "a row numbered elsewhere than its place",
         "import any ledger again: rows are numbered after every import"),
)
TOPOLOGY = (
    Rule("overlapping_buildings", "footprints overlap", "redraw one of the footprints", 0.5),
    Rule("units_outside", "a unit lies out of its building",
         "derive the volumes anew, or redraw the footprint", 0.2),
    Rule("overlapping_units", "two units share a space", "derive the volumes anew", 0.2),
    Rule("grid_partition", "grids do not partition their community",
         "redraw the grids so that they share their borders", 10.0),
)


def balances(session: Session) -> Iterator[Balance]:
    """Yield every measure at every level there is, each total counted apart from its parts."""
    shares = {level: areas(session, level, within=ALL) for level in levels()
              if level not in SMALL}
    present = [level for level in levels() if level in SMALL or shares[level]]
    for metric in METRICS:
        thing = METRICS[metric].things(NOW).subquery("thing")
        total = session.execute(select(func.count()).select_from(thing)).scalar_one()
        counted = by_scope(session, metric, within=ALL, moment=NOW)
        for level in present:
            if level in SMALL:
                rows, rest = by_place(session, metric, level=level, within=ALL, moment=NOW)
            else:
                rows, rest = share(shares[level], counted)
            yield Balance(metric, level, len(rows), sum(r.value for r in rows), rest, total)


def findings(session: Session, rules: tuple[Rule, ...]) -> Iterator[Finding]:
    """Yield what breaks these rules, rule by rule, the worst first."""
    values: Mapping[str, Any] = {"srid": metric_srid(session) or WEB}
    for rule in rules:
        statement = text((SQL / f"check_{rule.name}.sql").read_text(encoding="utf-8"))
        given = {"tolerance": rule.tolerance, **values} if rule.tolerance else {}
        for row in session.execute(statement, given):
            yield Finding(rule.name, row.identifier, row.other, row.measure, rule.remedy)
