"""A version for every stored thing that people edit, so that nobody writes over what they did not see."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("proposal", "round", "akkoord_point", "user_account")


def upgrade() -> None:
    """Let everything that is there be of the first version."""
    for table in TABLES:
        op.add_column(table, sa.Column("version", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    """Forget the versions."""
    for table in TABLES:
        op.drop_column(table, "version")
