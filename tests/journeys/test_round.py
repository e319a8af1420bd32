"""A whole round in a real browser, from set-up through twenty voters to the result, with every number redone."""

import contextlib
import csv
import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pyotp
import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from sqlalchemy import select

from buurtbegroot.accounts.models import Role
from buurtbegroot.akkoord.actions import load_accord
from buurtbegroot.box.domain.manifest import Terms
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.mail.delivery import deliver_due
from buurtbegroot.rounds.models import Round
from buurtbegroot.timezone import AMSTERDAM
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.audit import vouch_for_all
from tests.journeys.recount import Paper, count, dutch, euros, money_by_group, share, with_winner
from tests.journeys.stage import Watch, cells, go, plain, press, served, texts
from tests.live import live, working
from tests.mail.conftest import Postbox
from tests.servers import free_port

pytestmark = pytest.mark.journey

TITLE, BUDGET, CODES = "Westbuurt kiest", 1_000, 25
PLANS = [
    Paper("Bankjes aan het water", 400),
    Paper("Geveltuinen in de straat", 300),
    Paper("Buurtmaaltijd in mei", 500),
    Paper("Muurschildering", 250),
]
REFUSED = Paper("Een eigen metrostation", 900)
POINT = 5
LONG_AGO = timedelta(days=300)  # the opener goes by the real clock, which must be past the vote of this journey
# who chooses what, as numbers in PLANS; the last three are what a voter chose first and changed afterwards
CHOICES = [
    {0, 1}, {0, 1, 3}, {2, 3}, {0}, {0, 2}, {1, 3}, {2, 1}, {0, 1, 3}, {3}, {2},
    {0, 3}, {0, 2}, {1}, {2, 3}, {0, 1}, {0, 2}, {2, 1}, {0, 1}, {3, 1}, {2, 0},
]  # fmt: skip
NO_SCRIPT, CODE_FIRST, CHANGED = {1, 5, 9, 13, 17}, {2, 9}, {0: {2}, 9: {0, 1}, 19: {1}}
""" Voters by their place in CHOICES; CHANGED says what three of them chose first. """


@dataclass
class Clock:
    """The time on this stage."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Stage:
    """All that the actors share."""

    app: Flask
    url: str
    clock: Clock
    browser: Browser
    watch: Watch
    postbox: Postbox
    slug: str = ""
    authenticators: dict[str, str] = field(default_factory=dict)

    def page(self, **settings: Any) -> Page:
        """Open a page in a window of its own."""
        return self.context(**settings).new_page()

    def context(self, **settings: Any) -> BrowserContext:
        return self.watch.context(self.browser, base_url=self.url, **settings)

    def open(self, page: Page, path: str) -> Page:
        """Go to a page and look it over."""
        page.goto(path.format(slug=self.slug))
        self.watch.look(page)
        return page


@pytest.fixture
def stage(tmp_path: Path, chrome: Browser) -> Iterator[Stage]:
    clock, port = Clock(datetime.now(UTC).replace(second=0, microsecond=0) - LONG_AGO), free_port()
    postbox = Postbox()
    mail = Controller(postbox, hostname="127.0.0.1", port=free_port())
    site = {"SITE_URL": f"http://127.0.0.1:{port}", "SMTP_HOST": "127.0.0.1", "SMTP_PORT": mail.port}
    with live(tmp_path, CLOCK=clock, **site) as app, served(app, port=port) as url:
        mail.start()
        with app.app_context(), writing():
            session = db.session()
            small_city(session)
            load_accord(session, by=PROGRAM, now=clock.now)
            for name in ("karin", "bram"):
                organiser = person(session, Role.COORDINATOR, "E")
                organiser.email, organiser.name = f"{name}@example.org", name.title()
            vouch_for_all(session, now=clock.now)
            session.commit()
        yield Stage(app, url, clock, chrome, Watch(), postbox)
        mail.stop()


def sign_in(stage: Stage, address: str) -> Page:
    """Sign in through the mailed link; an organiser passes the second step, a newcomer says a name."""
    page = stage.open(stage.page(), "/account/inloggen")
    page.get_by_label("E-mail").fill(address)
    press(page, "Stuur mij een link")
    stage.watch.look(page)
    page.goto(_mailed_link(stage, address))
    stage.watch.look(page)
    press(page, "Log in")
    stage.watch.look(page)
    if "/tweede-stap" in page.url:
        _second_step(stage, page, address)
    elif "/welkom" in page.url:
        page.fill("#name", address.split("@", maxsplit=1)[0].title())
        press(page, "Bewaar en ga verder")
    return page


def _mailed_link(stage: Stage, address: str) -> str:
    with stage.app.app_context():
        deliver_due()
    mail: EmailMessage = next(mail for mail in reversed(stage.postbox.mails) if mail["To"] == address)
    body = mail.get_body(("plain",))
    assert body is not None
    return re.search(r"http://\S+/account/inloggen/\S+", body.get_content())[0]  # type: ignore[index]


def _second_step(stage: Stage, page: Page, address: str) -> None:
    is_new = "instellen" in page.url
    if is_new:
        stage.authenticators[address] = page.locator(".bb-code").inner_text().replace(" ", "")
    page.fill("#code", pyotp.TOTP(stage.authenticators[address]).at(stage.clock.now))
    press(page, "Zet de tweede stap aan" if is_new else "Controleer de code")
    expect(page.locator("h1")).not_to_have_text("Tweede stap")


def set_up_round(stage: Stage, page: Page) -> dict[str, datetime]:
    """Fill in every step of the set-up; return the moments of the phases."""
    stage.open(page, "/werkplek")
    page.goto("/werkplek/rondes/nieuw")
    stage.watch.look(page)
    page.fill("#title", TITLE)
    page.select_option("#owner", "E")
    press(page, "Maak een concept")
    stage.slug = re.search(r"/rondes/([^/]+)/", page.url)[1]  # type: ignore[index]
    _fill_basics(stage, page)
    moments = _fill_phases(stage, page)
    _fill_rules(stage, page)
    page.locator("label", has_text=re.compile(rf"^\s*{POINT}\. ")).locator("input").check()
    _onward(stage, page)
    expect(page.get_by_text("Een ander maakt de ronde openbaar")).to_be_visible()
    return moments


def publish_round(stage: Stage, page: Page) -> None:
    """Show the round to everyone, as another organiser than who set it up."""
    stage.open(page, "/werkplek/rondes/{slug}/vaststellen")
    press(page, "Maak de ronde openbaar")
    expect(page.get_by_text("De ronde is openbaar")).to_be_visible()
    stage.watch.look(page, "published")


def _fill_basics(stage: Stage, page: Page) -> None:
    stage.watch.look(page)
    page.fill("#summary", "Samen verdelen wij duizend euro.")
    page.locator("input[name=buurten][value=wijk-EA]").check()
    page.check("input[name=pots_by][value=one]")
    page.fill("#budget", "1.000")
    page.fill("input[name=themes-0-name]", "Groen")
    page.select_option("select[name=themes-0-scene]", "groen")
    _onward(stage, page)


def _fill_phases(stage: Stage, page: Page) -> dict[str, datetime]:
    begin, moments = stage.clock.now + timedelta(hours=1), {}
    for phase, days in (("submission", 7), ("feasibility", 7), ("voting", 14), ("counting", 7), ("realisation", 90)):
        end = begin + timedelta(days=days)
        moments[phase], moments[f"{phase} ends"] = begin, end
        for name, moment in (("begins", begin), ("ends", end)):
            page.fill(f"input[name={phase}-{name}]", moment.astimezone(AMSTERDAM).strftime("%Y-%m-%dT%H:%M"))
        begin = end
    _onward(stage, page)
    return moments


def _fill_rules(stage: Stage, page: Page) -> None:
    page.check("input[name=type][value=knapsack]")
    page.fill("#least", "1")
    page.check("input[name=rest][value=skip]")
    page.check("input[name=ties][value=cheapest_first]")
    page.fill("#who", "Iedereen in Westwijk.")
    press(page, "Bekijk het voorbeeld")
    stage.watch.look(page, "rules previewed")
    _onward(stage, page)


def _onward(stage: Stage, page: Page) -> None:
    here = page.url.split("#")[0]
    press(page, "Bewaar en ga verder")
    assert page.url.split("#")[0] != here, texts(page, "[data-bb-errors]")
    stage.watch.look(page)


def submit_plan(stage: Stage, page: Page, plan: Paper) -> None:
    """Write a plan and submit it."""
    stage.open(page, "/rondes/{slug}/plannen/nieuw")
    page.fill("#title", plan.title)
    page.fill("#summary", f"{plan.title}: daar wordt de buurt beter van.")
    page.fill("#body", "Wij doen dit **samen** met de buren.")
    page.select_option("#theme", label="Groen")
    page.select_option("#buurt", "EA01")
    page.fill("input[name=lines-0-what]", "Alles bij elkaar")
    page.fill("input[name=lines-0-quantity]", "1")
    page.fill("input[name=lines-0-unit_cents]", str(plan.euros))
    page.fill("#author_name", "Een buur")
    press(page, "Verder: controleren")
    stage.watch.look(page)
    if (age := page.locator("input[name=leeftijd][value='16']")).count():  # asked once of each account
        age.check()
    press(page, "Dien dit plan in")
    expect(page.locator("h1")).to_contain_text(plan.title)
    stage.watch.look(page, "a plan")


def judge_plans(stage: Stage, page: Page) -> None:
    """Admit the plans that can be done and refuse the one that cannot."""
    for plan in [*PLANS, REFUSED]:
        stage.open(page, "/werkplek/rondes/{slug}/plannen")
        go(page, plan.title)
        stage.watch.look(page, "a dossier")
        if plan is not REFUSED:
            for question in page.locator(".bb-questions fieldset").all():
                question.locator("input").first.check()
        page.check(f"input[name=verdict][value={'weigeren' if plan is REFUSED else 'toelaten'}]")
        page.fill("#cost_cents", str(plan.euros))
        page.fill("#reason", "Dat kan niet voor dit geld." if plan is REFUSED else "Dit past en kan binnen een jaar.")
        press(page, "Maak oordeel bekend")
    stage.watch.look(page, "judged")


def issue_codes(stage: Stage, page: Page) -> list[str]:
    """Make codes in the workplace; return them as the downloaded list has them."""
    stage.open(page, "/werkplek/rondes/{slug}/codes")
    page.fill("#aantal", str(CODES))
    with page.expect_download() as download:
        page.get_by_role("button", name="Maak codes en download de lijst").click()
    rows = csv.DictReader(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines(), delimiter=";")
    codes = [row["stemcode"] for row in rows]
    assert len(set(codes)) == CODES
    stage.open(page, "/werkplek/rondes/{slug}/codes")
    return codes


def two_people(stage: Stage, pages: tuple[Page, Page], path: str, words: tuple[str, str]) -> None:
    """Let the first ask and the second confirm."""
    for page, word in zip(pages, words, strict=True):
        stage.open(page, path)
        for box in page.locator("main input[type=checkbox]").all():  # what the second person declares to have read
            box.check()
        press(page, word)
        stage.watch.look(page, word)


class Voter:
    """A neighbour with a letter and a telephone."""

    def __init__(self, stage: Stage, number: int, code: str) -> None:
        self.stage, self.code, self.number = stage, code, number
        self.has_script = number not in NO_SCRIPT
        self.page = stage.page(java_script_enabled=self.has_script, has_touch=True)

    def vote(self, choices: set[int]) -> str:
        """Go through the booth; return the code of the receipt."""
        if self.number in CODE_FIRST:
            self._open("/rondes/{slug}/stemmen/code")
            self._enter_code()
            self._look()
        else:
            self._open("/rondes/{slug}/stemmen")
        if self.page.get_by_role("button", name="Kies opnieuw").count():
            press(self.page, "Kies opnieuw")
        for choice in sorted(choices):
            self.page.get_by_role("button", name=re.compile(f"Zet in mandje.*{PLANS[choice].title}")).click()
            expect(self.page.get_by_role("button", name=f"haal {PLANS[choice].title} weg")).to_be_visible()
        self._look()
        go(self.page, "Controleer")
        self._look()
        if self.page.locator("#stemcode").count():
            self._enter_code()
        expect(self.page.locator("h1")).to_have_text("Klopt uw keuze?")
        press(self.page, re.compile("Stuur mijn stem in|Vervang mijn stem"))  # type: ignore[arg-type]
        expect(self.page.locator("h1")).to_have_text("Uw stem is ontvangen")
        self._look()
        return self.page.locator(".bb-receipt__code").inner_text()

    def _open(self, path: str) -> None:
        self.page.goto(path.format(slug=self.stage.slug))
        self._look()

    def _enter_code(self) -> None:
        self.page.fill("#stemcode", self.code.lower())
        press(
            self.page,
            "Verder met stemmen" if self.page.get_by_text("Uw keuze blijft bewaard").count() else "Naar de plannen",
        )

    def _look(self) -> None:
        if self.has_script:
            self.stage.watch.look(self.page)


def everybody_votes(stage: Stage, codes: list[str]) -> None:
    """Let twenty people vote; three change their vote."""
    receipts = []
    for number, choices in enumerate(CHOICES):
        voter = Voter(stage, number, codes[number])
        if number in CHANGED:
            receipts.append(voter.vote(CHANGED[number]))
        receipts.append(voter.vote(choices))
        voter.page.context.close()
    assert len(set(receipts)) == len(CHOICES) + len(CHANGED)


def count_votes(stage: Stage, pages: tuple[Page, Page]) -> None:
    """Close, open, count and certify in the workplace."""
    path, first = "/werkplek/rondes/{slug}/telling", pages[0]
    two_people(stage, pages, path, ("Vraag om te sluiten", "Bevestig: sluit de stembus"))
    stage.open(first, path)
    press(first, "Open de enveloppen")
    stage.watch.look(first, "opening")
    wait_for(stage, first, path, first.get_by_role("button", name="Tel de stembiljetten"))
    stage.watch.look(first, "opened")
    press(first, "Tel de stembiljetten")
    stage.open(first, "/werkplek/rondes/{slug}/uitslag")
    outsider = stage.page()
    outsider.goto(f"/rondes/{stage.slug}/uitslag")
    expect(outsider.locator("h1")).to_have_text("De uitslag komt nog")
    stage.watch.look(outsider, "no result yet")
    stage.open(first, path)
    stage.watch.look(first, "no bundle yet")
    wait_for(stage, first, path, first.get_by_text("Vaststellen kan vanaf"))
    stage.watch.look(first, "time to check")
    stage.clock.now += timedelta(days=Terms().check_days)
    pages = sign_in(stage, "karin@example.org"), sign_in(stage, "bram@example.org")
    two_people(stage, pages, path, ("Vraag om vast te stellen", "Bevestig: stel de uitslag vast"))


def wait_for(stage: Stage, page: Page, path: str, sought: Locator) -> None:
    """Open a page again and again while the worker works, until this is on it."""
    until = time.monotonic() + 180
    with working(stage.app):
        while not sought.count():
            assert time.monotonic() < until, page.locator("main").inner_text()
            time.sleep(0.5)
            page.goto(path.format(slug=stage.slug))


def test_a_round_from_set_up_to_result(stage: Stage) -> None:
    first = sign_in(stage, "karin@example.org")
    moments = set_up_round(stage, first)
    publish_round(stage, sign_in(stage, "bram@example.org"))
    stage.clock.now = moments["submission"] + timedelta(hours=1)
    resident, other = sign_in(stage, "noor@example.org"), sign_in(stage, "olga@example.org")
    for number, plan in enumerate([*PLANS, REFUSED]):
        submit_plan(stage, (resident, other)[number % 2], plan)

    stage.clock.now = moments["feasibility"] + timedelta(hours=1)
    first = sign_in(stage, "karin@example.org")
    judge_plans(stage, first)
    codes = issue_codes(stage, first)

    stage.clock.now = moments["voting"] + timedelta(hours=1)
    pages = sign_in(stage, "karin@example.org"), sign_in(stage, "bram@example.org")
    two_people(stage, pages, "/werkplek/rondes/{slug}/openen", ("Vraag de opening aan", "Bevestig en open de stembus"))
    everybody_votes(stage, codes)

    stage.clock.now = moments["voting ends"] + timedelta(hours=1)
    count_votes(stage, (sign_in(stage, "karin@example.org"), sign_in(stage, "bram@example.org")))
    page = stage.open(stage.page(), "/rondes/{slug}/uitslag")
    check_result_page(page)
    check_files(stage, page)
    check_trail(stage, page)
    check_commands(stage)
    assert stage.watch.faults == []


BALLOTS = [{PLANS[choice].title for choice in choices} for choices in CHOICES]


def check_result_page(page: Page) -> None:
    """Compare every number on the page with our own count."""
    outcome = count(PLANS, BALLOTS, BUDGET)
    cost = {plan.title: plan.euros for plan in PLANS}
    happy = with_winner(BALLOTS, outcome.winners)
    assert texts(page, "h1") == [f"{len(outcome.winners)} plannen krijgen geld"]
    assert texts(page, "main .bb-mini dd") == [euros(outcome.spent), dutch(len(BALLOTS)), f"{len(PLANS)} plannen"]
    won = [f"{place} {title}" for place, title in enumerate(outcome.order, start=1) if title in outcome.winners]
    assert [" ".join(row[:2]) for row in cells(page, "section[aria-labelledby=winnaars] li")] == won
    lost = [[title, euros(cost[title])] for title in outcome.order if title not in outcome.winners]
    assert [row[1:3] for row in cells(page, "#geen-geld li")] == lost
    rows = [
        [str(place), title, dutch(outcome.votes[title]), euros(cost[title]), euros(outcome.winners.get(title, 0))]
        for place, title in enumerate(outcome.order, start=1)
    ]
    assert [row[:5] for row in cells(page, "#stemmen tbody tr")] == rows
    chart = "#stemmen .bb-chart__row"
    assert texts(page, f"{chart} .r") == [row[0] for row in rows]
    assert texts(page, f"{chart} .t") == outcome.order
    assert texts(page, f"{chart} .v") == [f"{row[2]} stemmen" for row in rows]
    assert texts(page, f"{chart} .c .bb-num") == [row[3] for row in rows]
    assert texts(page, f"{chart}.is-win .t") == [title for title in outcome.order if title in outcome.winners]
    steps = [f"{euros(left)}over" for left in [*outcome.left_after, outcome.left]]
    assert [text.replace(" over", "over") for text in texts(page, ".bb-tally .rest")] == steps
    assert texts(page, ".bb-tally h3")[:-1] == [f"Stap {n}: {t}" for n, t in enumerate(outcome.order, start=1)]
    turnout = texts(page, "#opkomst .bb-dl dd")
    assert turnout == [dutch(CODES), dutch(len(BALLOTS)), share(len(BALLOTS), CODES)]
    assert texts(page, "#opkomst b.bb-num") == [share(happy, len(BALLOTS))]
    assert {tuple(row[1:]) for row in cells(page, "#wat-als tbody tr")} == {
        _comparison(rest) for rest in ("skip", "stop", "part")
    }
    groups = money_by_group(BALLOTS, outcome.winners)
    together = [euros(round(money)) for _, money in groups] + [euros(outcome.spent)]
    assert cells(page, "#geldstroom tbody tr")[-1][1:] == together
    assert loose_numbers(page) <= known_numbers()


def _comparison(rest: str) -> tuple[str, ...]:
    other = count(PLANS, BALLOTS, BUDGET, rest)
    chosen = sum(title in other.winners for ballot in BALLOTS for title in ballot)
    return (
        str(len(other.winners)),
        share(with_winner(BALLOTS, other.winners), len(BALLOTS)),
        dutch(round(chosen / len(BALLOTS), 1), 1).removesuffix(",0"),
        euros(other.spent),
        euros(other.left),
    )


def loose_numbers(page: Page) -> set[str]:
    """Return every number that stands on the page outside fingerprints and dates."""
    page.evaluate(
        "document.querySelectorAll('main time, main pre, main .bb-hash, main .bb-hash *').forEach(e => e.remove())"
    )
    page.evaluate("document.querySelectorAll('main details').forEach(e => e.open = true)")
    text = plain(page.locator("main").inner_text()).replace("SHA-256", "")
    return set(re.findall(r"\d+(?:[.,]\d+)*%?", text))


def known_numbers() -> set[str]:
    """Return every number that our own count knows."""
    known = {str(number) for number in range(1, len(PLANS) + 1)} | {str(POINT), "0", dutch(BUDGET), str(CODES)}
    known |= {str(len(BALLOTS)), share(len(BALLOTS), CODES), "1"}
    for rest in ("skip", "stop", "part"):
        other = count(PLANS, BALLOTS, BUDGET, rest)
        known |= {str(votes) for votes in other.votes.values()} | {dutch(each) for each in other.left_after}
        known |= {dutch(plan.euros) for plan in PLANS} | {dutch(each) for each in other.winners.values()}
        known |= set(re.findall(r"\d+(?:[.,]\d+)*%?", " ".join(_comparison(rest))))
        known |= {dutch(abs(plan.euros - left)) for plan in PLANS for left in [BUDGET, *other.left_after]}
    for voters, money in money_by_group(BALLOTS, count(PLANS, BALLOTS, BUDGET).winners):
        known |= {str(voters), dutch(round(money)), dutch(round(money / voters)), "10"}  # the smallest group has ten
    return known


def check_files(stage: Stage, page: Page) -> None:
    """Compare the downloads with our own count."""
    outcome = count(PLANS, BALLOTS, BUDGET)
    base = f"/open-data/rondes/{stage.slug}"

    def read(name: str) -> str:
        answer = page.request.get(name if name.startswith("/") else f"{base}/{name}")
        assert answer.status == 200, name
        return answer.body().decode("utf-8-sig")

    heads = {"uitslag.csv": (";", "Titel", "Stemmen", "Toegekend")}
    heads["uitslag-machine.csv"] = (",", "titel", "stemmen", "toegekendEur")
    for name, (sign, title, votes, award) in heads.items():
        text = read(f"/open-data/{name}?ronde={stage.slug}")
        rows = list(csv.DictReader(io.StringIO(text), delimiter=sign))
        assert [(row[title], int(row[votes])) for row in rows] == [(t, outcome.votes[t]) for t in outcome.order]
        awarded = {row[title]: round(float(row[award].replace(",", "."))) for row in rows}
        assert {title: sum_ for title, sum_ in awarded.items() if sum_} == outcome.winners
    result = json.loads(read("uitslag.json"))
    assert (result["valid_ballots"], result["spent_cents"], result["left_cents"]) == (
        len(BALLOTS), outcome.spent * 100, outcome.left * 100,
    )  # fmt: skip
    titles = {plan["id"]: plan["title"] for plan in result["plans"]}
    lines = [json.loads(line) for line in read("stembiljetten.jsonl").splitlines()]
    published = sorted(sorted(titles[choice] for choice in line["choices"]) for line in lines)
    assert published == sorted(sorted(ballot) for ballot in BALLOTS)
    _check_pabulib(read("stemmen.pb"))


def _check_pabulib(text: str) -> None:
    checker = pytest.importorskip("pabulib.checker").Checker()
    with contextlib.redirect_stdout(io.StringIO()):
        found = checker.process_files([text])
    assert found[1]["results"]["errors"] == {}
    votes = text.split("VOTES\n")[1].strip().splitlines()[1:]
    assert len(votes) == len(BALLOTS)


def check_trail(stage: Stage, page: Page) -> None:
    """See the round, its plans and its money at the point of the accord, and its life in the log."""
    stage.open(page, f"/akkoord/{POINT}")
    accord = page.locator("main").inner_text()
    assert TITLE in accord
    assert f"€ {dutch(BUDGET)}" in plain(accord)
    assert euros(count(PLANS, BALLOTS, BUDGET).spent) in plain(accord)
    stage.open(page, "/akkoord")
    stage.open(page, "/logboek")
    with stage.app.app_context():
        round_ = db.session.scalars(select(Round).where(Round.slug == stage.slug)).one()
        assert round_.certified_at is not None
    seen = plain(page.locator("main").inner_text())
    while page.get_by_role("link", name=re.compile("Toon (meer|oudere)")).count():
        go(page, "Toon")
        seen += plain(page.locator("main").inner_text())
    for title in (plan.title for plan in [*PLANS, REFUSED]):
        assert title in seen, f"{title} is not in the log"
    assert TITLE in seen
    stage.open(page, "/rondes/{slug}")
    stage.open(page, "/rondes/{slug}/plannen")
    stage.open(page, "/rondes/{slug}/stembus")
    stage.open(page, "/")


def check_commands(stage: Stage) -> None:
    """Let the program count again and check the whole log."""
    names = ("INSTANCE", "SQLALCHEMY_DATABASE_URI", "KEY_DIRECTORY", "SECRET_KEY")
    settings = {f"BUURTBEGROOT_{name}": str(stage.app.config[name]) for name in names}
    for arguments in (["tally", "recount", stage.slug], ["audit", "verify"]):
        command = [sys.executable, "-c", "from buurtbegroot.cli import main; main()", *arguments]
        done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
