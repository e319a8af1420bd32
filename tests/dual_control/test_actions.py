"""Asking, confirming, taking back and lapsing: who may, in which order, and what changed between two people."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from buurtbegroot.accounts.actions import revoke_role
from buurtbegroot.accounts.models import Role, User
from buurtbegroot.accounts.queries import subject_of
from buurtbegroot.acts import ANYONE, Fault, NotAllowedError, RefusedError, System
from buurtbegroot.areas.models import CITY
from buurtbegroot.audit.models import AuditEntry, AuditPayload
from buurtbegroot.dual_control.actions import (
    DualFault,
    confirm_act,
    request_act,
    require_consent,
    withdraw_request,
)
from buurtbegroot.dual_control.models import DualRequest, State
from buurtbegroot.dual_control.policy import declare, declared_acts
from buurtbegroot.dual_control.queries import act_standing, is_agreed, last_request, own_requests, waiting_for
from buurtbegroot.proposals.actions import Verdict, decide_proposal
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import round_key
from buurtbegroot.voting.dual_acts import OPEN
from tests.factories.accounts import person
from tests.factories.rounds import WEEK


def refusal(act: Callable[..., object], *arguments: object, **named: object) -> Fault:
    with pytest.raises(RefusedError) as refused:
        act(*arguments, **named)
    return refused.value.fault


def ask(session: Session, round_: Round, *, by: User, now: datetime) -> DualRequest:
    return request_act(session, OPEN, round_, by=by, now=now)


def test_two_people_agree(session: Session, round_: Round, people: list[User], now: datetime) -> None:
    first, second, third = people
    asked = ask(session, round_, by=first, now=now)
    assert not is_agreed(session, OPEN.name, round_key(round_))
    seen = act_standing(session, OPEN, round_).fingerprint
    assert seen == asked.fingerprint
    confirm: dict[str, Any] = {"seen": seen, "now": now}
    assert refusal(confirm_act, session, OPEN, round_, by=first, **confirm) is DualFault.SAME_PERSON
    assert refusal(ask, session, round_, by=second, now=now) is DualFault.ALREADY_REQUESTED
    confirm_act(session, OPEN, round_, by=second, **confirm)
    require_consent(session, OPEN.name, round_key(round_))
    assert refusal(confirm_act, session, OPEN, round_, by=third, **confirm) is DualFault.ALREADY_CONFIRMED
    assert refusal(withdraw_request, session, OPEN, round_, by=third, now=now) is DualFault.ALREADY_CONFIRMED
    rows = session.execute(select(AuditEntry.action, AuditEntry.actor, AuditEntry.object).order_by(AuditEntry.seq))
    assert [tuple(row) for row in rows] == [
        ("dual_control.requested", first.pseudonym, round_key(round_)),
        ("dual_control.confirmed", second.pseudonym, round_key(round_)),
    ]
    (own,) = cast(list[dict[str, Any]], own_requests(session, subject_of(second)))
    assert own["shown"] is None, "what is about a round is not about a person"
    assert (own["act"], own["object"], own["state"]) == ("open", round_key(round_), "confirmed")
    assert (own["asked"], own["ended"], own["asked_at"]) == (False, True, now.isoformat())


def test_a_second_mailbox_is_no_second_person(
    session: Session, round_: Round, people: list[User], now: datetime
) -> None:
    one, other = people[:2]
    other.grants[0].granted_by = one.pseudonym
    for asking, confirming in ((one, other), (other, one)):
        seen = ask(session, round_, by=asking, now=now).fingerprint
        found = refusal(confirm_act, session, OPEN, round_, seen=seen, by=confirming, now=now)
        assert found is DualFault.NOT_INDEPENDENT
        withdraw_request(session, OPEN, round_, by=asking, now=now)
    other.grants[0].granted_by = "m-somebody-else"
    seen = ask(session, round_, by=one, now=now).fingerprint
    confirm_act(session, OPEN, round_, seen=seen, by=other, now=now)


def test_a_request_is_taken_back_or_turned_down(
    session: Session, round_: Round, people: list[User], now: datetime
) -> None:
    seen = ask(session, round_, by=people[0], now=now).fingerprint
    withdraw_request(session, OPEN, round_, by=people[1], now=now, reason="Plan 2 is te duur.")
    assert refusal(withdraw_request, session, OPEN, round_, by=people[1], now=now) is DualFault.NOT_REQUESTED
    found = refusal(confirm_act, session, OPEN, round_, seen=seen, by=people[1], now=now)
    assert found is DualFault.NOT_REQUESTED
    last = last_request(session, OPEN.name, round_key(round_))
    assert last is not None
    assert (last.state, last.ended_by_id, last.ended_reason) == ("withdrawn", people[1].id, "Plan 2 is te duur.")
    ask(session, round_, by=people[1], now=now)


@pytest.mark.parametrize("weeks", [-3, 2])
def test_not_at_any_time(session: Session, round_: Round, people: list[User], now: datetime, weeks: int) -> None:
    assert refusal(ask, session, round_, by=people[0], now=now + weeks * WEEK) is DualFault.NOT_NOW
    seen = ask(session, round_, by=people[0], now=now).fingerprint
    late = now + weeks * WEEK
    assert refusal(confirm_act, session, OPEN, round_, seen=seen, by=people[1], now=late) is DualFault.NOT_NOW


@pytest.mark.parametrize("who", ["resident", "elsewhere", "staff", "system", "anyone"])
def test_nobody_else_asks_confirms_or_withdraws(
    session: Session, round_: Round, people: list[User], now: datetime, who: str
) -> None:
    seen = ask(session, round_, by=people[0], now=now).fingerprint
    by: Any = {
        "resident": person(session),
        "elsewhere": person(session, Role.COORDINATOR, "K"),
        "staff": person(session, Role.STAFF, "E"),
        "system": System("test"),
        "anyone": ANYONE,
    }[who]
    with pytest.raises(NotAllowedError):
        request_act(session, OPEN, round_, by=by, now=now)
    with pytest.raises(NotAllowedError):
        confirm_act(session, OPEN, round_, seen=seen, by=by, now=now)
    with pytest.raises(NotAllowedError):
        withdraw_request(session, OPEN, round_, by=by, now=now)


def test_what_changes_between_two_people_voids_the_request(
    session: Session, round_: Round, plans: list[Proposal], people: list[User], now: datetime
) -> None:
    first, second, third = people
    seen = ask(session, round_, by=first, now=now).fingerprint
    dearer = Verdict(admitted=True, reason="Er komt een fontein bij.", cost_cents=9_900_000)
    decide_proposal(session, plans[0], dearer, seen=plans[0].version, by=third, now=now)
    decide_proposal(
        session, plans[1], Verdict(admitted=False, reason="Kan niet."), seen=plans[1].version, by=third, now=now
    )
    assert refusal(confirm_act, session, OPEN, round_, seen=seen, by=second, now=now) is DualFault.CHANGED
    entries = session.execute(
        select(AuditEntry.action, AuditEntry.actor, AuditPayload.payload)
        .join(AuditPayload, AuditPayload.seq == AuditEntry.seq)
        .order_by(AuditEntry.seq)
    ).all()
    assert [entry.action for entry in entries] == [
        "dual_control.requested",
        "proposals.decided",
        "dual_control.lapsed",
        "proposals.decided",
    ]
    assert entries[2].actor == third.pseudonym
    assert entries[2].payload == {"act": "open", "changed": ["plans"], "cause": 2}
    standing = act_standing(session, OPEN, round_)
    assert standing.has_lapsed
    assert [(each.path[2], each.old, each.new) for each in standing.changed] == [
        ("cost_cents", 1_000_000, 9_900_000),
        ("status", "admitted", "refused"),
        ("cost_cents", 2_000_000, 0),
    ]
    again = ask(session, round_, by=third, now=now)
    assert act_standing(session, OPEN, round_).since_earlier == standing.changed
    confirm_act(session, OPEN, round_, seen=again.fingerprint, by=second, now=now)


def test_a_change_that_is_turned_back_voids_it_as_well(
    session: Session, round_: Round, plans: list[Proposal], people: list[User], now: datetime
) -> None:
    asked = ask(session, round_, by=people[0], now=now)
    for cents in (9_900_000, 1_000_000):
        decide_proposal(
            session,
            plans[0],
            Verdict(admitted=True, reason="x", cost_cents=cents),
            seen=plans[0].version,
            by=people[2],
            now=now,
        )
    assert asked.state is State.LAPSED
    assert act_standing(session, OPEN, round_).changed == []
    found = refusal(confirm_act, session, OPEN, round_, seen=asked.fingerprint, by=people[1], now=now)
    assert found is DualFault.CHANGED


def test_a_change_that_no_log_knows_voids_it_as_well(
    session: Session, round_: Round, plans: list[Proposal], people: list[User], now: datetime
) -> None:
    asked = ask(session, round_, by=people[0], now=now)
    session.execute(text("UPDATE proposal SET cost_cents = 5 WHERE id = :id"), {"id": plans[0].id})
    assert act_standing(session, OPEN, round_).has_lapsed
    found = refusal(confirm_act, session, OPEN, round_, seen=asked.fingerprint, by=people[1], now=now)
    assert found is DualFault.CHANGED
    again = ask(session, round_, by=people[1], now=now)
    assert (asked.state, again.state) == (State.LAPSED, State.OPEN)
    lapsed = select(AuditPayload.payload).join(AuditEntry, AuditEntry.seq == AuditPayload.seq)
    found = session.scalars(lapsed.where(AuditEntry.action == "dual_control.lapsed")).one()
    assert found == {"act": "open", "changed": ["plans"], "cause": 0}


def test_what_a_dismissed_organiser_asked_nobody_confirms(
    session: Session, round_: Round, people: list[User], now: datetime
) -> None:
    first, second, third = people
    boss = person(session, Role.ADMINISTRATOR, CITY)
    first.grants[0].granted_by = boss.pseudonym
    asked = ask(session, round_, by=first, now=now)
    revoke_role(session, first.grants[0], seen=first.version, by=boss, now=now)
    assert asked.state is State.LAPSED
    for by in (boss, second):  # of a role that is gone nobody is the giver any more
        found = refusal(confirm_act, session, OPEN, round_, seen=asked.fingerprint, by=by, now=now)
        assert found is DualFault.CHANGED
    ask(session, round_, by=third, now=now)


def test_who_lost_the_role_past_the_log_asks_nothing_either(
    session: Session, round_: Round, people: list[User], now: datetime
) -> None:
    first, second, third = people
    asked = ask(session, round_, by=first, now=now)
    assert [waiting.is_mine for waiting in waiting_for(session, second, now=now)] == [False]
    first.grants.clear()
    session.flush()
    assert waiting_for(session, second, now=now) == []
    standing = act_standing(session, OPEN, round_)
    assert (standing.is_waiting, standing.has_lapsed) == (False, True)
    found = refusal(confirm_act, session, OPEN, round_, seen=asked.fingerprint, by=second, now=now)
    assert found is DualFault.CHANGED
    ask(session, round_, by=third, now=now)
    assert asked.state is State.LAPSED


def test_a_page_that_was_opened_earlier_confirms_nothing(
    session: Session, round_: Round, plans: list[Proposal], people: list[User], now: datetime
) -> None:
    old_page = ask(session, round_, by=people[0], now=now).fingerprint
    decide_proposal(
        session, plans[0], Verdict(admitted=False, reason="Nee."), seen=plans[0].version, by=people[2], now=now
    )
    ask(session, round_, by=people[0], now=now)
    for seen in (old_page, "", "f" * 64):
        found = refusal(confirm_act, session, OPEN, round_, seen=seen, by=people[1], now=now)
        assert found is DualFault.NOT_SEEN


def test_what_does_not_concern_it_leaves_a_request_open(
    session: Session, round_: Round, plans: list[Proposal], people: list[User], now: datetime
) -> None:
    asked = ask(session, round_, by=people[0], now=now)
    session.execute(text("UPDATE proposal SET help_wanted = 'ja', body = 'anders' WHERE id = :id"), {"id": plans[0].id})
    decide_proposal(
        session, plans[3], Verdict(admitted=False, reason="Nog eens."), seen=plans[3].version, by=people[2], now=now
    )
    assert asked.state is State.OPEN
    confirm_act(session, OPEN, round_, seen=asked.fingerprint, by=people[1], now=now + timedelta(minutes=1))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE dual_request SET fingerprint = 'x'",
        "UPDATE dual_request SET object = 'round:other'",
        "UPDATE dual_request SET requested_by_id = requested_by_id + 1",
        "UPDATE dual_request SET state = 'open', ended_at = NULL, ended_by_id = NULL",
        "UPDATE dual_request SET ended_by_id = NULL, state = 'lapsed'",
        "DELETE FROM dual_request",
    ],
)
def test_the_database_keeps_what_two_people_did(
    session: Session, round_: Round, people: list[User], now: datetime, change: str
) -> None:
    seen = ask(session, round_, by=people[0], now=now).fingerprint
    confirm_act(session, OPEN, round_, seen=seen, by=people[1], now=now)
    with pytest.raises(IntegrityError, match="frozen"), session.begin_nested():
        session.execute(text(change))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("state = 'confirmed', ended_at = requested_at, ended_by_id = requested_by_id", "two_people"),
        ("state = 'confirmed', ended_at = requested_at", "ended_by_somebody"),
        ("state = 'lapsed'", "ended_has_moment"),
    ],
)
def test_the_database_wants_two_people(
    session: Session, round_: Round, people: list[User], now: datetime, change: str, rule: str
) -> None:
    ask(session, round_, by=people[0], now=now)
    with pytest.raises(IntegrityError, match=rule), session.begin_nested():
        session.execute(text(f"UPDATE dual_request SET {change}"))
    session.expire_all()
    assert session.scalar(select(func.count()).where(DualRequest.state == State.OPEN)) == 1


def test_an_act_has_one_meaning() -> None:
    with pytest.raises(ValueError, match="open"):
        declare(declared_acts()["open"])
