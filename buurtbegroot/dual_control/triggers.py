"""Database triggers that keep a request as it was made and as it ended, in both databases; no application code."""

from buurtbegroot.guards import Guard, any_changed

REFUSAL = "frozen: what was asked of two people, and how it ended, is never changed"
ASKED = ("id", "act", "object", "fingerprint", "requested_by_id", "requested_at")
ENDED = ("state", "ended_by_id", "ended_at")
"""What was shown, and why, may be erased with the person it is about."""


GUARDS = (
    Guard(
        "dual_request",
        "UPDATE",
        f"({any_changed(ASKED)} OR OLD.state <> 'open' AND ({any_changed(ENDED)}))",
        REFUSAL,
    ),
    Guard("dual_request", "DELETE", "1 = 1", REFUSAL),
)
