"""Agencies, services, tenancies, checks, patrols, calendar days; an incident's other number."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables that requests rest on."""
    statements = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))


def downgrade() -> None:
    """Data would be lost."""
    raise NotImplementedError("restore a backup instead")
