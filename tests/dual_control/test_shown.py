"""Every column that the second person is shown, found in the queries of the record, voids the request when changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from sqlalchemy import Column, Enum, Select, Table, delete, event, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.sql import visitors
from sqlalchemy.sql.expression import Join

from buurtbegroot.accounts.dual_acts import ERASE_PAYLOAD, RESET_SECOND_FACTOR, LineToErase, PhoneLost
from buurtbegroot.accounts.models import Role
from buurtbegroot.accounts.words import ACT_LABELS as ACCOUNT_LABELS
from buurtbegroot.acts import NotAllowedError, RefusedError
from buurtbegroot.areas.models import CITY
from buurtbegroot.booth.dual_acts import OPEN, WITHDRAW, Opening
from buurtbegroot.booth.words import OPENING_LABELS
from buurtbegroot.box.actions.sealing import prepare_booth
from buurtbegroot.box.domain.anchors import anchor
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.models import Pulse
from buurtbegroot.core.rules import Eligibility, to_json
from buurtbegroot.database import Model
from buurtbegroot.dual_control.actions import DualFault, confirm_act, request_act
from buurtbegroot.dual_control.domain import Shown
from buurtbegroot.dual_control.policy import Act, declared_acts
from buurtbegroot.dual_control.queries import act_standing
from buurtbegroot.mail.messages import compose
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.registry.actions.issuing import issue_codes
from buurtbegroot.registry.dual_acts import RESTORE, VOID_CODE, VoidedCode
from buurtbegroot.registry.models import CodePool, PoolCode
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import rules_of
from buurtbegroot.tally.dual_acts import (
    CERTIFY,
    CLOSE,
    CODE_LISTS,
    DESTROY,
    Certificate,
    Closing,
    CodeListsGone,
    Destruction,
)
from buurtbegroot.tally.models import PlanResult
from buurtbegroot.tally.words import ACT_LABELS as TALLY_LABELS
from tests.factories.accounts import person, tie_authenticator
from tests.factories.areas import small_city
from tests.factories.audit import something_happened
from tests.factories.guards import unguarded
from tests.factories.tally import Vote, open_vote
from tests.factories.voting import cheap_key
from tests.refusals import refused


@dataclass
class Case:
    """An act that somebody asked for, with somebody who could confirm it."""

    act: Act[Any]
    thing: Any
    by: Any
    second: Any
    now: datetime


@pytest.fixture
def opening(session: Session, round_: Round, plans: object, people: Any, now: datetime, tmp_path: Path) -> Case:
    keys = KeyStore(tmp_path / "keys")
    prepare_booth(session, round_, keys=keys, by=people[2])
    issue_codes(session, round_, count=2, spares=1, by=people[2], now=now, derive=cheap_key)
    session.add(CodePool(round_id=round_.id, codes=1))
    session.flush()
    return Case(OPEN, round_, people[0], people[1], now)


@pytest.fixture
def vote(session: Session, now: datetime, tmp_path: Path) -> Vote:
    return open_vote(session, tmp_path, areas=small_city(session), now=now)


@pytest.fixture
def closing(vote: Vote) -> Case:
    return Case(CLOSE, vote.round, *vote.people, vote.later)


@pytest.fixture
def certifying(vote: Vote) -> Case:
    vote.cast_all([[0], [1, 2], [2]]).close().open().count()
    return Case(CERTIFY, vote.round, *vote.people, vote.later)


@pytest.fixture
def restoring(vote: Vote, monkeypatch: pytest.MonkeyPatch) -> Case:
    """Files beside the keys make a part of its record; what changes those is tried by itself, below."""
    monkeypatch.setattr("buurtbegroot.registry.dual_acts._keys", lambda _session: vote.keys)
    vote.keys.raise_pulse(vote.round.id, 10_000_000)
    codes = [PoolCode(round_id=vote.round.id, sealed=bytes([part]) * 120, part=part) for part in range(2)]
    with unguarded(vote.session):  # codes that were made before the vote was opened
        vote.session.add_all([Pulse(round_id=vote.round.id, minute=1_000_000), *codes])
    return Case(RESTORE, vote.round, *vote.people, vote.now)


@pytest.fixture
def forgetting(vote: Vote) -> Case:
    return Case(CODE_LISTS, vote.close().round, *vote.people, vote.later)


@pytest.fixture
def destroying(vote: Vote) -> Case:
    vote.cast_all([[0], [1, 2], [2]]).finish()
    return Case(DESTROY, vote.round, *vote.people, vote.later)


@pytest.fixture
def voiding(session: Session, opening: Case) -> Case:
    code = VoidedCode(round=opening.thing, commitment=b"c" * 32, spare=None)
    return Case(VOID_CODE, code, opening.by, opening.second, opening.now)


@pytest.fixture
def withdrawing(vote: Vote) -> Case:
    return Case(WITHDRAW, vote.plans[0], *vote.people, vote.now)


@pytest.fixture
def resetting(session: Session, now: datetime) -> Case:
    small_city(session)
    first, second = (person(session, Role.ADMINISTRATOR, CITY) for _ in range(2))
    return Case(RESET_SECOND_FACTOR, tie_authenticator(person(session, Role.STAFF)), first, second, now)


@pytest.fixture
def erasing(session: Session, now: datetime) -> Case:
    small_city(session)
    first, second = (person(session, Role.ADMINISTRATOR, CITY) for _ in range(2))
    return Case(ERASE_PAYLOAD, something_happened(session, now=now), first, second, now)


CASES = (
    "opening", "closing", "restoring", "certifying", "forgetting", "destroying", "voiding", "withdrawing", "resetting",
    "erasing",
)  # fmt: skip


@contextmanager
def statements(session: Session) -> Iterator[list[Select[Any]]]:
    """Note every SELECT that runs inside the block."""
    found: list[Select[Any]] = []

    def note(state: ORMExecuteState) -> None:
        if isinstance(state.statement, Select):
            found.append(state.statement)

    event.listen(session, "do_orm_execute", note)
    try:
        yield found
    finally:
        event.remove(session, "do_orm_execute", note)


def columns_in(found: list[Select[Any]]) -> set[Column[Any]]:
    """Return the columns that a record is made of, and those that join its tables."""
    parts = [part for each in found for part in (*each.selected_columns, *_joins(each))]
    columns = {one for part in parts for one in visitors.iterate(part) if isinstance(one, Column)}
    return {column.table.c[column.name] for column in columns}


def _joins(found: Select[Any]) -> Iterator[Any]:
    for part in found.get_final_froms():
        yield from (one.onclause for one in visitors.iterate(part) if isinstance(one, Join))


OF_ENTITIES = {  # two records are made of rows that are at hand, whose queries read more columns than are shown
    RESET_SECOND_FACTOR.name: {
        "user_account.name", "user_account.email", "user_account.totp_secret",
        "role_grant.role", "area.name",
    },
    ERASE_PAYLOAD.name: {"audit_payload.seq"},
}  # fmt: skip


def shown_columns(session: Session, case: Case) -> list[Column[Any]]:
    """Return the columns whose values are shown, and the keys of tables that only tie two others together."""
    if case.act.name in OF_ENTITIES:
        named = (name.split(".") for name in sorted(OF_ENTITIES[case.act.name]))
        return [Model.metadata.tables[table].c[column] for table, column in named]
    session.refresh(case.thing.round if isinstance(case.thing, VoidedCode) else case.thing)
    with statements(session) as found:
        case.act.shown(session, case.thing)
    columns = [one for one in columns_in(found) if isinstance(one.table, Table) and one.name != "round_id"]
    return sorted((one for one in columns if not one.primary_key or is_link(one)), key=str)


def is_link(column: Column[Any]) -> bool:
    """Tell whether the table has nothing but its key, so that a change of it is a row that goes."""
    return set(column.table.c) == set(column.table.primary_key)


def changed(session: Session, column: Column[Any], value: Any) -> Any:
    """Return another value that the column could hold."""
    if column.foreign_keys:
        key = max(column.foreign_keys, key=lambda each: each.column.table.name == "round_area")
        others = select(key.column).where(key.column != value) if value is not None else select(key.column)
        return session.scalars(others.order_by(key.column)).first()
    if isinstance(column.type, Enum):
        assert column.type.enum_class is not None
        return next(one for one in column.type.enum_class if one is not value)
    if isinstance(value, datetime):
        return value + timedelta(hours=1)
    if isinstance(value, int):
        return not value if isinstance(value, bool) else value + 1000
    if isinstance(value, dict | list):
        return {**value, "replaced": 99} if isinstance(value, dict) else [*value, ["V1", "x", "y"]]
    return "" if str(column) == "user_account.totp_secret" else f"{value}"[1:] + "x"  # as long as it was


def row_of(session: Session, table: Table, case: Case) -> list[Any]:
    """Return the condition for one row of a table that the record reads."""
    rows, key = select(*table.primary_key), {"area": "E" if case.act is not OPEN else "EA01"}
    if table.name in {"user_account", "role_grant"}:
        rows = rows.where(table.c["id" if "id" in table.c else "user_id"] == case.thing.id)
    elif table.name == "area":
        rows = rows.where(table.c.code == key["area"])
    elif table.name == "proposal" and case.act is CERTIFY:
        rows = rows.where(table.c.id.in_(select(PlanResult.proposal_id).where(PlanResult.awarded_cents > 0)))
    elif table.name == "round_area":
        rows = rows.where(table.c.area_code == "EA02")  # one that no plan is for: it may leave
    elif table.name == "plan_result":
        rows = rows.where(table.c.awarded_cents > 0)
    elif table.name == "phase_window":
        rows = rows.where(table.c.phase == "voting")
    elif table.name == "audit_payload":
        rows = rows.where(table.c.seq == case.thing.seq)
    found = session.execute(rows.order_by(*table.primary_key).limit(1)).one()
    return [column == value for column, value in zip(table.primary_key, found, strict=True)]


def change(session: Session, column: Column[Any], case: Case) -> None:
    """Change the column in one row that is shown, past all actions."""
    table = column.table
    assert isinstance(table, Table)
    here = row_of(session, table, case)
    if is_link(column) or table.name == "audit_payload":
        session.execute(table.delete().where(*here))
        return
    new = changed(session, column, session.execute(select(column).where(*here)).scalar_one())
    if str(column) == "round.rules":
        new = to_json(replace(rules_of(case.thing), eligibility=Eligibility(who="Iedereen"))).decode()
    session.execute(table.update().where(*here).values({column.name: new}))


@pytest.mark.parametrize("name", CASES)
def test_a_change_of_any_column_that_is_shown_voids_the_request(
    session: Session, request: pytest.FixtureRequest, name: str
) -> None:
    case: Case = request.getfixturevalue(name)
    with unguarded(session):  # or a title that is hidden would read as before: Plan 1
        session.execute(update(Proposal).values(stored_title="Een bank"))
    session.flush()
    columns = shown_columns(session, case)
    seen = request_act(session, case.act, case.thing, by=case.by, now=case.now, reason="Daarom.").fingerprint
    voided = {str(column) for column in columns if voids(session, column, case, seen=seen)}
    kept = {str(column) for column in columns} - voided
    assert voided >= MUST_VOID[name]
    assert kept == FROZEN.get(name, set())


@pytest.mark.parametrize("name", CASES)
def test_the_second_person_is_told_without_names_and_titles(
    session: Session, request: pytest.FixtureRequest, name: str
) -> None:
    case: Case = request.getfixturevalue(name)
    asked = request_act(session, case.act, case.thing, by=case.by, now=case.now, reason="Daarom.")
    mails = session.scalars(select(OutboxMail).where(OutboxMail.recipient == case.second.email)).all()
    mail = [each for each in mails if each.template == "dual_control_request"][-1]
    assert mail.values.keys() == {"act", "path", "until"}
    assert mail.values["path"] == case.act.path(case.thing)
    assert asked.shown["subject"] not in str(compose(mail)) or asked.shown["subject"].isdecimal()


def voids(session: Session, column: Column[Any], case: Case, *, seen: str) -> bool:
    """Change the column and tell whether the request is void; False when the database itself refuses the change."""
    undone = session.begin_nested()
    try:
        change(session, column, case)
    except DBAPIError:
        undone.rollback()
        return False
    session.expire_all()
    assert act_standing(session, case.act, case.thing).changed, f"{column} changed and the page does not say so"
    with pytest.raises((RefusedError, NotAllowedError)) as refused:  # in another area it is for other people
        confirm_act(session, case.act, case.thing, seen=seen, by=case.second, now=case.now)
    assert getattr(refused.value, "fault", None) in {DualFault.CHANGED, DualFault.NOT_NOW, None}, column
    undone.rollback()
    session.expire_all()
    return True


MUST_VOID = {  # at the least; what else is shown is found by itself
    "opening": {
        "round.title", "round.rules", "pot.name", "pot.cents", "phase_window.begins_at", "phase_window.ends_at",
        "proposal.title", "proposal.number", "proposal.status", "proposal.cost_cents", "proposal.estimate_cents",
        "proposal.theme_id", "proposal.buurt_code", "theme.name", "area.name",
        "code_pool.codes", "akkoord_point.title", "round_area.area_code", "round_point.point_id",
    },
    "closing": set(),
    "certifying": {"tally.trace_hash", "tally.valid_ballots", "plan_result.awarded_cents", "plan_result.votes"},
    "restoring": {"box_pulse.minute"},
    "forgetting": set(),
    "destroying": set(),
    "voiding": {"round.title"},
    "withdrawing": set(),
    "resetting": OF_ENTITIES[RESET_SECOND_FACTOR.name],
    "erasing": set(),
}  # fmt: skip
FROZEN = {  # what triggers keep as it is: codes always, the rest once a vote was opened or an outcome is final
    "opening": {"registered_code.status"},
    "closing": {"round.title", "round.fingerprint", "phase_window.ends_at"},
    "certifying": {"round.title", "proposal.number", "proposal.title", "proposal.language"},
    "restoring": {"round.title", "round.opened_at", "pool_code.part"},
    "forgetting": {"round.title", "round.closed_at"},
    "destroying": {"round.title", "round.certified_at", "tally.envelopes"},
    "withdrawing": {"round.title", "proposal.number", "proposal.title", "proposal.cost_cents"},
    "erasing": OF_ENTITIES[ERASE_PAYLOAD.name],  # only two people can
}


@pytest.mark.parametrize("kind", ["restored", "closed", "drawn"])
def test_what_lies_beside_the_keys_and_a_code_that_goes_void_it_too(
    session: Session, vote: Vote, restoring: Case, kind: str
) -> None:
    session.flush()
    seen = request_act(session, RESTORE, vote.round, by=restoring.by, now=restoring.now).fingerprint
    if kind == "drawn":
        session.execute(delete(PoolCode).where(PoolCode.part == 0))
    else:
        anchor(vote.keys.folder(vote.round.id), kind)
    assert act_standing(session, RESTORE, vote.round).changed
    with refused(DualFault.CHANGED):
        confirm_act(session, RESTORE, vote.round, seen=seen, by=restoring.second, now=restoring.now)


@pytest.mark.parametrize("name", CASES)
def test_without_a_change_it_is_confirmed(session: Session, request: pytest.FixtureRequest, name: str) -> None:
    case: Case = request.getfixturevalue(name)
    session.flush()
    seen = request_act(session, case.act, case.thing, by=case.by, now=case.now, reason="Daarom.").fingerprint
    confirm_act(session, case.act, case.thing, seen=seen, by=case.second, now=case.now)


def test_every_act_is_among_the_cases() -> None:
    tried: set[Act[Any]] = {
        OPEN, CLOSE, RESTORE, CERTIFY, CODE_LISTS, DESTROY, VOID_CODE, WITHDRAW, RESET_SECOND_FACTOR, ERASE_PAYLOAD,
    }  # fmt: skip
    assert {act.name for act in tried} == set(declared_acts())
    assert len(tried) == len(CASES)


RECORDS = [
    (Opening, OPENING_LABELS),
    (Closing, TALLY_LABELS),
    (Certificate, TALLY_LABELS),
    (Destruction, TALLY_LABELS),
    (CodeListsGone, TALLY_LABELS),
    (PhoneLost, ACCOUNT_LABELS),
    (LineToErase, ACCOUNT_LABELS),
]


@pytest.mark.parametrize(("record", "labels"), RECORDS)
def test_every_part_of_a_record_has_its_words(record: type[Shown], labels: Any) -> None:
    for name, hint in get_type_hints(record).items():
        assert name in labels
        (item, *_) = [*get_args(hint), None]
        if is_dataclass(item) and name != "rules" and "id" in {one.name for one in fields(item)}:
            assert {f"{name}.{one.name}" for one in fields(item) if one.name != "id"} <= labels.keys()
