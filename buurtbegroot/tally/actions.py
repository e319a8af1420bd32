"""Closing, counting, certifying, counting again and destroying secrets; envelopes are opened in opening."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import SYSTEM_ACTOR, Actor, require
from buurtbegroot.audit.actions import record
from buurtbegroot.core.records import to_plain
from buurtbegroot.core.tally.probes import Probe
from buurtbegroot.core.tally.ties import commitment
from buurtbegroot.core.tally.trace import Judgement
from buurtbegroot.rounds.actions import confirm_step, mark_certified, mark_closed, request_step
from buurtbegroot.rounds.models import DoubleStep, Round, RoundStep
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.tally.counting import Input, document_from, figures_of, sha256_of, sha256_of_lines, trace_of
from buurtbegroot.tally.events import BoxShut, LossesExplained, RoundCounted, RoundRecounted, SecretsDestroyed
from buurtbegroot.tally.explaining import FLOWS, flows, reasons
from buurtbegroot.tally.faults import TallyFault, TallyRefusedError
from buurtbegroot.tally.models import PlanResult, Tally
from buurtbegroot.tally.queries import (
    EXPLAIN,
    OPEN,
    REWRITE,
    about,
    ballot_lines,
    input_of,
    lock_tally,
    losers_of,
    number_of_envelopes,
    plan_results,
    tally_of,
    unexplained,
)
from buurtbegroot.voting.actions import flush_log
from buurtbegroot.voting.keys import KeyStore
from buurtbegroot.voting.models import SealedBallot
from buurtbegroot.voting.pool import forget_draws, shut_pool
from buurtbegroot.voting.queries import code_counts
from buurtbegroot.work.queue import enqueue


@dataclass(frozen=True, slots=True)
class Recount:
    """A second count: the SHA-256 of its trace and the names of whatever stored values it does not agree with."""

    trace_hash: str
    differences: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether everything that was stored came out again."""
        return not self.differences


def request_close(session: Session, round_: Round, *, by: User, now: datetime) -> RoundStep:
    """Ask to shut the ballot box once voting has ended; raises StepRefusedError."""
    return request_step(session, round_, DoubleStep.CLOSE, by=by, now=now)


def confirm_close(session: Session, round_: Round, *, by: User, keys: KeyStore, now: datetime) -> Tally:
    """Shut the ballot box as a second person: votes under way come in first, then every leaf goes into the log.

    Raises StepRefusedError, KeyFileError, and ValueError when the key file holds another lot than was promised.
    """
    confirm_step(session, round_, DoubleStep.CLOSE, by=by, now=now)
    flush_log(session, round_, now=now, force=True)
    shut_pool(session, round_, keys=keys, actor=by.actor, now=now)
    mark_closed(session, round_, lot_seed=keys.load(round_.id).lot_seed, by=by, now=now)
    tally = Tally(round_id=round_.id, envelopes=number_of_envelopes(session, round_.id), defects=[], figures={})
    session.add(tally)
    session.flush()
    record(session, BoxShut(**about(round_), envelopes=tally.envelopes), actor=by.actor, now=now)
    return tally


def ask_to_open(session: Session, round_: Round, *, by: User, now: datetime) -> None:
    """Let the worker open the envelopes, or go on with that; raises TallyRefusedError before the box is shut."""
    require(may_manage(by, round_), hidden=True)
    if lock_tally(session, round_.id).opened_at is None:
        enqueue(session, OPEN, {"round_id": round_.id}, now=now)


def count_round(session: Session, round_: Round, *, now: datetime, actor: Actor = SYSTEM_ACTOR) -> Tally:
    """Count the opened ballots and store the outcome, unseen by the public until it is certified.

    Raises TallyRefusedError unless all envelopes are open, when it was counted already, or when the seed of the lot is
    not the one that the rules committed to.
    """
    tally = lock_tally(session, round_.id)
    _require(tally.opened_at is not None, TallyFault.NOT_OPENED)
    _require(tally.counted_at is None, TallyFault.ALREADY_COUNTED)
    source = input_of(session, round_)
    _require(source.rules.lot_commitment == commitment(source.seed), TallyFault.SEED_DIFFERS)
    _store_outcome(session, tally, source)
    tally.figures = _figures(session, tally, source)
    tally.counted_at = now
    session.flush()
    event = RoundCounted(**about(round_), ballots=tally.valid_ballots, trace=tally.trace_hash)
    record(session, event, actor=actor, now=now)
    enqueue(session, EXPLAIN, {"round_id": round_.id}, now=now)
    return tally


def ask_to_explain(session: Session, round_: Round, *, by: User, now: datetime) -> None:
    """Let the worker go on working out what would have been enough for who lost, if anything is left."""
    require(may_manage(by, round_), hidden=True)
    if unexplained(session, round_.id):
        enqueue(session, EXPLAIN, {"round_id": round_.id}, now=now)


def explain_loss(session: Session, round_: Round, plan: int, *, probe: Probe, now: datetime) -> None:
    """Keep what would have been enough for a plan that lost, if that is not known yet; the last one is told in the log.

    The outcome stays as it is, so this goes on after it is certified.
    """
    lock_tally(session, round_.id)
    here = (PlanResult.round_id == round_.id, PlanResult.proposal_id == plan, PlanResult.probe.is_(None))
    kept = session.execute(update(PlanResult).where(*here).values(probe=to_plain(probe)).returning(PlanResult.votes))
    if kept.all() and not unexplained(session, round_.id):
        event = LossesExplained(**about(round_), plans=losers_of(session, round_.id))
        record(session, event, actor=SYSTEM_ACTOR, now=now)
    session.flush()


def recount(session: Session, round_: Round) -> Recount:
    """Count again from the opened ballots and compare with what is stored; raises TallyRefusedError before a count."""
    tally = tally_of(session, round_.id)
    if tally is None or tally.counted_at is None:
        raise TallyRefusedError(TallyFault.NOT_COUNTED)
    trace = _trace(session, input_of(session, round_), round_.id)
    document = document_from(trace)
    checks = {
        "trace": tally.trace == trace,
        "trace_hash": tally.trace_hash == sha256_of(trace),
        "valid_ballots": tally.valid_ballots == document.valid_ballots,
        "spent_cents": tally.spent_cents == sum(cents for one in document.outcomes for _, cents in one.funded),
        "left_cents": tally.left_cents == sum(outcome.left_cents for outcome in document.outcomes),
        "plans": _stored(session, round_.id)
        == {one.plan: _row_of(one) for outcome in document.outcomes for one in outcome.judgements},
    }
    return Recount(sha256_of(trace), tuple(name for name, holds in checks.items() if not holds))


def record_recount(session: Session, round_: Round, *, now: datetime, actor: Actor = SYSTEM_ACTOR) -> Recount:
    """Count again and put what came out in the log, also when it differs; raises TallyRefusedError before a count."""
    found = recount(session, round_)
    tally = lock_tally(session, round_.id)
    if found.is_same:
        tally.recounts, tally.recounted_at = tally.recounts + 1, now
    session.flush()
    event = RoundRecounted(**about(round_), same=found.is_same, trace=found.trace_hash)
    record(session, event, actor=actor, now=now)
    return found


def request_certify(session: Session, round_: Round, *, by: User, now: datetime) -> RoundStep:
    """Ask to make the outcome final and public; raises StepRefusedError, TallyRefusedError before a count."""
    tally = tally_of(session, round_.id)
    _require(tally is not None and tally.counted_at is not None, TallyFault.NOT_COUNTED)
    return request_step(session, round_, DoubleStep.CERTIFY, by=by, now=now)


def certify(session: Session, round_: Round, *, by: User, now: datetime) -> Recount:
    """Make the outcome final and public as a second person, after counting once more.

    Raises StepRefusedError, and TallyRefusedError when that count differs from what is stored.
    """
    confirm_step(session, round_, DoubleStep.CERTIFY, by=by, now=now)
    found = recount(session, round_)
    _require(found.is_same, TallyFault.RECOUNT_DIFFERS)
    mark_certified(session, round_, by=by, now=now)
    return record_recount(session, round_, now=now, actor=by.actor)


def request_destroy(session: Session, round_: Round, *, by: User, now: datetime) -> RoundStep:
    """Ask to destroy what is secret of a certified round; raises StepRefusedError."""
    return request_step(session, round_, DoubleStep.DESTROY, by=by, now=now)


def destroy_secrets(session: Session, round_: Round, *, by: User, keys: KeyStore, now: datetime) -> int:
    """Destroy, as a second person, the envelopes, stored receipts and keys of a certified round for ever.

    Returns how many envelopes. What is public stays: log, ballots, nullifiers, trace. Raises StepRefusedError,
    TallyRefusedError and KeyFileError.
    """
    confirm_step(session, round_, DoubleStep.DESTROY, by=by, now=now)
    tally = lock_tally(session, round_.id)
    _require(tally.destroyed_at is None, TallyFault.ALREADY_DESTROYED)
    session.execute(delete(SealedBallot).where(SealedBallot.round_id == round_.id))
    forget_draws(session, round_.id)
    tally.destroyed_at = now
    session.flush()
    record(session, SecretsDestroyed(**about(round_), envelopes=tally.envelopes), actor=by.actor, now=now)
    enqueue(session, REWRITE, {"round_id": round_.id}, now=now)
    if keys.exists(round_.id):  # the file goes last: whatever fails before leaves all as it was
        keys.destroy(round_.id)
    return tally.envelopes


def ask_to_rewrite(session: Session, round_: Round, *, by: User, now: datetime) -> None:
    """Let the worker rewrite the tables once more, when that failed after secrets were destroyed."""
    require(may_manage(by, round_), hidden=True)
    if lock_tally(session, round_.id).destroyed_at is not None:
        enqueue(session, REWRITE, {"round_id": round_.id}, now=now)


def _trace(session: Session, source: Input, round_id: int) -> str:
    return trace_of(source, ballots_sha256=sha256_of_lines(ballot_lines(session, round_id)))


def _store_outcome(session: Session, tally: Tally, source: Input) -> None:
    tally.trace = _trace(session, source, tally.round_id)
    tally.trace_hash = sha256_of(tally.trace)
    document = document_from(tally.trace)
    why = reasons(source.election, source.rules, document.outcomes)
    tally.valid_ballots = document.valid_ballots
    tally.spent_cents = sum(cents for outcome in document.outcomes for _, cents in outcome.funded)
    tally.left_cents = sum(outcome.left_cents for outcome in document.outcomes)
    for judgement in (one for outcome in document.outcomes for one in outcome.judgements):
        votes, rank, verdict, awarded = _row_of(judgement)
        session.add(
            PlanResult(
                round_id=tally.round_id,
                proposal_id=judgement.plan,
                votes=votes,
                rank=rank,
                verdict=verdict,
                awarded_cents=awarded,
                why=to_plain(why[judgement.plan]),
            )
        )


def _figures(session: Session, tally: Tally, source: Input) -> dict[str, Any]:
    figures: Any = to_plain(figures_of(source, codes=code_counts(session, tally.round_id).active))
    flowed = flows(source.election, source.rules, document_from(tally.trace).outcomes)
    return {**figures, FLOWS: to_plain(flowed)}


def _row_of(judgement: Judgement) -> tuple[int, int, str, int]:
    return judgement.votes, judgement.rank, judgement.verdict.value, judgement.awarded_cents


def _stored(session: Session, round_id: int) -> dict[int, tuple[int, int, str, int]]:
    rows = plan_results(session, round_id).values()
    return {row.proposal_id: (row.votes, row.rank, row.verdict, row.awarded_cents) for row in rows}


def _require(holds: bool, fault: TallyFault) -> None:
    if not holds:
        raise TallyRefusedError(fault)
