"""Changing plans: saving, submitting, editing, withdrawing and deciding."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.actions import AccountFault
from buurtbegroot.accounts.models import User
from buurtbegroot.accounts.policy import may_sign
from buurtbegroot.acts import By, Fault, RefusedError, insist, require
from buurtbegroot.akkoord.models import Point
from buurtbegroot.audit.actions import record, withhold_for_good
from buurtbegroot.audit.events import changes_between
from buurtbegroot.database import lock_as_seen
from buurtbegroot.mail.actions import enqueue_mail
from buurtbegroot.moderation.actions import look_again
from buurtbegroot.proposals.domain.drafts import LEAST_CENTS, TEXTS, Draft, shortcomings
from buurtbegroot.proposals.events import (
    ConceptDeleted,
    ConceptSaved,
    ProposalDecided,
    ProposalEdited,
    ProposalSubmitted,
    ProposalWithdrawn,
)
from buurtbegroot.proposals.models import Answer, CostLine, Decision, Proposal, ProposalStatus
from buurtbegroot.proposals.models.changes import revision_after, withheld, without_maker
from buurtbegroot.proposals.policy import (
    is_author,
    is_decidable,
    is_frozen,
    may_judge,
    may_read,
    may_start,
    takes_changes,
    takes_plans,
)
from buurtbegroot.proposals.queries import draft_of, fits_held_round, plan_key, plan_values, typed_content
from buurtbegroot.proposals.queries.facts import facts_of, last_revision, number_of_revisions
from buurtbegroot.rooms import Subject, erases
from buurtbegroot.rounds.models import Criterion, Round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.rounds.queries import lock_round, rules_or_none
from buurtbegroot.work.queue import ask_to_purge


class PlanFault(Fault):
    """Why a plan stays as it is.

    CLOSED: its round takes no plans or changes now. INCOMPLETE: it lacks something. DECIDED: somebody decided on it.
    FIXED: it is on an open ballot, or was withdrawn or refused. UNDECIDABLE: nobody submitted it, or it is fixed.
    OWN: whoever decides made it, or is tied by a role to who did. GONE: its buurt or theme left the round meanwhile.
    """

    CLOSED = "closed"
    INCOMPLETE = "incomplete"
    DECIDED = "decided"
    FIXED = "fixed"
    UNDECIDABLE = "undecidable"
    OWN = "own"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What an organiser decided: the checked cost in cents (0: unknown), the public reason, the answers."""

    admitted: bool
    reason: str
    cost_cents: int = 0
    answers: dict[Criterion, Answer] = field(default_factory=dict)


def start_proposal(session: Session, round_: Round, draft: Draft, *, by: User, now: datetime) -> Proposal:
    """Save a new concept that only its author can read; raises RefusedError when the round takes no plans now."""
    require(may_start(by, round_), hidden=round_.published_at is None)
    insist(fits_held_round(session, round_.id, draft), PlanFault.GONE)
    insist(takes_plans(round_, now), PlanFault.CLOSED)
    insist(may_sign(by, draft.author_name, round_.owner), AccountFault.CLAIMS_OFFICE)
    proposal = Proposal(round=round_, author=by, status=ProposalStatus.CONCEPT, created_at=now)
    session.add(proposal)
    _write(session, proposal, draft, now=now)
    record(session, ConceptSaved(object=plan_key(proposal)), by=by, now=now)
    return proposal


def edit_proposal(session: Session, proposal: Proposal, draft: Draft, *, seen: int, by: User, now: datetime) -> None:
    """Replace what the author typed; raises RefusedError when the plan cannot change now or would no longer do.

    Raises ChangedSinceError when the plan is not of the version that the author has seen.
    """
    require(is_author(by, proposal), hidden=not may_read(by, proposal))
    insist(fits_held_round(session, proposal.round_id, draft), PlanFault.GONE)
    lock_as_seen(session, proposal, seen=seen)
    is_concept = proposal.status is ProposalStatus.CONCEPT
    insist(is_concept or proposal.status is ProposalStatus.SUBMITTED, PlanFault.DECIDED)
    insist((takes_plans if is_concept else takes_changes)(proposal.round, now), PlanFault.CLOSED)
    insist(is_concept or not _lacks(proposal.round, draft), PlanFault.INCOMPLETE)
    insist(may_sign(by, draft.author_name, proposal.round.owner), AccountFault.CLAIMS_OFFICE)
    before = plan_values(proposal)
    _write(session, proposal, draft, now=now)
    if is_concept:
        record(session, ConceptSaved(object=plan_key(proposal)), by=by, now=now)
        return
    revision, facts = _keep_revision(session, proposal, by=by, now=now), _changed(proposal, before)
    look_again(session, proposal, now=now)
    record(session, ProposalEdited(**facts, estimate_cents=proposal.estimate_cents, revision=revision), by=by, now=now)


def submit_proposal(session: Session, proposal: Proposal, *, seen: int, by: User, now: datetime) -> None:
    """Make a concept public under the next number of its round.

    The round row is locked, so two plans never get the same number. Submitting again changes nothing. Raises
    RefusedError when the round takes no plans now, the plan lacks something (see `drafts.shortcomings`) or nobody said
    yet that the author is old enough to publish, ChangedSinceError when the concept is not of the version that the
    author has seen.
    """
    require(is_author(by, proposal), hidden=not may_read(by, proposal))
    round_ = lock_round(session, proposal.round_id)
    session.refresh(proposal)
    if proposal.status is not ProposalStatus.CONCEPT:
        return
    lock_as_seen(session, proposal, seen=seen)
    insist(takes_plans(round_, now), PlanFault.CLOSED)
    insist(not _lacks(round_, draft_of(proposal)), PlanFault.INCOMPLETE)
    insist(by.may_publish_at is not None, AccountFault.NO_CONSENT)
    last = session.scalar(select(func.max(Proposal.number)).where(Proposal.round_id == round_.id)) or 0
    proposal.number, proposal.status, proposal.submitted_at = last + 1, ProposalStatus.SUBMITTED, now
    session.flush()
    _keep_revision(session, proposal, by=by, now=now)
    record(session, ProposalSubmitted(**facts_of(proposal), estimate_cents=proposal.estimate_cents), by=by, now=now)


def withdraw_proposal(session: Session, proposal: Proposal, *, seen: int, by: User, now: datetime) -> None:
    """Take a public plan out of its round, or throw a concept away; raises RefusedError once the vote is opened.

    Raises ChangedSinceError when the plan is not of the version that the author has seen.
    """
    require(is_author(by, proposal), hidden=not may_read(by, proposal))
    round_ = lock_round(session, proposal.round_id)
    lock_as_seen(session, proposal, seen=seen)
    if proposal.status is ProposalStatus.CONCEPT:
        record(session, ConceptDeleted(object=plan_key(proposal)), by=by, now=now)
        session.delete(proposal)
        ask_to_purge(session, now=now)
    elif proposal.status in {ProposalStatus.SUBMITTED, ProposalStatus.ADMITTED} and not is_frozen(round_):
        before = plan_values(proposal)
        proposal.status, proposal.changed_at = ProposalStatus.WITHDRAWN, now
        record(session, ProposalWithdrawn(**_changed(proposal, before)), by=by, now=now)
    else:
        raise RefusedError(PlanFault.FIXED)
    session.flush()


def decide_proposal(
    session: Session, proposal: Proposal, verdict: Verdict, *, seen: int, by: User, now: datetime
) -> Decision:
    """Admit a plan to the ballot or refuse it, and mail the author; an earlier decision stays readable.

    Raises RefusedError when the ballot is frozen, the plan is not up for a decision or `by` made it, ChangedSinceError
    when it is not of the version that was checked, ValueError without a reason, or without a cost when admitted.
    """
    require(may_manage(by, proposal.round), hidden=True)
    if not verdict.reason.strip() or (verdict.admitted and verdict.cost_cents < LEAST_CENTS):
        raise ValueError("a decision needs a reason, and admission a cost of a euro or more")
    lock_round(session, proposal.round_id)
    lock_as_seen(session, proposal, seen=seen)
    insist(is_decidable(proposal), PlanFault.UNDECIDABLE)
    insist(may_judge(by, proposal), PlanFault.OWN)
    before = plan_values(proposal)
    proposal.status = ProposalStatus.ADMITTED if verdict.admitted else ProposalStatus.REFUSED
    proposal.cost_cents, proposal.changed_at = verdict.cost_cents, now
    decision = _decision(verdict, by=by, now=now)
    decision.revision = number_of_revisions(session, proposal.id) or None
    proposal.decisions.append(decision)
    session.flush()
    said = {"admitted": verdict.admitted, "cost_cents": verdict.cost_cents, "reason": verdict.reason}
    record(session, ProposalDecided(**_changed(proposal, before) | said), by=by, now=now)
    _mail_author(session, proposal, decision, now=now)
    return decision


def erase_maker(session: Session, subject: Subject, *, by: By, now: datetime) -> None:
    """Throw the concepts of a person away, and take the maker off the plans that are public."""
    require(erases(by, subject))
    mine = select(Proposal).where(Proposal.author_id == subject.user_id).order_by(Proposal.id)
    for proposal in session.scalars(mine.with_for_update(of=Proposal)):
        if proposal.status is ProposalStatus.CONCEPT:
            record(session, ConceptDeleted(object=plan_key(proposal)), by=subject.person, now=now)
            session.delete(proposal)
        else:
            proposal.author_id, proposal.author_name = None, ""
    session.execute(without_maker(subject.user_id))
    session.flush()


def _decision(verdict: Verdict, *, by: User, now: datetime) -> Decision:
    return Decision(
        admitted=verdict.admitted,
        cost_cents=verdict.cost_cents,
        reason=verdict.reason,
        answers={criterion.value: answer.value for criterion, answer in verdict.answers.items()},
        decided_by_id=by.id,
        decided_at=now,
    )


def _lacks(round_: Round, draft: Draft) -> bool:
    return bool(shortcomings(draft, rules_or_none(round_), has_themes=bool(round_.themes)))


def _write(session: Session, proposal: Proposal, draft: Draft, *, now: datetime) -> None:
    for name in (*TEXTS, "theme", "buurt", "estimate_cents"):
        setattr(proposal, name, getattr(draft, name))
    proposal.follow()
    proposal.changed_at = now
    proposal.lines.clear()
    session.flush()  # the old lines must be gone before new ones take their positions
    lines = enumerate(draft.lines, start=1)
    proposal.lines.extend(CostLine(position=position, **asdict(line)) for position, line in lines)
    proposal.points = list(session.scalars(select(Point).where(Point.id.in_(draft.point_ids)).order_by(Point.number)))
    session.flush()


def _keep_revision(session: Session, proposal: Proposal, *, by: User, now: datetime) -> int:
    """Keep the plan as its next version, unless it is what the last one holds; return the number of the last one."""
    content, last = typed_content(proposal), last_revision(session, proposal.id)
    found = revision_after(last, proposal, content, now=now)
    if proposal.hidden_at and found is not last:
        session.execute(withheld(proposal, now=now))
        withhold_for_good(session, proposal.key, by=by)
    session.add(found)
    session.flush()
    return found.number


def _changed(proposal: Proposal, before: dict[str, Any]) -> dict[str, Any]:
    return facts_of(proposal) | {"changes": changes_between(before, plan_values(proposal))}


def _mail_author(session: Session, proposal: Proposal, decision: Decision, *, now: datetime) -> None:
    if proposal.author is None:
        return
    about = {"proposal_id": proposal.id, "title": proposal.title, "round": proposal.round.title}
    decided = {name: getattr(decision, name) for name in ("admitted", "cost_cents", "reason")}
    to = {"recipient": proposal.author.email, "language": proposal.author.language}
    enqueue_mail(session, **to, template="proposals_decision", values=about | decided, now=now)
