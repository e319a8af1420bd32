"""Every kind of page of the sample city, in both languages, light and dark, on a phone and on a desk."""

import pytest
from playwright.sync_api import Browser, ViewportSize
from sqlalchemy import select

from buurtbegroot.accounts.asking import demo_sign_in_path
from buurtbegroot.accounts.models import Role, RoleGrant, User
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal
from tests.journeys.conftest import City
from tests.journeys.stage import DESK, OVERFLOW, PHONE, Watch

LENGTHENED = """([titles, long]) => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const title = titles.find(title => texts.currentNode.data.includes(title));
    if (title) texts.currentNode.data = texts.currentNode.data.replace(title, long);
  }
}"""
"""Gives every plan and every round on a page a title without a space; takes the titles that there are."""

MAGNIFIED = ViewportSize(width=320, height=256)
"""What is left of a window of 1280 by 1024 when everything is four times as large."""
STUCK = """[...document.querySelectorAll('body :not(.nl-skip-link)')].reduce((sum, part) =>
  sum + (['sticky', 'fixed'].includes(getComputedStyle(part).position) ? part.offsetHeight : 0), 0) / innerHeight"""
"""Which part of a window is taken by what does not scroll away."""
LARGE, AS_IT_WAS = (f"document.documentElement.style.fontSize = '{size}'" for size in ("200%", ""))
FOLDED = """[...document.querySelectorAll('main details:not([open])')].filter(fold => {
  const parts = [...fold.querySelectorAll(':scope > :not(summary)')];
  const isSeen = part => part.checkVisibility({contentVisibilityAuto: true});
  const hidden = parts.filter(part => !isSeen(part));
  fold.open = true;
  return hidden.some(isSeen);
}).length"""
"""How much of a page is folded away, which paper cannot unfold."""

pytestmark = pytest.mark.journey


@pytest.mark.parametrize(
    ("language", "scheme", "size"),
    [
        ("nl", "dark", DESK),
        ("en", "light", PHONE),
        pytest.param("nl", "light", PHONE, marks=pytest.mark.nightly),  # each of the three is tried above
    ],
)
def test_no_page_has_a_barrier(language: str, scheme: str, size: dict[str, int], chrome: Browser, city: City) -> None:
    watch = Watch()
    context = watch.context(chrome, base_url=city.url, size=size, color_scheme=scheme)
    context.add_cookies([{"name": "taal", "value": language, "url": city.url}])
    page, wide, folded = context.new_page(), list[str](), list[str]()
    other = ViewportSize(width=PHONE["width"] + DESK["width"] - size["width"], height=900)
    for path in city.paths:
        page.goto(path)
        watch.look(page, path)
        for window in (other, MAGNIFIED):
            page.set_viewport_size(window)
            assert page.evaluate(OVERFLOW) == 0, f"{path} is too wide at {window['width']}"
        assert page.evaluate(STUCK) < 1 / 3, f"{path}: too little scrolls when all is four times as large"
        page.evaluate(LARGE)
        for window in (MAGNIFIED, ViewportSize(width=PHONE["width"], height=PHONE["height"])):
            page.set_viewport_size(window)
            assert page.evaluate(OVERFLOW) == 0, f"{path} is too wide at {window['width']} for text of twice the size"
        page.evaluate(AS_IT_WAS)
        page.set_viewport_size(dict(size))  # type: ignore[arg-type]
        assert page.locator("html").get_attribute("lang") == language
        page.evaluate(LENGTHENED, [city.titles, "Buurtmoestuin" * 5])
        if page.evaluate(OVERFLOW):
            wide.append(path)
        page.emulate_media(media="print")
        if page.evaluate(FOLDED):
            folded.append(path)
        page.emulate_media(media="screen")
    context.close()
    assert len(city.paths) > 25
    assert folded == [], "on paper"
    assert (watch.faults, wide) == ([], []), "wide: pages that titles of 65 signs without a space push aside"


AT_WORK = ("/werkplek", "/werkplek/bestanden", "/werkplek/mensen", "/werkplek/achtergrond", "/cijfers")


def test_the_workplace_fits_on_the_smallest_phone_with_large_text(chrome: Browser, city: City) -> None:
    page = Watch().context(chrome, base_url=city.url, size=dict(MAGNIFIED)).new_page()  # type: ignore[arg-type]
    with city.app.app_context():
        administrators = select(User).join(User.grants).where(RoleGrant.role == Role.ADMINISTRATOR)
        page.goto(demo_sign_in_path(db.session.scalars(administrators.limit(1)).one()))
        costly = select(Proposal.id).where(Proposal.estimate_cents % 100 > 0).order_by(-Proposal.estimate_cents)
        plan = db.session.scalars(costly).first()
    page.locator("main form button").click()
    for path in (*AT_WORK, f"/plannen/{plan}"):
        page.goto(path)
        assert page.url.endswith(path)
        page.evaluate(LARGE)
        assert page.evaluate(OVERFLOW) == 0, f"{path} is too wide"
    page.context.close()


def test_the_watch_sees_what_it_should_see(chrome: Browser, city: City) -> None:
    watch = Watch()
    page = watch.context(chrome, base_url=city.url).new_page()
    page.goto("/")
    watch.look(page)
    assert watch.faults == []
    page.goto("/bestaat-niet")
    page.evaluate("document.querySelector('main').innerHTML = '<img src=x><p style=\"width: 3000px\">x</p>'")
    page.evaluate("document.querySelector('main p').style.width = '3000px'")
    watch.look(page)
    page.context.close()
    seen = " ".join(watch.faults)
    assert "404 /bestaat-niet" in seen
    assert "image-alt" in seen
    assert "px too wide" in seen
    assert "Content Security Policy" in seen
