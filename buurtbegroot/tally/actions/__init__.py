"""Closing, counting, explaining, certifying, counting again and destroying secrets; envelopes are opened in opening."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import RefusedError, System, insist, require
from buurtbegroot.audit.actions import record
from buurtbegroot.audit.queries import SIGN_LOG
from buurtbegroot.box.actions.sealing import shut_box
from buurtbegroot.box.domain.anchors import KeysFault
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.published import BundleFault, hold_bundle
from buurtbegroot.box.events import BoxShut
from buurtbegroot.box.queries import is_put_back
from buurtbegroot.core.records import to_plain
from buurtbegroot.core.tally.document import document_from
from buurtbegroot.core.tally.probes import Probe
from buurtbegroot.database import writing
from buurtbegroot.dual_control.actions import confirm_act, request_act
from buurtbegroot.dual_control.models import DualRequest
from buurtbegroot.registry.actions.pool import shut_pool
from buurtbegroot.registry.events import CodeListsDestroyed, KeyCopyDestroyed, KeysCopied
from buurtbegroot.registry.queries import key_copies, void_codes
from buurtbegroot.rounds.actions import mark_certified, mark_closed
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.rounds.queries import about, lock_round
from buurtbegroot.tally.domain.counting import Count
from buurtbegroot.tally.domain.explaining import Prober
from buurtbegroot.tally.dual_acts import CERTIFY, CLOSE, CODE_LISTS, DESTROY
from buurtbegroot.tally.events import CertifiedWithLoss, LossesExplained, RoundCounted, RoundRecounted, SecretsDestroyed
from buurtbegroot.tally.models import Nullifier, OpenedBallot, PlanResult, Tally
from buurtbegroot.tally.policy import TallyFault, may_count, may_explain, may_note_copies
from buurtbegroot.tally.queries import (
    BUNDLE,
    EXPLAIN,
    FORGET,
    OPEN,
    REWRITE,
    final_from,
    input_of,
    lock_for_count,
    lock_tally,
    losers_of,
    tally_of,
    unexplained,
)
from buurtbegroot.tally.queries.counting import Recount, kept_of, recount, results_of
from buurtbegroot.work.queue import enqueue


def request_close(session: Session, round_: Round, *, by: User, now: datetime) -> DualRequest:
    """Ask to shut the ballot box once voting has ended; raises RefusedError."""
    return request_act(session, CLOSE, round_, by=by, now=now)


def confirm_close(session: Session, round_: Round, *, seen: str, by: User, keys: KeyStore, now: datetime) -> Tally:
    """Shut the ballot box as a second person: votes under way come in first, then all envelopes go into one file.

    From then on nothing asks the database for a ballot; what led to one is destroyed beside the server. Raises
    RefusedError, KeyFileError, and ValueError when the key file holds another lot than was promised.
    """
    confirm_act(session, CLOSE, round_, seen=seen, by=by, now=now)
    insist(not is_put_back(session, round_.id, keys=keys), KeysFault.PUT_BACK)
    drawn = shut_pool(session, round_, keys=keys, by=by, now=now)
    voids = void_codes(session, round_.id)
    shut = shut_box(session, round_, voids=voids, drawn=drawn, keys=keys, by=by, now=now)
    mark_closed(session, round_, envelopes=shut.envelopes, lot_seed=keys.load(round_.id).lot_seed, by=by, now=now)
    tally = Tally(round_id=round_.id, envelopes=shut.envelopes, left_out={}, figures={})
    session.add(tally)
    session.flush()
    record(session, BoxShut(**about(round_), envelopes=shut.envelopes, box=shut.sha256, drawn=drawn), by=by, now=now)
    enqueue(session, FORGET, {"round_id": round_.id}, now=now)
    enqueue(session, SIGN_LOG, now=now)
    return tally


def ask_to_open(session: Session, round_: Round, *, by: User, now: datetime) -> None:
    """Let the worker open the envelopes, or go on with that; raises RefusedError before the box is shut."""
    require(may_manage(by, round_), hidden=True)
    if lock_tally(session, round_.id).opened_at is None:
        enqueue(session, OPEN, {"round_id": round_.id}, now=now)


def count_round(session: Session, round_: Round, counted: Count, *, by: User | System, now: datetime) -> Tally:
    """Store a count of the opened ballots (`queries.counting.counted`), unseen by the public until it is certified.

    Raises RefusedError unless all envelopes are open, when it was counted already, or when other ballots lie here.
    """
    require(may_count(by, round_), hidden=True)
    tally = lock_for_count(session, round_.id, counted.document.ballots_sha256)
    _store(session, tally, counted, now=now)
    event = RoundCounted(**about(round_), ballots=tally.valid_ballots, trace=tally.trace_hash)
    record(session, event, by=by, now=now)
    enqueue(session, BUNDLE, {"round_id": round_.id}, now=now)
    enqueue(session, EXPLAIN, {"round_id": round_.id}, now=now)
    return tally


def ask_to_bundle(session: Session, round_: Round, *, by: User, now: datetime) -> None:
    """Let the worker make the bundle once more; raises RefusedError before a count."""
    require(may_manage(by, round_), hidden=True)
    insist(lock_tally(session, round_.id).counted_at is not None and not round_.archive, TallyFault.NOT_COUNTED)
    enqueue(session, BUNDLE, {"round_id": round_.id}, now=now)


def ask_to_explain(session: Session, round_: Round, *, by: User, now: datetime) -> None:
    """Let the worker go on working out what would have been enough for who lost, if anything is left."""
    require(may_manage(by, round_), hidden=True)
    if unexplained(session, round_.id):
        enqueue(session, EXPLAIN, {"round_id": round_.id}, now=now)


def explain_loss(session: Session, round_: Round, plan: int, *, probe: Probe, by: System, now: datetime) -> None:
    """Keep what would have been enough for a plan that lost, if that is not known yet; the last one is told in the log.

    The outcome stays as it is, so this goes on after it is certified.
    """
    require(may_explain(by), hidden=True)
    lock_tally(session, round_.id)
    here = (PlanResult.round_id == round_.id, PlanResult.proposal_id == plan, PlanResult.probe.is_(None))
    kept = session.execute(update(PlanResult).where(*here).values(probe=to_plain(probe)).returning(PlanResult.votes))
    if kept.all() and not unexplained(session, round_.id):
        event = LossesExplained(**about(round_), plans=losers_of(session, round_.id))
        record(session, event, by=by, now=now)
    session.flush()


def record_recount(session: Session, round_: Round, *, keys: KeyStore, by: User | System, now: datetime) -> Recount:
    """Count again and put what came out in the log, also when it differs; raises RefusedError before a count."""
    require(may_count(by, round_), hidden=True)
    found = recount(session, round_, keys=keys)
    _record(session, round_, found, by=by, now=now)
    return found


def request_certify(session: Session, round_: Round, *, reason: str = "", by: User, now: datetime) -> DualRequest:
    """Ask to make the outcome final and public; where sealed envelopes are gone everyone reads the reason.

    Raises RefusedError, also before a count and in the time to check.
    """
    require(may_manage(by, round_), hidden=True)
    tally = tally_of(session, round_.id)
    insist(tally is not None and tally.counted_at is not None, TallyFault.NOT_COUNTED)
    insist(bool(tally and tally.bundle), BundleFault.NO_BUNDLE)
    insist(not (tally and tally.faults), BundleFault.FAULTY)
    early = tally and final_from(session, round_.id, opened_at=tally.opened_at, now=now)
    insist(not early, BundleFault.TOO_EARLY)
    has_loss = bool(tally and tally.left_out.get("gone", ()))
    insist(not has_loss or bool(reason.strip()), TallyFault.NO_REASON)
    return request_act(session, CERTIFY, round_, by=by, now=now, reason=reason.strip() if has_loss else "")


def certify(session: Session, round_: Round, *, seen: str, keys: KeyStore, by: User, now: datetime) -> Recount:
    """Make the outcome final and public as a second person, after all published checks of the bundle that is published.

    Raises RefusedError, also in the time to check, when the bundle is another one, a check finds something, or the
    database holds anything else than what was signed.
    """
    request = confirm_act(session, CERTIFY, round_, seen=seen, by=by, now=now)
    found = recount(session, round_, keys=keys)
    insist(found.is_same, TallyFault.RECOUNT_DIFFERS)
    tally = lock_tally(session, round_.id)
    insist(not hold_bundle(keys.folder(round_.id), sha256=tally.bundle, now=now), BundleFault.FAULTY)
    tally.loss_reason = request.reason
    mark_certified(session, round_, bundle=tally.bundle, by=by, now=now)
    if gone := len(tally.left_out.get("gone", ())):
        event = CertifiedWithLoss(**about(round_), envelopes=gone, reason=request.reason)
        record(session, event, by=by, now=now)
    _record(session, round_, found, by=by, now=now)
    return found


def request_code_lists_gone(session: Session, round_: Round, *, by: User, now: datetime) -> DualRequest:
    """Ask to put on record that the lists from letter to code are gone; raises RefusedError."""
    return request_act(session, CODE_LISTS, round_, by=by, now=now)


def note_code_lists_gone(session: Session, round_: Round, *, seen: str, by: User, now: datetime) -> None:
    """Put on record, as a second person, that nobody has a list any more from letter to code; raises RefusedError."""
    confirm_act(session, CODE_LISTS, round_, seen=seen, by=by, now=now)
    record(session, CodeListsDestroyed(**about(round_)), by=by, now=now)


def note_key_copy(session: Session, round_: Round, *, holder: str, by: System, now: datetime) -> int:
    """Put on record, for everyone to read, who has a copy of the keys of a vote; returns the number of the copy."""
    require(may_note_copies(by), hidden=True)
    number = len(key_copies(session, lock_round(session, round_.id))) + 1
    record(session, KeysCopied(**about(round_), copy=number, holder=holder), by=by, now=now)
    return number


def note_key_copy_gone(session: Session, round_: Round, *, copy: int, by: System, now: datetime) -> None:
    """Put on record that a copy of the keys was destroyed; raises RefusedError when no such copy is left."""
    require(may_note_copies(by), hidden=True)
    left = {one.number for one in key_copies(session, lock_round(session, round_.id)) if one.gone_at is None}
    insist(copy in left, TallyFault.NO_SUCH_COPY)
    record(session, KeyCopyDestroyed(**about(round_), copy=copy), by=by, now=now)


def request_destroy(session: Session, round_: Round, *, by: User, now: datetime) -> DualRequest:
    """Ask to destroy what is secret of a certified round; raises RefusedError."""
    return request_act(session, DESTROY, round_, by=by, now=now)


def destroy_secrets(session: Session, round_: Round, *, seen: str, by: User, keys: KeyStore, now: datetime) -> int:
    """Destroy, as a second person, the envelopes and keys of a certified round for ever.

    Returns how many envelopes. What is public stays: lists, notes, ballots, nullifiers, trace; of a small vote lists
    and ballots are not, and go as well. Raises RefusedError and KeyFileError.
    """
    confirm_act(session, DESTROY, round_, seen=seen, by=by, now=now)
    tally = lock_tally(session, round_.id)
    insist(tally.destroyed_at is None, TallyFault.ALREADY_DESTROYED)
    tally.destroyed_at = now
    session.flush()
    for table in (OpenedBallot, Nullifier) if tally.is_small else ():
        session.execute(delete(table).where(table.round_id == round_.id))
    record(session, SecretsDestroyed(**about(round_), envelopes=tally.envelopes), by=by, now=now)
    enqueue(session, REWRITE, {"round_id": round_.id}, now=now)
    if keys.exists(round_.id):  # the files go last: whatever fails before leaves all as it was
        if tally.is_small:
            keys.destroy_lists(round_.id)
        keys.destroy(round_.id)
    return tally.envelopes


def ask_to_rewrite(session: Session, round_: Round, *, by: User, now: datetime) -> None:
    """Let the worker rewrite the tables once more, when that failed after secrets were destroyed."""
    require(may_manage(by, round_), hidden=True)
    if lock_tally(session, round_.id).destroyed_at is not None:
        enqueue(session, REWRITE, {"round_id": round_.id}, now=now)


def _record(session: Session, round_: Round, found: Recount, *, by: User | System, now: datetime) -> None:
    tally = lock_tally(session, round_.id)
    if found.is_same:
        tally.recounts, tally.recounted_at = tally.recounts + 1, now
    session.flush()
    record(session, RoundRecounted(**about(round_), same=found.is_same, trace=found.trace_hash), by=by, now=now)


def _store(session: Session, tally: Tally, counted: Count, *, now: datetime) -> None:
    for name, value in kept_of(counted).items():
        setattr(tally, name, value)
    tally.counted_at = now
    session.add_all(results_of(tally.round_id, counted))
    session.flush()


@dataclass(frozen=True, slots=True)
class Explained:
    """How far it is: of so many plans that lost."""

    done: int
    losers: int


def explain_losses(session: Session, round_: Round, *, by: System, now: datetime) -> Iterator[Explained]:
    """Yield before the first plan and after each, where the caller commits: no transaction is open during recounts.

    Begins where an earlier run stopped. Two runs at once do no harm: what a plan gets depends on nothing but the
    count, the first keeps it, and each skips what the other did. Raises RefusedError before a count.
    """
    require(may_explain(by), hidden=True)
    with writing(False):
        losers, waiting = losers_of(session, round_.id), unexplained(session, round_.id)
        prober = _prober(session, round_)
    yield Explained(losers - len(waiting), losers)
    while waiting:
        probe = prober.probe(waiting[0])
        explain_loss(session, round_, waiting[0], probe=probe, by=by, now=now)
        waiting = unexplained(session, round_.id)
        yield Explained(losers - len(waiting), losers)


def _prober(session: Session, round_: Round) -> Prober:
    tally = tally_of(session, round_.id)
    if tally is None or tally.counted_at is None:
        raise RefusedError(TallyFault.NOT_COUNTED)
    document = document_from(tally.trace)
    insist(not document.reported, TallyFault.NOT_COUNTED)
    source = input_of(session, round_, withdrawn=(one.plan for one in document.withdrawn))
    return Prober(source.election, source.rules, document.outcomes)
