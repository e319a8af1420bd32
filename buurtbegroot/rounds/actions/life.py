"""What two people agreed on is done to a round: frozen, closed, certified; setting one up lives in setup."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import insist, require
from buurtbegroot.audit.actions import record
from buurtbegroot.audit.events import Event
from buurtbegroot.core.rules import Ruleset, to_json
from buurtbegroot.core.tally.ties import commitment
from buurtbegroot.dual_control.actions import DualFault, require_consent
from buurtbegroot.rounds import events
from buurtbegroot.rounds.dual_acts import RoundAct
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.rounds.queries import about, lock_round, round_key, rules_fingerprint, rules_of


def freeze(session: Session, round_: Round, *, rules: Ruleset, fingerprint: str, by: User, now: datetime) -> None:
    """Fix the rules and open the vote; database triggers refuse changes from here on.

    `rules` are those of the round with a lot commitment added; `fingerprint` is the hexadecimal hash of the manifest.
    Raises RefusedError without two people's consent, ValueError for other rules or without a commitment.
    """
    require(may_manage(by, round_), hidden=True)
    locked = lock_round(session, round_.id)
    require_consent(session, RoundAct.OPEN, round_key(locked))
    insist(locked.opened_at is None, DualFault.ALREADY_CONFIRMED)
    if rules.lot_commitment is None or replace(rules_of(locked), lot_commitment=rules.lot_commitment) != rules:
        raise ValueError("a vote opens under the rules of the round, with a committed lot")
    if not fingerprint:
        raise ValueError("a frozen round has a fingerprint")
    locked.rules, locked.fingerprint, locked.opened_at = to_json(rules).decode(), fingerprint, now
    session.flush()
    frozen = events.RoundFrozen(
        **about(locked),
        rules=rules_fingerprint(locked),
        fingerprint=fingerprint,
        lot_commitment=rules.lot_commitment,
    )
    _log(session, frozen, by=by, now=now)


def mark_closed(session: Session, round_: Round, *, lot_seed: bytes, by: User, now: datetime) -> None:
    """Shut the ballot box and publish the seed of the lot.

    Raises RefusedError without two people's consent, ValueError when the seed is not the one committed to.
    """
    require(may_manage(by, round_), hidden=True)
    locked = lock_round(session, round_.id)
    require_consent(session, RoundAct.CLOSE, round_key(locked))
    insist(locked.closed_at is None, DualFault.ALREADY_CONFIRMED)
    if rules_of(locked).lot_commitment != commitment(lot_seed):
        raise ValueError("this seed is not the one that was committed to")
    locked.closed_at, locked.lot_seed = now, lot_seed.hex()
    session.flush()
    _log(session, events.RoundClosed(**about(locked), lot_seed=locked.lot_seed), by=by, now=now)


def mark_certified(session: Session, round_: Round, *, by: User, now: datetime) -> None:
    """Make the outcome final; raises RefusedError without two people's consent."""
    require(may_manage(by, round_), hidden=True)
    locked = lock_round(session, round_.id)
    require_consent(session, RoundAct.CERTIFY, round_key(locked))
    insist(locked.certified_at is None, DualFault.ALREADY_CONFIRMED)
    locked.certified_at = now
    session.flush()
    _log(session, events.RoundCertified(**about(locked)), by=by, now=now)


def _log(session: Session, event: Event, *, by: User, now: datetime) -> None:
    record(session, event, by=by, now=now)
