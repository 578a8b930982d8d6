"""Visits of grid workers, with findings that wait for a supervisor."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table; row-level security comes with spatial/sql/walls.sql."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "visit",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("key", sa.String(36), nullable=False, unique=True),
        sa.Column("unit_id", sa.BigInteger(), sa.ForeignKey("unit.id", ondelete="CASCADE"),
                  nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("findings", sa.LargeBinary()),
        sa.Column("base", sa.String(64), nullable=False),
        sa.Column("is_conflict", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("received_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.Column("actor", sa.String(90), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("settled_by", sa.String(90)),
        sa.Column("settled_at", moment),
        sa.Column("reason", sa.Text()),
        sa.CheckConstraint("outcome IN ('confirmed', 'changed', 'nobody', 'gone')",
                           name="outcome"),
        sa.CheckConstraint("state IN ('noted', 'waiting', 'accepted', 'refused')",
                           name="state"))
    op.create_index(op.f("visit_unit_id_seen_at_idx"), "visit", ["unit_id", "seen_at"])
    op.create_index(op.f("visit_state_scope_idx"), "visit", ["state", "scope"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("visit")
