"""Database triggers that keep a request as it was made and as it ended, in both databases; no application code."""

from buurtbegroot.guards import Guard, any_changed

REFUSAL = "frozen: what was asked of two people, and how it ended, is never changed"
ASKED = ("id", "act", "object", "fingerprint", "requested_by_id", "requested_at")
ENDED = ("state", "ended_by_id", "ended_at")
_SAID = ("CAST({row}.shown AS TEXT)", "{row}.reason")
_ERASED = ("'{}'", "''")


def _is_other(form: str, erased: str) -> str:
    """Say in SQL that something becomes another thing than it was, and is not erased."""
    new, old = form.format(row="NEW"), form.format(row="OLD")
    return f"{new} <> {old} AND {new} <> {erased}"


OTHER = " OR ".join(
    [
        *(_is_other(form, erased) for form, erased in zip(_SAID, _ERASED, strict=True)),
        "OLD.state <> 'open' AND NEW.ended_reason <> OLD.ended_reason AND NEW.ended_reason <> ''",
        "OLD.entry IS NOT NULL AND NEW.entry IS DISTINCT FROM OLD.entry",
        "NEW.until IS DISTINCT FROM OLD.until",
    ]
)
"""What was shown, and why, may be erased with the person it is about."""


GUARDS = (
    Guard(
        "dual_request",
        "UPDATE",
        f"({any_changed(ASKED)} OR OLD.state <> 'open' AND ({any_changed(ENDED)}) OR {OTHER})",
        REFUSAL,
    ),
    Guard("dual_request", "DELETE", "1 = 1", REFUSAL),
)
