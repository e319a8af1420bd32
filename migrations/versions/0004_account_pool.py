"""The account pool: codes that wait encrypted, and that some account drew one on a day."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

FUNCTIONS = (
    "guard_code_pool_insert",
    "guard_code_pool_update",
    "guard_code_pool_delete",
    "guard_pool_code_insert",
    "guard_pool_code_update",
    "guard_pool_draw_insert",
    "guard_pool_draw_update",
    "guard_pool_draw_delete",
)
TRIGGERS = {
    "sqlite": (
        "CREATE TRIGGER guard_code_pool_insert BEFORE INSERT ON code_pool WHEN EXISTS (SELECT 1 FROM round WHERE "
        "round.id = NEW.round_id AND round.fingerprint <> '') BEGIN SELECT RAISE(ABORT, 'frozen: the vote of this"
        " round has been opened'); END",
        "CREATE TRIGGER guard_code_pool_update BEFORE UPDATE ON code_pool WHEN OLD.drawn IS NOT NULL OR NEW.codes"
        " <> OLD.codes AND EXISTS (SELECT 1 FROM round WHERE round.id = OLD.round_id AND round.fingerprint <> '')"
        " BEGIN SELECT RAISE(ABORT, 'frozen: the vote of this round has been opened'); END",
        "CREATE TRIGGER guard_code_pool_delete BEFORE DELETE ON code_pool WHEN EXISTS (SELECT 1 FROM round WHERE "
        "round.id = OLD.round_id AND round.fingerprint <> '') BEGIN SELECT RAISE(ABORT, 'frozen: the vote of this"
        " round has been opened'); END",
        "CREATE TRIGGER guard_pool_code_insert BEFORE INSERT ON pool_code WHEN EXISTS (SELECT 1 FROM round WHERE "
        "round.id = NEW.round_id AND round.fingerprint <> '') BEGIN SELECT RAISE(ABORT, 'frozen: the vote of this"
        " round has been opened'); END",
        "CREATE TRIGGER guard_pool_code_update BEFORE UPDATE ON pool_code WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, "
        "'frozen: the vote of this round has been opened'); END",
        "CREATE TRIGGER guard_pool_draw_insert BEFORE INSERT ON pool_draw WHEN EXISTS (SELECT 1 FROM round WHERE "
        "round.id = NEW.round_id AND round.closed_at IS NOT NULL) BEGIN SELECT RAISE(ABORT, 'frozen: the vote of "
        "this round has been opened'); END",
        "CREATE TRIGGER guard_pool_draw_update BEFORE UPDATE ON pool_draw WHEN 1 = 1 BEGIN SELECT RAISE(ABORT, "
        "'frozen: the vote of this round has been opened'); END",
        "CREATE TRIGGER guard_pool_draw_delete BEFORE DELETE ON pool_draw WHEN EXISTS (SELECT 1 FROM round WHERE "
        "round.id = OLD.round_id AND round.certified_at IS NULL) BEGIN SELECT RAISE(ABORT, 'frozen: the vote of "
        "this round has been opened'); END",
        "CREATE TRIGGER guard_registered_code_update BEFORE UPDATE ON registered_code WHEN (NEW.commitment <> "
        "OLD.commitment OR NEW.round_id <> OLD.round_id) AND EXISTS (SELECT 1 FROM round WHERE round.id = "
        "OLD.round_id AND round.fingerprint <> '') OR NEW.status <> OLD.status AND NOT (OLD.status = 'active' AND"
        " NEW.status = 'void' AND EXISTS (SELECT 1 FROM code_pool JOIN round_step ON round_step.round_id = "
        "code_pool.round_id WHERE code_pool.round_id = OLD.round_id AND code_pool.drawn IS NULL AND "
        "round_step.step = 'close' AND round_step.confirmed_at IS NOT NULL)) AND (EXISTS (SELECT 1 FROM round "
        "WHERE round.id = OLD.round_id AND round.closed_at IS NOT NULL) OR NOT (OLD.status = 'active' AND "
        "NEW.status = 'void' AND EXISTS (SELECT 1 FROM code_void WHERE code_void.round_id = OLD.round_id AND "
        "code_void.commitment = OLD.commitment AND code_void.confirmed_at IS NOT NULL) OR OLD.status = 'spare' "
        "AND NEW.status = 'active' AND EXISTS (SELECT 1 FROM code_void JOIN registered_code AS lost ON "
        "lost.round_id = code_void.round_id AND lost.commitment = code_void.commitment WHERE code_void.round_id ="
        " OLD.round_id AND code_void.spare = OLD.commitment AND code_void.confirmed_at IS NOT NULL AND "
        "lost.status = 'void'))) BEGIN SELECT RAISE(ABORT, 'frozen: a code only changes when two people make it "
        "void, and never back'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION guard_code_pool_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        "EXISTS (SELECT 1 FROM round WHERE round.id = NEW.round_id AND round.fingerprint <> '') THEN RAISE "
        "EXCEPTION 'frozen: the vote of this round has been opened' USING ERRCODE = 'check_violation'; END IF; "
        "RETURN NEW; END $$",
        "CREATE TRIGGER guard_code_pool_insert BEFORE INSERT ON code_pool FOR EACH ROW EXECUTE FUNCTION "
        "guard_code_pool_insert()",
        "CREATE OR REPLACE FUNCTION guard_code_pool_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        "OLD.drawn IS NOT NULL OR NEW.codes <> OLD.codes AND EXISTS (SELECT 1 FROM round WHERE round.id = "
        "OLD.round_id AND round.fingerprint <> '') THEN RAISE EXCEPTION 'frozen: the vote of this round has been "
        "opened' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER guard_code_pool_update BEFORE UPDATE ON code_pool FOR EACH ROW EXECUTE FUNCTION "
        "guard_code_pool_update()",
        "CREATE OR REPLACE FUNCTION guard_code_pool_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        "EXISTS (SELECT 1 FROM round WHERE round.id = OLD.round_id AND round.fingerprint <> '') THEN RAISE "
        "EXCEPTION 'frozen: the vote of this round has been opened' USING ERRCODE = 'check_violation'; END IF; "
        "RETURN OLD; END $$",
        "CREATE TRIGGER guard_code_pool_delete BEFORE DELETE ON code_pool FOR EACH ROW EXECUTE FUNCTION "
        "guard_code_pool_delete()",
        "CREATE OR REPLACE FUNCTION guard_pool_code_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        "EXISTS (SELECT 1 FROM round WHERE round.id = NEW.round_id AND round.fingerprint <> '') THEN RAISE "
        "EXCEPTION 'frozen: the vote of this round has been opened' USING ERRCODE = 'check_violation'; END IF; "
        "RETURN NEW; END $$",
        "CREATE TRIGGER guard_pool_code_insert BEFORE INSERT ON pool_code FOR EACH ROW EXECUTE FUNCTION "
        "guard_pool_code_insert()",
        "CREATE OR REPLACE FUNCTION guard_pool_code_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = "
        "1 THEN RAISE EXCEPTION 'frozen: the vote of this round has been opened' USING ERRCODE = "
        "'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER guard_pool_code_update BEFORE UPDATE ON pool_code FOR EACH ROW EXECUTE FUNCTION "
        "guard_pool_code_update()",
        "CREATE OR REPLACE FUNCTION guard_pool_draw_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        "EXISTS (SELECT 1 FROM round WHERE round.id = NEW.round_id AND round.closed_at IS NOT NULL) THEN RAISE "
        "EXCEPTION 'frozen: the vote of this round has been opened' USING ERRCODE = 'check_violation'; END IF; "
        "RETURN NEW; END $$",
        "CREATE TRIGGER guard_pool_draw_insert BEFORE INSERT ON pool_draw FOR EACH ROW EXECUTE FUNCTION "
        "guard_pool_draw_insert()",
        "CREATE OR REPLACE FUNCTION guard_pool_draw_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF 1 = "
        "1 THEN RAISE EXCEPTION 'frozen: the vote of this round has been opened' USING ERRCODE = "
        "'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER guard_pool_draw_update BEFORE UPDATE ON pool_draw FOR EACH ROW EXECUTE FUNCTION "
        "guard_pool_draw_update()",
        "CREATE OR REPLACE FUNCTION guard_pool_draw_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        "EXISTS (SELECT 1 FROM round WHERE round.id = OLD.round_id AND round.certified_at IS NULL) THEN RAISE "
        "EXCEPTION 'frozen: the vote of this round has been opened' USING ERRCODE = 'check_violation'; END IF; "
        "RETURN OLD; END $$",
        "CREATE TRIGGER guard_pool_draw_delete BEFORE DELETE ON pool_draw FOR EACH ROW EXECUTE FUNCTION "
        "guard_pool_draw_delete()",
        "CREATE OR REPLACE FUNCTION guard_registered_code_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF (NEW.commitment <> OLD.commitment OR NEW.round_id <> OLD.round_id) AND EXISTS (SELECT 1 FROM round "
        "WHERE round.id = OLD.round_id AND round.fingerprint <> '') OR NEW.status <> OLD.status AND NOT "
        "(OLD.status = 'active' AND NEW.status = 'void' AND EXISTS (SELECT 1 FROM code_pool JOIN round_step ON "
        "round_step.round_id = code_pool.round_id WHERE code_pool.round_id = OLD.round_id AND code_pool.drawn IS "
        "NULL AND round_step.step = 'close' AND round_step.confirmed_at IS NOT NULL)) AND (EXISTS (SELECT 1 FROM "
        "round WHERE round.id = OLD.round_id AND round.closed_at IS NOT NULL) OR NOT (OLD.status = 'active' AND "
        "NEW.status = 'void' AND EXISTS (SELECT 1 FROM code_void WHERE code_void.round_id = OLD.round_id AND "
        "code_void.commitment = OLD.commitment AND code_void.confirmed_at IS NOT NULL) OR OLD.status = 'spare' "
        "AND NEW.status = 'active' AND EXISTS (SELECT 1 FROM code_void JOIN registered_code AS lost ON "
        "lost.round_id = code_void.round_id AND lost.commitment = code_void.commitment WHERE code_void.round_id ="
        " OLD.round_id AND code_void.spare = OLD.commitment AND code_void.confirmed_at IS NOT NULL AND "
        "lost.status = 'void'))) THEN RAISE EXCEPTION 'frozen: a code only changes when two people make it void, "
        "and never back' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER guard_registered_code_update BEFORE UPDATE ON registered_code FOR EACH ROW EXECUTE "
        "FUNCTION guard_registered_code_update()",
    ),
}
EARLIER = {
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
    ),
}


def upgrade() -> None:
    round_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "code_pool",
        sa.Column("round_id", round_id, nullable=False),
        sa.Column("codes", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_code_pool_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_code_pool")),
    )
    op.create_table(
        "pool_code",
        sa.Column("round_id", round_id, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_pool_code_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "sealed", name=op.f("pk_pool_code")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pool_draw",
        sa.Column("round_id", round_id, nullable=False),
        sa.Column("account", sa.LargeBinary(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_pool_draw_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "account", name=op.f("pk_pool_draw")),
        sqlite_with_rowid=False,
    )
    _replace(TRIGGERS)


def downgrade() -> None:
    _replace(EARLIER)
    for table in ("pool_draw", "pool_code", "code_pool"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for function in FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}()")


def _replace(triggers: dict[str, tuple[str, ...]]) -> None:
    """Create triggers; the one on registered codes is there already, in the form of another version."""
    dialect = op.get_bind().dialect.name
    op.execute("DROP TRIGGER guard_registered_code_update" + (" ON registered_code" if dialect == "postgresql" else ""))
    for statement in triggers[dialect]:
        op.get_bind().exec_driver_sql(statement)
