"""Makers hear once what becomes of their plans: in their own language, what is true, and nothing that is hidden."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.areas.models import Area
from buurtbegroot.booth.actions.opening import request_withdrawal, withdraw_plan
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import Terms
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.tally.trace import Verdict
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.mail.messages import compose
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.moderation.models import Reason
from buurtbegroot.notices import actions
from buurtbegroot.notices.actions import tell_makers
from buurtbegroot.notices.models import Kind, Notice
from buurtbegroot.notices.queries import all_due
from buurtbegroot.notices.tasks import TASKS
from buurtbegroot.notices.words import notice_subject, outcome_reason
from buurtbegroot.proposals.models import ProposalStatus
from buurtbegroot.rounds.models import Round
from tests.conftest import Clock
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.guards import unguarded
from tests.factories.proposals import plan
from tests.factories.rounds import WEEK, round_in
from tests.factories.tally import Vote, start_vote
from tests.live import live

SECRET = "Kanarie"
(TELL,) = TASKS


def mails(session: Session) -> list[OutboxMail]:
    rows = select(OutboxMail).where(OutboxMail.template.in_(("notices_plan", "box_withdrawn"))).order_by(OutboxMail.id)
    return list(session.scalars(rows))


def text_of(mail: OutboxMail) -> str:
    message = compose(mail)
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    words = " ".join(plain.get_content().replace("\u00a0", " ").split())
    shown = " ".join(html.get_content().replace("\u00a0", " ").split())
    first = words.removeprefix("Hallo, ").removeprefix("Hello, ").split(". ")[0]
    assert first in shown, "both parts say the same"
    return f"{message['Subject']} | {words}"


def tell(session: Session, keys: KeyStore, now: datetime) -> list[str]:
    """Do what the worker does, and return the mails of it, composed."""
    before = len(mails(session))
    for due in all_due(session, now=now):
        while tell_makers(session, due, keys=keys, by=PROGRAM, now=now):
            pass
    assert all_due(session, now=now) == []
    return [text_of(mail) for mail in mails(session)[before:]]


@pytest.fixture
def makers(session: Session) -> list[User]:
    found = [person(session) for _ in range(3)]
    found[1].language = "en"
    return found


@pytest.fixture
def terms() -> Terms:
    """Publish a few ballots too."""
    return Terms(least_ballots=0, check_days=0)


@pytest.fixture
def vote(
    session: Session,
    app: Flask,
    areas: dict[str, Area],
    now: datetime,
    tmp_path: Path,
    makers: list[User],
    terms: Terms,
) -> Vote:
    """An open vote with a plan of each maker; the words of the third are hidden, the title too."""
    round_ = round_in(session, Phase.VOTING, areas=areas, now=now)
    costs = zip((60_000, 50_000, 40_000), makers, ("Bankje", "Boom", SECRET), strict=True)
    plans = [plan(session, round_, now=now, cents=cents, author=by, title=name) for cents, by, name in costs]
    third = plans[2]
    third.hidden_at, third.hidden_because, third.hides_title = now, Reason.PERSONAL, True
    return start_vote(session, round_, plans, folder=tmp_path, voters=6, now=now, terms=terms)


class TestBallot:
    def test_when_the_vote_is_open_with_from_when_people_can_vote(self, vote: Vote) -> None:
        dutch, english, hidden = tell(vote.session, vote.keys, vote.now)
        title = vote.round.title
        assert dutch.startswith(
            f"Plan 1 staat op het stembiljet | Hallo, Uw plan 1 (Bankje) in {title} staat op het stembiljet."
            " Stemmen kan van woensdag 18 november 2026, 00.00 uur tot woensdag 25 november 2026, 00.00 uur."
        )
        assert f"Bekijk uw plan: http://localhost/plannen/{vote.plans[0].id} " in dutch
        assert english.startswith(
            f"Plan 2 is on the ballot | Hello, Your plan 2 (Boom) in {title} is on the ballot."
            " People can vote from Wednesday 18 November 2026, 00:00 until Wednesday 25 November 2026, 00:00."
        )
        assert SECRET not in hidden
        assert "Uw plan 3 in " in hidden

    def test_once_to_each_maker_who_is_there(self, vote: Vote, makers: list[User]) -> None:
        makers[1].deleted_at = vote.now
        vote.session.flush()
        tell(vote.session, vote.keys, vote.now)
        assert [mail.recipient for mail in mails(vote.session)] == [makers[0].email, makers[2].email]
        assert tell(vote.session, vote.keys, vote.now) == []

    def test_a_maker_of_more_plans_hears_of_each(self, vote: Vote, makers: list[User]) -> None:
        for each in vote.plans:
            each.author = makers[0]
        with unguarded(vote.session):
            vote.session.flush()
        told = [each.split(" | ")[0] for each in tell(vote.session, vote.keys, vote.now)]
        assert told == [f"Plan {number} staat op het stembiljet" for number in (1, 2, 3)]

    def test_not_when_nobody_can_vote_any_more(self, vote: Vote) -> None:
        assert tell(vote.session, vote.keys, vote.later) == []


class TestWithdrawn:
    def test_its_makers_read_the_reason_and_nothing_after(self, vote: Vote) -> None:
        gone, (first, second) = vote.plans[2], vote.people
        asked = request_withdrawal(
            vote.session, gone, reason="De grond is vuil.", keys=vote.keys, by=first, now=vote.now
        )
        withdraw_plan(vote.session, gone, seen=asked.fingerprint, keys=vote.keys, by=second, now=vote.now)
        (mail,) = map(text_of, mails(vote.session))
        assert mail.startswith(
            "Plan 3 is van het stembiljet gehaald | Hallo, Twee mensen haalden uw plan 3 in"
            f" {vote.round.title} van het stembiljet. Niemand kan het meer kiezen, en het kan geen geld meer krijgen."
            " De reden: De grond is vuil."
        )
        assert SECRET not in mail
        assert [each.split(" | ")[0] for each in tell(vote.session, vote.keys, vote.now)] == [
            "Plan 1 staat op het stembiljet",
            "Plan 2 is on the ballot",
        ]
        vote.cast_all([[0]] * 3 + [[1]] * 2).finish()
        assert len(tell(vote.session, vote.keys, vote.later + WEEK)) == 2


class TestOutcome:
    def test_at_certification_whether_it_won_and_why(self, vote: Vote) -> None:
        vote.cast_all([[0]] * 3 + [[1]] * 2 + [[2]])
        vote.close().open().count()
        assert tell(vote.session, vote.keys, vote.later) == []
        vote.explain().certify()
        won, lost, also = tell(vote.session, vote.keys, vote.later)
        title = vote.round.title
        assert won.startswith(
            f"Plan 1 krijgt geld | Hallo, Uw plan 1 (Bankje) in {title} krijgt geld: € 600."
            " Plaats 1 van 3, met 3 stemmen. Bekijk uw plan:"
        )
        assert lost.startswith(f"Plan 2 gets no money | Hello, Your plan 2 (Boom) in {title} gets no money.")
        assert also.startswith(f"Plan 3 krijgt geld | Hallo, Uw plan 3 in {title} krijgt geld: € 400.")
        assert SECRET not in f"{won}{lost}{also}"
        assert tell(vote.session, vote.keys, vote.later + WEEK) == []

    @pytest.mark.parametrize("terms", [Terms(check_days=0)])
    def test_of_a_small_vote_the_verdict_alone(self, vote: Vote) -> None:
        vote.cast_all([[0]] * 3).finish()
        won, lost, _also = tell(vote.session, vote.keys, vote.later)
        assert "krijgt geld: € 600. Bekijk uw plan:" in won
        assert "(Boom) in " in lost
        assert "gets no money. " in lost
        assert "Place" not in lost


FACTS = {
    "verdict": "",
    "awarded_cents": 0,
    "cost_cents": 50_000,
    "rank": 3,
    "plans": 4,
    "votes": 1_003,
    "votes_short": 1,
    "votes_needed": 4,
    "short_cents": 20_000,
    "left_cents": 30_000,
    "supporters_cents": 1_050,
    "method": "most_votes",
}
ENGLISH = {
    "krijgt geld": "gets money",
    "krijgt een deel van het geld": "gets a part of the money",
    "krijgt geen geld": "gets no money",
}
PLACE = "Plaats 3 van 4, met 1.003 stemmen."
GOLDEN = {
    Verdict.FUNDED: ("krijgt geld", "", ""),
    Verdict.TOPPED_UP: ("krijgt geld", "", ""),
    Verdict.PARTLY_FUNDED: (
        "krijgt een deel van het geld",
        "Voor het hele plan was niet genoeg geld meer.",
        "There was not enough money left for the whole plan.",
    ),
    Verdict.DOES_NOT_FIT: (
        "krijgt geen geld",
        "Toen dit plan aan de beurt was, was er € 200 te weinig.",
        "When it was the turn of this plan, there was € 200 too little.",
    ),
    Verdict.BELOW_THRESHOLD: (
        "krijgt geen geld",
        "Nodig zijn 4 stemmen. Dit plan heeft er 1 te weinig.",
        "4 votes are needed. This plan is 1 vote short.",
    ),
    Verdict.CAP_FULL: (
        "krijgt geen geld",
        "Voor zijn thema of gebied was een grens. Dit plan gaat daar € 200 overheen.",
        "There was a limit for its theme or area. This plan exceeds it by € 200.",
    ),
    Verdict.INCOMPATIBLE: (
        "krijgt geen geld",
        "Het kan niet samen met een ander plan, dat al geld krijgt.",
        "It cannot go together with another plan that already gets money.",
    ),
    Verdict.NEEDS_OTHER: (
        "krijgt geen geld",
        "Het kan alleen samen met een ander plan, en dat krijgt geen geld.",
        "It only works together with another plan, and that gets no money.",
    ),
    Verdict.AFTER_STOP: (
        "krijgt geen geld",
        "De telling was al gestopt: er was nog € 300.",
        "The count had stopped by then: € 300 was left.",
    ),
    Verdict.TOO_DEAR_FOR_SUPPORT: (
        "krijgt geen geld",
        "Voor een plan van deze prijs heeft het 1 stem te weinig.",
        "It has 1 vote too few for a plan of this price.",
    ),
    Verdict.NOT_AFFORDABLE: (
        "krijgt geen geld",
        "Aan het eind hadden zijn stemmers samen nog € 10,50. Het plan kost € 500.",
        "In the end its voters had € 10.50 left together. The plan costs € 500.",
    ),
    Verdict.NOT_NAMED: ("krijgt geen geld", "", ""),
    Verdict.NOT_CHOSEN: ("krijgt geen geld", "Er was geen stem op dit plan.", "There was no vote for this plan."),
}


@pytest.mark.parametrize("verdict", Verdict)
def test_each_verdict_has_its_sentences(app: Flask, verdict: Verdict) -> None:
    subject, dutch, english = GOLDEN[verdict]
    facts = FACTS | {"verdict": verdict.value}
    told = {"kind": Kind.OUTCOME.value, "number": 12, "facts": facts}
    said = {}
    for language in ("nl", "en"):
        with app.test_request_context(), force_locale(language):
            said[language] = f"{notice_subject(told)}. {outcome_reason(facts)}".replace("\u00a0", " ")
    assert said["nl"] == f"Plan 12 {subject}. {PLACE} {dutch}".strip()
    assert said["en"] == f"Plan 12 {ENGLISH[subject]}. Place 3 of 4, with 1,003 votes. {english}".strip()


class TestUnjudged:
    @pytest.fixture
    def late(self, session: Session, areas: dict[str, Area], now: datetime, makers: list[User]) -> Round:
        """A round in its time to vote that was never opened: with plans that wait, that could, and that could not."""
        round_ = round_in(session, Phase.VOTING, areas=areas, now=now)
        statuses = (ProposalStatus.SUBMITTED, ProposalStatus.ADMITTED, ProposalStatus.REFUSED)
        for status, maker in zip(statuses, makers, strict=True):
            plan(session, round_, now=now, status=status, author=maker, title=f"Een {status}")
        return round_

    def test_when_the_time_to_check_is_over(self, session: Session, late: Round, now: datetime, tmp_path: Path) -> None:
        assert tell(session, KeyStore(tmp_path, site="localhost"), now - WEEK) == []
        (mail,) = tell(session, KeyStore(tmp_path, site="localhost"), now)
        assert mail.startswith(
            "Over plan 1 is nog niet besloten | Hallo, De tijd om plannen te controleren is voorbij. Over uw plan 1"
            f" (Een submitted) in {late.title} is nog niet besloten. De stembus gaat pas open als over elk plan is"
            " besloten. U krijgt mail zodra over uw plan is besloten."
        )
        assert tell(session, KeyStore(tmp_path, site="localhost"), now + timedelta(days=1)) == []

    def test_when_the_vote_was_never_held(self, session: Session, late: Round, now: datetime, tmp_path: Path) -> None:
        waits, could = tell(session, KeyStore(tmp_path, site="localhost"), now + WEEK)
        assert waits.startswith(
            f"Over plan 1 is niet gestemd | Hallo, Over uw plan 1 (Een submitted) in {late.title} is niet besloten."
            " De tijd om te stemmen is voorbij, en de stembus is nooit opengegaan."
            " Komen er nieuwe datums om te stemmen, dan staan die op de pagina van de ronde."
        )
        assert could.startswith(
            "There was no vote on plan 2 | Hello, Your plan 2 (Een admitted) in"
            f" {late.title} could go on the ballot. The time to vote is over, and the ballot box was never opened."
        )
        assert tell(session, KeyStore(tmp_path, site="localhost"), now + 2 * WEEK) == []

    def test_a_concept_round_tells_nothing(self, session: Session, late: Round, now: datetime, tmp_path: Path) -> None:
        late.published_at = None
        session.flush()
        assert tell(session, KeyStore(tmp_path, site="localhost"), now + WEEK) == []


class Killed(BaseException):
    """The worker dies here."""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Flask]:
    """An app with real commits, and a round of eleven plans, of which nothing came."""
    with live(tmp_path, CLOCK=Clock()) as app:
        with app.app_context(), writing():
            session, now = db.session(), app.config["CLOCK"].now
            round_ = round_in(session, Phase.REALISATION, areas=small_city(session), now=now)
            for _ in range(11):
                plan(session, round_, now=now, author=person(session))
            session.commit()
        yield app


@pytest.mark.parametrize("died_at", ["before", "after"])
def test_killed_anywhere_it_tells_nobody_twice_and_forgets_nobody(
    own: Flask, monkeypatch: pytest.MonkeyPatch, died_at: str
) -> None:
    monkeypatch.setattr(actions, "AT_ONCE", 4)
    commit, done = Session.commit, []

    def dying(session: Session) -> None:
        done.append(1)
        if died_at == "after":
            commit(session)
        if len(done) == 2:
            raise Killed
        if died_at == "before":
            commit(session)

    with own.app_context():
        monkeypatch.setattr(Session, "commit", dying)
        with pytest.raises(Killed):
            TELL.run(TELL.by)
        monkeypatch.setattr(Session, "commit", commit)
        db.session.rollback()
        assert len(mails(db.session())) == (4 if died_at == "before" else 8)
        assert TELL.has_work()
        for _ in range(2):
            TELL.run(TELL.by)
        told = [mail.recipient for mail in mails(db.session())]
        assert len(told) == len(set(told)) == 11
        assert not TELL.has_work()
        assert db.session.scalars(select(Notice.kind)).all() == [Kind.NOT_HELD]


def test_opened_meanwhile_it_stops(own: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was true when it began is looked at again before each part."""
    monkeypatch.setattr(actions, "AT_ONCE", 4)
    with own.app_context(), writing():
        session, now = db.session(), own.config["CLOCK"].now
        (due,) = all_due(session, now=now)
        keys = KeyStore(Path(own.config["KEY_DIRECTORY"]), site="localhost")
        assert tell_makers(session, due, keys=keys, by=PROGRAM, now=now)
        window = next(each for each in session.get_one(Round, due.round_id).windows if each.phase is Phase.VOTING)
        window.ends_at = now + WEEK
        session.flush()
        assert not tell_makers(session, due, keys=keys, by=PROGRAM, now=now)
        assert len(mails(session)) == 4
        db.session.rollback()
