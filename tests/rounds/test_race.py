"""Two organisers confirm at the same moment: one of them does, the other is told so."""

import threading
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import Model, engine_options, prepare_engine, writing
from buurtbegroot.rounds.actions import life
from buurtbegroot.rounds.models import DoubleStep, Round, RoundStep
from tests.databases import fresh_uri
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.rounds import round_in


@pytest.mark.race
def test_of_two_confirmations_at_once_one_counts(tmp_path: Path, now: datetime) -> None:
    uri = fresh_uri(tmp_path)
    engine = create_engine(uri.replace("postgresql:", "postgresql+psycopg:", 1), **engine_options(uri))
    prepare_engine(engine)
    with writing(), Session(engine) as session:
        Model.metadata.create_all(session.connection())
        round_ = round_in(session, Phase.FEASIBILITY, areas=small_city(session), now=now)
        people = [person(session, Role.COORDINATOR, "E") for _ in range(5)]
        life.request_step(session, round_, DoubleStep.OPEN, by=people[0], now=now)
        round_id, ids = round_.id, [user.id for user in people[1:]]
        session.commit()
    outcomes: list[str] = []
    together = threading.Barrier(len(ids))

    def confirm(user_id: int) -> None:
        with writing(), Session(engine) as session:
            user = session.get_one(type(people[0]), user_id)
            round_ = session.get_one(Round, round_id)
            session.rollback()
            together.wait(10)
            try:
                life.confirm_step(session, round_, DoubleStep.OPEN, by=user, now=now)
                session.commit()
                outcomes.append("confirmed")
            except life.StepRefusedError as refusal:
                outcomes.append(refusal.fault.value)

    threads = [threading.Thread(target=confirm, args=(user_id,)) for user_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["already_confirmed"] * 3 + ["confirmed"]
    with Session(engine) as session:
        assert session.scalars(select(RoundStep)).one().confirmed_by_id in ids
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 2
    engine.dispose()
