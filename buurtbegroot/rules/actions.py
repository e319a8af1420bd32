"""Storing the rules of a round, which is refused once the vote is opened."""

from datetime import datetime

from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.core.rules import Ruleset, to_json
from buurtbegroot.rounds.actions import begin_change, log_change
from buurtbegroot.rounds.models import Round


def save_rules(session: Session, round_: Round, rules: Ruleset, *, seen: int, by: User, now: datetime) -> None:
    """Store the rules. Raises RefusedError, ChangedSinceError."""
    before = begin_change(session, round_, seen=seen, by=by)
    round_.rules = to_json(rules).decode()
    log_change(session, round_, part="rules", before=before, by=by, now=now)
