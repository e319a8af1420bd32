"""Whatever waits is told once by mail to who can do it, and stands on top of their workplace until it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, RoleGrant, User
from buurtbegroot.areas.models import CITY, Area
from buurtbegroot.box.models import Pulse
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.discussion.actions import Remark, contribute
from buurtbegroot.discussion.models.threads import About, Stance
from buurtbegroot.dual_control.actions import request_act, withdraw_request
from buurtbegroot.dual_control.policy import declared_acts
from buurtbegroot.dual_control.queries import open_requests
from buurtbegroot.extensions import db
from buurtbegroot.mail.messages import compose
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.moderation.actions import Hiding, hide_words
from buurtbegroot.moderation.actions.appeals import appeal
from buurtbegroot.moderation.models import Case, CaseState, Reason
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.registry.models import CodeKind, RegisteredCode
from buurtbegroot.rounds.models import ReadFirst, Round
from buurtbegroot.tally.actions import ask_to_open
from buurtbegroot.tally.models import Tally
from buurtbegroot.web.register import register
from buurtbegroot.work.models import Job, JobState
from buurtbegroot.worklist.actions import tell_organisers
from buurtbegroot.worklist.models import Kind, ToldWork
from buurtbegroot.worklist.queries import due_in
from buurtbegroot.worklist.tasks import TASKS
from tests.conftest import Clock
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.akkoord import small_accord
from tests.factories.areas import small_city
from tests.factories.guards import unguarded
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.tally import Vote, open_vote
from tests.live import live
from tests.pages import QueryCount, SignIn

WORKPLACE = "rounds_organiser.index"
TITLE = "Bankjes van de Kanarie"


@dataclass
class City:
    """A city with somebody for each role; whoever makes things is a resident."""

    session: Session
    areas: dict[str, Area]
    now: datetime
    folder: Path
    patch: pytest.MonkeyPatch
    coordinator: User
    administrator: User
    maker: User

    def round(self, phase: Phase) -> Round:
        return round_in(self.session, phase, areas=self.areas, now=self.now)

    def vote(self) -> Vote:
        vote = open_vote(self.session, self.folder, areas=self.areas, now=self.now)
        self.patch.setattr("buurtbegroot.registry.dual_acts._keys", lambda _session: vote.keys)
        self.now = vote.later
        return vote.cast_all([[0], [1, 2]])

    def plan(self, round_: Round, status: ProposalStatus = ProposalStatus.SUBMITTED) -> Proposal:
        return plan(self.session, round_, now=self.now, status=status, author=self.maker, title=TITLE)

    def codes(self, round_: Round, kind: CodeKind = CodeKind.LETTER) -> None:
        self.session.add(RegisteredCode(round_id=round_.id, commitment=b"c" * 32, kind=kind))
        self.session.flush()


def restore(city: City) -> Round:
    vote = city.vote()
    city.now = vote.now
    vote.keys.raise_pulse(vote.round.id, 10_000_000)
    with unguarded(city.session):
        city.session.add(Pulse(round_id=vote.round.id, minute=1_000_000))
        city.session.flush()
    return vote.round


def open_(city: City) -> Round:
    round_ = city.round(Phase.FEASIBILITY)
    city.plan(round_, ProposalStatus.ADMITTED)
    city.codes(round_)
    return round_


def faulty(city: City) -> Round:
    vote = city.vote().close().open().count()
    city.session.execute(update(Tally).values(faults=[["V1", "x", "y"]]))
    return vote.round


def bundle(city: City) -> Round:
    vote = city.vote().close().open().count()
    city.session.execute(update(Tally).values(bundle=""))
    city.session.execute(update(Job).values(state=JobState.FAILED).where(Job.task == "tally.bundle"))
    return vote.round


def check(city: City) -> Round:
    round_ = city.round(Phase.FEASIBILITY)
    city.plan(round_)
    return round_


def read(city: City) -> Round:
    round_ = city.round(Phase.COCREATION)
    round_.read_first = ReadFirst.ALL
    about = About(round_, city.plan(round_))
    remark = Remark(body=TITLE, author_name="Mees", stance=Stance.FOR)
    contribute(city.session, about, remark, by=person(city.session), now=city.now)
    return round_


def codes(city: City) -> Round:
    round_ = city.round(Phase.FEASIBILITY)
    city.plan(round_, ProposalStatus.ADMITTED)
    return round_


def publish(city: City) -> Round:
    round_ = city.round(Phase.SUBMISSION)
    round_.published_at, round_.summary = None, "Geld voor plannen in West."
    round_.points = small_accord(city.session)[:1]
    return round_


def reports(city: City) -> None:
    found = city.plan(city.round(Phase.COCREATION))
    about = {"kind": "proposal", "number": found.id, "area_code": "E"}
    city.session.add(Case(**about, state=CaseState.OPEN, since=city.now))


def appeals(city: City) -> None:
    found = city.plan(city.round(Phase.COCREATION))
    hider = person(city.session, Role.COORDINATOR, "E")
    hiding = Hiding(reason=Reason.PERSONAL, explained="Het mag niet.", title_too=True)
    hide_words(city.session, found, hiding, seen=found.version, by=hider, now=city.now)
    appeal(city.session, found, "Wel waar.", by=city.maker, now=city.now)


def appoint(city: City) -> None:
    """Let who is left be tied to who hid it."""
    appeals(city)
    case = city.session.scalars(select(Case)).one()
    (hider,) = case.judges
    hider.grants[0].granted_by = city.administrator.pseudonym
    city.coordinator.grants = []


def jobs(city: City) -> None:
    job = {"task": "work.purge", "arguments": "{}", "state": JobState.FAILED, "due_at": city.now}
    city.session.add(Job(**job))


SCENES: dict[Kind, Callable[[City], Round | None]] = {
    Kind.RESTORE: restore,
    Kind.OPEN: open_,
    Kind.CLOSE: lambda city: city.vote().round,
    Kind.UNSEAL: lambda city: city.vote().close().round,
    Kind.COUNT: lambda city: city.vote().close().open().round,
    Kind.BUNDLE: bundle,
    Kind.FAULTY: faulty,
    Kind.CERTIFY: lambda city: city.vote().close().open().count().round,
    Kind.CHECK: check,
    Kind.APPOINT: appoint,
    Kind.APPEALS: appeals,
    Kind.REPORTS: reports,
    Kind.READ: read,
    Kind.CODES: codes,
    Kind.PUBLISH: publish,
    Kind.CODE_LISTS: lambda city: city.vote().close().round,
    Kind.DESTROY: lambda city: city.vote().finish().round,
    Kind.JOBS: jobs,
}
PAGES = {
    Kind.RESTORE: "teruggezet", Kind.OPEN: "openen", Kind.CHECK: "plannen", Kind.READ: "reacties",
    Kind.CODES: "codes", Kind.PUBLISH: "vaststellen",
}  # fmt: skip
BESIDE = {
    Kind.REPORTS: "/werkplek/meldingen",
    Kind.APPOINT: "/werkplek/meldingen?stand=bezwaar",
    Kind.APPEALS: "/werkplek/meldingen?stand=bezwaar",
    Kind.JOBS: "/werkplek/achtergrond",
}


@pytest.fixture
def city(
    session: Session, areas: dict[str, Area], now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> City:
    someone = person(session, Role.COORDINATOR, "E"), person(session, Role.ADMINISTRATOR, CITY), person(session)
    person(session, Role.STAFF, "E")
    person(session, Role.COORDINATOR, "K")
    return City(session, areas, now, tmp_path, monkeypatch, *someone)


def tell(city: City) -> list[OutboxMail]:
    """Do what the worker does, and return the new mails of it."""
    known = [mail.id for mail in city.session.scalars(select(OutboxMail))]
    made_by = {kind: each.made_by for kind, each in register().moderated.items()}
    tell_organisers(city.session, made_by=made_by, by=PROGRAM, now=city.now)
    return [mail for mail in city.session.scalars(select(OutboxMail)) if mail.id not in known]


def waits(city: City, round_: Round) -> set[Kind]:
    return {
        work.kind
        for due in due_in(city.session, [round_], requests=open_requests(city.session), now=city.now)
        for work in due.works
    }


@pytest.mark.parametrize("kind", list(Kind))
def test_who_can_do_it_hears_once_and_sees_it_on_top(city: City, clock: Clock, signed_in: SignIn, kind: Kind) -> None:
    round_ = SCENES[kind](city)
    city.session.commit()
    clock.now = city.now
    path = BESIDE.get(kind) or f"/werkplek/rondes/{round_.slug if round_ else ''}/{PAGES.get(kind, 'telling')}"
    mails = [mail for mail in tell(city) if mail.values["kind"] == kind]
    readers = {mail.recipient for mail in mails}
    hearing = {city.administrator.email} | (
        {city.coordinator.email} if kind not in {Kind.APPOINT, Kind.JOBS} else set()
    )
    assert readers >= hearing
    assert readers <= {user.email for user in _who_decide(city.session)}, "neither staff nor another stadsdeel"
    assert len(readers) == len(mails), "one mail for one thing"
    message = compose(mails[0])
    said = str(message)
    assert path in mails[0].values["path"]
    assert "Wacht op u: " in str(message["Subject"])
    assert not any(name in said for name in (TITLE, city.maker.name, *([round_.title] if round_ else [])))
    assert tell(city) == []
    page = signed_in(city.administrator).get(WORKPLACE)
    assert page.text_of(".//main//h2[1]").startswith("Dit wacht op u")
    assert page.find(f".//section[@aria-labelledby='wacht']//a[@href='{path}']")
    if round_:
        assert kind in waits(city, round_)
        act = declared_acts().get(kind)
        assert act is None or act.is_possible(city.session, round_, city.now)
        assert "Nu niets te doen" not in page.text


def _who_decide(session: Session) -> list[User]:
    rows = session.scalars(select(User).where(User.deleted_at.is_(None)))
    decide = {(Role.COORDINATOR, "E"), (Role.ADMINISTRATOR, CITY)}
    return [user for user in rows if {(grant.role, grant.area_code) for grant in user.grants} & decide]


def test_every_act_of_a_round_that_two_people_do_is_told_before_anybody_asks() -> None:
    at_will = {"withdraw_plan", "void_code", "reset_second_factor", "erase_payload"}
    kinds = {Kind.OPEN, Kind.RESTORE, Kind.CLOSE, Kind.CERTIFY, Kind.DESTROY, Kind.CODE_LISTS}
    assert declared_acts().keys() == at_will | {kind.value for kind in kinds}


@pytest.mark.parametrize("kind", [Kind.OPEN, Kind.CLOSE])
def test_what_is_asked_waits_for_the_second_person(city: City, kind: Kind) -> None:
    round_ = SCENES[kind](city)
    assert round_
    known = declared_acts()[kind.value]
    assert tell(city)
    request_act(city.session, known, round_, by=city.coordinator, now=city.now)
    assert kind not in waits(city, round_)
    assert due_in(city.session, [round_], requests=open_requests(city.session), now=city.now)[0].waits_for_second
    tell(city)
    withdraw_request(city.session, known, round_, by=city.coordinator, now=city.now)
    assert {mail.values["kind"] for mail in tell(city)} == {kind.value}, "it waits for anybody again"


def test_nothing_waits_while_the_server_is_busy_or_there_is_time_to_check(city: City) -> None:
    vote = city.vote().close()
    ask_to_open(city.session, vote.round, by=vote.people[0], now=city.now)
    assert waits(city, vote.round) == {Kind.CODE_LISTS}
    vote.open().count()
    city.patch.setattr("buurtbegroot.worklist.queries.final_from", lambda _session, _round, **known: known["now"])
    assert waits(city, vote.round) == {Kind.CODE_LISTS}


def test_a_count_that_somebody_took_out_of_the_database_ends_no_workplace(city: City) -> None:
    vote = city.vote().close()
    city.session.execute(delete(Tally))
    assert waits(city, vote.round) == set()


def test_what_nobody_can_do_is_told_to_whoever_gets_the_role(city: City) -> None:
    for user in (city.coordinator, city.administrator):
        user.grants = []
    check(city)
    city.session.commit()
    assert tell(city) == []
    fresh = person(city.session, Role.COORDINATOR, "E")
    assert [mail.recipient for mail in tell(city)] == [fresh.email]


def test_an_appeal_without_a_judge_is_for_whoever_gives_roles_until_there_is_one(city: City) -> None:
    appoint(city)
    city.session.commit()
    assert {(mail.recipient, mail.values["kind"]) for mail in tell(city)} == {(city.administrator.email, "appoint")}
    fresh = person(city.session, Role.COORDINATOR, "E")
    fresh.grants[0].granted_by = city.administrator.pseudonym
    city.session.commit()
    assert {(mail.recipient, mail.values["kind"]) for mail in tell(city)} == {(fresh.email, "appeals")}
    fresh.grants = []
    city.session.commit()
    assert {(mail.recipient, mail.values["kind"]) for mail in tell(city)} == {(city.administrator.email, "appoint")}
    fresh.grants = [RoleGrant(role=Role.COORDINATOR, area_code="E")]
    city.session.commit()
    assert {(mail.recipient, mail.values["kind"]) for mail in tell(city)} == {(fresh.email, "appeals")}


def test_nobody_is_asked_to_judge_what_they_made(city: City) -> None:
    round_ = city.round(Phase.FEASIBILITY)
    city.maker = city.coordinator
    own = city.plan(round_)
    city.session.commit()
    assert {mail.recipient for mail in tell(city)} == {city.administrator.email}
    own.author = None
    city.session.flush()
    city.session.delete(city.session.scalars(select(ToldWork)).one())
    assert {mail.recipient for mail in tell(city)} == {city.administrator.email, city.coordinator.email}


def test_the_menu_counts_what_a_moderator_may_judge_as_the_list_does(city: City, signed_in: SignIn) -> None:
    round_ = city.round(Phase.COCREATION)
    tied = person(city.session)
    tied.grants = [RoleGrant(role=Role.COORDINATOR, area_code="K", granted_by=city.coordinator.pseudonym)]
    for maker in (city.maker, city.maker, tied, city.coordinator):
        city.maker = maker
        about = {"kind": "proposal", "number": city.plan(round_).id, "area_code": "E"}
        city.session.add(Case(**about, state=CaseState.OPEN, since=city.now))
    city.session.commit()
    city.session.expire_all()
    desk = signed_in(city.coordinator)
    with QueryCount() as queries:
        page = desk.get(WORKPLACE)
    assert queries.number <= 12, queries.statements
    assert "2 teksten" in page.text_of(".//section[@aria-labelledby='wacht']")
    assert "2 wachten" in page.text
    assert "2 wachten" in desk.get("/werkplek/meldingen").text


def test_a_long_queue_is_counted_so_far_and_no_further(
    city: City, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_ = city.round(Phase.COCREATION)
    for _ in range(3):
        about = {"kind": "proposal", "number": city.plan(round_).id, "area_code": "E"}
        city.session.add(Case(**about, state=CaseState.OPEN, since=city.now))
    city.session.commit()
    desk = signed_in(city.coordinator)
    page = desk.get(WORKPLACE)
    assert "Er wachten 3 teksten" in page.text
    assert "3 wachten" in page.text
    for module in ("moderation.asking", "moderation.words", "worklist.words"):
        monkeypatch.setattr(f"buurtbegroot.{module}.MOST_COUNTED", 2)
    page = desk.get(WORKPLACE)
    assert "Er wachten meer dan 2 teksten" in page.text
    assert "meer dan 2 wachten" in page.text


def test_a_queue_is_told_again_after_it_was_empty(city: City) -> None:
    round_ = city.round(Phase.FEASIBILITY)
    first = city.plan(round_)
    city.codes(round_)
    assert len(tell(city)) == 2
    city.plan(round_)
    assert tell(city) == []
    for each in city.session.scalars(select(Proposal)):
        each.status = ProposalStatus.REFUSED
    tell(city)
    first.status = ProposalStatus.SUBMITTED
    assert {mail.values["kind"] for mail in tell(city)} == {"check"}


def test_the_worker_tells(tmp_path: Path) -> None:
    (task,) = TASKS
    with live(tmp_path) as app, app.app_context():
        assert not task.has_work()
        db.session.rollback()
        with writing():
            _a_failed_job(db.session())
        assert task.has_work()
        task.run(task.by)
        assert [mail.template for mail in db.session.scalars(select(OutboxMail))] == ["worklist_waits"]
        assert not task.has_work()


def _a_failed_job(session: Session) -> None:
    small_city(session)
    person(session, Role.ADMINISTRATOR, CITY)
    moment = datetime.fromisoformat("2026-11-21T11:00:00+00:00")
    session.add(Job(task="work.purge", arguments="{}", state=JobState.FAILED, due_at=moment))
    session.commit()
