"""Orders: log, state, notes, callers, pictures; an incident at an entrance or on a storey."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables of orders."""
    statements = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))


def downgrade() -> None:
    """Data would be lost."""
    raise NotImplementedError("restore a backup instead")
