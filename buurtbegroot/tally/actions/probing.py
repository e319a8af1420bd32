"""Working out what would have been enough for plans that lost, after the count and beside it, plan by plan."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from buurtbegroot.acts import RefusedError, System, require
from buurtbegroot.database import writing
from buurtbegroot.rounds.models import Round
from buurtbegroot.tally.actions import explain_loss
from buurtbegroot.tally.domain.counting import document_from
from buurtbegroot.tally.domain.explaining import Prober
from buurtbegroot.tally.domain.faults import TallyFault
from buurtbegroot.tally.policy import may_explain
from buurtbegroot.tally.queries import input_of, losers_of, tally_of, unexplained


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
    source = input_of(session, round_)
    return Prober(source.election, source.rules, document_from(tally.trace).outcomes)
