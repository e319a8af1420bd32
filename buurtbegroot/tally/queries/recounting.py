"""Counting again from the opened ballots, to compare with what is stored; nothing here writes."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from buurtbegroot.acts import RefusedError
from buurtbegroot.core.tally.trace import Judgement
from buurtbegroot.rounds.models import Round
from buurtbegroot.tally.domain.counting import Input, document_from, sha256_of, sha256_of_lines, trace_of
from buurtbegroot.tally.domain.faults import TallyFault
from buurtbegroot.tally.queries import ballot_lines, input_of, plan_results, tally_of


@dataclass(frozen=True, slots=True)
class Recount:
    """A second count: the SHA-256 of its trace and the names of whatever stored values it does not agree with."""

    trace_hash: str
    differences: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether everything that was stored came out again."""
        return not self.differences


def recount(session: Session, round_: Round) -> Recount:
    """Count again from the opened ballots and compare with what is stored; raises RefusedError before a count."""
    tally = tally_of(session, round_.id)
    if tally is None or tally.counted_at is None:
        raise RefusedError(TallyFault.NOT_COUNTED)
    trace = traced(session, input_of(session, round_), round_.id)
    document = document_from(trace)
    checks = {
        "trace": tally.trace == trace,
        "trace_hash": tally.trace_hash == sha256_of(trace),
        "valid_ballots": tally.valid_ballots == document.valid_ballots,
        "spent_cents": tally.spent_cents == sum(cents for one in document.outcomes for _, cents in one.funded),
        "left_cents": tally.left_cents == sum(outcome.left_cents for outcome in document.outcomes),
        "plans": _stored(session, round_.id)
        == {one.plan: row_of(one) for outcome in document.outcomes for one in outcome.judgements},
    }
    return Recount(sha256_of(trace), tuple(name for name, holds in checks.items() if not holds))


def traced(session: Session, source: Input, round_id: int) -> str:
    """Return the trace of a count of the stored ballots."""
    return trace_of(source, ballots_sha256=sha256_of_lines(ballot_lines(session, round_id)))


def row_of(judgement: Judgement) -> tuple[int, int, str, int]:
    """Return what is stored of the judgement on a plan: votes, rank, verdict, cents awarded."""
    return judgement.votes, judgement.rank, judgement.verdict.value, judgement.awarded_cents


def _stored(session: Session, round_id: int) -> dict[int, tuple[int, int, str, int]]:
    rows = plan_results(session, round_id).values()
    return {row.proposal_id: (row.votes, row.rank, row.verdict, row.awarded_cents) for row in rows}
