"""The booth as people walk through it without JavaScript: choosing, code, review, casting, receipt, every detour."""

import base64
import html
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.booth.asking import cookies
from buurtbegroot.box.actions.sealing import seal_box
from buurtbegroot.box.domain.published import night_of
from buurtbegroot.box.models import SealedBallot
from buurtbegroot.core.code_keys import derive_key
from buurtbegroot.core.merkle import merkle_root
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.receipts import parse_receipt, verify_receipt
from buurtbegroot.core.signing import parse_verifier
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.models import Round
from tests.conftest import Clock
from tests.factories import PROGRAM
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.voids import mark_void
from tests.factories.voting import OpenVote, open_vote_in
from tests.pages import Browser, Page, QueryCount
from tests.scanner import scanned

Plans = list[Proposal]


@pytest.fixture
def vote(app: Flask, session: Session, round_: Round, plans: Plans, now: datetime, tmp_path: object) -> OpenVote:
    """The codes of these pages are real ones."""
    app.config["KEY_DIRECTORY"] = f"{tmp_path}/keys"
    opened = open_vote_in(session, round_, folder=tmp_path / "keys", now=now, codes=2, derive=derive_key)  # type: ignore[operator]
    session.commit()
    return opened


@pytest.fixture
def booth(browser: Browser, vote: OpenVote) -> "Booth":
    return Booth(browser, vote)


class Booth:
    def __init__(self, browser: Browser, vote: OpenVote) -> None:
        self.browser, self.vote, self.slug = browser, vote, vote.round.slug

    def get(self, endpoint: str, **values: object) -> Page:
        return self.browser.get(f"booth.{endpoint}", slug=self.slug, **values)  # type: ignore[arg-type]

    def choose(self, *plans: Proposal) -> None:
        for chosen in plans:
            self.browser.post("booth.change", {"kies": chosen.id}, slug=self.slug)

    def enter(self, code: str, *, status: int = 303) -> Page:
        return self.browser.post("booth.enter_code", {"stemcode": code}, status=status, slug=self.slug)

    def send(self, page: Page, *, status: int = 303, **instead: object) -> Page:
        fields = re.findall(r'name="(formulier|vervangt|van|keuze)" value="([^"]*)"', page.html)
        data: dict[str, object] = {"keuze": [value for name, value in fields if name == "keuze"]}
        data |= {name: value for name, value in fields if name != "keuze"} | instead
        return self.browser.post("booth.cast", data, status=status, slug=self.slug)


def shown_code(page: Page) -> str:
    return page.text_of(".//p[@class='bb-receipt__code']")


def box(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(SealedBallot)) or 0


def test_choose_first_and_identify_late(booth: Booth, plans: Plans, session: Session) -> None:
    booth.choose(plans[0], plans[1])
    assert booth.browser.raw("booth.review", slug=booth.slug).location.endswith("/code"), "the review comes once"
    assert "U koos 2 plannen" in booth.get("enter_code").text
    assert booth.enter(booth.vote.codes[0].lower()).response.location.endswith("/controleren")
    answer = booth.send(booth.get("review"))
    assert answer.response.location.endswith("/klaar")
    done = booth.get("done")
    assert "Uw stem is ontvangen" in done.heading
    assert box(session) == 1


def test_code_first(booth: Booth, plans: Plans) -> None:
    code = booth.vote.codes[0]
    spaced = " – ".join(code[place : place + 4] for place in range(0, 16, 4))
    assert booth.enter(spaced).response.location.endswith("/stemmen")
    booth.choose(plans[2])
    booth.send(booth.get("review"))
    assert shown_code(booth.get("done"))


def test_the_receipt_can_be_kept_and_verifies(booth: Booth, plans: Plans) -> None:
    booth.choose(plans[0])
    booth.enter(booth.vote.codes[0])
    booth.send(booth.get("review"))
    file = booth.browser.raw("booth.receipt_file", slug=booth.slug)
    assert "attachment" in file.headers["Content-Disposition"]
    receipt = parse_receipt(file.text)
    assert verify_receipt(receipt, booth.vote.booth.signing_public)
    assert "bb-receipt/v2" in html.unescape(booth.get("done").html)


def test_a_vote_is_changed_and_the_basket_was_emptied(booth: Booth, plans: Plans, session: Session) -> None:
    booth.choose(plans[0])
    booth.enter(booth.vote.codes[0])
    booth.send(booth.get("review"))
    first = shown_code(booth.get("done"))
    booth.browser.post("booth.again", slug=booth.slug)
    assert "Uw mandje is nog leeg" in booth.get("choose").text
    booth.choose(plans[1])
    booth.send(booth.get("review"))
    done = booth.get("done")
    assert shown_code(done) != first
    assert "Uw eerdere stem telt niet meer mee" in done.text
    assert box(session) == 1


def test_a_double_submit_is_one_ballot_and_other_choices_are_a_conflict(
    booth: Booth, plans: Plans, session: Session
) -> None:
    booth.choose(plans[0])
    booth.enter(booth.vote.codes[0])
    review = booth.get("review")
    booth.send(review)
    code = shown_code(booth.get("done"))
    booth.send(review)
    assert shown_code(booth.get("done")) == code
    assert "al een andere stem" in booth.send(review, status=409, keuze=[plans[1].id]).text
    assert shown_code(booth.get("done")) == code
    assert box(session) == 1


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ([], "leeg"),
        (["1000000000"], "staat niet op dit stembiljet"),
        (["٣"], "staat niet op dit stembiljet"),
        (["-5", "x" * 5000, "\x00"], "staat niet op dit stembiljet"),
    ],
)
def test_a_tampered_ballot_is_refused_with_its_reasons(
    booth: Booth, plans: Plans, session: Session, choices: list[str], message: str
) -> None:
    booth.choose(plans[0])
    booth.enter(booth.vote.codes[0])
    refused = booth.send(booth.get("review"), status=422, keuze=choices)
    assert refused.title.startswith("Fout: ")
    assert message in refused.text
    assert box(session) == 0


def test_too_dear_is_said_with_the_amount(booth: Booth, plans: Plans) -> None:
    booth.choose(plans[0])
    booth.enter(booth.vote.codes[0])
    refused = booth.send(booth.get("review"), status=422, keuze=[plan.id for plan in plans])
    assert "€\xa0600 te veel" in html.unescape(refused.html)


def test_what_does_not_fit_has_no_button_and_is_refused(booth: Booth, plans: Plans) -> None:
    booth.choose(plans[2])
    page = booth.get("choose")
    assert "Past niet meer: € 100 te veel" in page.text.replace("\xa0", " ")
    assert not page.find(f".//button[@value='{plans[0].id}'][@name='kies']") or plans[0].cost_cents <= 30_000
    booth.choose(plans[1])
    assert "€ 300 over" in booth.get("choose").text.replace("\xa0", " ")


def test_a_plan_that_does_not_fit_is_never_said_to_be_taken_away(booth: Booth, plans: Plans) -> None:
    booth.choose(plans[0], plans[1])  # the second from a page of before
    page = booth.get("choose")
    assert "Weggehaald" not in page.text
    assert "Past niet meer" in page.text
    booth.browser.post("booth.change", {"weg": str(plans[0].id)}, slug=booth.slug)
    assert "Weggehaald" in booth.get("choose").text


def test_the_page_of_a_plan_leads_to_its_button(booth: Booth, plans: Plans) -> None:
    link = booth.browser.get("proposals.show", proposal_id=plans[1].id).find(".//main//a[@href]")
    ways = [each.get("href") or "" for each in link if "Stem op dit plan" in "".join(each.itertext())]
    assert [way.partition("#")[2] for way in ways] == [f"plan-{plans[1].id}"]
    page = booth.browser.get(ways[0].partition("#")[0])
    assert page.find(f".//*[@id='plan-{plans[1].id}']//button[@name='kies']")


def test_the_basket_survives_every_detour(booth: Booth, plans: Plans, clock: Clock) -> None:
    booth.choose(plans[0])
    booth.browser.post("pages.home", {"taal": "en"})
    booth.browser.post("pages.home", {"taal": "nl"})
    booth.enter("0000-0000", status=422)
    booth.enter(booth.vote.codes[0])
    review = booth.get("review")
    clock.now += timedelta(minutes=61)
    assert booth.send(review).response.location.endswith("/code")
    booth.enter(booth.vote.codes[0])
    booth.send(booth.get("review"))
    assert shown_code(booth.get("done"))


def test_removing_takes_a_plan_out(booth: Booth, plans: Plans) -> None:
    booth.choose(plans[0], plans[1])
    answer = booth.browser.post("booth.change", {"weg": plans[0].id}, slug=booth.slug)
    assert answer.response.location.endswith(f"#plan-{plans[0].id}")
    assert "1 plan in uw mandje" in booth.get("choose").text


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Vul uw stemcode in."),
        ("ABCD", "U typte er 4"),
        ("ABCD-ABCD-ABCD-ABC!", "komt in geen stemcode voor"),
        ("<script>alert(1)</script>", "komt in geen stemcode voor"),
    ],
)
def test_a_mistyped_code_says_what_is_wrong_and_stays(booth: Booth, typed: str, message: str) -> None:
    page = booth.enter(typed, status=422)
    assert page.title.startswith("Fout: ")
    assert message in page.text
    [field] = page.find(".//input[@id='stemcode']")
    assert field.get("value") == typed
    assert field.get("aria-invalid") == "true"


def test_unknown_and_other_rounds_codes_get_the_same_words(booth: Booth, vote: OpenVote) -> None:
    texts = {booth.enter(code, status=422).text for code in ("7K3M9QX2B4TD5NHA", "0" * 16)}
    assert any("kennen wij niet" in text for text in texts)


def test_a_code_that_becomes_void_on_the_way_is_refused_with_the_same_words(
    booth: Booth, plans: Plans, session: Session, now: datetime
) -> None:
    booth.choose(plans[0])
    booth.enter(booth.vote.codes[0])
    review = booth.get("review")
    mark_void(session, booth.vote.round, now=now)
    session.commit()
    assert booth.send(review).response.location.endswith("/code")
    assert "Deze code kennen wij niet" in booth.get("enter_code").text
    assert box(session) == 0
    assert "Deze code kennen wij niet" in booth.enter(booth.vote.codes[0], status=422).text


def test_the_code_cookie_is_closed_and_bound_to_its_round(booth: Booth, plans: Plans) -> None:
    answer = booth.enter(booth.vote.codes[0])
    cookie = next(line for line in answer.response.headers.getlist("Set-Cookie") if line.startswith("stemcode-"))
    assert {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=3600"} <= {part.strip() for part in cookie.split(";")}
    value = cookie.split("=", 1)[1].split(";")[0]
    k = derive_key(booth.vote.codes[0], booth.vote.booth.salt)
    assert k.hex() not in cookie
    booth.browser.client.set_cookie(f"stemcode-{booth.vote.round.id}", value[:-8] + "AAAAAAA=")
    booth.choose(plans[0])
    assert booth.browser.raw("booth.review", slug=booth.slug).location.endswith("/code")


def test_forgetting_drops_code_and_basket(booth: Booth, plans: Plans) -> None:
    booth.choose(plans[0])
    booth.enter(booth.vote.codes[0])
    booth.browser.post("booth.forget", slug=booth.slug)
    assert "Uw mandje is leeg" in booth.get("review").text


def test_the_letters_link_leads_to_the_one_open_round(booth: Booth) -> None:
    page = booth.browser.get("/stem")
    assert page.find(".//input[@name='ronde'][@type='hidden']")
    answer = booth.browser.post("/stem", {"ronde": booth.slug, "stemcode": booth.vote.codes[0]})
    assert answer.response.location.endswith(f"/rondes/{booth.slug}/stemmen")


def test_without_an_open_round_the_link_says_so(browser: Browser, session: Session) -> None:
    assert "geen stembus open" in browser.get("/stem").text


@pytest.mark.parametrize("endpoint", ["choose", "enter_code", "review", "done"])
def test_after_closing_every_page_says_so(
    booth: Booth, clock: Clock, endpoint: str, plans: Plans, session: Session
) -> None:
    clock.now += timedelta(days=8)
    assert "De stembus is dicht" in booth.browser.get(f"booth.{endpoint}", slug=booth.slug, status=410).heading


def test_casting_at_the_closing_instant_is_refused(booth: Booth, plans: Plans, clock: Clock, session: Session) -> None:
    booth.choose(plans[0])
    booth.enter(booth.vote.codes[0])
    review = booth.get("review")
    clock.now = next(window.ends_at for window in booth.vote.round.windows if window.phase == "voting")
    booth.send(review, status=410)
    assert box(session) == 0


def test_the_box_page_names_root_and_key_and_no_count(booth: Booth, plans: Plans, session: Session) -> None:
    before = booth.browser.get("box.show", slug=booth.slug).text
    booth.choose(plans[0])
    booth.enter(booth.vote.codes[0])
    booth.send(booth.get("review"))
    assert booth.browser.get("box.show", slug=booth.slug).text == before
    manifest = booth.browser.raw("box.manifest_file", slug=booth.slug)
    assert manifest.text == booth.vote.booth.manifest
    for endpoint, values in (("closing_file", {}), ("list_file", {"name": "leaves.txt"})):
        assert booth.browser.raw(f"box.{endpoint}", slug=booth.slug, **values).status_code == 404


def test_the_list_of_codes_is_the_one_that_the_manifest_binds(booth: Booth) -> None:
    facts = json.loads(booth.browser.raw("box.manifest_file", slug=booth.slug).data)
    lines = booth.browser.raw("box.registry_file", slug=booth.slug).data.splitlines()
    assert merkle_root(lines).hex() == facts["registry"]["root"]
    assert len(lines) == facts["registry"]["letter"] + facts["registry"]["spare"]
    assert parse_verifier(facts["keys"]["signing"]).key == booth.vote.booth.signing_public


def test_the_trusted_values_can_be_kept_and_hold_no_key(booth: Booth, session: Session, now: datetime) -> None:
    folder = booth.vote.keys.folder(booth.vote.round.id)
    first = booth.browser.raw("box.anchors_file", slug=booth.slug).data
    seal_box(session, booth.vote.round, night=night_of(now), keys=booth.vote.keys, by=PROGRAM, now=now)
    later = booth.browser.raw("box.anchors_file", slug=booth.slug).data
    kinds = [json.loads(line)["kind"] for line in later.splitlines()]
    assert (later.startswith(first), kinds) == (True, ["opened", "sealed"])
    held = json.loads(folder.keys.read_bytes())
    secrets = [held["signing_seed"], held["lot_seed"], folder.link.read_text(), folder.secret.read_text()]
    assert [secret for secret in secrets if secret in later.decode()] == []


def test_two_devices_with_one_code_never_replace_unseen(
    booth: Booth, app: Flask, vote: OpenVote, plans: Plans, session: Session
) -> None:
    other = Booth(Browser(app), vote)
    for device, chosen in ((booth, plans[0]), (other, plans[1])):
        device.choose(chosen)
        device.enter(vote.codes[0])
    early, late = booth.get("review"), other.get("review")
    booth.send(early)
    shown = booth.get("done")
    told = other.send(late, status=409)
    assert "Met uw code is intussen al gestemd" in told.text
    assert booth.get("done").text == shown.text, "nothing changed yet"
    other.send(told)
    assert box(session) == 1
    assert shown_code(other.get("done"))
    assert booth.browser.raw("booth.done", slug=booth.slug).status_code == 303, "that receipt is of a replaced ballot"


def test_a_code_alone_shows_no_receipt(booth: Booth, app: Flask, vote: OpenVote, plans: Plans) -> None:
    booth.choose(plans[0])
    booth.enter(vote.codes[0])
    booth.send(booth.get("review"))
    other = Booth(Browser(app), vote)
    other.enter(vote.codes[0])
    assert other.browser.raw("booth.done", slug=vote.round.slug).status_code == 303
    assert other.browser.raw("booth.receipt_file", slug=vote.round.slug).status_code == 404


def test_the_ballot_page_takes_few_queries_however_many_plans(booth: Booth, session: Session, now: datetime) -> None:
    with QueryCount() as queries:
        booth.get("choose")
    assert queries.number <= 8, queries.statements


def test_an_area_that_gets_another_name_has_it_on_the_ballot_at_once(booth: Booth, session: Session) -> None:
    assert "Westbuurt 1" in booth.get("choose").text
    area = session.get_one(Area, "EA01")
    area.name, area.changed_at = "Andere buurt", area.changed_at + timedelta(days=1)
    session.commit()
    page = booth.get("choose").text
    assert "Andere buurt" in page
    assert "Westbuurt 1" not in page


def test_the_ballot_is_read_once(booth: Booth) -> None:
    booth.get("choose")
    with QueryCount() as queries:
        booth.get("choose")
    assert not [statement for statement in queries.statements if "proposal.title" in statement]


def test_unknown_rounds_are_not_found(browser: Browser, session: Session) -> None:
    for path in ("stemmen", "stemmen/code", "stemmen/controleren", "stemmen/klaar", "stembus"):
        browser.get(f"/rondes/bestaat-niet/{path}", status=404)


@pytest.mark.parametrize("changed", [str.upper, lambda _old: "", lambda old: old[:-1], lambda old: f"{old[:-1]}g"])
def test_a_form_whose_mark_was_changed_is_no_ballot(
    booth: Booth, plans: Plans, session: Session, changed: Callable[[str], str]
) -> None:
    booth.choose(plans[0])
    booth.enter(booth.vote.codes[0])
    review = booth.get("review")
    (value,) = re.findall(r'name="formulier" value="([^"]*)"', review.html)
    booth.send(review, status=400, formulier=changed(value.replace(value[0], "a")))
    assert box(session) == 0


def test_signing_out_forgets_the_code_and_keeps_the_language(booth: Booth) -> None:
    name = f"stemcode-{booth.vote.round.id}"
    booth.enter(booth.vote.codes[0])
    booth.browser.client.set_cookie("taal", "nl")
    assert booth.browser.client.get_cookie(name)
    booth.browser.post("accounts.sign_out")
    assert not booth.browser.client.get_cookie(name)
    assert booth.browser.client.get_cookie("taal")


def test_the_second_person_on_a_device_is_asked_for_a_code(booth: Booth, plans: Plans, session: Session) -> None:
    booth.choose(plans[0])
    booth.enter(booth.vote.codes[0])
    booth.send(booth.get("review"))
    for endpoint in ("choose", "review"):
        assert booth.get(endpoint).heading == "Met deze code is al gestemd"
    answer = booth.browser.post("booth.forget", {"naar": "code"}, slug=booth.slug)
    assert answer.response.location.endswith("/stemmen/code")
    booth.choose(plans[1])
    assert booth.browser.raw("booth.review", slug=booth.slug).location.endswith("/stemmen/code")
    booth.enter(booth.vote.codes[1])
    booth.send(booth.get("review"))
    assert box(session) == 2


def test_another_code_may_be_entered_at_once(booth: Booth, plans: Plans, session: Session) -> None:
    for code in booth.vote.codes:
        assert booth.enter(code).response.location.endswith("/stemmen")
        booth.choose(plans[0])
        booth.send(booth.get("review"))
    assert box(session) == 2


def test_the_key_of_a_code_goes_by_itself_after_voting(booth: Booth, plans: Plans, clock: Clock) -> None:
    booth.choose(plans[0])
    booth.enter(booth.vote.codes[0])
    booth.send(booth.get("review"))
    clock.now += timedelta(minutes=5)
    assert booth.browser.raw("booth.done", slug=booth.slug).location.endswith("/code")
    assert booth.get("choose").heading != "Met deze code is al gestemd"
    booth.choose(plans[1])
    assert booth.browser.raw("booth.review", slug=booth.slug).location.endswith("/code")


@pytest.mark.parametrize("device", ["this", "another"])
def test_every_page_says_that_the_code_has_a_ballot_and_what_casting_does(
    booth: Booth, app: Flask, plans: Plans, device: str
) -> None:
    booth.choose(plans[0])
    booth.enter(booth.vote.codes[0])
    assert "Met deze code is nog niet gestemd" in booth.get("review").text
    booth.send(booth.get("review"))
    here = booth
    if device == "another":
        here = Booth(Browser(app), booth.vote)
        here.enter(booth.vote.codes[0])
    else:
        booth.browser.post("booth.again", slug=booth.slug)
        assert shown_code(booth.get("done")), "the receipt stays until another ballot comes"
    assert "die stem kunnen wij niet laten zien" in here.get("choose").text
    here.choose(plans[1])
    review = here.get("review")
    assert "ligt er al een stem in de stembus" in review.text
    assert "Vervang mijn stem" in review.text
    assert "niet gestemd" not in review.text


def test_a_form_of_before_with_another_choice_tells_of_the_ballot_and_keeps_the_choice(
    booth: Booth, plans: Plans, session: Session
) -> None:
    booth.choose(plans[0])
    booth.enter(booth.vote.codes[0])
    review = booth.get("review")
    booth.send(review)
    told = booth.send(review, status=409, keuze=[plans[1].id])
    assert told.heading == "Met deze code is al gestemd"
    assert "Ga verder met deze keuze" in told.text
    booth.browser.post("booth.again", slug=booth.slug)
    again = booth.get("review")
    assert plans[1].title in again.text
    booth.send(again)
    assert box(session) == 1
    assert "Uw eerdere stem telt niet meer mee" in booth.get("done").text


def test_a_choice_that_comes_after_the_code_went_is_kept(booth: Booth, plans: Plans, session: Session) -> None:
    booth.choose(plans[0])
    booth.enter(booth.vote.codes[0])
    review = booth.get("review")
    booth.browser.post("booth.forget", slug=booth.slug)
    assert booth.send(review).response.location.endswith("/code")
    booth.enter(booth.vote.codes[0])
    assert plans[0].title in booth.get("review").text
    assert box(session) == 0


def test_whoever_enters_another_code_does_not_get_the_choice_of_the_first(booth: Booth, plans: Plans) -> None:
    booth.enter(booth.vote.codes[0])
    booth.choose(plans[0])
    assert booth.enter(booth.vote.codes[0]).response.location.endswith("/controleren")
    assert booth.enter(booth.vote.codes[1]).response.location.endswith("/stemmen")
    page = booth.get("choose")
    assert "Uw mandje is nog leeg" in page.text
    assert "Die is weg" in page.text


@pytest.mark.parametrize("chosen", ["with the code", "before it"])
@pytest.mark.parametrize("is_gone", [False, True])
def test_no_choice_goes_to_another_code_by_the_page_for_all_rounds(
    booth: Booth, plans: Plans, clock: Clock, chosen: str, is_gone: bool
) -> None:
    if chosen == "before it":
        booth.choose(plans[0])
    booth.browser.post("/stem", {"ronde": booth.slug, "stemcode": booth.vote.codes[0]})
    booth.get("choose")
    if chosen == "with the code":
        booth.choose(plans[0])
    assert plans[0].title in booth.get("review").text
    clock.now += timedelta(minutes=61 if is_gone else 1)
    booth.browser.post("/stem", {"ronde": booth.slug, "stemcode": booth.vote.codes[1]})
    assert "Uw mandje is nog leeg" in booth.get("choose").text
    assert "Uw mandje is leeg" in booth.get("review").text


def test_a_review_of_one_code_casts_nothing_for_another(booth: Booth, plans: Plans, session: Session) -> None:
    booth.enter(booth.vote.codes[0])
    booth.choose(plans[0])
    review = booth.get("review")
    booth.enter(booth.vote.codes[1])
    assert booth.send(review).response.location.endswith("/stemmen")
    assert "andere stemcode ingevuld" in booth.get("choose").text
    assert box(session) == 0


def test_entering_the_code_once_more_keeps_its_receipt(booth: Booth, plans: Plans) -> None:
    booth.choose(plans[0])
    booth.enter(booth.vote.codes[0])
    booth.send(booth.get("review"))
    booth.enter(booth.vote.codes[0])
    assert shown_code(booth.get("done"))


def test_the_qr_code_of_a_receipt_holds_all_of_it(booth: Booth, plans: Plans) -> None:
    booth.choose(plans[0])
    booth.enter(booth.vote.codes[0])
    booth.send(booth.get("review"))
    drawn = re.findall(r'<svg[^>]* class="bb-qr__code".*?</svg>', booth.browser.raw("booth.done", slug=booth.slug).text)
    assert [scanned(each) for each in drawn] == [booth.browser.raw("booth.receipt_file", slug=booth.slug).text]


def test_the_qr_code_of_a_letter_leads_to_its_round(booth: Booth) -> None:
    answer = booth.browser.raw(f"/stem/{booth.vote.round.id}")
    assert answer.location.endswith(f"/rondes/{booth.slug}/stemmen/code")
    booth.browser.get("/stem/999999", status=404)


def test_a_code_of_another_round_leads_to_the_choice_of_rounds(booth: Booth, session: Session, now: datetime) -> None:
    assert "van een andere ronde" not in booth.enter("0" * 16, status=422).text
    areas = {code: session.get_one(Area, code) for code in ("EA01", "EA02")}
    other = round_in(session, Phase.VOTING, areas=areas, now=now)
    for _ in range(2):
        plan(session, other, now=now, cents=10_000)
    open_vote_in(session, other, folder=Path(booth.browser.app.config["KEY_DIRECTORY"]), now=now)
    session.commit()
    page = booth.enter("0" * 16, status=422)
    assert "kennen wij niet in deze ronde" in page.text
    assert page.find(".//main//a[@href='/stem']")


def test_choosing_anew_without_a_code_is_choosing(booth: Booth) -> None:
    answer = booth.browser.post("booth.again", slug=booth.slug)
    assert answer.response.location.endswith("/stemmen")
    assert not booth.browser.client.get_cookie(f"stemcode-{booth.vote.round.id}")


def test_an_unknown_code_opens_no_round(booth: Booth) -> None:
    page = booth.browser.post("/stem", {"ronde": booth.slug, "stemcode": "0" * 16}, status=422)
    assert "kennen wij niet in deze ronde" in page.text


def test_a_form_that_replaces_no_number_is_no_ballot(booth: Booth, plans: Plans, session: Session) -> None:
    booth.choose(plans[0])
    booth.enter(booth.vote.codes[0])
    booth.send(booth.get("review"), status=400, vervangt="x")
    assert box(session) == 0


def test_a_cookie_of_another_shape_is_no_code(booth: Booth, app: Flask) -> None:
    with app.test_request_context():
        sealed = cookies._secret_box().encrypt(json.dumps({"round": booth.vote.round.id, "k": "00"}).encode())
    kept = base64.urlsafe_b64encode(sealed).decode()
    booth.browser.client.set_cookie(f"stemcode-{booth.vote.round.id}", kept)
    assert "Uw mandje is leeg" in booth.get("review").text
