"""Looking up one's own ballot, and comparing the bundle, on the device: nothing of a receipt ever leaves it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from buurtbegroot.box.domain.anchors import anchor
from buurtbegroot.box.domain.manifest import utc_text
from buurtbegroot.core.receipts import Receipt, receipt_text, short_code, sign_receipt
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from tests.factories.areas import small_city
from tests.factories.tally import open_vote
from tests.journeys.stage import Watch, served, texts
from tests.live import live
from tests.servers import free_port

pytestmark = pytest.mark.journey

LONG_AGO = timedelta(days=300)  # the opener goes by the real clock, which must be past the vote


@dataclass
class Stage:
    """A certified vote of two people, of whom the first voted twice; and one receipt of a ballot that nobody finds."""

    slug: str
    replaced: Receipt
    counted: Receipt
    nowhere: tuple[Receipt, Receipt]
    titles: list[str]
    page: Page
    watch: Watch
    sent: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Go to a page of the vote."""
        self.page.goto(f"/rondes/{self.slug}/stembus/{path}")
        self.watch.look(self.page)

    def outcome(self, title: str) -> str:
        """Return what the page says once it says this."""
        expect(self.page.get_by_role("heading", name=title, exact=True)).to_be_focused()
        self.watch.look(self.page, title)
        return self.page.locator("[data-bb-outcome]:visible").inner_text()

    def paste(self, text: str, title: str) -> str:
        """Look up the text of a receipt; return what the page says of it."""
        self.page.fill("#bewijs-text", text)
        self.page.locator("[data-bb-form=text] button").click()
        said = self.outcome(title)
        self.page.locator("[data-bb-again]:visible").click()
        return said

    def type(self, code: str, title: str) -> str:
        """Look up a short code with the keyboard alone."""
        self.page.fill("#bewijs-code", code)
        self.page.keyboard.press("Enter")
        said = self.outcome(title)
        self.page.locator("[data-bb-again]:visible").click()
        return said


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, chrome: Browser) -> Iterator[Stage]:
    tmp_path = tmp_path_factory.mktemp("vote")
    now, port = datetime.now(UTC).replace(second=0, microsecond=0) - LONG_AGO, free_port()
    site = {"SITE_URL": f"http://127.0.0.1:{port}", "KEY_DIRECTORY": str(tmp_path / "keys")}
    with live(tmp_path, **site) as app, served(app, port=port) as url:
        with app.app_context(), writing():
            session = db.session()
            vote = open_vote(session, tmp_path, areas=small_city(session), now=now)
            vote.cast(0)
            vote.cast(1, 2, voter=vote.voters[-1])
            vote.cast(1)
            seed = vote.keys.load(vote.round.id).signing_seed
            vote.cast_all([]).close().open().count().certify()
            replaced, counted, _other = vote.receipts
            nowhere = sign_receipt(replace(counted, tracker=bytes(16), leaf=bytes(32)), seed)
            both = nowhere, sign_receipt(replace(counted, epoch=1, tracker=bytes(16), leaf=bytes(32)), seed)
            folder = vote.keys.folder(vote.round.id)
            anchor(folder, "restored", since=utc_text(now), until=utc_text(now))
            anchor(folder, "withdrawn", plan=vote.plans[0].id, reason="De grond is niet te koop.")
            told = vote.round.slug, replaced, counted, both, [plan.title for plan in vote.plans]
        watch = Watch()
        context = watch.context(chrome, base_url=url)
        yield Stage(*told, context.new_page(), watch)
        context.close()


@pytest.fixture
def stage(made: Stage) -> Stage:
    """The same vote, in a page of its own whose every request is noted."""
    fresh = replace(made, page=made.page.context.new_page(), sent=[])
    fresh.page.on("request", lambda it: fresh.sent.append(f"{it.method} {it.url} {it.post_data} {it.headers}"))
    return fresh


def test_a_receipt_is_looked_up_on_the_device(stage: Stage, tmp_path: Path) -> None:
    page, text = stage.page, receipt_text(stage.counted)
    stage.open("ontvangstbewijs")
    (tmp_path / "bewijs.txt").write_text("\ufeff" + text, encoding="utf-8", newline="\r\n")
    page.set_input_files("#bewijs-file", tmp_path / "bewijs.txt")
    said = stage.outcome("Uw stem is gevonden en geteld")
    assert "Het bewijs is echt" in said
    assert "van de 2" in said
    assert f"ook als u het koos:\n\n{stage.titles[0]}" in said
    choice = page.locator("[data-bb-outcome=counted] [data-bb-choice]")
    expect(choice).to_be_hidden()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(choice).to_be_visible()
    assert [each.split(" ", 1)[1] for each in choice.locator("li").all_inner_texts()] == stage.titles[1:]
    page.get_by_role("button", name="Klaar, maak leeg").click()
    expect(choice).to_be_hidden()
    assert not texts(page, "[data-bb-choice] li, [data-bb-fill]:not(:empty)")

    assert "U stuurde later nog een stem" in stage.paste(
        receipt_text(stage.replaced), "Uw stem is gevonden, maar vervangen"
    )
    for receipt, why in zip(stage.nowhere, ("teruggezet uit een reservekopie", "nooit te gebeuren"), strict=True):
        assert why in stage.paste(receipt_text(receipt), "Uw bewijs is echt, maar uw stem is er niet")
    stage.paste(text.replace("revision: 002", "revision: 003"), "De handtekening past niet bij dit bewijs")
    stage.paste(text.replace("round: ", "round: 9"), "Dit bewijs is van een andere stemming")
    assert "Niet nagekeken" in stage.type(short_code(stage.counted.tracker).lower(), "Uw stem staat in de lijst")
    assert "0000-0000" in stage.type("oooo 0000", "Wij vinden deze stem niet")
    page.fill("#bewijs-code", "kort")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="8 letters en cijfers")).to_be_visible()
    _nothing_left(stage)
    assert stage.watch.faults == []


def _nothing_left(stage: Stage) -> None:
    """See that no request and no address held anything of a receipt, and that each look-up asked for the same."""
    own = stage.counted
    secrets = [own.tracker.hex(), own.leaf.hex(), own.signature.hex(), short_code(own.tracker).lower()]
    assert not [each for each in stage.sent for secret in secrets if secret in each.lower()]
    assert stage.page.url.endswith("/stembus/ontvangstbewijs")
    lists = [each.split()[1].rsplit("/", 1)[1] for each in stage.sent if "/lijsten/" in each]
    assert lists == ["ballots.jsonl", "superseded.txt", "refused.txt"] * (len(lists) // 3)
    assert len(lists) == 3 * 6, "one for each look-up of a receipt that could be of this vote"


@pytest.mark.parametrize("lacking", ["the signature", "all of it"])
def test_what_a_browser_cannot_check_is_not_said_to_hold(stage: Stage, lacking: str) -> None:
    script = "crypto.subtle.importKey = () => { throw new Error(); };"
    if lacking == "all of it":
        script = "Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined });"
    stage.page.add_init_script(script)
    stage.open("ontvangstbewijs")
    title = "Uw stem is gevonden en geteld" if lacking == "the signature" else "Uw stem staat in de lijst"
    said = stage.paste(receipt_text(stage.counted), title)
    assert "Niet nagekeken" in said
    assert "Het bewijs is echt" not in said
    stage.paste(receipt_text(stage.nowhere[0]), "Wij vinden deze stem niet")


def test_the_bundle_is_compared_on_the_device(stage: Stage, tmp_path: Path) -> None:
    page = stage.page
    stage.open("telling")
    with page.expect_download() as download:
        page.locator("a[href$='bundel.zip']").click()
    whole = Path(download.value.path()).read_bytes()
    for name, content, says in (
        ("bundel.zip", whole, "Dit is het bestand dat is vastgesteld."),
        ("anders.zip", whole + b"x", "Dit is een ander bestand dan is vastgesteld."),
    ):
        (tmp_path / name).write_bytes(content)
        page.set_input_files("#zip", tmp_path / name)
        expect(page.get_by_text(says)).to_be_visible()
        expect(page.locator("[data-bb-outcome]:visible")).to_have_count(1)
        stage.watch.look(page, says)
    assert not [each for each in stage.sent if each.startswith("POST")]
    assert stage.watch.faults == []
