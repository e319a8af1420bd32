"""Two changes of one plan: nobody writes over what they did not see, and neither text is lost."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import ChangedSinceError
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.proposals.actions import Verdict, decide_proposal, edit_proposal, start_proposal, submit_proposal
from buurtbegroot.proposals.models import Decision, Proposal, ProposalStatus
from buurtbegroot.rounds.models import Criterion, Round
from tests.conftest import Clock
from tests.factories.accounts import person
from tests.factories.proposals import draft, typed
from tests.pages import Browser, Page

SignIn = Callable[[User], Browser]
YES = {criterion.value: "yes" for criterion in Criterion}
LINE = (("what", "Verf"), ("quantity", "1"), ("unit_cents", "1"))
ADMIT = YES | {"verdict": "toelaten", "cost_cents": "300", "reason": "De prijzen kloppen."}


@pytest.fixture
def found(session: Session, round_: Round, resident: User, now: datetime) -> Proposal:
    proposal = start_proposal(session, round_, draft(round_), by=resident, now=now)
    submit_proposal(session, proposal, seen=proposal.version, by=resident, now=now)
    session.commit()
    return proposal


@pytest.fixture
def browser(signed_in: SignIn, resident: User) -> Browser:
    return signed_in(resident)


def path_of(proposal: Proposal, what: str = "wijzigen") -> str:
    return f"/plannen/{proposal.id}/{what}"


def opened(browser: Browser, path: str) -> dict[str, str]:
    """Open the page of a form in another tab, and return what it will send unseen."""
    return browser.get(path).hidden(path)


def again(page: Page, path: str, **chosen: str) -> dict[str, str]:
    """Return the form of the page with both texts, with these choices."""
    return page.hidden(path) | chosen


def entries(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(AuditEntry)) or 0


def test_the_second_tab_sees_both_texts_and_saves_nothing(
    session: Session, browser: Browser, found: Proposal, round_: Round
) -> None:
    path = path_of(found)
    tab = opened(browser, path)
    browser.send(path, typed(round_, body="Wij hangen tien kastjes in de zon.", title="In de zon"))
    logged = entries(session)
    page = browser.post(path, typed(round_, body="Wij hangen **twintig** kastjes op.") | tab, status=409)
    assert page.heading == "U wijzigde dit in twee vensters"
    for text in ("in de zon", "twintig", "In de zon", "Kies bij dit ene deel", "Er is nog niets bewaard."):
        assert text in page.text, text
    assert (found.body, entries(session)) == ("Wij hangen tien kastjes in de zon.", logged)
    (both,) = page.find(".//textarea[@name='samen-0']")
    assert all(word in (both.text or "") for word in ("twintig", "in de zon"))
    assert not page.find(".//input[@checked]"), "nothing is chosen beforehand"


@pytest.mark.parametrize(
    ("choice", "body"),
    [
        ({"keuze-0": "ander"}, "Van de ander"),
        ({"keuze-0": "mijn"}, "Van mij"),
        ({"keuze-0": "beide", "samen-0": "Van allebei"}, "Van allebei"),
        ({"alles": "mijn"}, "Van mij"),
        ({"alles": "ander"}, "Van de ander"),
    ],
)
def test_what_is_chosen_is_saved_and_what_does_not_clash_is_joined(
    browser: Browser, found: Proposal, round_: Round, choice: dict[str, str], body: str
) -> None:
    path = path_of(found)
    tab = opened(browser, path)
    browser.send(path, typed(round_, body="Van de ander", place="De tuin"))
    page = browser.post(path, typed(round_, body="Van mij", help_wanted="Een ladder") | tab, status=409)
    browser.post(path, again(page, path, **choice))
    assert (found.body, found.place, found.help_wanted) == (body, "De tuin", "Een ladder")
    assert found.title == "Nestkastjes in het plantsoen"


def test_lines_of_the_sum_are_joined_line_by_line(browser: Browser, found: Proposal, round_: Round) -> None:
    path = path_of(found)
    tab = opened(browser, path)
    same = {"lines-0-source": ""}
    browser.send(path, typed(round_, **same, **{"lines-0-unit_cents": "30"}))
    added = {"lines-2-what": "Verf", "lines-2-quantity": "1", "lines-2-unit_cents": "9,50"}
    page = browser.post(path, typed(round_, **same) | added | tab, status=409)
    assert "Kies bij" not in page.text
    browser.post(path, again(page, path))
    assert [(line.what, line.unit_cents) for line in found.lines] == [
        ("Kastje", 3_000),
        ("Ladder", 5_000),
        ("Verf", 950),
    ]


def test_both_lines_can_be_kept_where_they_clash(browser: Browser, found: Proposal, round_: Round) -> None:
    path = path_of(found)
    tab = opened(browser, path)
    browser.send(path, typed(round_, **{"lines-1-unit_cents": "60"}))
    page = browser.post(path, typed(round_, **{"lines-1-unit_cents": "70"}) | tab, status=409)
    assert "€ 60" in page.text.replace("\u00a0", " ")
    assert "€ 70" in page.text.replace("\u00a0", " ")
    browser.post(path, again(page, path, **{"keuze-0": "beide"}))
    assert [line.unit_cents for line in found.lines] == [2_500, 6_000, 7_000]


def test_a_choice_that_is_not_made_is_asked_again_with_the_others_kept(
    browser: Browser, found: Proposal, round_: Round
) -> None:
    path = path_of(found)
    tab = opened(browser, path)
    browser.send(path, typed(round_, title="Hun titel", body="Van de ander"))
    page = browser.post(path, typed(round_, title="Mijn titel", body="Van mij") | tab, status=409)
    page = browser.post(path, again(page, path, **{"keuze-1": "beide", "samen-1": "Samen!"}), status=422)
    assert page.title.startswith("Fout: ")
    assert "Nog 1 keuze maken" in page.text
    assert [each.get("value") for each in page.find(".//input[@checked]")] == ["beide"]
    assert page.find(".//textarea[@name='samen-1']")[0].text == "Samen!"
    browser.post(path, again(page, path, **{"keuze-0": "mijn", "keuze-1": "beide", "samen-1": "Samen!"}))
    assert (found.title, found.body) == ("Mijn titel", "Samen!")


def test_a_third_change_meanwhile_shows_the_page_again(browser: Browser, found: Proposal, round_: Round) -> None:
    path = path_of(found)
    tab = opened(browser, path)
    browser.send(path, typed(round_, title="Hun titel", body="Van de ander"))
    page = browser.post(path, typed(round_, title="Mijn titel", body="Van mij") | tab, status=409)
    browser.send(path, typed(round_, title="Derde titel", body="Van de ander"))
    choice = {"keuze-0": "mijn", "keuze-1": "mijn"}
    page = browser.post(path, again(page, path, **choice), status=409)
    assert found.title == "Derde titel"
    for text in ("Derde", "Mijn", "mij]", "Kies bij dit ene deel"):
        assert text in page.text, text
    browser.post(path, again(page, path, **{"keuze-0": "ander"}))
    assert (found.title, found.body) == ("Derde titel", "Van mij")


def test_what_was_joined_is_checked_like_any_form(browser: Browser, found: Proposal, round_: Round) -> None:
    path = path_of(found)
    tab = opened(browser, path)
    browser.send(path, typed(round_, title="Hun titel"))
    page = browser.post(path, typed(round_, title="Mijn titel") | tab, status=409)
    page = browser.post(path, again(page, path, **{"keuze-0": "beide", "samen-0": "x" * 121}), status=422)
    assert "niet meer dan 120" in page.text
    browser.post(path, typed(round_, title="Goed") | page.hidden(path))
    assert found.title == "Goed"


def test_the_same_form_twice_says_that_it_is_there_already(browser: Browser, found: Proposal, round_: Round) -> None:
    path = path_of(found)
    one, other = opened(browser, path), opened(browser, path)
    browser.post(path, typed(round_, title="Eén keer") | one)
    page = browser.post(path, typed(round_, title="Eén keer") | other, status=409)
    assert page.heading == "Dit staat er al"


@pytest.mark.parametrize(
    "seen", [None, "", "[]", '[1,"2026-11-21T11:00:00+00:00",5]', "[" * 90_000, '[1,null,{"a":1}]']
)
def test_a_form_that_does_not_say_what_it_showed_saves_nothing(
    browser: Browser, found: Proposal, round_: Round, seen: str | None
) -> None:
    sent = {} if seen is None else {"versie": seen}
    page = browser.post(path_of(found), typed(round_, title="Blind") | sent, status=409)
    assert found.title == "Nestkastjes in het plantsoen"
    assert "Blind" in page.text


def test_html_in_both_texts_stays_text(browser: Browser, found: Proposal, round_: Round) -> None:
    evil, path = '"><script>alert(1)</script>{{ 7*7 }}', path_of(found)
    tab = opened(browser, path)
    browser.send(path, typed(round_, title=f"een {evil}", body=f"een {evil}", **{"lines-0-what": f"een {evil}"}))
    sent = typed(round_, title=f"twee {evil}", body=f"twee {evil}", **{"lines-0-what": f"twee {evil}"})
    page = browser.post(path, sent | tab, status=409)
    assert "<script>alert" not in page.html


def test_more_lines_than_a_plan_holds_are_not_dropped_unseen(
    session: Session, browser: Browser, found: Proposal, round_: Round
) -> None:
    path = path_of(found)
    tab = opened(browser, path)
    many = {f"lines-{n}-{name}": value for n in range(2, 30) for name, value in LINE}
    browser.send(path, typed(round_) | many | {f"lines-{n}-what": f"Van hen {n}" for n in range(2, 30)})
    page = browser.post(path, typed(round_) | many | tab, status=409)
    stored = [line.what for line in found.lines]
    page = browser.post(path, again(page, path, **{"keuze-0": "beide"}), status=422)
    assert "Samen is dit te lang" in page.text
    session.refresh(found)
    assert [line.what for line in found.lines] == stored
    browser.post(path, again(page, path, **{"keuze-0": "mijn"}))
    assert [line.what for line in found.lines][2:] == ["Verf"] * 28


def test_what_waits_for_signing_in_again_is_held_to_the_version_too(
    session: Session, browser: Browser, signed_in: SignIn, resident: User, clock: Clock, found: Proposal, round_: Round
) -> None:
    path = path_of(found)
    late, tab = signed_in(resident), opened(browser, path)
    browser.send(path, typed(round_, title="Voor de pauze"))
    clock.now += timedelta(hours=3)
    late.post(path, typed(round_, title="Na de pauze") | tab)
    late.sign_in(resident)
    page = late.get(path)
    assert page.find(".//input[@name='title']")[0].get("value") == "Na de pauze"
    page = late.post(path, page.filled(path), status=409)
    for words in ("Voor", "Na", "Kies bij dit ene deel"):
        assert words in page.text
    clock.now += timedelta(hours=3)
    late.post(path, again(page, path, **{"keuze-0": "beide", "samen-0": "Om de pauze"}))
    late.sign_in(resident)
    page = late.get(path)
    assert page.find(".//input[@name='title']")[0].get("value") == "Om de pauze"
    late.post(path, page.filled(path))
    session.refresh(found)
    assert found.title == "Om de pauze"


@pytest.mark.parametrize("what", ["indienen", "intrekken"])
def test_nobody_submits_or_withdraws_a_text_they_did_not_see(
    session: Session, browser: Browser, round_: Round, resident: User, now: datetime, what: str
) -> None:
    concept = start_proposal(session, round_, draft(round_), by=resident, now=now)
    session.commit()
    path = path_of(concept, what)
    tab = opened(browser, path)
    browser.send(path_of(concept), typed(round_, title="Een zwembad"))
    page = browser.post(path, tab, status=409)
    assert page.heading == "Er is intussen iets veranderd"
    assert page.find(f".//a[@href='{path}']")
    assert concept.status is ProposalStatus.CONCEPT
    browser.send(path)


def test_a_checker_decides_on_no_other_plan_than_they_read(
    session: Session, browser: Browser, signed_in: SignIn, coordinator: User, found: Proposal, round_: Round
) -> None:
    desk, path = signed_in(coordinator), f"/werkplek/rondes/{round_.slug}/plannen/{found.number}"
    tab = opened(desk, path)
    browser.send(path_of(found), typed(round_, title="Een zwembad", **{"lines-0-unit_cents": "95,00"}))
    page = desk.post(path, ADMIT | tab, status=409)
    text = page.text.replace("\u00a0", " ")
    for words in ("Dit plan is intussen veranderd", "Nestkastjes in het plantsoen", "Een zwembad", "€ 95", "€ 25"):
        assert words in text, words
    assert page.text_of(".//textarea[@name='reason']") == "De prijzen kloppen."
    assert found.status is ProposalStatus.SUBMITTED
    assert session.scalars(select(OutboxMail)).all() == []
    desk.post(path, ADMIT | {"cost_cents": "1.000"} | page.hidden(path))
    assert (found.status, found.cost_cents) == (ProposalStatus.ADMITTED, 100_000)


def test_the_second_of_two_checkers_is_told_and_the_author_gets_one_mail(
    session: Session, signed_in: SignIn, coordinator: User, found: Proposal, round_: Round
) -> None:
    path = f"/werkplek/rondes/{round_.slug}/plannen/{found.number}"
    first, second = signed_in(coordinator), signed_in(person(session, Role.COORDINATOR, "E"))
    tabs = opened(first, path), opened(second, path)
    first.post(path, {"verdict": "weigeren", "reason": "De grond is van iemand anders."} | tabs[0])
    page = second.post(path, ADMIT | tabs[1], status=409)
    assert "De grond is van iemand anders." in page.text
    assert "De prijzen kloppen." in page.html
    assert found.status is ProposalStatus.REFUSED
    assert len(session.scalars(select(Decision)).all()) == len(session.scalars(select(OutboxMail)).all()) == 1


def test_the_check_is_below_the_views(
    session: Session, round_: Round, resident: User, coordinator: User, found: Proposal, now: datetime
) -> None:
    seen = found.version
    edit_proposal(session, found, draft(round_), seen=seen, by=resident, now=now)
    assert found.version > seen, "lines and words that stay the same are a change nonetheless"
    with pytest.raises(ChangedSinceError):
        edit_proposal(session, found, draft(round_), seen=seen, by=resident, now=now)
    with pytest.raises(ChangedSinceError):
        decide_proposal(session, found, Verdict(admitted=False, reason="Nee"), seen=seen, by=coordinator, now=now)
