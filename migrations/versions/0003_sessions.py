"""Sessions by device, forms held over a sign-in, and key acts and destruction by two people."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STEPS = ("open", "close", "certify")


def upgrade() -> None:
    """Add two tables, a column and a step; sealing secrets is left to `buurtbegroot db upgrade`, which has the key."""
    op.create_table(
        "held_form",
        sa.Column("user_id", KEY, nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_held_form_user_id_user_account")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_held_form")),
    )
    op.create_table(
        "key_request",
        sa.Column(
            "act",
            sa.Enum(
                "reset_second_factor",
                "erase_payload",
                name="keyact",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("requested_by_id", KEY, nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["user_account.id"], name=op.f("fk_key_request_requested_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("act", "object", name=op.f("pk_key_request")),
    )
    with op.batch_alter_table("user_session", recreate=_when_sqlite()) as table:
        table.add_column(sa.Column("device", sa.String(length=60), server_default="", nullable=False))
    _offer_steps((*STEPS, "destroy"))


def downgrade() -> None:
    """Go back; version 0001 cannot read sealed secrets, so organisers tie their authenticators anew."""
    op.execute("DELETE FROM round_step WHERE step = 'destroy'")
    _offer_steps(STEPS)
    op.execute("UPDATE user_account SET totp_secret = '', totp_last_step = 0")
    op.execute("DELETE FROM user_session")
    with op.batch_alter_table("user_session") as table:
        table.drop_column("device")
    op.drop_table("key_request")
    op.drop_table("held_form")


def _offer_steps(steps: tuple[str, ...]) -> None:
    known = ", ".join(f"'{step}'" for step in steps)
    with op.batch_alter_table("round_step") as table:
        table.drop_constraint(op.f("ck_round_step_doublestep"), type_="check")
        table.create_check_constraint(op.f("ck_round_step_doublestep"), f"step IN ({known})")


def _when_sqlite() -> Literal["always", "auto"]:
    return "always" if op.get_bind().dialect.name == "sqlite" else "auto"
