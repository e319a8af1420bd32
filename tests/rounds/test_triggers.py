"""An opened round refuses changes from raw SQL, table by table, and allows what must still change."""

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from buurtbegroot.core.phases import Phase
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.rounds.models import Round
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in

REFUSED = [
    "UPDATE round SET rules = '{}' WHERE id = :round",
    "UPDATE round SET fingerprint = '' WHERE id = :round",
    "UPDATE round SET owner_code = 'K' WHERE id = :round",
    "UPDATE round SET title = 'Anders' WHERE id = :round",
    "UPDATE round SET opened_at = NULL WHERE id = :round",
    "UPDATE round SET lot_seed = 'aa' WHERE id = :round",
    "DELETE FROM round WHERE id = :round",
    "UPDATE pot SET cents = cents + 1 WHERE round_id = :round",
    "DELETE FROM pot WHERE round_id = :round",
    "INSERT INTO pot (round_id, position, name, cents) VALUES (:round, 9, 'Extra', 100)",
    "UPDATE pot SET round_id = :round WHERE round_id = :other",
    "UPDATE theme SET name = 'Grijs' WHERE round_id = :round AND position = 1",
    "INSERT INTO theme (round_id, position, name, scene) VALUES (:round, 9, 'Extra', '')",
    "DELETE FROM theme WHERE round_id = :round AND position = 2",
    "DELETE FROM round_area WHERE round_id = :round",
    "INSERT INTO round_area (round_id, area_code) VALUES (:round, 'EA03')",
    "UPDATE round_area SET area_code = 'EA03' WHERE round_id = :round AND area_code = 'EA01'",
    "UPDATE phase_window SET ends_at = begins_at WHERE round_id = :round AND phase = 'voting'",
    "DELETE FROM phase_window WHERE round_id = :round AND phase = 'voting'",
    "UPDATE proposal SET title = 'Anders' WHERE id = :admitted",
    "UPDATE proposal SET summary = 'Anders' WHERE id = :admitted",
    "UPDATE proposal SET search = 'anders' WHERE id = :admitted",
    "UPDATE proposal SET hidden_because = 'haat', body = 'Anders' WHERE id = :admitted",
    "UPDATE proposal SET cost_cents = 1 WHERE id = :admitted",
    "UPDATE proposal SET theme_id = NULL WHERE id = :admitted",
    "UPDATE proposal SET buurt_code = 'EA02' WHERE id = :admitted",
    "UPDATE proposal SET number = 99 WHERE id = :admitted",
    "UPDATE proposal SET status = 'withdrawn' WHERE id = :admitted",
    "UPDATE proposal SET round_id = :other, number = 77 WHERE id = :admitted",
    "UPDATE proposal SET status = 'admitted', cost_cents = 5 WHERE id = :submitted",
    "UPDATE proposal SET round_id = :round, number = 77, theme_id = NULL WHERE id = :elsewhere",
    "DELETE FROM proposal WHERE id = :admitted",
    "UPDATE round SET decision_url = 'https://example.org' WHERE id = :round",
    "UPDATE round SET contact = 'bel ons' WHERE id = :round",
    "UPDATE phase_window SET begins_at = begins_at WHERE round_id = :round AND phase = 'realisation'",
    "UPDATE proposal SET help_wanted = 'ja' WHERE id = :admitted",
    "UPDATE proposal SET body = 'Meer uitleg' WHERE id = :admitted",
    "UPDATE proposal SET author_name = 'Iemand anders' WHERE id = :admitted",
    "UPDATE proposal SET title = 'Anders' WHERE id = :submitted",
    "INSERT INTO proposal (round_id, number, title, summary, body, search, place, scene, help_wanted, author_name,"
    " source_key, status, estimate_cents, cost_cents, created_at, changed_at) SELECT round_id, 50, title, summary,"
    " body, search, place, scene, help_wanted, author_name, source_key, status, estimate_cents, cost_cents,"
    " created_at, changed_at FROM proposal WHERE id = :admitted",
]
ALLOWED = [
    "UPDATE round SET closed_at = opened_at, lot_seed = 'aa' WHERE id = :round",
    "UPDATE proposal SET author_id = NULL, author_name = '', version = version + 1 WHERE id = :admitted",
    "UPDATE proposal SET title = 'Anders' WHERE id = :elsewhere",
    "UPDATE pot SET cents = cents + 1 WHERE round_id = :other",
]


@pytest.fixture
def ids(session: Session, now: datetime) -> dict[str, int]:
    """A frozen round with an admitted and a submitted plan, and another round that is not frozen."""
    areas = small_city(session)
    frozen = round_in(session, Phase.VOTING, areas=areas, now=now)
    other = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    found = {
        "round": frozen.id,
        "other": other.id,
        "admitted": plan(session, frozen, now=now).id,
        "submitted": plan(session, frozen, now=now, status=ProposalStatus.SUBMITTED).id,
        "elsewhere": plan(session, other, now=now).id,
    }
    frozen.fingerprint, frozen.opened_at = "f" * 64, now
    session.flush()
    return found


@pytest.mark.parametrize("statement", REFUSED)
def test_refuses_changes_to_a_frozen_round(session: Session, ids: dict[str, int], statement: str) -> None:
    used = {name: value for name, value in ids.items() if f":{name}" in statement}
    with pytest.raises(IntegrityError, match="frozen"), session.begin_nested():
        session.execute(text(statement), used)


@pytest.mark.parametrize("statement", ALLOWED)
def test_allows_what_must_still_change(session: Session, ids: dict[str, int], statement: str) -> None:
    used = {name: value for name, value in ids.items() if f":{name}" in statement}
    session.execute(text(statement), used)


def test_shows_the_seed_of_the_lot_once(session: Session, ids: dict[str, int]) -> None:
    session.execute(text("UPDATE round SET closed_at = opened_at, lot_seed = 'aa' WHERE id = :round"), ids)
    for change in ("lot_seed = 'bb'", "lot_seed = ''", "closed_at = NULL"):
        with pytest.raises(IntegrityError, match="frozen"), session.begin_nested():
            session.execute(text(f"UPDATE round SET {change} WHERE id = :round"), ids)


def test_leaves_an_unopened_round_alone(session: Session, now: datetime) -> None:
    round_ = round_in(session, Phase.SUBMISSION, areas=small_city(session), now=now)
    plan(session, round_, now=now)
    session.execute(text("DELETE FROM proposal"))
    session.expire_all()
    session.delete(session.get_one(Round, round_.id))
    session.flush()
    assert session.query(Proposal).count() == 0
