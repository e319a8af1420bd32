"""One table for what two people decide together, in place of three; requests that were open are asked anew."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
STEPS = ("open", "close", "certify", "destroy")
REASONS = ("lost", "stolen", "undelivered", "damaged")

CONFIRMED = sa.table(
    "dual_request",
    sa.column("id"),
    sa.column("act"),
    sa.column("object"),
    sa.column("fingerprint"),
    sa.column("shown", sa.JSON()),
    sa.column("reason"),
    sa.column("requested_by_id"),
    sa.column("requested_at", MOMENT),
    sa.column("state"),
    sa.column("ended_by_id"),
    sa.column("ended_at", MOMENT),
    sa.column("ended_reason"),
)


def _old_table(name: str, *columns: str) -> sa.TableClause:
    people = (sa.column("requested_by_id"), sa.column("confirmed_by_id"))
    moments = (sa.column("requested_at", MOMENT), sa.column("confirmed_at", MOMENT))
    return sa.table(name, *map(sa.column, columns), *people, *moments)


OLD_STEP = _old_table("round_step", "round_id", "step")
OLD_VOID = _old_table("code_void", "round_id", "commitment", "spare", "reason")
VOID = sa.table(
    "code_void", sa.column("request_id"), sa.column("round_id"), sa.column("commitment"), sa.column("spare")
)
ROUND = sa.table("round", sa.column("id"), sa.column("slug"))

ASKED = ("id", "act", "object", "fingerprint", "requested_by_id", "requested_at")
ENDED = ("state", "ended_by_id", "ended_at")
KEPT = "frozen: what was asked of two people, and how it ended, is never changed"
VOIDED = "frozen: a code only changes when two people make it void, and never back"
OTHER_CODE = "(NEW.commitment <> OLD.commitment OR NEW.round_id <> OLD.round_id)"
OPENED = "EXISTS (SELECT 1 FROM round WHERE round.id = OLD.round_id AND round.fingerprint <> '')"
CLOSED = "EXISTS (SELECT 1 FROM round WHERE round.id = OLD.round_id AND round.closed_at IS NOT NULL)"
AGREED = "JOIN dual_request ON dual_request.id = code_void.request_id AND dual_request.state = 'confirmed'"
LOST = "ON lost.round_id = code_void.round_id AND lost.commitment = code_void.commitment"


def _any_changed(columns: Iterable[str]) -> str:
    return " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)


def _codes_guard(voided: str, takes_a_place: str, was_not_drawn: str) -> str:
    to_void, to_active = (
        "OLD.status = 'active' AND NEW.status = 'void' AND EXISTS",
        "OLD.status = 'spare' AND NEW.status = 'active' AND EXISTS",
    )
    return (
        f"{OTHER_CODE} AND {OPENED} OR NEW.status <> OLD.status AND NOT ({to_void} ({was_not_drawn})) AND"
        f" ({CLOSED} OR NOT ({to_void} ({voided}) OR {to_active} ({takes_a_place})))"
    )


CODES_GUARD = _codes_guard(
    f"SELECT 1 FROM code_void {AGREED}"
    " WHERE code_void.round_id = OLD.round_id AND code_void.commitment = OLD.commitment",
    f"SELECT 1 FROM code_void {AGREED} JOIN registered_code AS lost {LOST}"
    " WHERE code_void.round_id = OLD.round_id AND code_void.spare = OLD.commitment AND lost.status = 'void'",
    "SELECT 1 FROM code_pool"
    " JOIN round ON round.id = code_pool.round_id JOIN dual_request ON dual_request.object = 'round:' || round.slug"
    " WHERE code_pool.round_id = OLD.round_id AND code_pool.drawn IS NULL"
    " AND dual_request.act = 'close' AND dual_request.state = 'confirmed'",
)
OLD_CODES_GUARD = _codes_guard(
    "SELECT 1 FROM code_void WHERE code_void.round_id = OLD.round_id AND code_void.commitment = OLD.commitment"
    " AND code_void.confirmed_at IS NOT NULL",
    f"SELECT 1 FROM code_void JOIN registered_code AS lost {LOST}"
    " WHERE code_void.round_id = OLD.round_id AND code_void.spare = OLD.commitment"
    " AND code_void.confirmed_at IS NOT NULL AND lost.status = 'void'",
    "SELECT 1 FROM code_pool JOIN round_step"
    " ON round_step.round_id = code_pool.round_id WHERE code_pool.round_id = OLD.round_id AND code_pool.drawn IS NULL"
    " AND round_step.step = 'close' AND round_step.confirmed_at IS NOT NULL",
)
GUARDS = (
    ("dual_request", "UPDATE", f"({_any_changed(ASKED)} OR OLD.state <> 'open' AND ({_any_changed(ENDED)}))", KEPT),
    ("dual_request", "DELETE", "1 = 1", KEPT),
    (
        "code_void",
        "INSERT",
        "NOT EXISTS (SELECT 1 FROM dual_request WHERE dual_request.id = NEW.request_id"
        " AND dual_request.act = 'void_code' AND dual_request.state = 'open')",
        VOIDED,
    ),
    ("code_void", "UPDATE", "1 = 1", VOIDED),
    ("code_void", "DELETE", "1 = 1", VOIDED),
    ("registered_code", "UPDATE", CODES_GUARD, VOIDED),
)
OLD_GUARDS = (
    ("code_void", "UPDATE", "OLD.confirmed_at IS NOT NULL", VOIDED),
    ("code_void", "DELETE", "OLD.confirmed_at IS NOT NULL", VOIDED),
    ("registered_code", "UPDATE", OLD_CODES_GUARD, VOIDED),
)


def upgrade() -> None:
    bind = op.get_bind()
    steps = bind.execute(sa.select(OLD_STEP, ROUND.c.slug).join(ROUND, ROUND.c.id == OLD_STEP.c.round_id)).all()
    voids = bind.execute(sa.select(OLD_VOID)).all()
    _create_requests()
    for row in steps:
        if row.confirmed_at is not None:
            _add(row, act=row.step, key=f"round:{row.slug}")
    _drop_guards(OLD_GUARDS)
    for table in ("code_void", "round_step", "key_request"):
        op.drop_table(table)
    _create_voids()
    for row in voids:
        if row.confirmed_at is not None:
            request = _add(row, act="void_code", key=f"code:{row.commitment.hex()}", reason=row.reason)
            own = {"request_id": request, "round_id": row.round_id, "commitment": row.commitment, "spare": row.spare}
            bind.execute(VOID.insert().values(**own))
    _create_guards(GUARDS)


def downgrade() -> None:
    bind = op.get_bind()
    confirmed = sa.select(CONFIRMED).where(CONFIRMED.c.state == "confirmed").order_by(CONFIRMED.c.id)
    requests = {row.id: row for row in bind.execute(confirmed)}
    rounds = {f"round:{slug}": round_id for round_id, slug in bind.execute(sa.select(ROUND))}
    voids = bind.execute(sa.select(VOID)).all()
    _drop_guards(GUARDS)
    op.drop_table("code_void")
    op.drop_table("dual_request")
    if bind.dialect.name == "postgresql":
        for name in ("guard_dual_request_update", "guard_dual_request_delete", "guard_code_void_insert"):
            op.execute(f"DROP FUNCTION {name}")
    _create_old_tables()
    steps = {(rounds[row.object], row.act): row for row in requests.values() if row.act in STEPS}
    for (round_id, step), row in steps.items():
        bind.execute(OLD_STEP.insert().values(round_id=round_id, step=step, **_old(row)))
    for void in voids:
        if void.request_id in requests:
            row, own = requests[void.request_id], {"round_id": void.round_id, "commitment": void.commitment}
            bind.execute(OLD_VOID.insert().values(**own, spare=void.spare, reason=row.reason, **_old(row)))
    _create_guards(OLD_GUARDS)


def _add(row: Any, *, act: str, key: str, reason: str = "") -> int:
    values = {
        "act": act,
        "object": key,
        "fingerprint": "",
        "shown": {},
        "reason": reason,
        "requested_by_id": row.requested_by_id,
        "requested_at": row.requested_at,
        "state": "confirmed",
        "ended_by_id": row.confirmed_by_id,
        "ended_at": row.confirmed_at,
        "ended_reason": "",
    }
    added: int = op.get_bind().execute(CONFIRMED.insert().values(**values).returning(CONFIRMED.c.id)).scalar_one()
    return added


def _old(row: Any) -> dict[str, Any]:
    return {
        "requested_by_id": row.requested_by_id,
        "requested_at": row.requested_at,
        "confirmed_by_id": row.ended_by_id,
        "confirmed_at": row.ended_at,
    }


def _choice(name: str, values: Sequence[str]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["user_account.id"], name=op.f(f"fk_{table}_{column}_user_account"))


def _create_requests() -> None:
    op.create_table(
        "dual_request",
        sa.Column("id", ID, nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("object", sa.String(length=100), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("requested_by_id", ID, nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("entry", ID, nullable=True),
        sa.Column("state", _choice("state", ("open", "confirmed", "withdrawn", "lapsed")), nullable=False),
        sa.Column("ended_by_id", ID, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_dual_request_ended_has_moment")),
        sa.CheckConstraint(
            "(state IN ('confirmed', 'withdrawn')) = (ended_by_id IS NOT NULL)",
            name=op.f("ck_dual_request_ended_by_somebody"),
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR ended_by_id <> requested_by_id", name=op.f("ck_dual_request_two_people")
        ),
        _person("dual_request", "requested_by_id"),
        _person("dual_request", "ended_by_id"),
        sa.ForeignKeyConstraint(["entry"], ["audit_entry.seq"], name=op.f("fk_dual_request_entry_audit_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dual_request")),
    )
    op.create_index("ix_dual_request_object", "dual_request", ["object", "act"])
    op.create_index(op.f("ix_dual_request_requested_by_id"), "dual_request", ["requested_by_id"])
    op.create_index(op.f("ix_dual_request_ended_by_id"), "dual_request", ["ended_by_id"])
    is_open = sa.text("state = 'open'")
    op.create_index(
        "uq_dual_request_act_object_open",
        "dual_request",
        ["act", "object"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def _registered() -> sa.ForeignKeyConstraint:
    both = ["registered_code.round_id", "registered_code.commitment"]
    return sa.ForeignKeyConstraint(["round_id", "commitment"], both, name="fk_code_void_registered_code")


def _create_voids() -> None:
    op.create_table(
        "code_void",
        sa.Column("request_id", ID, nullable=False),
        sa.Column("round_id", ID, nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("spare", sa.LargeBinary(length=32), nullable=True),
        _registered(),
        sa.ForeignKeyConstraint(["request_id"], ["dual_request.id"], name=op.f("fk_code_void_request_id_dual_request")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_code_void_round_id_round")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_code_void")),
    )
    op.create_index("ix_code_void_commitment", "code_void", ["round_id", "commitment"])
    op.create_index("ix_code_void_spare", "code_void", ["round_id", "spare"])


def _by_two(table: str) -> list[Any]:
    return [
        sa.Column("requested_by_id", ID, nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("confirmed_by_id", ID, nullable=True),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "confirmed_by_id IS NULL OR confirmed_by_id <> requested_by_id", name=op.f(f"ck_{table}_two_people")
        ),
        sa.CheckConstraint(
            "(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name=op.f(f"ck_{table}_confirmed_together")
        ),
        _person(table, "requested_by_id"),
        _person(table, "confirmed_by_id"),
    ]


def _create_old_tables() -> None:
    op.create_table(
        "round_step",
        sa.Column("round_id", ID, nullable=False),
        sa.Column("step", _choice("doublestep", STEPS), nullable=False),
        *_by_two("round_step"),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_step_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "step", name=op.f("pk_round_step")),
    )
    op.create_table(
        "code_void",
        sa.Column("round_id", ID, nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("spare", sa.LargeBinary(length=32), nullable=True),
        sa.Column("reason", _choice("voidreason", REASONS), nullable=False),
        *_by_two("code_void"),
        _registered(),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_code_void_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "commitment", name=op.f("pk_code_void")),
    )
    op.create_table(
        "key_request",
        sa.Column("act", _choice("keyact", ("reset_second_factor", "erase_payload")), nullable=False),
        sa.Column("object", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("requested_by_id", ID, nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        _person("key_request", "requested_by_id"),
        sa.PrimaryKeyConstraint("act", "object", name=op.f("pk_key_request")),
    )


def _drop_guards(guards: Iterable[tuple[str, str, str, str]]) -> None:
    on_table = op.get_bind().dialect.name == "postgresql"
    for table, act, _when, _refusal in guards:
        op.execute(f"DROP TRIGGER guard_{table}_{act.lower()}" + (f" ON {table}" if on_table else ""))


def _create_guards(guards: Iterable[tuple[str, str, str, str]]) -> None:
    run = op.get_bind().exec_driver_sql
    for table, act, when, refusal in guards:
        name = f"guard_{table}_{act.lower()}"
        trigger = f"CREATE TRIGGER {name} BEFORE {act} ON {table}"
        if op.get_bind().dialect.name == "sqlite":
            run(f"{trigger} WHEN {when} BEGIN SELECT RAISE(ABORT, '{refusal}'); END")
            continue
        row = "OLD" if act == "DELETE" else "NEW"
        run(
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {when} THEN RAISE EXCEPTION '{refusal}' USING ERRCODE = 'check_violation'; END IF; RETURN {row}; END $$"
        )
        run(f"{trigger} FOR EACH ROW EXECUTE FUNCTION {name}()")
