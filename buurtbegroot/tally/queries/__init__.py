"""Reading what the count did; what is for everyone is told only once the result is certified."""

import json
from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Text, and_, bindparam, cast, func, select
from sqlalchemy.orm import Session

from buurtbegroot.acts import RefusedError, insist
from buurtbegroot.box.domain.manifest import check_time
from buurtbegroot.box.domain.published import Ballot
from buurtbegroot.box.queries import booth_of, paper_of
from buurtbegroot.core.ballots import Choices
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.closing import ballot_line
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import Ruleset
from buurtbegroot.core.tally.document import document_from
from buurtbegroot.core.tally.trace import WINNING
from buurtbegroot.proposals.queries import ballot_plans
from buurtbegroot.registry.queries import code_counts
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import HAS_PUBLIC_OUTCOME, rules_of
from buurtbegroot.rules.domain.trial import MOST_CHOICES, EarlierVote
from buurtbegroot.tally.domain.counting import Input, sha256_of_ballots
from buurtbegroot.tally.models import Nullifier, OpenedBallot, PlanResult, Tally
from buurtbegroot.tally.policy import TallyFault
from buurtbegroot.work.models import Job
from buurtbegroot.work.queries import job_of

FORGET, OPEN, BUNDLE = "tally.forget", "tally.open", "tally.bundle"
EXPLAIN, REWRITE = "tally.explain", "tally.rewrite"
_LOST = PlanResult.verdict.not_in([one.value for one in WINNING])
_UNEXPLAINED = and_(_LOST, PlanResult.probe.is_(None), PlanResult.why.is_not(None))
"""Plans that lost in a count, and not in what a file of the past says."""


class PlanOutcome(NamedTuple):
    """What the count did with a plan."""

    votes: int
    rank: int
    verdict: str
    awarded_cents: int


_OUTCOME = (
    select(PlanResult.votes, PlanResult.rank, PlanResult.verdict, PlanResult.awarded_cents)
    .join(Round, Round.id == PlanResult.round_id)
    .where(PlanResult.proposal_id == bindparam("plan"), HAS_PUBLIC_OUTCOME)
)


def result_of_plan(session: Session, proposal_id: int) -> PlanOutcome | None:
    """Return what the count did with a plan, or None as long as its round is not certified."""
    found = session.execute(_OUTCOME, {"plan": proposal_id}).first()
    return PlanOutcome(*found) if found else None


def has_public_ballots(session: Session, round_id: int) -> bool:
    """Tell whether everyone may see the ballots of a round: its outcome is certified, and its vote was not small."""
    rows = select(Tally.round_id).join(Round, Round.id == Tally.round_id).where(Tally.round_id == round_id)
    return session.scalar(rows.where(HAS_PUBLIC_OUTCOME, Tally.is_small.is_(False))) is not None


def small_votes(session: Session, round_ids: Collection[int]) -> set[int]:
    """Return the ids of those rounds whose ballots are not published, because there were so few."""
    return set(session.scalars(select(Tally.round_id).where(Tally.round_id.in_(round_ids), Tally.is_small)))


def tally_of(session: Session, round_id: int) -> Tally | None:
    """Return the count of a round as far as it is; None before the ballot box is shut. For organisers only."""
    return session.get(Tally, round_id, populate_existing=True)


def final_from(session: Session, round_id: int, *, opened_at: datetime | None, now: datetime) -> datetime | None:
    """Return from when on the outcome of an opened box can be made final; None when that is now."""
    booth = booth_of(session, round_id)
    begins = opened_at + check_time(booth.manifest) if booth and opened_at else None
    return begins if begins and now < begins else None


def lock_tally(session: Session, round_id: int) -> Tally:
    """Return the count freshly read and locked until the transaction ends; raises RefusedError without one."""
    found = select(Tally).where(Tally.round_id == round_id).with_for_update()
    tally = session.scalar(found.execution_options(populate_existing=True))
    if tally is None:
        raise RefusedError(TallyFault.NOT_CLOSED)
    return tally


def lock_for_count(session: Session, round_id: int, ballots_sha256: str) -> Tally:
    """Return the tally, locked, that a count of these ballots can be stored in.

    Raises RefusedError unless all envelopes are open, when it was counted already, or when other ballots lie here.
    """
    tally = lock_tally(session, round_id)
    same = ballots_sha256 == sha256_of_ballots(opened_ballots(session, round_id))
    insist(tally.opened_at is not None, TallyFault.NOT_OPENED)
    insist(tally.counted_at is None, TallyFault.ALREADY_COUNTED)
    insist(same, TallyFault.BOX_CHANGED)
    return tally


def jobs_of(session: Session, round_id: int) -> dict[str, Job | None]:
    """Return how the background work of a count stands, by the name of its task."""
    return {task: job_of(session, task, {"round_id": round_id}) for task in (FORGET, OPEN, BUNDLE, EXPLAIN, REWRITE)}


def opened_ballots(session: Session, round_id: int) -> Iterator[Ballot]:
    """Yield the valid ballots by tracker, a thousand at a time; for organisers, or once the round is certified."""
    rows = select(OpenedBallot.tracker, OpenedBallot.choices, OpenedBallot.blind)
    ordered = rows.where(OpenedBallot.round_id == round_id).order_by(OpenedBallot.tracker)
    with closing(session.execute(ordered.execution_options(yield_per=1000))) as found:
        yield from (Ballot(*row) for row in found)


def nullifiers_of(session: Session, round_id: int) -> Iterator[bytes]:
    """Yield the nullifiers of the counted ballots in rising order."""
    rows = select(Nullifier.nullifier).where(Nullifier.round_id == round_id).order_by(Nullifier.nullifier)
    with closing(session.scalars(rows.execution_options(yield_per=10_000))) as found:
        yield from found


def ballot_lines(session: Session, round_id: int) -> Iterator[str]:
    """Yield the file of ballots line by line, without line ends."""
    for ballot in opened_ballots(session, round_id):
        yield ballot_line(ballot.tracker, canonical_json(ballot.choices), ballot.blind)


def ballots_of(session: Session, round_id: int) -> Counter[Choices]:
    """Return how many voters made each choice of plans; the database lays equal ballots together.

    Ballots are stored in one canonical spelling, so that equal texts are equal ballots.
    """
    spelled = cast(OpenedBallot.choices, Text)
    rows = select(spelled, func.count()).where(OpenedBallot.round_id == round_id).group_by(spelled)
    found: Counter[Choices] = Counter()
    for text, voters in session.execute(rows.execution_options(yield_per=10_000)):
        found[tuple(json.loads(text))] += voters
    return found


def plan_results(session: Session, round_id: int) -> dict[int, PlanResult]:
    """Return what the count did with each plan, by plan id."""
    found = session.scalars(select(PlanResult).where(PlanResult.round_id == round_id))
    return {result.proposal_id: result for result in found}


def losers_of(session: Session, round_id: int) -> int:
    """Return how many plans lost."""
    return session.scalar(select(func.count()).where(PlanResult.round_id == round_id, _LOST)) or 0


def unexplained(session: Session, round_id: int) -> Sequence[int]:
    """Return the ids of plans that lost and of which it is not worked out what would have been enough, best first."""
    waiting = select(PlanResult.proposal_id).where(PlanResult.round_id == round_id, _UNEXPLAINED)
    return session.scalars(waiting.order_by(PlanResult.rank, PlanResult.proposal_id)).all()


def unexplained_rounds(session: Session) -> Sequence[Round]:
    """Return the counted rounds that have such plans, the oldest first."""
    waiting = select(PlanResult.round_id).where(_UNEXPLAINED)
    return session.scalars(select(Round).where(Round.id.in_(waiting)).order_by(Round.id)).all()


def input_of(session: Session, round_: Round, *, withdrawn: Iterable[int]) -> Input:
    """Return what was counted, or would be; raises RefusedError for a round that never opened.

    A round of the past has its plans in the document of its count, and no codes.
    `withdrawn` are the plans that could no longer win: those of the trusted values, or those that a count knew of.
    """
    rules, plans = _paper(session, round_)
    return Input(
        round=round_.slug,
        rules=rules,
        plans=plans,
        ballots=ballots_of(session, round_.id),
        seed=bytes.fromhex(round_.lot_seed),
        ballots_sha256=sha256_of_ballots(opened_ballots(session, round_.id)),
        withdrawn=frozenset(withdrawn),
        codes=code_counts(session, round_.id).active,
    )


def _paper(session: Session, round_: Round) -> tuple[Ruleset, tuple[Plan, ...]]:
    booth, tally = booth_of(session, round_.id), tally_of(session, round_.id)
    if round_.archive and tally is not None:
        return rules_of(round_), document_from(tally.trace).plans
    if booth is None:
        raise RefusedError(TallyFault.NOT_CLOSED)
    paper = paper_of(session, round_.id, booth.manifest_hash)
    return paper.rules, paper.plans


def certified_rounds(session: Session, *, most: int, first: str = "") -> list[tuple[str, str]]:
    """Return slug and title of at most so many published rounds whose ballots are public, the latest first.

    The round with the slug `first`, if it is one of them, comes before all others.
    """
    rows = select(Round.slug, Round.title).join(Tally, Tally.round_id == Round.id)
    rows = rows.where(HAS_PUBLIC_OUTCOME, Tally.is_small.is_(False))
    ordered = rows.order_by(Round.slug != first, Round.certified_at.desc(), Round.id.desc())
    return [(slug, title) for slug, title in session.execute(ordered.limit(most))]


def earlier_vote(session: Session, slug: str) -> EarlierVote | None:
    """Return a vote with public ballots, to try other rules on; None for any other round. Four queries at most."""
    rows = select(Round, Tally.valid_ballots).join(Tally, Tally.round_id == Round.id)
    certified = rows.where(HAS_PUBLIC_OUTCOME, Tally.is_small.is_(False), Round.slug == slug)
    found = session.execute(certified).first()
    if found is None:
        return None
    round_, valid_ballots = found
    votes = {plan: result.votes for plan, result in plan_results(session, round_.id).items()}
    few = sum(votes.values()) <= MOST_CHOICES
    return EarlierVote(
        rules=rules_of(round_),
        plans=tuple(plan for plan in ballot_plans(session, round_) if plan.id in votes),
        votes=votes,
        valid_ballots=valid_ballots,
        seed=bytes.fromhex(round_.lot_seed),
        ballots=_among(ballots_of(session, round_.id), votes) if few else None,
    )


def _among(ballots: Mapping[Choices, int], plans: Container[int]) -> Counter[Choices]:
    """Return ballots with these plans only: one that was withdrawn while people voted is tried by no rule."""
    found: Counter[Choices] = Counter()
    for choices, voters in ballots.items():
        found[tuple(plan for plan in choices if plan in plans)] += voters
    return found
