"""Working out what would have been enough: stopped and started, by two at once, before and after certification."""

import json
import threading
from collections.abc import Generator, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from buurtbegroot import migrating
from buurtbegroot.acts import RefusedError
from buurtbegroot.audit.domain.keys import SITE_KEYS, SiteKeys
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.core.tally.probes import Change, Probe
from buurtbegroot.database import engine_options, prepare_engine, writing
from buurtbegroot.rounds.models import Round
from buurtbegroot.tally.actions import Explained, explain_loss, explain_losses
from buurtbegroot.tally.domain.explaining import Prober
from buurtbegroot.tally.models import PlanResult
from buurtbegroot.tally.queries import tally_of
from tests.databases import fresh_uri
from tests.factories import PROGRAM
from tests.factories.areas import small_city
from tests.factories.tally import Vote, open_vote

COSTS = (60_000, 50_000, 45_000, 90_000, 40_000)
BALLOTS = [[0], [0], [0], [1], [1], [2], [2], [3], [4]]
EXPLAINED = "tally.losses_explained"


@pytest.fixture
def vote(session: Session, now: datetime, tmp_path: Path) -> Vote:
    return open_vote(session, tmp_path, areas=small_city(session), now=now, costs=COSTS).cast_all(BALLOTS)


def kept(session: Session) -> dict[int, str]:
    """What is kept, byte for byte."""
    session.expire_all()
    rows = session.scalars(select(PlanResult).where(PlanResult.probe.is_not(None)))
    return {row.proposal_id: json.dumps(row.probe) for row in rows}


def times_told(session: Session) -> int:
    return session.scalar(select(func.count()).where(AuditEntry.action == EXPLAINED)) or 0


def test_it_goes_on_where_it_stopped_and_ends_with_the_same_bytes(session: Session, vote: Vote) -> None:
    with pytest.raises(RefusedError, match="not counted"):
        vote.explain()
    vote.close().open().count()
    run = explain_losses(session, vote.round, by=PROGRAM, now=vote.later)
    assert [next(run), next(run)] == [Explained(0, 3), Explained(1, 3)]
    session.commit()
    assert isinstance(run, Generator)
    run.close()
    some = kept(session)
    assert len(some) == 1
    assert times_told(session) == 0
    vote.explain()
    all_of_them = kept(session)
    assert len(all_of_them) == 3
    assert some.items() <= all_of_them.items()
    vote.explain()
    assert times_told(session) == 1
    session.execute(update(PlanResult).values(probe=None))
    vote.explain()
    assert kept(session) == all_of_them


def test_the_outcome_does_not_depend_on_it(session: Session, vote: Vote) -> None:
    vote.close().open().count()
    before = tally_of(session, vote.round.id)
    assert before is not None
    trace, figures = before.trace_hash, before.figures
    vote.certify().explain()
    after = tally_of(session, vote.round.id)
    assert after is not None
    assert (after.trace_hash, after.figures) == (trace, figures)
    assert len(kept(session)) == 3


def test_once_certified_an_answer_is_written_once_and_nothing_else(session: Session, vote: Vote) -> None:
    vote.close().open().count().certify()
    other = Probe(cheaper=Change(too_little=100), more_votes=Change())

    def refused(assignment: str) -> None:
        with pytest.raises(IntegrityError, match="certified"), session.begin_nested():
            session.execute(text(f"UPDATE plan_result SET {assignment}"))

    for assignment in ("why = NULL", "probe = '{}', votes = votes + 1", "probe = '{}', rank = rank + 1"):
        refused(assignment)
    vote.explain()
    found = kept(session)
    refused("probe = NULL")
    refused("probe = '{}'")
    explain_loss(session, vote.round, next(iter(found)), probe=other, by=PROGRAM, now=vote.later)
    assert kept(session) == found
    assert times_told(session) == 1


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    uri = fresh_uri(tmp_path).replace("postgresql:", "postgresql+psycopg:", 1)
    engine = create_engine(uri, **engine_options(uri))
    prepare_engine(engine)
    engine.update_execution_options(**{SITE_KEYS: SiteKeys(tmp_path)})
    migrating.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.mark.race
def test_two_at_once_keep_one_answer_and_hold_nothing_meanwhile(
    engine: Engine, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = sessionmaker(bind=engine)
    with writing(), sessions() as session:
        vote = open_vote(session, tmp_path, areas=small_city(session), now=now, costs=COSTS)
        round_id, later = vote.cast_all(BALLOTS).close().open().count().round.id, vote.later
    together, held, troubles = threading.Barrier(2, timeout=30), list[bool](), list[Exception]()
    probe = Prober.probe

    def probe_together(prober: Prober, plan: int) -> Probe:
        together.wait()
        held.append(engine.pool.checkedout() > 0)  # type: ignore[attr-defined]
        together.wait()
        return probe(prober, plan)

    def explain() -> None:
        try:
            with writing(), sessions() as own:
                for _ in explain_losses(own, own.get_one(Round, round_id), by=PROGRAM, now=later):
                    own.commit()
        except Exception as trouble:  # told below, where the test can fail
            troubles.append(trouble)
            together.abort()

    monkeypatch.setattr(Prober, "probe", probe_together)
    threads = [threading.Thread(target=explain) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert troubles == []
    assert len(held) >= 6
    assert not any(held)
    with sessions() as session:
        assert len(kept(session)) == 3
        assert times_told(session) == 1
