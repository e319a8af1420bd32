"""The public pages of the log, its filters, and erasing what an entry says."""

import hashlib
import importlib
import pkgutil
import re
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, render_template_string
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.orm import Session

import buurtbegroot
from buurtbegroot.areas.events import AreasLoaded
from buurtbegroot.audit.events import ChangeEvent, Event, PayloadErased
from buurtbegroot.audit.models import AuditEntry, AuditPayload
from buurtbegroot.audit.queries import entries_for_objects, entries_for_point
from buurtbegroot.audit.queries.verification import verify_log
from buurtbegroot.audit.words import sentence
from buurtbegroot.guards import drop_guards
from buurtbegroot.house import ROOMS
from buurtbegroot.rooms import Register
from tests.conftest import NOW
from tests.factories.audit import something_happened
from tests.pages import Browser, QueryCount

SAMPLES = {"int": 3, "bool": True, "str": "iets", "list": ["iets"]}


def every_event() -> dict[str, type[Event]]:
    """Return every event that any room declares, by its name; looks into all events modules of the package."""
    found: dict[str, type[Event]] = {}
    for module in pkgutil.walk_packages(buurtbegroot.__path__, "buurtbegroot."):
        if module.name.endswith(".events"):
            kinds = vars(importlib.import_module(module.name)).values()
            found |= {k.name: k for k in kinds if isinstance(k, type) and issubclass(k, Event) and hasattr(k, "name")}
    return found


EVENTS = every_event()
OF_A_VOTE = {"box", "registry", "booth"}  # one part of the log for who reads it
LINK = ".//tbody/tr/td[@class='n']/a"


def sample(kind: type[Event], **changes: object) -> Event:
    names = {field.name: str(field.type) for field in fields(kind) if field.name not in {"object", "points"}}
    values: dict[str, Any] = {
        name: SAMPLES.get(type_.removeprefix("<class '").removesuffix("'>"), "iets") for name, type_ in names.items()
    }
    values |= dict.fromkeys({"since", "until"} & names.keys(), NOW.isoformat())
    values |= {"changes": {}} if issubclass(kind, ChangeEvent) else {}
    return kind(object="round:west", **(values | changes))


def happened(session: Session, **values: Any) -> AuditEntry:
    """Let something happen for good: reading a page rolls back what is not committed."""
    entry = something_happened(session, **values)
    session.commit()
    return entry


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_every_event_of_every_room_has_a_sentence(app: Flask, session: Session, now: datetime, name: str) -> None:
    entry = happened(session, now=now, event=sample(EVENTS[name]))
    session.refresh(entry)
    with app.test_request_context(headers={"Accept-Language": "nl"}):
        said = render_template_string("{{ log_sentence(entry) }}", entry=entry).strip()
    assert said[:1].isupper() or said[:1].isdigit(), f"{name}: {said!r}: give it a sentence in the words of its room"
    assert said.endswith((".", "…", "iets")), said
    assert name not in said


def test_every_room_has_a_name_in_the_filter(browser: Browser) -> None:
    names = [option.text for option in browser.get("audit.index").find(".//select[@name='soort']/option")]
    assert all(name and name[0].isupper() for name in names), names
    told = {kind.name: "voting" if room.name in OF_A_VOTE else room.name for room in ROOMS for kind in room.events}
    assert told == {name: name.split(".")[0] for name in EVENTS}
    titled = {(kind.name.split(".")[0], str(room.title)) for room in ROOMS for kind in room.events}
    assert len(names) == len(titled) + 1, "everything, and each once"


def test_a_line_of_another_version_is_told_by_its_bare_name(browser: Browser, session: Session, now: datetime) -> None:
    entry = happened(session, now=now)
    drop_guards(session.connection())
    session.execute(delete(AuditPayload))
    session.add(AuditPayload(seq=entry.seq, salt="00", payload={"of_before": 1}))
    session.commit()
    assert "audit.payload_erased" in browser.get("audit.index").text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def odd_payloads(draw: st.DrawFn) -> tuple[str, object]:
    """An event of any room whose payload lacks fields, or has others of any kind in their place."""
    kind = EVENTS[draw(st.sampled_from(sorted(EVENTS)))]
    payload: dict[str, Any] = sample(kind).payload()
    others = draw(st.dictionaries(st.sampled_from([*payload, "of_before"]), JSON))
    left = {name: value for name, value in (payload | others).items() if draw(st.booleans())}
    return kind.name, draw(st.just(left) | JSON)


@given(odd_payloads(), st.sampled_from(["nl", "en"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_payload_keeps_a_line_from_being_told(app: Flask, found: tuple[str, object], language: str) -> None:
    action, payload = found
    entry = AuditEntry(seq=1, action=action, object="round:west", points=[])
    entry.details = AuditPayload(seq=1, salt="00", payload=payload)
    with app.test_request_context(headers={"Accept-Language": language}):
        assert sentence(entry, Register(ROOMS)).strip()


@pytest.mark.parametrize(
    "payload", [None, 3, [], ["x"], {}, {"title": "Bank", "number": [1]}, {"title": "\ud83d", "Z": 1}]
)
def test_a_page_shows_what_is_known_of_any_payload(
    browser: Browser, session: Session, now: datetime, payload: object
) -> None:
    for event in (sample(EVENTS["proposals.submitted"]), sample(EVENTS["dual_control.lapsed"])):
        entry = happened(session, now=now, event=event)
        drop_guards(session.connection())
        session.execute(delete(AuditPayload).where(AuditPayload.seq == entry.seq))
        session.add(AuditPayload(seq=entry.seq, salt="00", payload=payload))
        session.commit()
        assert entry.action in browser.get("audit.index").text
        assert entry.action in browser.get("audit.show", seq=entry.seq).text
    assert verify_log(session).problem is not None
    if isinstance(payload, dict) and "title" in payload:
        assert "title: " in browser.get("audit.index").text


def test_an_empty_log_says_what_will_come(browser: Browser) -> None:
    assert "Nog geen regels" in browser.get("audit.index").text


def test_the_newest_line_comes_first_and_leads_to_its_page(browser: Browser, session: Session, now: datetime) -> None:
    happened(session, now=now)
    happened(
        session, now=now + timedelta(hours=1), about="round:oost", role="coordinator", points=("2019_3", "2019_16")
    )
    page = browser.get("audit.index")
    rows = page.find(".//tbody/tr")
    assert [link.get("href") for link in page.find(LINK)] == ["/logboek/2", "/logboek/1"]
    text = " ".join("".join(rows[0].itertext()).split())
    assert "De gegevens van regel 7 zijn gewist. Reden: Een naam." in text
    assert "Coördinator" in text
    assert "3f2a" in text
    assert "Akkoordpunten 3, 16" in text
    assert "ronde oost" in text


def lines(browser: Browser, **arguments: Any) -> list[str]:
    links = browser.get("audit.index", **arguments).find(LINK)
    return [str(link.get("href")).rsplit("/", 1)[1] for link in links]


def test_the_filters(browser: Browser, session: Session) -> None:
    first = datetime(2026, 11, 20, 22, 59, tzinfo=UTC)  # 23.59 in Amsterdam
    happened(session, now=first, points=("2019_3",))
    happened(session, now=first + timedelta(minutes=1), about="round:oost", role="staff", points=("2019_3", "2019_16"))
    happened(session, now=first + timedelta(days=1, hours=1), event=sample(AreasLoaded))
    assert lines(browser) == ["3", "2", "1"]
    assert lines(browser, soort="areas") == ["3"]
    assert lines(browser, soort="audit.payload_erased") == ["2", "1"]
    assert lines(browser, soort="a%") == []
    assert lines(browser, over="round:oost") == ["2"]
    assert lines(browser, rol="staff") == ["2"]
    assert lines(browser, punt="3") == ["2", "1"]
    assert lines(browser, punt="16", rol="staff") == ["2"]
    assert lines(browser, van="2026-11-21") == ["3", "2"]
    assert lines(browser, tot="2026-11-21") == ["2", "1"]
    assert lines(browser, van="2026-11-21", tot="2026-11-21") == ["2"]
    assert "Geen regels gevonden" in browser.get("audit.index", rol="nobody").text
    assert [entry.seq for entry in entries_for_point(session, "2019_3")] == [2, 1]
    assert [entry.seq for entry in entries_for_objects(session, ["round:oost"])] == [2]


def test_points_of_two_editions_are_two_points(browser: Browser, session: Session) -> None:
    happened(session, now=NOW, points=("2019_3", "2019_16"))
    happened(session, now=NOW, points=("2026_3", "2019_3"))
    assert lines(browser, punt="2019_16") == ["1"]
    assert lines(browser, punt="2026_3") == ["2"]
    assert lines(browser, punt="3") == lines(browser, punt="2019_3") == ["2", "1"]
    text = browser.get("audit.index").text
    assert "Akkoordpunten 3, 16 (2019)" in text
    assert "Akkoordpunten 3 (2026); 3 (2019)" in text
    assert "3 (2026); 3 (2019)" in browser.get("audit.show", seq=2).text


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("van", "gisteren"), ("tot", "2026-13-01"), ("tot", "9999-12-31"), ("van", "0001-01-01"),
        ("punt", "drie"), ("punt", "9" * 5000), ("punt", "-1"), ("punt", "2019_"), ("punt", "2019_1234"), ("punt", "٣"),
    ],
)  # fmt: skip
def test_an_unclear_filter_is_named_and_kept(
    browser: Browser, session: Session, now: datetime, name: str, typed: str
) -> None:
    happened(session, now=now)
    asked: dict[str, Any] = {name: typed}
    page = browser.get("audit.index", **asked)
    assert "niet duidelijk" in page.text
    assert len(page.find(".//tbody/tr")) == 1
    assert page.find(f".//input[@name='{name}']")[0].get("value") == typed


@pytest.mark.parametrize("arguments", [{"soort": "x" * 9000}, {"over": "<script>"}, {"rol": "\x00"}, {"pagina": "-3"}])
def test_odd_arguments_do_no_harm(browser: Browser, session: Session, now: datetime, arguments: dict[str, Any]) -> None:
    happened(session, now=now)
    browser.get("audit.index", **arguments)


def test_pages_keep_the_filter(browser: Browser, session: Session, now: datetime) -> None:
    for _ in range(26):
        happened(session, now=now)
    page = browser.get("audit.index", soort="audit")
    (more,) = page.find(".//main//a[@rel='next']")
    assert "25 van 26 regels" in page.text
    assert len(browser.get(more.get("href") or "").find(".//tbody/tr")) == 1


def test_the_number_of_queries_does_not_grow(browser: Browser, session: Session, now: datetime) -> None:
    counts = []
    for _ in range(2):
        for _ in range(10):
            happened(session, now=now, points=("2019_3", "2019_16"))
        session.expire_all()
        with QueryCount() as queries:
            browser.get("audit.index")
        counts.append(queries.number)
    assert counts[0] == counts[1] <= 8


def test_html_in_an_entry_stays_text(browser: Browser, session: Session, now: datetime) -> None:
    happened(session, now=now, event=sample(PayloadErased, reason="<script>alert(1)</script>"))
    for page in (browser.get("audit.index"), browser.get("audit.show", seq=1)):
        assert "<script>alert(1)</script>" in page.text


def test_an_entry_shows_all_that_is_hashed(browser: Browser, session: Session, now: datetime) -> None:
    happened(session, now=now)
    entry = happened(session, now=now, role="staff", points=("2019_16",))
    page = browser.get("audit.show", seq=2)
    squeezed = page.text.replace(" ", "")
    details = session.get_one(AuditPayload, 2)
    for code in (entry.hash, entry.prev, entry.payload_commitment, details.salt):
        assert code in squeezed
    assert '"actor":"staff:3f2a"' in squeezed
    assert [link.get("rel") for link in page.find(".//main//a[@rel]")] == ["prev"]


def test_who_does_what_the_page_says_gets_the_code_of_the_line(
    browser: Browser, session: Session, now: datetime
) -> None:
    entry = happened(session, now=now, event=sample(PayloadErased, reason="Één naam"), points=("2019_16",))
    page = browser.get("audit.show", seq=1)
    texts = ["".join(part.itertext()) for part in page.find(".//main//p")]
    (said,), (text,) = ([each for each in texts if sign in each] for sign in ("SHA-256", '{"accord"'))
    number, label, length = re.search(r"getal (\d+) in acht bytes, de letters (\S+), .*\((\d+)\)", said).groups()  # type: ignore[union-attr]
    before = int(number).to_bytes(8, "big") + label.encode() + int(length).to_bytes(8, "big")
    assert hashlib.sha256(before + text.encode()).hexdigest() == entry.hash


@pytest.mark.parametrize("path", ["/logboek/1", "/logboek/0", "/logboek/" + "9" * 30, "/logboek/x", "/logboek/-1"])
def test_an_unknown_entry_is_not_found(browser: Browser, path: str) -> None:
    browser.get(path, status=404)


def test_personal_fields_are_not_shown(
    browser: Browser, session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PayloadErased, "personal", frozenset({"reason"}))
    happened(session, now=now, event=sample(PayloadErased, reason="Geheim 123"))
    salt = session.get_one(AuditPayload, 1).salt
    for page in (browser.get("audit.index"), browser.get("audit.show", seq=1)):
        assert "Geheim 123" not in page.html
        assert salt not in page.html
