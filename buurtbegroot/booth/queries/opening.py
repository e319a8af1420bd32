"""What a round still lacks before its vote can be opened."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from buurtbegroot.box.domain.anchors import KeyFileError
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.queries import booth_of
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.rule_problems import problems
from buurtbegroot.proposals.queries import ballot_plans, unjudged_plans
from buurtbegroot.registry.queries import code_counts
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import is_time_to_open, rules_or_none, standing_of

LEAST_PLANS = 2


class Missing(StrEnum):
    """What a round still lacks before its vote can be opened."""

    RULES = "rules"
    SOUND_RULES = "sound_rules"
    VERDICTS = "verdicts"
    PLANS = "plans"
    CODES = "codes"
    KEYS = "keys"
    FEASIBILITY_ENDED = "feasibility_ended"
    RIGHT_TIME = "right_time"
    STILL_CLOSED = "still_closed"


def missing_for_opening(session: Session, round_: Round, *, keys: KeyStore, now: datetime) -> list[Missing]:
    """Return everything that keeps the vote from being opened at this moment, in the order of the checklist."""
    plans, rules = ballot_plans(session, round_), rules_or_none(round_)
    standing = standing_of(round_, now)
    held = {
        Missing.RULES: rules is not None,
        Missing.SOUND_RULES: rules is not None and not problems(rules, round_.budget_cents, plans),
        Missing.VERDICTS: not unjudged_plans(session, round_.id),
        Missing.PLANS: len(plans) >= LEAST_PLANS,
        Missing.CODES: code_counts(session, round_.id).active > 0,
        Missing.KEYS: _has_keys(session, round_, keys),
        Missing.FEASIBILITY_ENDED: Phase.FEASIBILITY not in standing.running | standing.coming,
        Missing.RIGHT_TIME: round_.opened_at is not None or is_time_to_open(round_, now),
        Missing.STILL_CLOSED: round_.opened_at is None,
    }
    return [lacking for lacking, is_there in held.items() if not is_there]


def _has_keys(session: Session, round_: Round, keys: KeyStore) -> bool:
    booth = booth_of(session, round_.id)
    try:
        return booth is not None and keys.load(round_.id).sealing_public == booth.sealing_public
    except KeyFileError:
        return False
