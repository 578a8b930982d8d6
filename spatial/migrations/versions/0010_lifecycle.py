"""Places tell where they stand in their life; all that was said of a source is kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the life cycle to buildings and what is in them, and the parts of a mapping."""
    for table in ("building", "entrance", "storey", "unit"):
        for one in (table, f"{table}_history"):
            op.add_column(one, sa.Column("lifecycle", sa.String(40)))
    op.add_column("source_mapping", sa.Column("parts", postgresql.JSONB()))


def downgrade() -> None:
    """What was said is not forgotten."""
    raise NotImplementedError("restore a backup instead")
