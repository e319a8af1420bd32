"""On a phone: what was asked for comes first, and a press on a slow link is answered at once."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.journeys.conftest import City
from tests.journeys.stage import DESK, PHONE, Watch

pytestmark = pytest.mark.journey
PRESSED_TWICE = """button => {
  button.click();
  button.click();
  return [button.dataset.bbPressed, document.querySelector('[role=status][data-bb-busy]').textContent];
}"""
DOCK = "document.querySelector('.bb-dock')?.getBoundingClientRect().top ?? innerHeight"


@pytest.fixture
def page(chrome: Browser, city: City) -> Page:
    return Watch().context(chrome, base_url=city.url).new_page()


def test_the_first_plan_is_on_the_first_screen_after_a_search(page: Page, city: City) -> None:
    slug = next(iter(city.codes))
    for path in ("/plannen", f"/rondes/{slug}/plannen", f"/rondes/{slug}/stemmen"):
        page.goto(path)
        page.fill("#filter-zoek", "groen")
        with page.expect_navigation():
            page.press("#filter-zoek", "Enter")
        title = page.locator(":is(.bb-plan, .bb-vplan) h3").first.bounding_box()
        assert title, path
        assert 0 < title["y"] < title["y"] + title["height"] < page.evaluate(DOCK), path
    page.goto("/plannen")
    expect(page.locator("#filter-buurt")).to_be_hidden()
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    expect(page.locator("#filter-buurt")).to_be_visible()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.get_by_text("Kies buurt, kosten of stand").click()
    expect(page.locator("#filter-buurt")).to_be_visible()
    page.context.close()


def test_a_pressed_button_says_that_it_is_busy_and_takes_no_second_press(page: Page) -> None:
    sent = list[str]()
    page.goto("/plannen")
    page.on("request", lambda request: sent.append(request.url) if "zoek=" in request.url else None)
    with page.expect_navigation():
        said = page.locator(".bb-filters > button").evaluate(PRESSED_TWICE)
    assert said == ["Bezig …", "Bezig …"]
    assert len(sent) == 1
    expect(page.locator("[data-bb-pressed]")).to_have_count(0)
    page.context.close()


def test_a_plan_on_its_way_to_the_basket_says_so_and_frees_its_button(page: Page, city: City) -> None:
    held = list[Route]()
    page.goto(f"/rondes/{next(iter(city.codes))}/stemmen")
    page.route(re.compile("/stemmen"), lambda route: held.insert(0, route))
    button = page.locator("button[name=kies]").first
    button.click()
    expect(button).to_have_attribute("data-bb-pressed", "Bezig …")
    expect(page.locator("[role=status][data-bb-busy]")).to_have_text("Bezig …")
    held[0].continue_()
    expect(page.locator("button[name=weg]").first).to_be_visible()
    expect(page.locator("[data-bb-pressed]")).to_have_count(0)
    page.context.close()
