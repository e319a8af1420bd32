"""The booth without any script: choosing, every refusal, casting, changing, forgetting."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import City
from tests.journeys.stage import Watch, go, press

pytestmark = pytest.mark.journey


@pytest.fixture
def page(chrome: Browser, city: City) -> Page:
    return Watch().context(chrome, base_url=city.url, java_script_enabled=False).new_page()


@pytest.fixture
def slug(city: City) -> str:
    return next(iter(city.codes))


def add_first_plan(page: Page) -> str:
    """Put the first plan that fits in the basket; return its id."""
    button = page.locator("button[name=kies]").first
    plan_id = button.get_attribute("value") or ""
    with page.expect_navigation():
        button.click()
    expect(page.locator(f"button[name=weg][value='{plan_id}']").first).to_be_visible()
    return plan_id


def test_the_whole_booth_without_script(page: Page, slug: str, city: City) -> None:
    page.goto(f"/rondes/{slug}/stemmen/controleren")
    expect(page.get_by_text("Uw mandje is leeg")).to_be_visible()
    page.goto(f"/rondes/{slug}/stemmen")
    chosen = add_first_plan(page)
    press(page, re.compile("In mandje"))  # type: ignore[arg-type]
    expect(page.locator(f"button[name=weg][value='{chosen}']")).to_have_count(0)
    while page.get_by_text("Uw keuze past bij de regels.").count() == 0:
        add_first_plan(page)
    go(page, "Controleer")
    for wrong, says in (("", "Vul uw stemcode in"), ("ABCD", "Fout"), ("0" * 16, "Fout")):
        page.fill("#stemcode", wrong)
        press(page, "Verder met stemmen")
        expect(page).to_have_title(re.compile("^Fout: "))
        expect(page.locator("main")).to_contain_text(says if says != "Fout" else "aanpassen")
        expect(page.locator("#stemcode")).to_have_attribute("aria-invalid", "true")
    page.fill("#stemcode", city.codes[slug][0])
    press(page, "Verder met stemmen")
    press(page, "Stuur mijn stem in")
    expect(page.locator("h1")).to_have_text("Uw stem is ontvangen")
    first = page.locator(".bb-receipt__code").inner_text()
    page.go_back()
    page.goto(f"/rondes/{slug}/stemmen/klaar")
    assert page.locator(".bb-receipt__code").inner_text() == first
    page.goto(f"/rondes/{slug}/stemmen")
    expect(page.locator("h1")).to_have_text("Met deze code is al gestemd")
    press(page, "Kies opnieuw")
    while page.get_by_text("Uw keuze past bij de regels.").count() == 0:
        add_first_plan(page)
    go(page, "Controleer")
    press(page, "Vervang mijn stem")
    expect(page.locator("main")).to_contain_text("Uw eerdere stem telt niet meer mee.")
    assert page.locator(".bb-receipt__code").inner_text() != first
    press(page, "Klaar, volgende stemmer")
    expect(page.locator("h1")).to_have_text("Vul uw stemcode in")
    page.context.close()
