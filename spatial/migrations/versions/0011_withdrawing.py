"""A further source's name for a feature tells its import, so that it can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the import to the names of further sources."""
    op.add_column("source_link", sa.Column("import_id", sa.BigInteger()))


def downgrade() -> None:
    """Take the column away."""
    op.drop_column("source_link", "import_id")
