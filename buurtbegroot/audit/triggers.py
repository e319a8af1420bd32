"""What lets the log only grow, whoever writes and with whatever program. A payload may be erased, never changed."""

from buurtbegroot.guards import ALWAYS, Guard

REFUSAL = "append-only: the log is never changed"
REFUSED = (
    ("audit_entry", "UPDATE"),
    ("audit_entry", "DELETE"),
    ("audit_entry", "TRUNCATE"),
    ("audit_payload", "UPDATE"),
)

GUARDS = tuple(Guard(table, act, ALWAYS, REFUSAL) for table, act in REFUSED)
