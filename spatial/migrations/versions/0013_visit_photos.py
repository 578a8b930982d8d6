"""Pictures of places beside a visit."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create the table; row-level security comes with spatial/sql/walls.sql."""
    op.create_table(
        "visit_photo",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("key", sa.String(36), nullable=False, unique=True),
        sa.Column("visit_id", sa.BigInteger(), sa.ForeignKey("visit.id", ondelete="CASCADE"),
                  nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False))
    op.create_index(op.f("visit_photo_visit_id_idx"), "visit_photo", ["visit_id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("visit_photo")
