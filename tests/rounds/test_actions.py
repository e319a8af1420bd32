"""Steps of two people: who, when and in which order; freezing, closing and certifying."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.areas.models import Area
from buurtbegroot.audit.models import AuditEntry, AuditPayload
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.rules import RestRule, to_json
from buurtbegroot.core.tally.ties import commitment
from buurtbegroot.rounds.actions import life, setup
from buurtbegroot.rounds.actions.life import StepFault, StepRefusedError
from buurtbegroot.rounds.models import DoubleStep, Round
from buurtbegroot.rounds.queries import is_open_for_votes, phase_of, rules_of
from buurtbegroot.rules.actions import save_rules
from tests.factories.accounts import person
from tests.factories.akkoord import small_accord
from tests.factories.rounds import WEEK, round_in

SEED = b"s" * 32
OPEN, CLOSE, CERTIFY, DESTROY = DoubleStep


@pytest.fixture
def round_(session: Session, areas: dict[str, Area], now: datetime) -> Round:
    """A round whose plans are being checked; the vote begins in half a week."""
    found = round_in(session, Phase.FEASIBILITY, areas=areas, now=now)
    found.points = small_accord(session)
    return found


@pytest.fixture
def pair(session: Session, areas: dict[str, Area]) -> tuple[User, User]:
    return person(session, Role.COORDINATOR, "E"), person(session, Role.COORDINATOR, "E")


def opened(session: Session, round_: Round, pair: tuple[User, User], now: datetime) -> None:
    life.request_step(session, round_, OPEN, by=pair[0], now=now)
    life.confirm_step(session, round_, OPEN, by=pair[1], now=now)
    rules = replace(rules_of(round_), lot_commitment=commitment(SEED))
    life.freeze(session, round_, rules=rules, fingerprint="f" * 64, by=pair[1], now=now)


def fault_of(error: pytest.ExceptionInfo[StepRefusedError]) -> StepFault:
    return error.value.fault


def test_leads_a_round_through_its_life(
    session: Session, round_: Round, pair: tuple[User, User], now: datetime
) -> None:
    opened(session, round_, pair, now)
    during, after = now + WEEK, now + 2 * WEEK
    assert not is_open_for_votes(round_, now)
    assert is_open_for_votes(round_, during)
    life.request_step(session, round_, CLOSE, by=pair[1], now=after)
    life.confirm_step(session, round_, CLOSE, by=pair[0], now=after)
    life.mark_closed(session, round_, lot_seed=SEED, by=pair[0], now=after)
    assert round_.lot_seed == SEED.hex()
    assert not is_open_for_votes(round_, during)
    life.request_step(session, round_, CERTIFY, by=pair[0], now=after)
    life.confirm_step(session, round_, CERTIFY, by=pair[1], now=after)
    life.mark_certified(session, round_, by=pair[1], now=after)
    assert phase_of(round_, after) is Phase.COUNTING
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
    step = ["rounds.step_requested", "rounds.step_confirmed"]
    expected = [*step, "rounds.frozen", *step, "rounds.closed", *step, "rounds.certified"]
    assert [entry.action for entry in entries] == expected
    assert {(entry.object, tuple(entry.points)) for entry in entries} == {(f"round:{round_.slug}", (3, 5, 16))}


def test_needs_two_people(session: Session, round_: Round, pair: tuple[User, User], now: datetime) -> None:
    life.request_step(session, round_, OPEN, by=pair[0], now=now)
    with pytest.raises(StepRefusedError) as error:
        life.confirm_step(session, round_, OPEN, by=pair[0], now=now)
    assert fault_of(error) is StepFault.SAME_PERSON
    with pytest.raises(StepRefusedError) as error:
        life.request_step(session, round_, OPEN, by=pair[1], now=now)
    assert fault_of(error) is StepFault.ALREADY_REQUESTED
    life.confirm_step(session, round_, OPEN, by=pair[1], now=now)
    for act in (life.confirm_step, life.request_step, life.withdraw_request):
        with pytest.raises(StepRefusedError) as error:
            act(session, round_, OPEN, by=pair[0], now=now)
        assert fault_of(error) is StepFault.ALREADY_CONFIRMED


def test_a_second_mailbox_is_no_second_person(
    session: Session, round_: Round, pair: tuple[User, User], now: datetime
) -> None:
    one, other = pair
    for grant in other.grants:
        grant.granted_by = one.pseudonym
    for asking, confirming in ((one, other), (other, one)):
        life.request_step(session, round_, OPEN, by=asking, now=now)
        with pytest.raises(StepRefusedError) as error:
            life.confirm_step(session, round_, OPEN, by=confirming, now=now)
        assert fault_of(error) is StepFault.NOT_INDEPENDENT
        life.withdraw_request(session, round_, OPEN, by=asking, now=now)
    other.grants[0].granted_by = "m-somebody-else"
    life.request_step(session, round_, OPEN, by=one, now=now)
    life.confirm_step(session, round_, OPEN, by=other, now=now)


def test_can_take_a_request_back(session: Session, round_: Round, pair: tuple[User, User], now: datetime) -> None:
    life.request_step(session, round_, OPEN, by=pair[0], now=now)
    life.withdraw_request(session, round_, OPEN, by=pair[1], now=now)
    for act in (life.withdraw_request, life.confirm_step):
        with pytest.raises(StepRefusedError) as error:
            act(session, round_, OPEN, by=pair[1], now=now)
        assert fault_of(error) is StepFault.NOT_REQUESTED
    life.request_step(session, round_, OPEN, by=pair[1], now=now)


@pytest.mark.parametrize(("step", "weeks"), [(OPEN, -1), (OPEN, 2), (CLOSE, 0), (CERTIFY, 0), (DESTROY, 0)])
def test_takes_steps_only_in_time(
    session: Session, round_: Round, pair: tuple[User, User], now: datetime, step: DoubleStep, weeks: int
) -> None:
    with pytest.raises(StepRefusedError) as error:
        life.request_step(session, round_, step, by=pair[0], now=now + weeks * WEEK)
    assert fault_of(error) is StepFault.NOT_NOW


def test_does_not_close_while_people_vote(
    session: Session, round_: Round, pair: tuple[User, User], now: datetime
) -> None:
    opened(session, round_, pair, now)
    last_minute = now + WEEK * 3 / 2 - timedelta(minutes=1)
    for moment in (now, last_minute):
        with pytest.raises(StepRefusedError) as error:
            life.request_step(session, round_, CLOSE, by=pair[0], now=moment)
        assert fault_of(error) is StepFault.NOT_NOW
    life.request_step(session, round_, CLOSE, by=pair[0], now=last_minute + timedelta(minutes=1))


def test_freezes_only_the_rules_that_everyone_read(
    session: Session, round_: Round, pair: tuple[User, User], now: datetime
) -> None:
    rules = replace(rules_of(round_), lot_commitment=commitment(SEED))
    with pytest.raises(StepRefusedError):
        life.freeze(session, round_, rules=rules, fingerprint="f", by=pair[1], now=now)
    life.request_step(session, round_, OPEN, by=pair[0], now=now)
    life.confirm_step(session, round_, OPEN, by=pair[1], now=now)
    other = replace(rules, counting=replace(rules.counting, rest=RestRule.STOP))
    for wrong, fingerprint in ((other, "f"), (replace(rules, lot_commitment=None), "f"), (rules, "")):
        with pytest.raises(ValueError, match="round"):
            life.freeze(session, round_, rules=wrong, fingerprint=fingerprint, by=pair[1], now=now)
    life.freeze(session, round_, rules=rules, fingerprint="f", by=pair[1], now=now)
    with pytest.raises(StepRefusedError):
        life.freeze(session, round_, rules=rules, fingerprint="f", by=pair[1], now=now)


def test_reveals_only_the_seed_that_was_committed_to(
    session: Session, round_: Round, pair: tuple[User, User], now: datetime
) -> None:
    opened(session, round_, pair, now)
    after = now + 2 * WEEK
    with pytest.raises(StepRefusedError):
        life.mark_closed(session, round_, lot_seed=SEED, by=pair[0], now=after)
    life.request_step(session, round_, CLOSE, by=pair[1], now=after)
    life.confirm_step(session, round_, CLOSE, by=pair[0], now=after)
    with pytest.raises(ValueError, match="seed"):
        life.mark_closed(session, round_, lot_seed=b"x" * 32, by=pair[0], now=after)
    life.mark_closed(session, round_, lot_seed=SEED, by=pair[0], now=after)
    with pytest.raises(StepRefusedError):
        life.mark_closed(session, round_, lot_seed=SEED, by=pair[0], now=after)


def test_logs_both_fingerprints_when_public_rules_change(
    session: Session, round_: Round, pair: tuple[User, User], now: datetime
) -> None:
    before, rules = life.rules_fingerprint(round_), rules_of(round_)
    changed = replace(rules, counting=replace(rules.counting, rest=RestRule.STOP))
    save_rules(session, round_, changed, seen=round_.version, by=pair[0], now=now)
    payload = session.scalars(select(AuditPayload)).one().payload
    assert payload == {"part": "rules", "old_rules": before, "new_rules": life.rules_fingerprint(round_)}
    assert round_.rules == to_json(changed).decode()


def test_changes_nothing_after_opening(session: Session, round_: Round, pair: tuple[User, User], now: datetime) -> None:
    opened(session, round_, pair, now)
    for save, value in (
        (save_rules, rules_of(round_)),
        (setup.save_windows, ()),
        (setup.save_points, []),
    ):
        with pytest.raises(setup.RoundFrozenError):
            save(session, round_, value, seen=round_.version, by=pair[0], now=now)  # type: ignore[operator]
