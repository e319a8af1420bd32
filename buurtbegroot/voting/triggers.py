"""Database triggers that keep registry, manifest and log as they were: text for both databases; no application code.

The ballot box itself stays writable, since a voter may replace a ballot; what happens to it shows in the log of leaves.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Guard:
    """One act on a table that is refused when `when` holds, an SQL condition on NEW and OLD for both databases."""

    table: str
    act: str
    when: str
    refusal: str

    def statements(self, dialect: str) -> list[str]:
        """Return what creates the trigger; `dialect` is sqlite or postgresql."""
        name = f"guard_{self.table}_{self.act.lower()}"
        on = f"CREATE TRIGGER {name} BEFORE {self.act} ON {self.table}"
        if dialect == "sqlite":
            return [f"{on} WHEN {self.when} BEGIN SELECT RAISE(ABORT, '{self.refusal}'); END"]
        row = "OLD" if self.act == "DELETE" else "NEW"
        body = (
            f"IF {self.when} THEN RAISE EXCEPTION '{self.refusal}' USING ERRCODE = 'check_violation'; END IF; "
            f"RETURN {row}; END"
        )
        function = f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} $$"
        return [function, f"{on} FOR EACH ROW EXECUTE FUNCTION {name}()"]


def round_has(condition: str, row: str) -> str:
    """Say in SQL that the round of a row, NEW or OLD, fulfils a condition."""
    return f"EXISTS (SELECT 1 FROM round WHERE round.id = {row}.round_id AND {condition})"  # noqa: S608 - our own text


OPENED = "round.fingerprint <> ''"
_FROZEN = "frozen: the vote of this round has been opened"
_GROWS = "append-only: the log is never changed"
_OTHER_CODE = "(NEW.commitment <> OLD.commitment OR NEW.round_id <> OLD.round_id)"
_OTHER_LEAF = "(NEW.leaf <> OLD.leaf OR NEW.round_id <> OLD.round_id OR (OLD.published AND NOT NEW.published))"
_ALWAYS = "1 = 1"

GUARDS = (
    Guard("booth", "UPDATE", round_has(OPENED, "OLD"), _FROZEN),
    Guard("booth", "DELETE", round_has(OPENED, "OLD"), _FROZEN),
    Guard("registered_code", "INSERT", round_has(OPENED, "NEW"), _FROZEN),
    Guard("registered_code", "UPDATE", f"{_OTHER_CODE} AND {round_has(OPENED, 'OLD')}", _FROZEN),
    Guard("registered_code", "DELETE", round_has(OPENED, "OLD"), _FROZEN),
    Guard("superseded_leaf", "UPDATE", _OTHER_LEAF, _GROWS),
    Guard("superseded_leaf", "DELETE", _ALWAYS, _GROWS),
    Guard("log_leaf", "UPDATE", _ALWAYS, _GROWS),
    Guard("log_leaf", "DELETE", _ALWAYS, _GROWS),
    Guard("checkpoint", "UPDATE", _ALWAYS, _GROWS),
    Guard("checkpoint", "DELETE", _ALWAYS, _GROWS),
)


def statements(dialect: str) -> list[str]:
    """Return the statements that create all triggers; `dialect` is sqlite or postgresql."""
    return [statement for guard in GUARDS for statement in guard.statements(dialect)]
