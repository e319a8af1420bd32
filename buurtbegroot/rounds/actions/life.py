"""Steps in the life of a published round, most of them by two people; setting a round up lives in setup_actions."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.accounts.policy import are_independent
from buurtbegroot.audit.actions import record
from buurtbegroot.audit.events import Event
from buurtbegroot.core.rules import Ruleset, fingerprint, to_json
from buurtbegroot.core.tally.ties import commitment
from buurtbegroot.rounds import events
from buurtbegroot.rounds.models import DoubleStep, Round, RoundStep
from buurtbegroot.rounds.queries import is_time_for, lock_round, rules_of, step_of


class StepFault(StrEnum):
    """Why a step that needs two people is refused."""

    NOT_NOW = "not_now"
    NOT_REQUESTED = "not_requested"
    ALREADY_REQUESTED = "already_requested"
    ALREADY_CONFIRMED = "already_confirmed"
    SAME_PERSON = "same_person"
    NOT_INDEPENDENT = "not_independent"


class StepRefusedError(Exception):
    """The step cannot be taken; `fault` says why."""

    def __init__(self, fault: StepFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def request_step(session: Session, round_: Round, step: DoubleStep, *, by: User, now: datetime) -> RoundStep:
    """Ask for a step that another organiser must confirm; raises StepRefusedError."""
    locked = lock_round(session, round_.id)
    _require(is_time_for(locked, step, now), StepFault.NOT_NOW)
    found = step_of(session, locked.id, step)
    _require(found is None or found.confirmed_by_id is None, StepFault.ALREADY_CONFIRMED)
    _require(found is None, StepFault.ALREADY_REQUESTED)
    requested = RoundStep(round_id=locked.id, step=step, requested_by_id=by.id, requested_at=now)
    session.add(requested)
    session.flush()
    _log(session, events.StepRequested(**about(locked), step=step.value), by=by, now=now)
    return requested


def withdraw_request(session: Session, round_: Round, step: DoubleStep, *, by: User, now: datetime) -> None:
    """Take an unconfirmed request back; raises StepRefusedError."""
    locked = lock_round(session, round_.id)
    session.delete(_open_request(session, locked, step))
    session.flush()
    _log(session, events.RequestWithdrawn(**about(locked), step=step.value), by=by, now=now)


def confirm_step(session: Session, round_: Round, step: DoubleStep, *, by: User, now: datetime) -> RoundStep:
    """Confirm what another organiser asked for; of two who confirm at once one is refused; raises StepRefusedError."""
    locked = lock_round(session, round_.id)
    request = _open_request(session, locked, step)
    _require(request.requested_by_id != by.id, StepFault.SAME_PERSON)
    _require(are_independent(request.requested_by, by), StepFault.NOT_INDEPENDENT)
    _require(is_time_for(locked, step, now), StepFault.NOT_NOW)
    request.confirmed_by_id, request.confirmed_at = by.id, now
    session.flush()
    _log(session, events.StepConfirmed(**about(locked), step=step.value), by=by, now=now)
    return request


def freeze(session: Session, round_: Round, *, rules: Ruleset, fingerprint: str, by: User, now: datetime) -> None:
    """Fix the rules and open the vote; database triggers refuse changes from here on.

    `rules` are those of the round with a lot commitment added; `fingerprint` is the hexadecimal hash of the manifest.
    Raises StepRefusedError without two people's consent, ValueError for other rules or without a commitment.
    """
    locked = lock_round(session, round_.id)
    _require_consent(session, locked, DoubleStep.OPEN)
    _require(locked.opened_at is None, StepFault.ALREADY_CONFIRMED)
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

    Raises StepRefusedError without two people's consent, ValueError when the seed is not the one committed to.
    """
    locked = lock_round(session, round_.id)
    _require_consent(session, locked, DoubleStep.CLOSE)
    _require(locked.closed_at is None, StepFault.ALREADY_CONFIRMED)
    if rules_of(locked).lot_commitment != commitment(lot_seed):
        raise ValueError("this seed is not the one that was committed to")
    locked.closed_at, locked.lot_seed = now, lot_seed.hex()
    session.flush()
    _log(session, events.RoundClosed(**about(locked), lot_seed=locked.lot_seed), by=by, now=now)


def mark_certified(session: Session, round_: Round, *, by: User, now: datetime) -> None:
    """Make the outcome final; raises StepRefusedError without two people's consent."""
    locked = lock_round(session, round_.id)
    _require_consent(session, locked, DoubleStep.CERTIFY)
    _require(locked.certified_at is None, StepFault.ALREADY_CONFIRMED)
    locked.certified_at = now
    session.flush()
    _log(session, events.RoundCertified(**about(locked)), by=by, now=now)


def rules_fingerprint(round_: Round) -> str:
    """Return the fingerprint of the rules as they stand, empty while there are none."""
    return fingerprint(rules_of(round_)) if round_.rules else ""


def about(round_: Round) -> dict[str, Any]:
    """Return what every event of a round carries: the round itself and its accord points."""
    return {"object": f"round:{round_.slug}", "points": tuple(point.number for point in round_.points)}


def _open_request(session: Session, round_: Round, step: DoubleStep) -> RoundStep:
    found = step_of(session, round_.id, step)
    if found is None:
        raise StepRefusedError(StepFault.NOT_REQUESTED)
    _require(found.confirmed_by_id is None, StepFault.ALREADY_CONFIRMED)
    return found


def _require_consent(session: Session, round_: Round, step: DoubleStep) -> None:
    found = step_of(session, round_.id, step)
    _require(found is not None and found.confirmed_by_id is not None, StepFault.NOT_REQUESTED)


def _require(holds: bool, fault: StepFault) -> None:
    if not holds:
        raise StepRefusedError(fault)


def _log(session: Session, event: Event, *, by: User, now: datetime) -> None:
    record(session, event, actor=by.actor, now=now)
