"""Measured solids of buildings and units, and the level of a building's ground."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns, to the present and to the past."""
    for table in ("building", "building_history", "unit", "unit_history"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN solid geometry(GeometryZ, 4326)")
    for table in ("building", "building_history"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN ground_m double precision")


def downgrade() -> None:
    """Take the columns away, with what was measured."""
    for table in ("building", "building_history"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN ground_m")
    for table in ("building", "building_history", "unit", "unit_history"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN solid")
