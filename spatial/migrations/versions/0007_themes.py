"""Themes that people saved, and residents counted by age and grid."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "saved_theme",
        sa.Column("identifier", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("document", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(),
                  nullable=False),
        sa.PrimaryKeyConstraint("identifier", "version", name="saved_theme_pkey"))
    op.create_index("saved_theme_owner_idx", "saved_theme", ["owner"])
    op.create_table(
        "age_count",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("scope", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("age", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "scope", "age", name="age_count_pkey"))


def downgrade() -> None:
    """Drop both tables: themes that people saved are lost."""
    op.drop_table("age_count")
    op.drop_table("saved_theme")
