"""Many people at the same moment in one discussion, over HTTP: nobody's words are lost, and figures stay right."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.discussion.actions import Remark, answer, contribute
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import About, Stance, Thread
from buurtbegroot.extensions import db
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.moderation.actions import Hiding, hide_words
from buurtbegroot.moderation.models import Appeal, Case, Reason
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.support.models import Support
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.live import live
from tests.pages import Browser
from tests.proposals.test_race import Sent, at_once

WRITTEN = {"soort": "vraag", "tekst": "Kanarie?", "naam": "Kanarie"}

pytestmark = pytest.mark.race


class Street:
    """A plan that people talk about, in a database of its own; each browser has its own connection."""

    def __init__(self, app: Flask, now: datetime) -> None:
        self.app, self.now = app, now
        with self.open() as session:
            round_ = round_in(session, Phase.COCREATION, areas=small_city(session), now=now)
            author = person(session)
            self.plan = plan(session, round_, now=now, status=ProposalStatus.SUBMITTED, author=author).id
            self.moderators = [person(session, Role.COORDINATOR, "E").id for _ in range(2)]
            self.people = [person(session).id for _ in range(6)]

    @contextmanager
    def open(self) -> Iterator[Session]:
        with self.app.app_context(), writing():
            yield db.session()
            db.session.commit()
            db.session.remove()

    def say(self, by: int, *, to: int = 0) -> int:
        with self.open() as session:
            user, proposal = session.get_one(User, by), session.get_one(Proposal, self.plan)
            remark = Remark(body="Zo.", author_name="An", stance=Stance.ANSWER if to else Stance.QUESTION)
            if to:
                return answer(session, session.get_one(Contribution, to), remark, by=user, now=self.now).id
            return contribute(session, About(proposal.round, proposal), remark, by=user, now=self.now).id

    def sent(self, by: int, path: str, told: dict[str, str], *, on: str = "") -> Sent:
        """Open the page of a form as somebody, and return what sends it."""
        with self.open() as session:
            browser = Browser(self.app)
            browser.sign_in(session.get_one(User, by))
        with self.app.app_context():
            return browser, path, browser.get(on or path).hidden(path) | told

    def judging(self, by: int, number: int, act: str, reason: str) -> Sent:
        told = {"doe": act, "reden": reason, "stap": "doe"}
        return self.sent(by, f"/werkplek/meldingen/contribution/{number}", told)


@pytest.fixture
def street(tmp_path: Path, now: datetime) -> Iterator[Street]:
    settings = {"SERVER_NAME": "localhost", "SITE_URL": "http://localhost", "CLOCK": lambda: now}
    with live(tmp_path, WTF_CSRF_ENABLED=False, SECOND_FACTOR=False, **settings) as app:
        yield Street(app, now)


def figures_are_right(session: Session) -> bool:
    rows = session.scalars(select(Contribution)).all()
    readable = [row for row in rows if row.shown_at and not row.deleted_at and not row.hidden_at]
    thread = session.scalars(select(Thread)).one()
    top = [row for row in readable if row.parent_id is None]
    counted = (thread.questions, thread.answers, thread.people)
    answers = all(row.answers == sum(each.parent_id == row.id for each in readable) for row in rows)
    return answers and counted == (len(top), len(readable) - len(top), len({row.author_id for row in readable}))


def test_all_who_write_and_hide_at_once_are_done(street: Street) -> None:
    first, *people = street.people
    asked = street.say(first)
    found = [street.say(first, to=asked) for _ in range(2)]
    write, reply, useful = f"/plannen/{street.plan}/reacties/nieuw", f"/reacties/{asked}/antwoord", "/reacties/nuttig"
    sent = [street.sent(by, write, WRITTEN) for by in people[:2]]
    sent += [street.sent(by, reply, WRITTEN) for by in people[2:]]
    sent += [street.sent(by, useful, {"nuttig": str(asked)}, on=f"/reacties/{asked}") for by in people[3:]]
    sent += [street.judging(by, one, "verberg", "anders") for by, one in zip(street.moderators, found, strict=True)]
    assert at_once(sent) == [303] * len(sent)
    with street.open() as session:
        assert figures_are_right(session)
        assert session.get_one(Contribution, asked).useful == 2


def test_of_two_who_change_one_text_one_looks_again(street: Street) -> None:
    by, moderators = street.people[0], street.moderators
    for others in ("edit", "hide", "delete"):
        found = street.say(by)
        edit = street.sent(by, f"/reacties/{found}/wijzigen", {"tekst": "Anders."})
        beside = {
            "edit": lambda found=found: street.sent(by, f"/reacties/{found}/wijzigen", {"tekst": "Nog anders."}),
            "hide": lambda found=found: street.judging(moderators[0], found, "verberg", "anders"),
            "delete": lambda found=found: street.sent(by, f"/reacties/{found}/verwijderen", {}),
        }[others]()
        assert at_once([edit, beside]) in ([303, 409], [303, 404]), others
    found = street.say(by)
    assert at_once([street.judging(one, found, "verberg", "anders") for one in moderators]) == [303, 409]
    with street.open() as session:
        assert session.scalars(select(Case.rulings).where(Case.number == found)).all() == [1]
        assert figures_are_right(session)


def test_an_appeal_is_made_and_judged_once(street: Street) -> None:
    by = street.people[0]
    found = street.say(by)
    with street.open() as session:
        hidden, moderator = session.get_one(Contribution, found), session.get_one(User, street.moderators[0])
        hide_words(session, hidden, Hiding(reason=Reason.OTHER), seen=hidden.version, by=moderator, now=street.now)
    path = f"/bezwaar/contribution/{found}"
    assert at_once([street.sent(by, path, {"woorden": f"Omdat {n}."}) for n in range(2)]) == [303, 303]
    with street.open() as session:
        assert session.scalar(select(func.count()).select_from(Appeal)) == 1
        others = [person(session, Role.COORDINATOR, "E").id for _ in range(2)]
    path, told = f"/werkplek{path}", {"doe": "tonen", "grond": "mening", "uitleg": "Dit mag."}
    assert at_once([street.sent(one, path, told) for one in others]) == [303, 409]


def test_an_account_that_ends_leaves_nothing_behind(street: Street) -> None:
    asked = street.say(street.people[0])
    sent = []
    for by in street.people[1:]:
        street.say(by, to=asked)
        sent.append(street.sent(by, "/account/verwijderen", {"sure": "y"}))
        sent.append(street.sent(by, f"/reacties/{asked}/antwoord", WRITTEN))
        sent.append(street.sent(by, f"/plannen/{street.plan}/steun", {}, on=f"/plannen/{street.plan}"))
    assert set(at_once(sent)) <= {303, 422}
    with street.open() as session:
        assert session.scalar(select(func.count()).where(User.deleted_at.is_not(None))) == len(street.people) - 1
        names = session.scalars(select(Contribution.stored_author_name).where(Contribution.id > asked))
        assert (set(names), session.scalar(select(func.count()).select_from(Support))) == ({""}, 0)
        assert figures_are_right(session)


def test_one_link_is_done_once(street: Street) -> None:
    """Two who press the button of one mail at once, as a person with two screens does."""
    path, sent = f"/plannen/{street.plan}/reacties/nieuw", []
    with street.open() as session:
        browser = Browser(street.app)
        browser.post(path, browser.get(path).hidden(path) | WRITTEN | {"mailadres": "nieuw@example.org"})
        link = session.scalars(select(OutboxMail.values)).one()["link"].removeprefix("http://localhost")
        for reader in (Browser(street.app) for _ in range(3)):
            sent.append((reader, path, reader.get(link).filled(path) | {"leeftijd": "16"}))
    statuses = at_once(sent)
    assert set(statuses) in ({303}, {303, 410})
    with street.open() as session:
        assert session.scalar(select(func.count()).select_from(Contribution)) == 1
        assert session.scalar(select(func.count()).where(User.email == "nieuw@example.org")) == 1
