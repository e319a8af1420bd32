"""Database triggers that keep a certified outcome as it was; how a condition becomes a trigger stands in database."""

from collections.abc import Iterable

from buurtbegroot.database import Guard
from buurtbegroot.voting.triggers import round_has

CERTIFIED = "round.certified_at IS NOT NULL"
REFUSAL = "final: the outcome of this round is certified"
TALLY_COLUMNS = (
    "round_id",
    "envelopes",
    "opened",
    "defects",
    "valid_ballots",
    "spent_cents",
    "left_cents",
    "trace",
    "trace_hash",
    "opened_at",
    "figures",
    "counted_at",
)
PLAN_COLUMNS = ("round_id", "proposal_id", "votes", "rank", "verdict", "awarded_cents", "why")
"""All but `probe`, which may be worked out later than the round is certified, but only once."""
TABLES = ("opened_ballot", "nullifier", "plan_result")


def _guard(table: str, act: str, *, also: str = "") -> Guard:
    row = "NEW" if act == "INSERT" else "OLD"
    return Guard(table, act, also + round_has(CERTIFIED, row), REFUSAL)


def _changed(column: str) -> str:
    # PostgreSQL cannot compare JSON, so both are compared as text.
    return f"CAST(NEW.{column} AS TEXT) IS DISTINCT FROM CAST(OLD.{column} AS TEXT)"


def _any_changed(columns: Iterable[str], *, other: str = "") -> str:
    return f"({' OR '.join(map(_changed, columns))}{other}) AND "


GUARDS = (
    *(_guard(table, act) for table in TABLES for act in ("INSERT", "DELETE")),
    _guard("opened_ballot", "UPDATE"),
    _guard("nullifier", "UPDATE"),
    _guard("plan_result", "UPDATE", also=_any_changed(PLAN_COLUMNS, other=" OR OLD.probe IS NOT NULL")),
    _guard("tally", "UPDATE", also=_any_changed(TALLY_COLUMNS)),
    _guard("tally", "DELETE"),
)


def statements(dialect: str) -> list[str]:
    """Return the statements that create all triggers; `dialect` is sqlite or postgresql."""
    return [statement for guard in GUARDS for statement in guard.statements(dialect)]
