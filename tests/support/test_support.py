"""Support for plans: once per account, taken back at will, secret where the round says so; never a vote."""

import csv
import io
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.acts import NotAllowedError, RefusedError
from buurtbegroot.areas.models import CITY
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.support.actions import SupportFault, give_support, take_back_support
from buurtbegroot.support.models import Support
from buurtbegroot.support.queries import plan_support, support_of
from tests.conftest import NOW, Clock
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import WEEK, round_in
from tests.live import live
from tests.pages import Browser, SignIn


@pytest.fixture
def discussed(session: Session, areas: Any, now: datetime) -> Proposal:
    """A plan in a round in which people co-create."""
    round_ = round_in(session, Phase.COCREATION, areas=areas, now=now)
    found = plan(session, round_, now=now, status=ProposalStatus.SUBMITTED, author=person(session))
    session.commit()
    return found


def supporters(session: Session, proposal: Proposal, number: int) -> None:
    session.add_all([Support(proposal_id=proposal.id, user_id=person(session).id) for _ in range(number)])
    session.commit()


def exported(browser: Browser) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(browser.raw("/open-data/plannen-machine.csv").text)))


def figure(browser: Browser, proposal: Proposal) -> str:
    page = browser.get("proposals.show", proposal_id=proposal.id)
    return " ".join(page.text_of(".//p[@class='bb-support__figure']").split())


class TestActs:
    def test_twice_is_once_and_taken_back_is_gone(self, session: Session, discussed: Proposal, now: datetime) -> None:
        by = person(session)
        for _ in range(2):
            give_support(session, discussed, by=by, now=now)
        assert plan_support(session, discussed, by=by, now=now).number == 1
        assert plan_support(session, discussed, by=by, now=now).is_given
        for _ in range(2):
            take_back_support(session, discussed, by=by, now=now)
        found = plan_support(session, discussed, by=by, now=now)
        assert (found.number, found.is_given) == (0, False)

    def test_not_for_ones_own_plan(self, session: Session, discussed: Proposal, now: datetime) -> None:
        assert discussed.author is not None
        with pytest.raises(RefusedError) as refused:
            give_support(session, discussed, by=discussed.author, now=now)
        assert refused.value.fault is SupportFault.OWN

    @pytest.mark.parametrize("status", [ProposalStatus.WITHDRAWN, ProposalStatus.REFUSED])
    def test_not_for_a_plan_that_takes_no_part(
        self, session: Session, discussed: Proposal, now: datetime, status: ProposalStatus
    ) -> None:
        discussed.status = status
        with pytest.raises(RefusedError) as refused:
            give_support(session, discussed, by=person(session), now=now)
        assert refused.value.fault is SupportFault.CLOSED

    def test_a_concept_is_not_there(self, session: Session, discussed: Proposal, now: datetime) -> None:
        discussed.status = ProposalStatus.CONCEPT
        with pytest.raises(NotAllowedError) as refused:
            give_support(session, discussed, by=person(session), now=now)
        assert refused.value.hidden

    @pytest.mark.parametrize("phase", [Phase.FEASIBILITY, Phase.VOTING, Phase.COUNTING])
    def test_not_after_the_phase(self, session: Session, areas: Any, now: datetime, phase: Phase) -> None:
        late, by = plan(session, round_in(session, phase, areas=areas, now=now), now=now), person(session)
        supporters(session, late, 1)
        for act in (give_support, take_back_support):
            with pytest.raises(RefusedError):
                act(session, late, by=by, now=now)
        assert plan_support(session, late, by=by, now=now).number == 1


class TestPages:
    def test_a_resident_gives_support_and_takes_it_back(
        self, session: Session, signed_in: SignIn, discussed: Proposal
    ) -> None:
        browser, address = signed_in(person(session)), f"/plannen/{discussed.id}"
        browser.send("support.give", on=address, proposal_id=discussed.id)
        assert "U steunt dit plan." in browser.get(address).text
        assert figure(browser, discussed).startswith("1")
        browser.send("support.take_back", on=address, proposal_id=discussed.id)
        assert "Ik steun dit plan" in browser.get(address).text

    def test_a_visitor_is_led_to_a_page_that_asks_for_an_address(self, browser: Browser, discussed: Proposal) -> None:
        page = browser.get("proposals.show", proposal_id=discussed.id)
        assert page.find(f".//a[@href='/plannen/{discussed.id}/steun']")
        assert browser.get("support.give", proposal_id=discussed.id).find(".//input[@name='mailadres']")

    def test_the_goal_says_how_much_is_missing(self, session: Session, browser: Browser, discussed: Proposal) -> None:
        discussed.round.support_needed = 3
        supporters(session, discussed, 1)
        assert "Nog 2 nodig." in browser.get("proposals.show", proposal_id=discussed.id).text
        supporters(session, discussed, 4)
        assert "Genoeg steun." in browser.get("proposals.show", proposal_id=discussed.id).text

    def test_figures_are_the_same_everywhere(self, session: Session, browser: Browser, discussed: Proposal) -> None:
        supporters(session, discussed, 4)
        assert figure(browser, discussed).startswith("4")
        for page in (browser.get("proposals.index"), browser.get("proposals.in_round", slug=discussed.round.slug)):
            assert "4 keer steun" in page.text
        assert [row["steun"] for row in exported(browser)] == ["4"]

    def test_nobody_reads_who_gave_it(self, session: Session, signed_in: SignIn, discussed: Proposal) -> None:
        by = person(session)
        by.name = "Kanarie"
        session.commit()
        signed_in(by).send("support.give", on=f"/plannen/{discussed.id}", proposal_id=discussed.id)
        asking = signed_in(person(session, Role.ADMINISTRATOR, CITY))
        pages = [asking.get("proposals.show", proposal_id=discussed.id), asking.get("proposals.index")]
        pages += [asking.get("audit.index"), asking.get("rounds.show", slug=discussed.round.slug)]
        told = [each.html for each in pages] + [asking.raw("/open-data/plannen-machine.csv").text]
        assert [each for each in told if "Kanarie" in each or by.pseudonym in each] == []

    def test_a_coordinator_sets_goal_and_secrecy(
        self, session: Session, signed_in: SignIn, discussed: Proposal
    ) -> None:
        browser = signed_in(person(session, Role.COORDINATOR, "E"))
        path = browser.path("rounds_organiser.basics", slug=discussed.round.slug)
        for wrong in ("veel", "0", "100001", "-1", "2,5"):
            page = browser.post(path, browser.get(path).filled(path) | {"support_needed": wrong}, status=422)
            assert page.find(".//input[@name='support_needed']")[0].get("value") == wrong
        browser.post(path, browser.get(path).filled(path) | {"support_needed": "25", "support_secret": "y"})
        session.refresh(discussed.round)
        assert (discussed.round.support_needed, discussed.round.support_secret) == (25, True)

    def test_a_secret_number_is_nowhere_until_the_phase_is_over(
        self, session: Session, signed_in: SignIn, discussed: Proposal, clock: Clock
    ) -> None:
        discussed.round.support_secret = True
        supporters(session, discussed, 4)
        browser = signed_in(person(session, Role.COORDINATOR, "E"))
        page = browser.get("proposals.show", proposal_id=discussed.id)
        assert "Hoeveel steun er is, ziet iedereen vanaf" in page.text
        assert not page.find(".//p[@class='bb-support__figure']")
        assert "keer steun" not in browser.get("proposals.index").text
        assert [row["steun"] for row in exported(browser)] == [""]
        clock.now += WEEK * 3
        assert plan_support(session, discussed, by=person(session), now=clock.now).number == 4
        assert [row["steun"] for row in exported(browser)] == ["4"]

    def test_the_database_keeps_it_secret_as_long_as_the_page(self, session: Session, discussed: Proposal) -> None:
        discussed.round.support_secret, by = True, person(session)
        supporters(session, discussed, 4)
        windows = [each for each in discussed.round.windows if each.phase in {Phase.SUBMISSION, Phase.COCREATION}]
        edges = [moment for each in windows for moment in (each.begins_at, each.ends_at)]
        told = set()
        for moment in (edge + timedelta(seconds=seconds) for edge in edges for seconds in (-1, 0, 1)):
            number = plan_support(session, discussed, by=by, now=moment).number
            assert support_of(session, [discussed.id], moment).get(discussed.id) == number, moment
            told.add(number)
        assert told == {None, 4}

    def test_on_a_ballot_no_list_shows_it(self, session: Session, areas: Any, now: datetime) -> None:
        voted = plan(session, round_in(session, Phase.VOTING, areas=areas, now=now), now=now)
        voted.round.opened_at = now
        supporters(session, voted, 2)
        assert support_of(session, [voted.id], now) == {}


@pytest.mark.race
def test_of_many_who_press_at_once_each_counts_once(tmp_path: Path) -> None:
    with live(tmp_path, CLOCK=lambda: NOW) as app:
        with app.app_context(), writing():
            session = db.session()
            round_ = round_in(session, Phase.COCREATION, areas=small_city(session), now=NOW)
            found = plan(session, round_, now=NOW, status=ProposalStatus.SUBMITTED)
            people = [person(session) for _ in range(4)]
            session.commit()
            plan_id, ids = found.id, [each.id for each in people]
        start, faults = threading.Barrier(16), list[Exception]()

        def press(user_id: int) -> None:
            with app.app_context(), writing():
                start.wait()
                try:
                    session = db.session()
                    by = session.get_one(type(people[0]), user_id)
                    give_support(session, session.get_one(Proposal, plan_id), by=by, now=NOW)
                    session.commit()
                except Exception as error:  # told below
                    faults.append(error)

        threads = [threading.Thread(target=press, args=(ids[number % 4],)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert faults == []
        with app.app_context():
            assert db.session.scalar(select(func.count()).select_from(Support)) == 4
