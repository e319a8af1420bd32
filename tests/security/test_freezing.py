"""What the database itself refuses once a vote is opened, logged or certified, whoever writes and with what."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from buurtbegroot.database import Model
from buurtbegroot.tally.models import TALLY_COLUMNS, Tally
from tests.conftest import NOW
from tests.factories.areas import small_city
from tests.factories.tally import Vote, open_vote

OPENED = [
    "UPDATE booth SET manifest = '{}' WHERE round_id = :round",
    "UPDATE booth SET sealing_public = salt WHERE round_id = :round",
    "UPDATE booth SET signing_public = salt WHERE round_id = :round",
    "UPDATE booth SET salt = sealing_public WHERE round_id = :round",
    "DELETE FROM booth WHERE round_id = :round",
    "INSERT INTO registered_code (round_id, commitment, kind, status)"
    " SELECT :round, salt, 'letter', 'active' FROM booth",
    "UPDATE registered_code SET commitment = (SELECT salt FROM booth) WHERE round_id = :round",
    "UPDATE registered_code SET kind = 'pool' WHERE round_id = :round",
    "UPDATE registered_code SET status = 'void' WHERE round_id = :round",
    "UPDATE registered_code SET status = 'spare' WHERE round_id = :round",
    "DELETE FROM registered_code WHERE round_id = :round",
]
CERTIFIED = [
    "UPDATE opened_ballot SET choices = '[]' WHERE round_id = :round",
    "DELETE FROM opened_ballot WHERE round_id = :round",
    "INSERT INTO opened_ballot (round_id, tracker, choices, blind) SELECT :round, salt, '[]', salt FROM booth",
    "DELETE FROM nullifier WHERE round_id = :round",
    "UPDATE nullifier SET nullifier = (SELECT salt FROM booth) WHERE round_id = :round",
    "INSERT INTO nullifier (round_id, nullifier) SELECT :round, salt FROM booth",
    "UPDATE plan_result SET votes = votes + 1 WHERE round_id = :round",
    "UPDATE plan_result SET verdict = 'funded' WHERE round_id = :round",
    "DELETE FROM plan_result WHERE round_id = :round",
    "UPDATE tally SET trace = '{}' WHERE round_id = :round",
    "UPDATE tally SET left_out = '[{}]' WHERE round_id = :round",
    "UPDATE tally SET valid_ballots = 9 WHERE round_id = :round",
    "UPDATE tally SET counted_at = NULL WHERE round_id = :round",
    "DELETE FROM tally WHERE round_id = :round",
]


@pytest.fixture
def vote(session: Session, tmp_path: Path) -> Vote:
    found = open_vote(session, tmp_path, areas=small_city(session), now=NOW).cast_all([[0], [1], [2]])
    found.cast(1, voter=found.voters[-1])
    return found


def refuse(session: Session, statement: str, round_id: int, says: str) -> None:
    with pytest.raises(IntegrityError, match=says), session.begin_nested():
        session.execute(text(statement), {"round": round_id} if ":round" in statement else {})


def test_manifest_and_registry_are_fixed_once_opened(session: Session, vote: Vote) -> None:
    for statement in OPENED:
        refuse(session, statement, vote.round.id, "frozen")


def test_a_certified_outcome_stays(session: Session, vote: Vote) -> None:
    vote.finish()
    for statement in CERTIFIED:
        refuse(session, statement, vote.round.id, "final")
    session.execute(text("UPDATE tally SET recounts = recounts + 1"))


def test_every_column_of_a_tally_was_thought_of() -> None:
    later = {"recounts", "recounted_at", "destroyed_at"}
    assert set(Model.metadata.tables[Tally.__tablename__].columns.keys()) == {*TALLY_COLUMNS, *later}
