"""Codes that two people make void: the request, and the only way in which a registered code may change."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

GUARDS = {
    "sqlite": (
        "CREATE TRIGGER guard_registered_code_update BEFORE UPDATE ON registered_code WHEN (NEW.commitment <> "
        "OLD.commitment OR NEW.round_id <> OLD.round_id) AND EXISTS (SELECT 1 FROM round WHERE round.id = "
        "OLD.round_id AND round.fingerprint <> '') OR NEW.status <> OLD.status AND (EXISTS (SELECT 1 FROM round "
        "WHERE round.id = OLD.round_id AND round.closed_at IS NOT NULL) OR NOT (OLD.status = 'active' AND "
        "NEW.status = 'void' AND EXISTS (SELECT 1 FROM code_void WHERE code_void.round_id = OLD.round_id AND "
        "code_void.commitment = OLD.commitment AND code_void.confirmed_at IS NOT NULL) OR OLD.status = 'spare' "
        "AND NEW.status = 'active' AND EXISTS (SELECT 1 FROM code_void JOIN registered_code AS lost ON "
        "lost.round_id = code_void.round_id AND lost.commitment = code_void.commitment WHERE code_void.round_id ="
        " OLD.round_id AND code_void.spare = OLD.commitment AND code_void.confirmed_at IS NOT NULL AND "
        "lost.status = 'void'))) BEGIN SELECT RAISE(ABORT, 'frozen: a code only changes when two people make it "
        "void, and never back'); END",
        "CREATE TRIGGER guard_code_void_update BEFORE UPDATE ON code_void WHEN OLD.confirmed_at IS NOT NULL BEGIN"
        " SELECT RAISE(ABORT, 'frozen: a code only changes when two people make it void, and never back'); END",
        "CREATE TRIGGER guard_code_void_delete BEFORE DELETE ON code_void WHEN OLD.confirmed_at IS NOT NULL BEGIN"
        " SELECT RAISE(ABORT, 'frozen: a code only changes when two people make it void, and never back'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION guard_registered_code_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF (NEW.commitment <> OLD.commitment OR NEW.round_id <> OLD.round_id) AND EXISTS (SELECT 1 FROM round "
        "WHERE round.id = OLD.round_id AND round.fingerprint <> '') OR NEW.status <> OLD.status AND (EXISTS "
        "(SELECT 1 FROM round WHERE round.id = OLD.round_id AND round.closed_at IS NOT NULL) OR NOT (OLD.status ="
        " 'active' AND NEW.status = 'void' AND EXISTS (SELECT 1 FROM code_void WHERE code_void.round_id = "
        "OLD.round_id AND code_void.commitment = OLD.commitment AND code_void.confirmed_at IS NOT NULL) OR "
        "OLD.status = 'spare' AND NEW.status = 'active' AND EXISTS (SELECT 1 FROM code_void JOIN registered_code "
        "AS lost ON lost.round_id = code_void.round_id AND lost.commitment = code_void.commitment WHERE "
        "code_void.round_id = OLD.round_id AND code_void.spare = OLD.commitment AND code_void.confirmed_at IS NOT"
        " NULL AND lost.status = 'void'))) THEN RAISE EXCEPTION 'frozen: a code only changes when two people make"
        " it void, and never back' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER guard_registered_code_update BEFORE UPDATE ON registered_code FOR EACH ROW EXECUTE "
        "FUNCTION guard_registered_code_update()",
        "CREATE OR REPLACE FUNCTION guard_code_void_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        "OLD.confirmed_at IS NOT NULL THEN RAISE EXCEPTION 'frozen: a code only changes when two people make it "
        "void, and never back' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER guard_code_void_update BEFORE UPDATE ON code_void FOR EACH ROW EXECUTE FUNCTION "
        "guard_code_void_update()",
        "CREATE OR REPLACE FUNCTION guard_code_void_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        "OLD.confirmed_at IS NOT NULL THEN RAISE EXCEPTION 'frozen: a code only changes when two people make it "
        "void, and never back' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$",
        "CREATE TRIGGER guard_code_void_delete BEFORE DELETE ON code_void FOR EACH ROW EXECUTE FUNCTION "
        "guard_code_void_delete()",
    ),
}
EARLIER = {
    "sqlite": (
        "CREATE TRIGGER guard_registered_code_update BEFORE UPDATE ON registered_code WHEN (NEW.commitment <> "
        "OLD.commitment OR NEW.round_id <> OLD.round_id) AND EXISTS (SELECT 1 FROM round WHERE round.id = "
        "OLD.round_id AND round.fingerprint <> '') BEGIN SELECT RAISE(ABORT, 'frozen: the vote of this round has "
        "been opened'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION guard_registered_code_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF (NEW.commitment <> OLD.commitment OR NEW.round_id <> OLD.round_id) AND EXISTS (SELECT 1 FROM round "
        "WHERE round.id = OLD.round_id AND round.fingerprint <> '') THEN RAISE EXCEPTION 'frozen: the vote of "
        "this round has been opened' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER guard_registered_code_update BEFORE UPDATE ON registered_code FOR EACH ROW EXECUTE "
        "FUNCTION guard_registered_code_update()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "code_void",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("spare", sa.LargeBinary(length=32), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "lost",
                "stolen",
                "undelivered",
                "damaged",
                name="voidreason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("requested_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR confirmed_by_id <> requested_by_id", name=op.f("ck_code_void_two_people")
        ),
        sa.CheckConstraint(
            "(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name=op.f("ck_code_void_confirmed_together")
        ),
        sa.ForeignKeyConstraint(
            ["round_id", "commitment"],
            ["registered_code.round_id", "registered_code.commitment"],
            name="fk_code_void_registered_code",
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_code_void_round_id_round")),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["user_account.id"], name=op.f("fk_code_void_requested_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["user_account.id"], name=op.f("fk_code_void_confirmed_by_id_user_account")
        ),
        sa.PrimaryKeyConstraint("round_id", "commitment", name=op.f("pk_code_void")),
    )
    _replace(GUARDS)


def downgrade() -> None:
    _replace(EARLIER)
    op.drop_table("code_void")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION guard_code_void_update")
        op.execute("DROP FUNCTION guard_code_void_delete")


def _replace(guards: dict[str, tuple[str, ...]]) -> None:
    dialect = op.get_bind().dialect.name
    op.execute("DROP TRIGGER guard_registered_code_update" + (" ON registered_code" if dialect == "postgresql" else ""))
    for statement in guards[dialect]:
        op.get_bind().exec_driver_sql(statement)
