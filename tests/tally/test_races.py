"""Closing while people vote: what was acknowledged is counted, whatever the order in which things happen."""

import secrets
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import ANYONE, RefusedError
from buurtbegroot.database import Model, engine_options, prepare_engine, writing
from buurtbegroot.rounds.models import Round
from buurtbegroot.tally import actions
from buurtbegroot.tally.actions.opening import open_envelopes
from buurtbegroot.tally.queries import opened_ballots, tally_of
from buurtbegroot.voting.actions import cast_ballot
from buurtbegroot.voting.keys import KeyStore
from tests.databases import fresh_uri
from tests.factories import PROGRAM
from tests.factories.areas import small_city
from tests.factories.tally import NIGHT, open_vote

VOTERS, CASTERS = 80, 4


@pytest.fixture
def sessions(tmp_path: Path) -> Iterator[sessionmaker[Session]]:
    """Sessions that really commit, on a database of their own."""
    uri = fresh_uri(tmp_path).replace("postgresql:", "postgresql+psycopg:", 1)
    engine = create_engine(uri, pool_size=CASTERS + 2, **engine_options(uri))
    prepare_engine(engine)
    with writing():
        Model.metadata.create_all(engine)
    yield sessionmaker(bind=engine)
    engine.dispose()


class Crowd:
    """Voters who vote twice and remember what they were told."""

    def __init__(
        self, sessions: sessionmaker[Session], keys: KeyStore, *, round_id: int, plans: list[int], now: datetime
    ) -> None:
        self.sessions, self.keys, self.round_id, self.plans, self.now = sessions, keys, round_id, plans, now
        self.acknowledged: dict[bytes, int] = {}
        self.refused: list[bytes] = []
        self.begun = threading.Semaphore(0)

    def vote_twice(self, voters: list[bytes]) -> None:
        for number, k in enumerate(voters * 2):
            choice = self.plans[(number + k[0]) % 3]
            try:
                self._cast(k, choice)
                self.acknowledged[k] = choice
            except RefusedError:
                self.refused.append(k)
            except OperationalError:  # the database was busy: nothing was acknowledged
                continue
            self.begun.release()

    def _cast(self, k: bytes, choice: int) -> None:
        nonce = secrets.token_bytes(16)
        with writing(), self.sessions() as own:
            cast_ballot(
                own, round_id=self.round_id, k=k, choices=[choice], nonce=nonce, keys=self.keys, by=ANYONE, now=self.now
            )
            own.commit()


@pytest.mark.race
def test_every_acknowledged_ballot_is_counted(sessions: sessionmaker[Session], now: datetime, tmp_path: Path) -> None:
    with writing(), sessions() as session:
        vote = open_vote(session, tmp_path, areas=small_city(session), now=now, voters=VOTERS)
        round_id, plans = vote.round.id, [plan.id for plan in vote.plans]
        people, voters, keys = [user.id for user in vote.people], vote.voters, vote.keys
        seen = actions.request_close(session, vote.round, by=vote.people[0], now=now + NIGHT).fingerprint
        session.commit()
    booth = Crowd(sessions, keys, round_id=round_id, plans=plans, now=now)
    threads = [threading.Thread(target=booth.vote_twice, args=(voters[start::CASTERS],)) for start in range(CASTERS)]
    for thread in threads:
        thread.start()
    for _ in range(VOTERS // 2):
        booth.begun.acquire(timeout=30)
    with writing(), sessions() as closing:
        found = closing.get_one(Round, round_id)
        second = closing.get_one(User, people[1])
        actions.confirm_close(closing, found, seen=seen, by=second, keys=keys, now=now + NIGHT)
        closing.commit()
    for thread in threads:
        thread.join(timeout=60)

    with writing(), sessions() as session:
        found = session.get_one(Round, round_id)
        for _ in open_envelopes(session, found, keys=keys, by=PROGRAM, now=now + NIGHT, batch=7):
            session.commit()
        counted = Counter(choice for ballot in opened_ballots(session, round_id) for choice in ballot.choices)
        tally = tally_of(session, round_id)
    assert tally is not None
    assert tally.defects == []
    assert tally.envelopes == len(booth.acknowledged)
    assert counted == Counter(booth.acknowledged.values())
    assert booth.refused, "nobody was still voting when the box was shut"
