"""Organisers who ask or confirm at the same moment: one of them does, the others are told so."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from buurtbegroot.accounts.dual_acts import ERASE_PAYLOAD
from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import RefusedError
from buurtbegroot.areas.models import CITY
from buurtbegroot.audit.domain.keys import SITE_KEYS, SiteKeys
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.booth.dual_acts import OPEN
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import Model, engine_options, prepare_engine, writing
from buurtbegroot.dual_control.actions import confirm_act, request_act
from buurtbegroot.dual_control.models import DualRequest, State
from buurtbegroot.proposals.actions import Verdict, decide_proposal
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.models import Round
from tests.databases import fresh_uri
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.audit import something_happened
from tests.factories.proposals import plan
from tests.factories.rounds import round_in

pytestmark = pytest.mark.race
Act = Callable[[Session, User], object]


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[sessionmaker[Session]]:
    """Sessions that really commit, on a database of their own."""
    uri = fresh_uri(tmp_path).replace("postgresql:", "postgresql+psycopg:", 1)
    engine = create_engine(uri, pool_size=10, **engine_options(uri))
    prepare_engine(engine)
    engine.update_execution_options(**{SITE_KEYS: SiteKeys(tmp_path)})
    with writing():
        Model.metadata.create_all(engine)
    yield sessionmaker(bind=engine)
    engine.dispose()


def at_once(sessions: sessionmaker[Session], ids: list[int], *acts: Act) -> list[str]:
    """Let each person do the act (or each their own) in the same moment; return done or why not, in any order."""
    outcomes: list[str] = []
    together = threading.Barrier(len(ids))

    def run(user_id: int, act: Act) -> None:
        with writing(), sessions() as session:
            user = session.get_one(User, user_id)
            session.rollback()
            together.wait(10)
            try:
                act(session, user)
                session.commit()
                outcomes.append("done")
            except RefusedError as refusal:
                session.rollback()
                outcomes.append(refusal.fault.value)

    each = acts if len(acts) > 1 else acts * len(ids)
    threads = [threading.Thread(target=run, args=pair) for pair in zip(ids, each, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(outcomes)


def test_of_many_who_confirm_at_once_one_counts(sessions: sessionmaker[Session], now: datetime) -> None:
    with writing(), sessions() as session:
        round_ = round_in(session, Phase.VOTING, areas=small_city(session), now=now)
        people = [person(session, Role.COORDINATOR, "E") for _ in range(5)]
        seen = request_act(session, OPEN, round_, by=people[0], now=now).fingerprint
        round_id, ids = round_.id, [user.id for user in people[1:]]
        session.commit()

    def confirm(session: Session, user: User) -> None:
        confirm_act(session, OPEN, session.get_one(Round, round_id), seen=seen, by=user, now=now)

    assert at_once(sessions, ids, confirm) == ["already_confirmed"] * 3 + ["done"]
    with sessions() as session:
        assert session.scalars(select(DualRequest)).one().ended_by_id in ids
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 2


@pytest.mark.parametrize("is_locked", [True, False])
def test_of_many_who_ask_at_once_one_counts(sessions: sessionmaker[Session], now: datetime, is_locked: bool) -> None:
    """The row of a round is locked by who asks; an entry of the log is not, and there a unique index decides."""
    with writing(), sessions() as session:
        areas = small_city(session)
        role, area = (Role.COORDINATOR, "E") if is_locked else (Role.ADMINISTRATOR, CITY)
        ids = [person(session, role, area).id for _ in range(5)]
        round_id = round_in(session, Phase.VOTING, areas=areas, now=now).id
        seq = something_happened(session, now=now).seq
        session.commit()

    def ask(session: Session, user: User) -> None:
        if is_locked:
            request_act(session, OPEN, session.get_one(Round, round_id), by=user, now=now)
        else:
            request_act(session, ERASE_PAYLOAD, session.get_one(AuditEntry, seq), by=user, now=now)

    assert at_once(sessions, ids, ask) == ["already_requested"] * 4 + ["done"]
    with sessions() as session:
        assert session.scalars(select(DualRequest)).one().state is State.OPEN


def test_a_plan_that_changes_while_somebody_confirms(sessions: sessionmaker[Session], now: datetime) -> None:
    """Whoever comes first, nobody confirms another cost than was shown."""
    with writing(), sessions() as session:
        round_ = round_in(session, Phase.VOTING, areas=small_city(session), now=now)
        people = [person(session, Role.COORDINATOR, "E") for _ in range(3)]
        proposal = plan(session, round_, now=now)
        seen = request_act(session, OPEN, round_, by=people[0], now=now).fingerprint
        round_id, plan_id, ids = round_.id, proposal.id, [user.id for user in people[1:]]
        session.commit()

    def confirm(session: Session, user: User) -> None:
        round_ = session.get_one(Round, round_id)
        confirm_act(session, OPEN, round_, seen=seen, by=user, now=now)
        assert session.get_one(Proposal, plan_id, populate_existing=True).cost_cents == 10_000

    def decide(session: Session, user: User) -> None:
        dearer = Verdict(admitted=True, reason="Duurder.", cost_cents=99_000)
        plan = session.get_one(Proposal, plan_id)
        decide_proposal(session, plan, dearer, seen=plan.version, by=user, now=now)

    outcomes = at_once(sessions, ids, confirm, decide)
    assert outcomes in (["done", "done"], ["changed", "done"])
    with sessions() as session:
        state = session.scalars(select(DualRequest.state)).one()
    assert state is (State.CONFIRMED if outcomes == ["done", "done"] else State.LAPSED)
