"""Database triggers that keep an opened round as it was: text for SQLite and PostgreSQL; no application code.

They hold from the moment that `round.fingerprint` is filled, whoever writes and with whatever program.
"""

FROZEN_TEXT = "frozen: the vote of this round has been opened"
ROUND_COLUMNS = ("slug", "title", "summary", "owner_code", "rules", "fingerprint", "opened_at", "published_at")
ONCE_COLUMNS = ("closed_at", "certified_at")
PLAN_COLUMNS = ("title", "summary", "cost_cents", "theme_id", "buurt_code", "number", "status", "round_id")
PARTS = ("pot", "theme", "round_area")


def statements(dialect: str) -> list[str]:
    """Return the statements that create all triggers; `dialect` is sqlite or postgresql."""
    return _postgresql() if dialect == "postgresql" else _sqlite()


def _sqlite() -> list[str]:
    found = [
        _sqlite_trigger("round", "UPDATE", f"({_round_changed('IS NOT')})"),
        _sqlite_trigger("round", "DELETE", "OLD.fingerprint <> ''"),
    ]
    for table in PARTS:
        found += _sqlite_part(table, "1")
    found += _sqlite_part("phase_window", "{row}.phase = 'voting'")
    plan_changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in PLAN_COLUMNS)
    on_ballot = "{row}.status = 'admitted' AND " + _sqlite_frozen("{row}")
    either = f"(({on_ballot.format(row='OLD')}) OR ({on_ballot.format(row='NEW')}))"
    found += [
        _sqlite_trigger("proposal", "INSERT", on_ballot.format(row="NEW")),
        _sqlite_trigger("proposal", "UPDATE", f"({plan_changed}) AND {either}"),
        _sqlite_trigger("proposal", "DELETE", on_ballot.format(row="OLD")),
    ]
    return found


def _round_changed(differs: str) -> str:
    """Say in SQL that a frozen round changes, a moment that was set is set again, or the seed shows too early."""
    fixed = " OR ".join(f"NEW.{name} {differs} OLD.{name}" for name in ROUND_COLUMNS)
    once = " OR ".join(f"OLD.{name} IS NOT NULL AND NEW.{name} {differs} OLD.{name}" for name in ONCE_COLUMNS)
    seed = "NEW.lot_seed <> OLD.lot_seed AND (OLD.lot_seed <> '' OR NEW.closed_at IS NULL)"
    return f"OLD.fingerprint <> '' AND ({fixed} OR {once} OR {seed})"


def _sqlite_frozen(row: str) -> str:
    return f"EXISTS (SELECT 1 FROM round WHERE id = {row}.round_id AND fingerprint <> '')"  # noqa: S608 - OLD or NEW


def _sqlite_part(table: str, which: str) -> list[str]:
    def frozen(row: str) -> str:
        return f"({which.format(row=row)} AND {_sqlite_frozen(row)})"

    return [
        _sqlite_trigger(table, "INSERT", frozen("NEW")),
        _sqlite_trigger(table, "UPDATE", f"({frozen('OLD')} OR {frozen('NEW')})"),
        _sqlite_trigger(table, "DELETE", frozen("OLD")),
    ]


def _sqlite_trigger(table: str, act: str, when: str) -> str:
    name = f"frozen_{table}_{act.lower()}"
    return f"CREATE TRIGGER {name} BEFORE {act} ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, '{FROZEN_TEXT}'); END"


def _postgresql() -> list[str]:
    return [
        _REFUSE,
        _IS_FROZEN,
        _function("frozen_round", f"IF TG_OP = 'DELETE' THEN {_ROUND_GONE} ELSE {_round_kept()} END IF;"),
        _function("frozen_part", _guards("TRUE")),
        _function("frozen_phase_window", _guards("{row}.phase = 'voting'")),
        _function("frozen_proposal", _same_plan() + _guards("{row}.status = 'admitted'")),
        *(_postgresql_trigger(table, "frozen_part") for table in PARTS),
        *(_postgresql_trigger(table, f"frozen_{table}") for table in ("phase_window", "proposal")),
        "CREATE TRIGGER frozen_round BEFORE UPDATE OR DELETE ON round FOR EACH ROW EXECUTE FUNCTION frozen_round()",
    ]


_REFUSE = (
    "CREATE OR REPLACE FUNCTION refuse_frozen() RETURNS void LANGUAGE plpgsql AS $$ BEGIN "
    f"RAISE EXCEPTION '{FROZEN_TEXT}' USING ERRCODE = 'check_violation'; END $$"
)
# The lock makes whoever changes a part wait for an opening that is under way, and then see its outcome.
_IS_FROZEN = (
    "CREATE OR REPLACE FUNCTION is_frozen(wanted bigint) RETURNS boolean LANGUAGE plpgsql AS $$ "
    "DECLARE found text; BEGIN SELECT fingerprint INTO found FROM round WHERE id = wanted FOR SHARE; "
    "RETURN coalesce(found, '') <> ''; END $$"
)
_ROUND_GONE = "IF OLD.fingerprint <> '' THEN PERFORM refuse_frozen(); END IF;"


def _round_kept() -> str:
    return f"IF {_round_changed('IS DISTINCT FROM')} THEN PERFORM refuse_frozen(); END IF;"


def _same_plan() -> str:
    same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in PLAN_COLUMNS)
    return f"IF TG_OP = 'UPDATE' THEN IF {same} THEN RETURN NEW; END IF; END IF; "


def _guards(which: str) -> str:
    """Refuse when the row as it was, or as it would be, belongs to a frozen round."""
    refusal = "IF {which} AND is_frozen({row}.round_id) THEN PERFORM refuse_frozen(); END IF;"
    guard = f"IF TG_OP <> '{{not_at}}' THEN {refusal} END IF; "
    before = guard.format(not_at="INSERT", which=which.format(row="OLD"), row="OLD")
    after = guard.format(not_at="DELETE", which=which.format(row="NEW"), row="NEW")
    return before + after


def _function(name: str, body: str) -> str:
    end = "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    return f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} {end}"


def _postgresql_trigger(table: str, function: str) -> str:
    return (
        f"CREATE TRIGGER frozen_{table} BEFORE INSERT OR UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}()"
    )
