"""What two people agreed on: freezing, closing and certifying a round, and when it is time for each."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import RefusedError
from buurtbegroot.areas.models import Area
from buurtbegroot.audit.models import AuditEntry, AuditPayload
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.rules import RestRule, to_json
from buurtbegroot.core.tally.ties import commitment
from buurtbegroot.dual_control.actions import DualFault
from buurtbegroot.rounds import actions
from buurtbegroot.rounds.dual_acts import RoundAct
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import (
    is_time_to_open,
    round_key,
    rules_fingerprint,
    rules_of,
    standing_of,
)
from buurtbegroot.rules.actions import save_rules
from tests.factories.accounts import person
from tests.factories.akkoord import small_accord
from tests.factories.dual_control import agreed
from tests.factories.rounds import WEEK, round_in
from tests.refusals import refused

SEED = b"s" * 32
OPEN, CLOSE, CERTIFY = RoundAct.OPEN, RoundAct.CLOSE, RoundAct.CERTIFY


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
    agreed(session, OPEN, round_key(round_), two=pair, now=now)
    rules = replace(rules_of(round_), lot_commitment=commitment(SEED))
    actions.freeze(session, round_, rules=rules, fingerprint="f" * 64, by=pair[1], now=now)


def test_leads_a_round_through_its_life(
    session: Session, round_: Round, pair: tuple[User, User], now: datetime
) -> None:
    opened(session, round_, pair, now)
    during, after = now + WEEK, now + 2 * WEEK
    assert not standing_of(round_, now).takes_votes
    assert standing_of(round_, during).takes_votes
    agreed(session, CLOSE, round_key(round_), two=pair, now=after)
    actions.mark_closed(session, round_, envelopes=3, lot_seed=SEED, by=pair[0], now=after)
    assert round_.lot_seed == SEED.hex()
    assert not standing_of(round_, during).takes_votes
    agreed(session, CERTIFY, round_key(round_), two=pair, now=after)
    actions.mark_certified(session, round_, bundle="ab", by=pair[1], now=after)
    assert standing_of(round_, after).phase is Phase.COUNTING
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.seq)).all()
    assert [entry.action for entry in entries] == ["rounds.frozen", "rounds.closed", "rounds.certified"]
    assert {(entry.object, tuple(entry.points)) for entry in entries} == {
        (f"round:{round_.slug}", ("2019_3", "2019_5", "2019_16"))
    }


def test_each_act_has_its_time(session: Session, round_: Round, pair: tuple[User, User], now: datetime) -> None:
    assert [is_time_to_open(round_, now + weeks * WEEK) for weeks in (-1, 0, 1, 2)] == [False, True, True, False]
    assert not standing_of(round_, now + 2 * WEEK).may_close
    opened(session, round_, pair, now)
    assert not is_time_to_open(round_, now)
    end = now + WEEK * 3 / 2
    assert [standing_of(round_, moment).may_close for moment in (now, end - timedelta(minutes=1), end)] == [
        False,
        False,
        True,
    ]
    assert not standing_of(round_, end).may_certify
    agreed(session, CLOSE, round_key(round_), two=pair, now=end)
    actions.mark_closed(session, round_, envelopes=3, lot_seed=SEED, by=pair[0], now=end)
    assert standing_of(round_, end).may_certify
    assert not standing_of(round_, end).may_close


def test_freezes_only_the_rules_that_everyone_read(
    session: Session, round_: Round, pair: tuple[User, User], now: datetime
) -> None:
    rules = replace(rules_of(round_), lot_commitment=commitment(SEED))
    with pytest.raises(RefusedError) as alone:
        actions.freeze(session, round_, rules=rules, fingerprint="f", by=pair[1], now=now)
    assert alone.value.fault is DualFault.NOT_REQUESTED
    agreed(session, OPEN, round_key(round_), two=pair, now=now)
    other = replace(rules, counting=replace(rules.counting, rest=RestRule.STOP))
    for wrong, fingerprint in ((other, "f"), (replace(rules, lot_commitment=None), "f"), (rules, "")):
        with pytest.raises(ValueError, match="round"):
            actions.freeze(session, round_, rules=wrong, fingerprint=fingerprint, by=pair[1], now=now)
    actions.freeze(session, round_, rules=rules, fingerprint="f", by=pair[1], now=now)
    with pytest.raises(RefusedError):
        actions.freeze(session, round_, rules=rules, fingerprint="f", by=pair[1], now=now)


def test_reveals_only_the_seed_that_was_committed_to(
    session: Session, round_: Round, pair: tuple[User, User], now: datetime
) -> None:
    opened(session, round_, pair, now)
    after = now + 2 * WEEK
    with pytest.raises(RefusedError):
        actions.mark_closed(session, round_, envelopes=3, lot_seed=SEED, by=pair[0], now=after)
    agreed(session, CLOSE, round_key(round_), two=pair, now=after)
    with pytest.raises(ValueError, match="seed"):
        actions.mark_closed(session, round_, envelopes=3, lot_seed=b"x" * 32, by=pair[0], now=after)
    actions.mark_closed(session, round_, envelopes=3, lot_seed=SEED, by=pair[0], now=after)
    with pytest.raises(RefusedError):
        actions.mark_closed(session, round_, envelopes=3, lot_seed=SEED, by=pair[0], now=after)


def test_logs_both_fingerprints_when_public_rules_change(
    session: Session, round_: Round, pair: tuple[User, User], now: datetime
) -> None:
    before, rules = rules_fingerprint(round_), rules_of(round_)
    changed = replace(rules, counting=replace(rules.counting, rest=RestRule.STOP))
    save_rules(session, round_, changed, seen=round_.version, by=pair[0], now=now)
    payload = session.scalars(select(AuditPayload)).one().payload
    assert payload["part"] == "rules"
    assert payload["changes"].pop("rules") == {"old": before, "new": rules_fingerprint(round_)}
    (counting,) = payload["changes"].values()
    assert (counting["old"]["rest"], counting["new"]["rest"]) == (rules.counting.rest.value, "stop")
    assert round_.rules == to_json(changed).decode()


def test_changes_nothing_after_opening(session: Session, round_: Round, pair: tuple[User, User], now: datetime) -> None:
    opened(session, round_, pair, now)
    changes: tuple[tuple[Callable[..., None], object], ...] = (
        (save_rules, rules_of(round_)),
        (actions.save_windows, ()),
        (actions.save_points, []),
    )
    for save, value in changes:
        with refused(actions.SetupFault.FROZEN):
            save(session, round_, value, seen=round_.version, by=pair[0], now=now)
