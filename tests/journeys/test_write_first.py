"""A visitor writes first: on a phone, with and without scripts, through a real mail server, to the mailed button."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.mail.delivery import deliver_due
from buurtbegroot.proposals.models import ProposalStatus
from tests.conftest import Clock
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.journeys.stage import Watch, go, press, served
from tests.live import live
from tests.mail.conftest import Postbox
from tests.servers import free_port

pytestmark = pytest.mark.journey


@dataclass
class Site:
    """A served site with a round that takes plans and a plan to support, and all mail that left it."""

    app: Flask
    url: str
    postbox: Postbox
    slug: str
    plan_id: int

    def link(self, address: str) -> str:
        with self.app.app_context():
            deliver_due()
        mail: EmailMessage = next(mail for mail in reversed(self.postbox.mails) if mail["To"] == address)
        body = mail.get_body(("plain",))
        assert body is not None
        assert "Bank" not in str(mail), "nothing that was typed is mailed"
        return re.search(r"http://\S+/bevestigen/\S+", body.get_content())[0]  # type: ignore[index]


class Blind(Watch):
    """Looks no page over: axe is a script."""

    def look(self, page: Page, kind: str = "") -> None:
        """Do nothing."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    clock, port, postbox = Clock(), free_port(), Postbox()
    clock.now = datetime.now(UTC)
    mail = Controller(postbox, hostname="127.0.0.1", port=free_port())
    settings = {"SITE_URL": f"http://127.0.0.1:{port}", "SMTP_HOST": "127.0.0.1", "SMTP_PORT": mail.port}
    with live(tmp_path, CLOCK=clock, **settings) as app, served(app, port=port) as url:
        mail.start()
        with app.app_context(), writing():
            round_ = round_in(db.session(), Phase.SUBMISSION, areas=small_city(db.session()), now=clock.now)
            found = plan(db.session(), round_, now=clock.now, status=ProposalStatus.SUBMITTED)
            db.session.commit()
            site = Site(app, url, postbox, round_.slug, found.id)
        yield site
        mail.stop()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_visitor_supports_and_writes_and_is_asked_for_an_address_last(
    chrome: Browser, site: Site, *, scripts: bool
) -> None:
    watch = Watch() if scripts else Blind()
    library, phone = (
        watch.context(chrome, base_url=site.url, java_script_enabled=scripts).new_page() for _ in range(2)
    )
    _support(library, phone, site, watch)
    _write(library, phone, site, watch)
    assert [fault for fault in watch.faults if "422" not in fault] == [], "but for the forms that were refused"


def _support(library: Page, phone: Page, site: Site, watch: Watch) -> None:
    library.goto(f"/plannen/{site.plan_id}")
    go(library, "Ik steun dit plan")
    watch.look(library, "support")
    library.get_by_label("Uw e-mailadres").fill("steun@example.org")
    press(library, "Mail mij de link")
    expect(library.locator("h1")).to_have_text("Bijna klaar: open de link in uw mail")
    watch.look(library, "waiting")
    phone.goto(site.link("steun@example.org"))
    watch.look(phone, "confirm")
    press(phone, "Geef mijn steun")
    expect(phone.locator("main")).to_contain_text("U steunt dit plan.")


def _write(library: Page, phone: Page, site: Site, watch: Watch) -> None:
    library.goto(f"/rondes/{site.slug}/plannen/nieuw")
    fields = {"#title": "Bank", "#summary": "Zitten.", "#body": "Een bank.", "#author_name": "Lotte"}
    fields |= {"input[name=lines-0-what]": "Hout", "input[name=lines-0-unit_cents]": "100"}
    for field, text in fields.items():
        library.fill(field, text)
    library.select_option("#theme", label="Groen")
    watch.look(library, "a new plan")
    press(library, "Bewaar als concept")
    expect(library.locator("#mailadres")).to_have_attribute("aria-invalid", "true")
    library.fill("#mailadres", "lotte@example.org")
    press(library, "Verder: controleren")
    watch.look(library, "a plan waits")
    press(library, "Verander uw tekst")
    expect(library.locator("#title")).to_have_value("Bank")
    library.fill("#title", "Bank bij de brug")
    press(library, "Verder: controleren")
    phone.goto(site.link("lotte@example.org"))
    watch.look(phone, "confirm a plan")
    press(phone, "Bewaar mijn plan")
    expect(phone.locator("h1")).to_have_text("Controleer uw plan")
    press(phone, "Dien dit plan in")
    expect(phone.locator("[role=alert]")).to_contain_text("Jonger dan 12?")
    watch.look(phone, "the question about age")
    phone.check("input[name=leeftijd][value='12']")
    press(phone, "Dien dit plan in")
    expect(phone.locator("h1")).to_contain_text("Bank bij de brug")
