"""Database triggers that let the log only grow: text for SQLite and PostgreSQL; no application code.

They hold whoever writes and with whatever program. A payload may be erased, never changed.
"""

REFUSAL = "append-only: the log is never changed"
REFUSED = (("audit_entry", "UPDATE"), ("audit_entry", "DELETE"), ("audit_payload", "UPDATE"))


def statements(dialect: str) -> list[str]:
    """Return the statements that create all triggers; `dialect` is sqlite or postgresql."""
    return _postgresql() if dialect == "postgresql" else [_sqlite(table, act) for table, act in REFUSED]


def _sqlite(table: str, act: str) -> str:
    name = f"append_only_{table}_{act.lower()}"
    return f"CREATE TRIGGER {name} BEFORE {act} ON {table} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"


def _postgresql() -> list[str]:
    function = (
        "CREATE OR REPLACE FUNCTION refuse_log_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'check_violation'; END $$"
    )
    return [function, *(_postgresql_trigger(table, act) for table, act in (*REFUSED, ("audit_entry", "TRUNCATE")))]


def _postgresql_trigger(table: str, act: str) -> str:
    return (
        f"CREATE TRIGGER append_only_{table}_{act.lower()} BEFORE {act} ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_log_change()"
    )
