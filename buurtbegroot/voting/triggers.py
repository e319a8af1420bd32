"""Database triggers that keep the registry as it was: text for both databases; no application code."""

from buurtbegroot.guards import ALWAYS, Guard, round_has

OPENED = "round.fingerprint <> ''"
_FROZEN = "frozen: the vote of this round has been opened"
_VOIDED = "frozen: a code only changes when two people make it void, and never back"
_OTHER_CODE = "(NEW.commitment <> OLD.commitment OR NEW.round_id <> OLD.round_id)"
# The only ways in which a code changes, none of them back: two people make it void, a spare takes its place, or the
# codes that nobody drew from the pool go when two people close the vote.
_AGREED = "JOIN dual_request ON dual_request.id = code_void.request_id AND dual_request.state = 'confirmed'"
_IS_VOIDED = (
    f"OLD.status = 'active' AND NEW.status = 'void' AND EXISTS (SELECT 1 FROM code_void {_AGREED}"  # noqa: S608
    " WHERE code_void.round_id = OLD.round_id AND code_void.commitment = OLD.commitment)"
)
_TAKES_A_PLACE = (
    f"OLD.status = 'spare' AND NEW.status = 'active' AND EXISTS (SELECT 1 FROM code_void {_AGREED}"  # noqa: S608
    " JOIN registered_code AS lost"
    " ON lost.round_id = code_void.round_id AND lost.commitment = code_void.commitment"
    " WHERE code_void.round_id = OLD.round_id AND code_void.spare = OLD.commitment AND lost.status = 'void')"
)
_WAS_NOT_DRAWN = (
    "OLD.status = 'active' AND NEW.status = 'void' AND EXISTS (SELECT 1 FROM code_pool"
    " JOIN round ON round.id = code_pool.round_id JOIN dual_request ON dual_request.object = 'round:' || round.slug"
    " WHERE code_pool.round_id = OLD.round_id AND code_pool.drawn IS NULL"
    " AND dual_request.act = 'close' AND dual_request.state = 'confirmed')"
)
_IS_ASKED = (
    "EXISTS (SELECT 1 FROM dual_request WHERE dual_request.id = NEW.request_id"
    " AND dual_request.act = 'void_code' AND dual_request.state = 'open')"
)
_OTHER_STATUS = (
    f"NEW.status <> OLD.status AND NOT ({_WAS_NOT_DRAWN}) AND"
    f" ({round_has('round.closed_at IS NOT NULL', 'OLD')} OR NOT ({_IS_VOIDED} OR {_TAKES_A_PLACE}))"
)

GUARDS = (
    Guard("registered_code", "INSERT", round_has(OPENED, "NEW"), _FROZEN),
    Guard("registered_code", "UPDATE", f"{_OTHER_CODE} AND {round_has(OPENED, 'OLD')} OR {_OTHER_STATUS}", _VOIDED),
    Guard("registered_code", "DELETE", round_has(OPENED, "OLD"), _FROZEN),
    Guard("code_batch", "INSERT", round_has(OPENED, "NEW"), _FROZEN),
    Guard("code_batch", "UPDATE", ALWAYS, _FROZEN),
    Guard("code_batch", "DELETE", ALWAYS, _FROZEN),
    Guard("code_pool", "INSERT", round_has(OPENED, "NEW"), _FROZEN),
    Guard(
        "code_pool",
        "UPDATE",
        f"OLD.drawn IS NOT NULL OR NEW.codes <> OLD.codes AND {round_has(OPENED, 'OLD')}",
        _FROZEN,
    ),
    Guard("code_pool", "DELETE", round_has(OPENED, "OLD"), _FROZEN),
    Guard("pool_code", "INSERT", round_has(OPENED, "NEW"), _FROZEN),
    Guard("pool_code", "UPDATE", ALWAYS, _FROZEN),
    Guard("pool_draw", "INSERT", round_has("round.closed_at IS NOT NULL", "NEW"), _FROZEN),
    Guard("pool_draw", "UPDATE", ALWAYS, _FROZEN),
    Guard("pool_draw", "DELETE", round_has("round.certified_at IS NULL", "OLD"), _FROZEN),
    Guard("code_void", "INSERT", f"NOT {_IS_ASKED}", _VOIDED),
    Guard("code_void", "UPDATE", ALWAYS, _VOIDED),
    Guard("code_void", "DELETE", ALWAYS, _VOIDED),
)
