"""Voting with keys alone: everything can be reached, the focus is seen, stays put and is never covered."""

import pytest
from playwright.sync_api import Browser, Page, expect

from buurtbegroot.core.credentials import format_code
from tests.journeys.conftest import City
from tests.journeys.stage import Watch

pytestmark = pytest.mark.journey
MOST_TABS = 250
FOCUS = """() => {
  const it = document.activeElement, box = it.getBoundingClientRect(), style = getComputedStyle(it);
  const dock = document.querySelector('.bb-dock')?.getBoundingClientRect();
  const isInDock = !!it.closest('.bb-dock');
  return {
    id: it.id, name: it.getAttribute('name') || '', value: it.getAttribute('value') || '',
    text: (it.textContent || '').replace(/\\s+/g, ' ').trim(),
    ring: (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none',
    hidden: !isInDock && !!dock && dock.height > 0 && dock.top < innerHeight
      && box.height > 0 && box.top >= dock.top && box.bottom <= dock.bottom + 1,
    gone: box.bottom <= 0 || box.top >= innerHeight,
  };
}"""


class Keys:
    """Somebody who only has a keyboard."""

    def __init__(self, page: Page) -> None:
        self.page, self.faults = page, list[str]()

    def tab_to(self, text: str) -> dict[str, object]:
        """Press Tab until the focus is on something with this text, looking at each stop."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            at = self.look()
            if text in str(at["text"]) or text == at["id"]:
                return at
        raise AssertionError(f"Tab never reached {text!r} on {self.page.url}")

    def look(self) -> dict[str, object]:
        """Return where the focus is; note when it cannot be seen."""
        at: dict[str, object] = self.page.evaluate(FOCUS)
        for fault in ("hidden", "gone"):
            if at[fault]:
                self.faults.append(f"{self.page.url} {at['text'] or at['id']}: {fault}")
        if not at["ring"] and at["text"] and len(str(at["text"])) < 200:
            self.faults.append(f"{self.page.url} {at['text']}: no ring")
        return at

    def press(self, key: str) -> None:
        with self.page.expect_navigation():
            self.page.keyboard.press(key)


def test_voting_with_the_keyboard_alone(chrome: Browser, city: City) -> None:
    slug = next(iter(city.codes))
    watch = Watch()
    page = watch.context(chrome, base_url=city.url).new_page()
    keys = Keys(page)
    page.goto(f"/rondes/{slug}/stemmen")
    page.keyboard.press("Tab")
    assert "inhoud" in str(keys.look()["text"]), "the first stop is the way past the menu"
    page.keyboard.press("Enter")
    while page.get_by_text("Uw keuze past bij de regels.").count() == 0:
        at = keys.tab_to("Zet in mandje")
        page.keyboard.press("Space")
        expect(page.locator(f"#{at['id']}")).to_have_attribute("name", "weg")
        assert keys.look()["id"] == at["id"], "the focus stays on the button that was pressed"
    keys.tab_to("Controleer")
    keys.press("Enter")
    keys.tab_to("stemcode")
    page.keyboard.type(city.codes[slug][1])
    keys.press("Enter")
    keys.tab_to("Stuur mijn stem in")
    keys.press("Enter")
    expect(page.locator("h1")).to_have_text("Uw stem is ontvangen")
    page.context.close()
    assert keys.faults == []
    assert watch.faults == []


def test_a_code_that_comes_to_an_open_tab_is_filled_in(chrome: Browser, city: City) -> None:
    slug = next(iter(city.codes))
    page = Watch().context(chrome, base_url=city.url).new_page()
    page.goto(f"/rondes/{slug}/stemmen/code")
    code = city.codes[slug][2]
    page.evaluate("code => { location.hash = code }", code)
    expect(page.locator("[data-bb-code]")).to_have_value(format_code(code))
    assert code not in page.url
    page.context.close()
