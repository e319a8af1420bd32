"""What no program can change any more once the vote of a round was opened: from a filled `round.fingerprint` on."""

from buurtbegroot.guards import ALWAYS, Guard, any_changed, round_has

FROZEN_TEXT = "frozen: the vote of this round has been opened"
ROUND_COLUMNS = ("slug", "title", "summary", "owner_code", "rules", "fingerprint", "opened_at", "published_at")
PLAN_COLUMNS = ("title", "summary", "cost_cents", "theme_id", "buurt_code", "number", "status", "round_id")
PARTS = ("pot", "theme", "round_area")
OPENED = "round.fingerprint <> ''"
# A moment that was set is never set again, and the seed of the lot shows once, at the closing.
_SET_AGAIN = " OR ".join(
    f"(OLD.{name} IS NOT NULL AND NEW.{name} IS DISTINCT FROM OLD.{name})" for name in ("closed_at", "certified_at")
)
_SEED = "(NEW.lot_seed <> OLD.lot_seed AND (OLD.lot_seed <> '' OR NEW.closed_at IS NULL))"


def _frozen(table: str, *, only: str = "", changes: str = "") -> list[Guard]:
    """Guard the rows of a table that belong to an opened round, or would; in `only`, `{row}` is OLD or NEW."""

    def refused(row: str) -> str:
        return f"({only.format(row=row)}{round_has(OPENED, row)})"

    either = f"{refused('OLD')} OR {refused('NEW')}"
    return [
        Guard(table, "INSERT", refused("NEW"), FROZEN_TEXT, waits=True),
        Guard(table, "UPDATE", either, FROZEN_TEXT, changes=changes or ALWAYS, waits=True),
        Guard(table, "DELETE", refused("OLD"), FROZEN_TEXT, waits=True),
    ]


GUARDS = (
    Guard(
        "round",
        "UPDATE",
        f"OLD.fingerprint <> '' AND ({any_changed(ROUND_COLUMNS)} OR {_SET_AGAIN} OR {_SEED})",
        FROZEN_TEXT,
    ),
    Guard("round", "DELETE", "OLD.fingerprint <> ''", FROZEN_TEXT),
    *(guard for table in PARTS for guard in _frozen(table)),
    *_frozen("phase_window", only="{row}.phase = 'voting' AND "),
    *_frozen("proposal", only="{row}.status = 'admitted' AND ", changes=any_changed(PLAN_COLUMNS)),
)
