"""How a load stands: what is staged of it, which rows are bad, and whether it can go on."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from importers.base import Issue
from importers.journal import ImportJob
from importers.staging import Stage


def unresolved(stage: Stage) -> list[Issue]:
    """Return the rows whose reference names nothing, each with its remedy."""
    refs = {one.ledger: one.stage for one in stage.references()}
    cases: Sequence[Issue] = [
        Issue(line, ledger, "reference", value,
              f"no such {ledger} is in the registry, or several are; import it first, or "
              "write its source_id")
        for ledger, column in refs.items() for line, value in stage.rejected(ledger, column)]
    return list(cases)


def resumable(session: Session, job: ImportJob, stage: Stage, way: str) -> bool:
    """Tell whether what a killed run staged can be applied as it stands.

    It cannot when it was read another way, when a crash emptied the unlogged table, or when rows
    were refused, for nobody remembers which.
    """
    counts = job.counts
    return (job.state == "staged" and counts.get("way") == way and not counts.get("refused")
            and stage.rows() == counts.get("rows"))


def bad_rows(issues: Sequence[Issue]) -> int:
    """Count the rows that issues are about; without a line the value names the thing."""
    return len({(issue.line, None if issue.line else issue.value) for issue in issues})
