"""The pages on which voters check their receipt and the count."""

import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from buurtbegroot.box.domain.manifest import Terms
from buurtbegroot.core.canonical import digest
from buurtbegroot.core.verifying.words import CHECKS
from tests.factories.areas import small_city
from tests.factories.tally import Vote, open_vote
from tests.pages import Browser, Page


@pytest.fixture
def vote(session: Session, now: datetime, tmp_path: Path, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Vote:
    monkeypatch.setitem(app.config, "KEY_DIRECTORY", str(tmp_path / "keys"))
    return open_vote(session, tmp_path, areas=small_city(session), now=now).cast_all([(0,), (0,), (1,)])


def pages(browser: Browser, vote: Vote) -> tuple[Page, Page]:
    slug = vote.round.slug
    return browser.get("box.check_receipt", slug=slug), browser.get("box.check_count", slug=slug)


def test_before_the_certificate_nothing_is_said_to_be_checked(vote: Vote, browser: Browser) -> None:
    vote.close().open().count()
    receipt, count = pages(browser, vote)
    assert "Dit kan nog niet" in receipt.text
    assert "Dit kan nog niet" in count.text
    assert "geen fouten" not in count.text
    assert not receipt.find(".//form[@data-bb-form]")
    assert not any(said.nl in count.text for said in CHECKS.values())


def test_the_page_of_the_count_tells_what_was_checked_and_on_which_file(vote: Vote, browser: Browser) -> None:
    vote.close().open().count().certify()
    _receipt, page = pages(browser, vote)
    bundle = vote.keys.folder(vote.round.id).bundle.read_bytes()
    part = page.find(".//*[@data-bb-bundle]")[0]
    assert part.get("data-bb-bundle") == hashlib.sha256(bundle).hexdigest()
    assert part.get("hidden") is not None, "only a script can compare"
    assert all(said.nl in page.text for said in CHECKS.values())
    assert "klopt" not in page.text.replace("kloppen", ""), "the page itself checks nothing"
    assert f"python3 verify.py {vote.round.slug}-bundel.zip --key " in page.text


def test_the_page_of_a_receipt_can_send_nothing(vote: Vote, browser: Browser) -> None:
    vote.close().open().count().certify()
    page, _count = pages(browser, vote)
    forms = page.find(".//form[@data-bb-form]")
    assert len(forms) == 3
    assert {form.get("method") for form in forms} == {"dialog"}
    fields = [each for form in forms for each in form.iter() if each.tag in {"input", "textarea", "button"}]
    assert not any(each.get("name") for each in fields)
    assert not page.find(".//*[@id='formulier']"), "the buttons for language would take along what was typed"
    assert page.find(".//*[@data-bb-part='ways']")[0].get("hidden") is not None, (
        "without a script they could do nothing"
    )
    assert "--receipt" in page.text


def test_the_page_names_what_its_script_compares_with(vote: Vote, browser: Browser) -> None:
    vote.close().open().count().certify()
    page, _count = pages(browser, vote)
    told = page.find(".//*[@data-bb-receipts]")[0]
    anchors = vote.keys.anchors(vote.round.id)
    assert told.get("data-round") == str(vote.round.id)
    assert told.get("data-manifest") == digest("v2/manifest", anchors.manifest.encode()).hex()
    assert told.get("data-key") == anchors.signer.key.hex()
    for name in ("ballots", "superseded", "refused"):
        assert browser.client.get(told.get(f"data-{name}"), headers=browser.headers).status_code == 200
    plans = {each.get("data-bb-plan") for each in page.find(".//*[@data-bb-plan]")}
    assert plans == {str(plan["id"]) for plan in json.loads(anchors.manifest)["plans"]}
    lists = vote.keys.folder(vote.round.id)
    size = sum(lists.list(name).stat().st_size for name in ("ballots.jsonl", "superseded.txt", "refused.txt"))
    assert page.find(".//progress")[0].get("max") == str(size)


def test_every_page_where_one_looks_for_them_leads_there(vote: Vote, browser: Browser) -> None:
    vote.close().open().count().certify()
    slug = vote.round.slug
    for endpoint in ("rounds.show", "results.show", "box.show"):
        page = browser.get(endpoint, slug=slug)
        links = {link.get("href") for link in page.find(".//main//a")}
        wanted = {f"/rondes/{slug}/stembus/ontvangstbewijs", f"/rondes/{slug}/stembus/telling", "/hoe-geheim"}
        assert wanted <= links, endpoint


def test_a_small_vote_is_checked_under_supervision(
    session: Session, now: datetime, tmp_path: Path, app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "KEY_DIRECTORY", str(tmp_path / "keys"))
    vote = open_vote(session, tmp_path, areas=small_city(session), now=now, terms=Terms())
    vote.cast_all([(0,)]).close().open().count()
    vote.now += timedelta(days=10)
    vote.certify()
    for page in pages(browser, vote):
        assert "onder toezicht" in page.text
        assert "geen fouten" not in page.text
        assert not page.find(".//form[@data-bb-form]")
        assert not page.find(".//*[@data-bb-bundle]")
