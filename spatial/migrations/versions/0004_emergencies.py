"""Emergencies: glasses broken, ticks of muster lists, contacts of dwellings that asked for help."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the three tables; row-level security comes with spatial/sql/walls.sql."""
    op.create_table(
        "break_glass",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("identifier", sa.String(20), nullable=False, unique=True),
        sa.Column("actor", sa.String(90), nullable=False),
        sa.Column("incident", sa.String(20), nullable=False),
        sa.Column("building_id", sa.BigInteger(),
                  sa.ForeignKey("building.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _moment("opened_at", server_default=sa.text("now()")),
        _moment("until"),
        _moment("gone_at"))
    op.create_table(
        "help_contact",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("identifier", sa.String(20), nullable=False, unique=True),
        sa.Column("unit_id", sa.BigInteger(),
                  sa.ForeignKey("unit.id", ondelete="CASCADE"), nullable=False, index=True),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=False),
        _moment("given_at", server_default=sa.text("now()")),
        _moment("expires_at"),
        sa.Column("recorded_by", sa.String(90), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)))
    op.create_table(
        "muster_tick",
        sa.Column("glass_id", sa.BigInteger(),
                  sa.ForeignKey("break_glass.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("unit_id", sa.BigInteger(),
                  sa.ForeignKey("unit.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("actor", sa.String(90), nullable=False),
        _moment("at", server_default=sa.text("now()")),
        sa.CheckConstraint("state IN ('reached', 'no_answer', 'helped')", name="state"))


def downgrade() -> None:
    """Drop them."""
    for name in ("muster_tick", "help_contact", "break_glass"):
        op.drop_table(name)


def _moment(name: str, **said: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, **said)
