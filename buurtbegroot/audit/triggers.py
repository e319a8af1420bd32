"""What lets the log only grow, whoever writes and with whatever program. A payload is erased by two people only."""

from buurtbegroot.guards import ALWAYS, Guard

REFUSAL = "append-only: the log is never changed"
REFUSED = (
    ("audit_entry", "UPDATE"),
    ("audit_entry", "DELETE"),
    ("audit_entry", "TRUNCATE"),
    ("audit_payload", "UPDATE"),
    ("audit_payload", "TRUNCATE"),
    ("audit_point", "UPDATE"),
    ("audit_point", "DELETE"),
    ("audit_point", "TRUNCATE"),
    ("audit_head", "DELETE"),
    ("audit_head", "TRUNCATE"),
    *((table, act) for table in ("audit_checkpoint", "audit_cosignature") for act in ("UPDATE", "DELETE", "TRUNCATE")),
)

_AGREED = (
    "EXISTS (SELECT 1 FROM dual_request WHERE dual_request.act = 'erase_payload'"
    " AND dual_request.object = 'log:' || OLD.seq AND dual_request.state = 'confirmed')"
)
_IS_NEXT = (
    "NEW.id = OLD.id AND NEW.seq = OLD.seq + 1"
    " AND EXISTS (SELECT 1 FROM audit_entry WHERE audit_entry.seq = NEW.seq AND audit_entry.hash = NEW.hash)"
)
_FOLLOWS = "EXISTS (SELECT 1 FROM audit_head WHERE audit_head.seq = NEW.seq - 1 AND audit_head.hash = NEW.prev)"

GUARDS = (
    *(Guard(table, act, ALWAYS, REFUSAL) for table, act in REFUSED),
    Guard("audit_payload", "DELETE", f"NOT {_AGREED}", REFUSAL),
    Guard("audit_entry", "INSERT", f"NOT {_FOLLOWS}", REFUSAL),
    Guard("audit_head", "INSERT", "EXISTS (SELECT 1 FROM audit_head)", REFUSAL),
    Guard("audit_head", "UPDATE", f"NOT ({_IS_NEXT})", REFUSAL),
)
