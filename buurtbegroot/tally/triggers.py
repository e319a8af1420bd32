"""What no program can change any more once the outcome of a round is certified."""

from buurtbegroot.guards import Guard, any_changed, round_has

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


GUARDS = (
    *(_guard(table, act) for table in TABLES for act in ("INSERT", "DELETE")),
    _guard("opened_ballot", "UPDATE"),
    _guard("nullifier", "UPDATE"),
    _guard("plan_result", "UPDATE", also=f"({any_changed(PLAN_COLUMNS, as_text=True)} OR OLD.probe IS NOT NULL) AND "),
    _guard("tally", "UPDATE", also=f"{any_changed(TALLY_COLUMNS, as_text=True)} AND "),
    _guard("tally", "DELETE"),
)
