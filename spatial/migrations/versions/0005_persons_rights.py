"""The rights of residents: orders, protected addresses, hiding of who is gone."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the book of orders, and what a person's row says of shield and hiding."""
    op.create_table(
        "person_order",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("person", sa.String(20), nullable=False),
        sa.Column("field", sa.String(40)),
        sa.Column("document", sa.String(200), nullable=False),
        sa.Column("dated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False,
                  server_default=sa.func.now()),
        sa.Column("done_by", sa.String(90), nullable=False),
        sa.Column("marks", sa.ARRAY(sa.LargeBinary())))
    op.create_index("person_order_person_idx", "person_order", ["person"])
    for table in ("resident", "resident_history"):
        op.add_column(table, sa.Column("shield", sa.SmallInteger()))
        op.add_column(table, sa.Column("custodian", sa.String(80)))
        op.add_column(table, sa.Column("hidden_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Orders that were carried out are not forgotten."""
    raise NotImplementedError("restore a backup instead")
