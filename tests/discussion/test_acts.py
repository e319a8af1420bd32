"""Taking part in a discussion: what can be done, when and by whom, and that its figures are those of what is read."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.actions import AccountFault
from buurtbegroot.accounts.models import Role
from buurtbegroot.accounts.queries import subject_of
from buurtbegroot.acts import ChangedSinceError, NotAllowedError
from buurtbegroot.core.phases import Phase
from buurtbegroot.discussion.actions import (
    Remark,
    TalkFault,
    answer,
    contribute,
    delete_contribution,
    edit_contribution,
    erase_contributions,
    erase_useful,
    find_no_longer_useful,
    find_useful,
)
from buurtbegroot.discussion.actions.following_up import let_through, settle_question, take_over
from buurtbegroot.discussion.models import Contribution, EarlierText
from buurtbegroot.discussion.models.threads import About, Stance, Thread, Voice
from buurtbegroot.discussion.queries.lists import Order, Wanted, of_plan
from buurtbegroot.discussion.tasks import TASKS, _tell
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.moderation.actions import Hiding, Ruling, hide_words, show_words
from buurtbegroot.moderation.models import Ground, Reason
from buurtbegroot.proposals.domain.drafts import Content
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.proposals.models.changes import revision_after
from buurtbegroot.rounds.models import ReadFirst
from tests.conftest import Clock
from tests.discussion.conftest import Say
from tests.factories.accounts import person
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.refusals import refused


def figures(session: Session, proposal: Proposal) -> tuple[int, ...]:
    found = session.scalars(
        select(Thread).where(Thread.proposal_id == proposal.id).execution_options(populate_existing=True)
    ).one()
    stances = (found.in_favour, found.against, found.questions, found.open_questions, found.ideas)
    return (*stances, found.answers, found.people)


class TestWriting:
    def test_counts_what_can_be_read(self, session: Session, discussed: Proposal, say: Say) -> None:
        by = person(session)
        first = say(stance=Stance.QUESTION, by=by)
        say(stance=Stance.IDEA, by=by)
        say(stance=Stance.AGAINST)
        say(to=first)
        assert figures(session, discussed) == (0, 1, 1, 1, 1, 1, 3)

    def test_speaks_as_who_somebody_is(self, session: Session, discussed: Proposal, say: Say) -> None:
        people = {
            Voice.MAKER: discussed.author,
            Voice.COORDINATOR: person(session, Role.COORDINATOR, "E"),
            Voice.STAFF: person(session, Role.STAFF, "E"),
            Voice.RESIDENT: person(session),
        }
        assert {voice: say(by=by).voice for voice, by in people.items()} == {voice: voice for voice in people}

    def test_a_name_claims_no_office(self, session: Session, discussed: Proposal, now: datetime) -> None:
        remark = Remark(body="Dit mag niet.", author_name="Gemeente Amsterdam", stance=Stance.FOR)
        for by in (person(session), person(session, Role.COORDINATOR, "K")):
            with refused(AccountFault.CLAIMS_OFFICE):
                contribute(session, About(discussed.round, discussed), remark, by=by, now=now)

    def test_answers_go_one_level_deep(self, say: Say) -> None:
        with refused(TalkFault.ANSWER):
            say(to=say(to=say()))

    @pytest.mark.parametrize("phase", [Phase.FEASIBILITY, Phase.VOTING, Phase.COUNTING])
    def test_not_after_the_phase(self, session: Session, areas: Any, now: datetime, phase: Phase) -> None:
        late = plan(session, round_in(session, phase, areas=areas, now=now), now=now)
        with refused(TalkFault.CLOSED):
            contribute(
                session,
                About(late.round, late),
                Remark(body="Te laat.", author_name="An", stance=Stance.FOR),
                by=person(session),
                now=now,
            )

    def test_makers_answer_until_the_vote_is_opened(
        self, session: Session, discussed: Proposal, say: Say, now: datetime
    ) -> None:
        question = say(stance=Stance.QUESTION)
        later = now + timedelta(days=5)
        remark = Remark(body="Ja.", author_name="De maker")
        with refused(TalkFault.CLOSED):
            answer(session, question, remark, by=person(session), now=later)
        assert discussed.author is not None
        assert answer(session, question, remark, by=discussed.author, now=later).voice is Voice.MAKER

    def test_a_concept_is_not_there(self, session: Session, discussed: Proposal, now: datetime) -> None:
        discussed.status = ProposalStatus.CONCEPT
        with pytest.raises(NotAllowedError) as error:
            contribute(
                session,
                About(discussed.round, discussed),
                Remark(body="Hallo.", author_name="An", stance=Stance.FOR),
                by=person(session),
                now=now,
            )
        assert error.value.hidden


class TestOwnText:
    def test_an_edit_keeps_what_was_said(self, session: Session, say: Say, now: datetime) -> None:
        by = person(session)
        found = say("Eerst.", by=by)
        edit_contribution(session, found, "Daarna.", seen=found.version, by=by, now=now)
        with pytest.raises(ChangedSinceError):
            edit_contribution(session, found, "Nog eens.", seen=1, by=by, now=now)
        edit_contribution(session, found, "Nog eens.", seen=found.version, by=by, now=now)
        earlier = session.scalars(select(EarlierText.body).order_by(EarlierText.number)).all()
        assert (found.body, list(earlier)) == ("Nog eens.", ["Eerst.", "Daarna."])

    def test_deleting_takes_all_texts_and_leaves_the_place(
        self, session: Session, discussed: Proposal, say: Say, now: datetime
    ) -> None:
        by = person(session)
        found = say("Kanarie een.", by=by)
        say(to=found)
        edit_contribution(session, found, "Kanarie twee.", seen=found.version, by=by, now=now)
        delete_contribution(session, found, seen=found.version, by=by, now=now)
        session.commit()
        (row,) = of_plan(session, discussed, Wanted(), by=by, now=now).rows
        assert (row.body, row.author_name, row.deleted_at, len(row.shown)) == ("", "", now, 1)
        assert session.scalars(select(EarlierText)).all() == []
        assert figures(session, discussed) == (0, 0, 0, 0, 0, 1, 1)

    def test_nobody_elses(self, session: Session, say: Say, now: datetime) -> None:
        found = say()
        with pytest.raises(NotAllowedError):
            delete_contribution(session, found, seen=found.version, by=person(session), now=now)
        with pytest.raises(NotAllowedError):
            edit_contribution(session, found, "Anders.", seen=found.version, by=person(session), now=now)


class TestUseful:
    def test_twice_is_once_and_orders_the_list(
        self, session: Session, discussed: Proposal, say: Say, now: datetime
    ) -> None:
        first, second = say("Een."), say("Twee.")
        readers = [person(session) for _ in range(3)]
        for reader in readers:
            for _ in range(2):
                find_useful(session, first, by=reader, now=now)
        session.commit()
        rows = of_plan(session, discussed, Wanted(order=Order.USEFUL), by=readers[0], now=now).rows
        assert [(row.id, row.useful, row.is_useful) for row in rows] == [(first.id, 3, True), (second.id, 0, False)]
        find_no_longer_useful(session, first, by=readers[0], now=now)
        session.commit()
        assert of_plan(session, discussed, Wanted(), by=readers[0], now=now).rows[1].useful == 2

    def test_not_ones_own(self, session: Session, say: Say, now: datetime) -> None:
        by = person(session)
        with refused(TalkFault.OWN):
            find_useful(session, say(by=by), by=by, now=now)

    def test_quotes_one_of_each_stance_and_nobody_twice(
        self, session: Session, discussed: Proposal, say: Say, now: datetime
    ) -> None:
        busy, other = person(session), person(session)
        best = say("Voor.", by=busy)
        idea, second_idea = say("Idee.", stance=Stance.IDEA, by=busy), say("Ook.", stance=Stance.IDEA, by=other)
        for contribution, readers in ((best, 3), (idea, 2), (second_idea, 1)):
            for _ in range(readers):
                find_useful(session, contribution, by=person(session), now=now)
        session.commit()
        quoted = of_plan(session, discussed, Wanted(), by=busy, now=now).quoted
        assert [each.id for each in quoted] == [best.id, second_idea.id]


class TestQuestions:
    def test_who_asked_says_which_answer_it_was(
        self, session: Session, discussed: Proposal, say: Say, now: datetime
    ) -> None:
        asker = person(session)
        question = say(stance=Stance.QUESTION, by=asker)
        reply = say(to=question)
        about: dict[str, Any] = {"answer_id": reply.id, "answered": True}
        with pytest.raises(NotAllowedError):
            settle_question(session, question, **about, seen=question.version, by=person(session), now=now)
        assert discussed.author is not None
        settle_question(session, question, **about, seen=question.version, by=discussed.author, now=now)
        assert (question.answered_at, question.answer_id) == (now, None)
        settle_question(session, question, **about, seen=question.version, by=asker, now=now)
        assert question.answer_id == reply.id
        assert figures(session, discussed)[2:4] == (1, 0)
        settle_question(session, question, answer_id=None, answered=False, seen=question.version, by=asker, now=now)
        assert figures(session, discussed)[2:4] == (1, 1)

    def test_an_answer_to_another_question_settles_nothing(self, session: Session, say: Say, now: datetime) -> None:
        asker = person(session)
        question, elsewhere = say(stance=Stance.QUESTION, by=asker), say(to=say())
        with refused(TalkFault.GONE):
            settle_question(
                session, question, answer_id=elsewhere.id, answered=True, seen=question.version, by=asker, now=now
            )


class TestModeration:
    def test_hidden_is_gone_from_rows_quotes_and_figures(
        self, session: Session, discussed: Proposal, say: Say, now: datetime
    ) -> None:
        moderator = person(session, Role.COORDINATOR, "E")
        found = say("Kanarie.", stance=Stance.QUESTION)
        say(to=found)
        find_useful(session, found, by=person(session), now=now)
        hiding = Hiding(reason=Reason.PERSONAL)
        hide_words(session, found, hiding, seen=found.version, by=moderator, now=now)
        session.commit()
        talk = of_plan(session, discussed, Wanted(), by=moderator, now=now)
        assert [(row.body, row.author_name, len(row.shown)) for row in talk.rows] == [("", "", 1)]
        assert (talk.quoted, talk.figures.questions, talk.figures.open_questions) == ((), 0, 0)
        assert of_plan(session, discussed, Wanted(stance=Stance.QUESTION), by=moderator, now=now).rows == []
        show_words(session, found, Ruling(reason=Ground.MISTAKE), seen=found.version, by=moderator, now=now)
        session.commit()
        talk = of_plan(session, discussed, Wanted(), by=moderator, now=now)
        assert ([row.body for row in talk.rows], len(talk.quoted)) == (["Kanarie."], 1)

    def test_hidden_without_answers_has_no_place(
        self, session: Session, discussed: Proposal, say: Say, now: datetime
    ) -> None:
        found, moderator = say("Kanarie."), person(session, Role.COORDINATOR, "E")
        hide_words(session, found, Hiding(reason=Reason.ABUSE), seen=found.version, by=moderator, now=now)
        session.commit()
        assert of_plan(session, discussed, Wanted(), by=moderator, now=now).rows == []

    @pytest.mark.parametrize(("read_first", "waits"), [(ReadFirst.FIRST, [True, False]), (ReadFirst.ALL, [True, True])])
    def test_waits_for_a_moderator(
        self,
        session: Session,
        discussed: Proposal,
        say: Say,
        now: datetime,
        read_first: ReadFirst,
        waits: list[bool],
    ) -> None:
        discussed.round.read_first = read_first
        by, moderator = person(session), person(session, Role.COORDINATOR, "E")
        first = say("Een.", by=by)
        assert of_plan(session, discussed, Wanted(), by=moderator, now=now).rows == []
        assert [row.body for row in of_plan(session, discussed, Wanted(), by=by, now=now).rows] == ["Een."]
        assert figures(session, discussed) == (0,) * 7
        let_through(session, first, seen=first.version, by=moderator, now=now)
        second = say("Twee.", by=by)
        assert [first.shown_at is not None, second.shown_at is None] == [True, waits[1]]
        assert say(by=moderator).shown_at is not None

    def test_a_changed_text_waits_again_where_all_are_read(
        self, session: Session, discussed: Proposal, say: Say, now: datetime
    ) -> None:
        by, moderator = person(session), person(session, Role.COORDINATOR, "E")
        found = say("Netjes.", by=by)
        discussed.round.read_first = ReadFirst.ALL
        edit_contribution(session, found, "Minder netjes.", seen=found.version, by=by, now=now)
        assert found.shown_at is None
        with pytest.raises(ChangedSinceError):
            let_through(session, found, seen=1, by=moderator, now=now)


class TestLists:
    @pytest.mark.parametrize("order", list(Order))
    def test_pages_by_key_show_each_once(
        self, session: Session, discussed: Proposal, say: Say, now: datetime, order: Order
    ) -> None:
        by = person(session)
        made = [say(f"{n}", stance=Stance.QUESTION if n % 3 else Stance.IDEA, by=by) for n in range(23)]
        for place in range(0, 23, 5):
            find_useful(session, made[place], by=person(session), now=now)
        session.commit()
        seen: list[int] = []
        after = None
        while True:
            talk = of_plan(session, discussed, Wanted(order=order, after=after), by=by, now=now)
            seen += [row.id for row in talk.rows]
            after = talk.after
            if after is None:
                break
        ids = [each.id for each in made]
        useful = {each.id: each.useful for each in session.scalars(select(Contribution))}
        expected = {
            Order.NEWEST: ids[::-1],
            Order.OLDEST: ids,
            Order.USEFUL: sorted(ids, key=lambda one: (-useful[one], -one)),
            Order.OPEN: sorted(ids, key=lambda one: (ids.index(one) % 3 == 0, -one)),
        }
        assert seen == expected[order]


class TestMakersHear:
    def test_of_new_questions_once_until_it_is_due_again(self, session: Session, say: Say, clock: Clock) -> None:
        def heard() -> int:
            _tell(TASKS[0].by)
            session.expire_all()
            return session.scalar(select(func.count()).where(OutboxMail.template == "discussion_question")) or 0

        assert heard() == 0
        say(stance=Stance.IDEA)
        question = say("Kanarie?", stance=Stance.QUESTION)
        assert (heard(), heard()) == (1, 1)
        mail = session.scalars(select(OutboxMail).where(OutboxMail.template == "discussion_question")).one()
        assert "Kanarie" not in json.dumps(mail.values)
        clock.now += timedelta(hours=13)
        assert heard() == 1, "nothing new was asked"
        say(stance=Stance.QUESTION)
        assert heard() == 1, "it was asked before the makers last heard"
        assert question.is_open

    def test_nothing_of_what_they_ask_themselves(self, discussed: Proposal, say: Say) -> None:
        say(stance=Stance.QUESTION, by=discussed.author)
        assert not TASKS[0].has_work()


class TestTakenOver:
    def test_who_wrote_it_hears_once(self, session: Session, discussed: Proposal, say: Say, now: datetime) -> None:
        session.add(revision_after(None, discussed, Content(title="Plan", author_name="An"), now=now))
        found, maker = say(stance=Stance.IDEA), discussed.author
        assert maker is not None
        for words in ("De school plant mee.", "De hele school plant mee."):
            take_over(session, found, version=1, words=words, seen=found.version, by=maker, now=now)
        with refused(TalkFault.NO_VERSION):
            take_over(session, found, version=2, words="Nee.", seen=found.version, by=maker, now=now)
        take_over(session, found, version=None, words="", seen=found.version, by=maker, now=now)
        assert (found.taken_in, found.taken_words) == (None, "")
        take_over(session, found, version=1, words="Toch.", seen=found.version, by=maker, now=now)
        assert session.scalar(select(func.count()).where(OutboxMail.template == "discussion_taken_over")) == 1

    def test_ones_own_idea_is_no_news(self, session: Session, discussed: Proposal, say: Say, now: datetime) -> None:
        session.add(revision_after(None, discussed, Content(title="Plan", author_name="An"), now=now))
        maker = discussed.author
        assert maker is not None
        found = say(stance=Stance.IDEA, by=maker)
        take_over(session, found, version=1, words="Dit.", seen=found.version, by=maker, now=now)
        assert session.scalar(select(func.count()).select_from(OutboxMail)) == 0


class TestErasing:
    def test_the_account_takes_texts_and_what_it_found_useful_along(
        self, session: Session, discussed: Proposal, say: Say, now: datetime
    ) -> None:
        by, other = person(session), say("Van een ander.")
        find_useful(session, other, by=by, now=now)
        gone, found = say("Kanarie een.", by=by), say("Kanarie twee.", by=by)
        delete_contribution(session, gone, seen=gone.version, by=by, now=now)
        subject = subject_of(by)
        erase_useful(session, subject, by=by, now=now)
        erase_contributions(session, subject, by=by, now=now)
        session.commit()
        session.refresh(other)
        assert (other.useful, found.stored_body, found.author_id, found.deleted_at) == (0, "", None, now)
        assert figures(session, discussed) == (1, 0, 0, 0, 0, 0, 1)
        assert [each.body for each in of_plan(session, discussed, Wanted(), by=by, now=now).rows] == [
            "",
            "",
            "Van een ander.",
        ]

    def test_an_edit_that_changes_nothing_keeps_nothing(self, session: Session, say: Say, now: datetime) -> None:
        by = person(session)
        found = say("Zo.", by=by)
        edit_contribution(session, found, "Zo.", seen=found.version, by=by, now=now)
        assert (found.edited_at, session.scalars(select(EarlierText)).all()) == (None, [])

    def test_a_text_that_waits_changes_without_a_trace(
        self, session: Session, discussed: Proposal, say: Say, now: datetime
    ) -> None:
        discussed.round.read_first, by = ReadFirst.ALL, person(session)
        found = say("Zo.", by=by)
        edit_contribution(session, found, "Anders.", seen=found.version, by=by, now=now)
        assert (found.body, found.edited_at, session.scalars(select(EarlierText)).all()) == ("Anders.", None, [])
