"""Database triggers that keep a request as it was made and as it ended, in both databases; no application code."""

from buurtbegroot.database import Guard

REFUSAL = "frozen: what was asked of two people, and how it ended, is never changed"
ASKED = ("id", "act", "object", "fingerprint", "requested_by_id", "requested_at")
ENDED = ("state", "ended_by_id", "ended_at")
"""What was shown, and why, may be erased with the person it is about."""


def _any_changed(columns: tuple[str, ...]) -> str:
    return " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)


GUARDS = (
    Guard(
        "dual_request",
        "UPDATE",
        f"({_any_changed(ASKED)} OR OLD.state <> 'open' AND ({_any_changed(ENDED)}))",
        REFUSAL,
    ),
    Guard("dual_request", "DELETE", "1 = 1", REFUSAL),
)


def statements(dialect: str) -> list[str]:
    """Return the statements that create all triggers; `dialect` is sqlite or postgresql."""
    return [statement for guard in GUARDS for statement in guard.statements(dialect)]
