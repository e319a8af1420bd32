"""Keeping the accord: only administrators, every change logged, every wrong input answered at its field."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.akkoord.actions import AccordFault, record_figure
from buurtbegroot.akkoord.models import Figure, Point, Standing, StatusChange
from buurtbegroot.areas.models import CITY
from buurtbegroot.audit.models import AuditEntry, AuditPayload, AuditPoint
from tests.factories.accounts import person
from tests.factories.akkoord import small_accord
from tests.factories.areas import small_city
from tests.factories.audit import Somebody
from tests.pages import Browser, SignIn
from tests.refusals import refused

PAGES = ("plan", "status", "figure")


@pytest.fixture
def administrator(session: Session, signed_in: SignIn) -> Browser:
    small_city(session)
    small_accord(session)
    return signed_in(person(session, Role.ADMINISTRATOR, CITY))


def last_entry(session: Session) -> tuple[AuditEntry, dict[str, Any]]:
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry
    return entry, session.get_one(AuditPayload, entry.seq).payload


def test_only_administrators_enter(session: Session, browser: Browser, signed_in: SignIn) -> None:
    small_city(session)
    small_accord(session)
    coordinator = signed_in(person(session, Role.COORDINATOR, "E"))
    for page in PAGES:
        browser.get(f"akkoord_organiser.{page}", edition="2019", number=3, status=303)
        coordinator.get(f"akkoord_organiser.{page}", edition="2019", number=3, status=404)
    coordinator.get("akkoord_organiser.index", status=404)
    assert "Schrijf het plan" not in coordinator.get("akkoord.show", number=3).text


def test_the_list_leads_to_each_form(administrator: Browser) -> None:
    links = [link.get("href") or "" for link in administrator.get("akkoord_organiser.index").find(".//td//a")]
    assert len(links) == 8  # three plans, three statuses, two targets
    for link in links:
        administrator.get(link)


def test_a_plan_is_written_and_logged(administrator: Browser, session: Session) -> None:
    texts = {"how": "Met <i>rondes</i>", "what": "", "when": "Elk jaar\r\nin mei", "where": "", "with_whom": ""}
    administrator.send("akkoord_organiser.plan", texts, edition="2019", number=16)
    point = session.scalars(select(Point).where(Point.number == 16)).one()
    assert (point.how, point.when) == ("Met <i>rondes</i>", "Elk jaar\nin mei")
    entry, payload = last_entry(session)
    assert (entry.action, entry.object, entry.points) == ("akkoord.plan_changed", "point:16", ["2019_16"])
    assert payload["changes"] == {
        "how": {"old": "", "new": "Met <i>rondes</i>"},
        "when": {"old": "", "new": "Elk jaar\nin mei"},
    }
    assert session.get(AuditPoint, (16, "2019", entry.seq))
    page = administrator.get("akkoord.show", number=16)
    assert "Met <i>rondes</i>" in page.text
    assert "akkoord.plan_changed" not in page.text


def test_an_unchanged_plan_is_not_logged(administrator: Browser, session: Session) -> None:
    administrator.send("akkoord_organiser.plan", {}, edition="2019", number=16)
    assert session.scalars(select(AuditEntry)).all() == []


def test_a_status_is_added_and_logged(administrator: Browser, session: Session) -> None:
    form = {"happened_on": "2023-01-02", "standing": "under_way", "note": "Er is begonnen.", "source": "Jaarverslag"}
    administrator.post("akkoord_organiser.status", form, edition="2019", number=16)
    administrator.post("akkoord_organiser.status", form | {"standing": "done"}, edition="2019", number=16)
    standings = session.scalars(select(StatusChange.standing).order_by(StatusChange.id)).all()
    assert standings == [Standing.UNDER_WAY, Standing.DONE]
    entry, payload = last_entry(session)
    assert (entry.action, entry.points) == ("akkoord.status_recorded", ["2019_16"])
    assert payload["source"] == "Jaarverslag"


@pytest.mark.parametrize(
    ("number", "typed", "stored"), [(3, "0,11", 11), (3, "2%", 200), (3, "100", 10_000), (5, "12", 12)]
)
def test_a_figure_is_added_and_logged(
    administrator: Browser, session: Session, number: int, typed: str, stored: int
) -> None:
    form = {"measured_on": "2022-12-31", "amount": typed, "source": "https://example.org"}
    administrator.post("akkoord_organiser.figure", form, edition="2019", number=number)
    assert session.scalars(select(Figure.value)).one() == stored
    entry, payload = last_entry(session)
    assert (entry.action, entry.points, payload["value"]) == ("akkoord.figure_recorded", [f"2019_{number}"], stored)


def test_a_point_without_target_takes_no_figure(administrator: Browser) -> None:
    administrator.get("akkoord_organiser.figure", edition="2019", number=16, status=404)


@pytest.mark.parametrize("where", [{"edition": "2019", "number": 99}, {"edition": "x", "number": 3}])
def test_an_unknown_point_is_a_404(administrator: Browser, where: dict[str, Any]) -> None:
    for page in PAGES:
        administrator.post(f"akkoord_organiser.{page}", status=404, **where)


@pytest.mark.parametrize(
    ("page", "wrong", "said"),
    [
        ("plan", {"how": "x" * 2001}, "niet meer dan 2000 tekens"),
        ("status", {"happened_on": ""}, "Vul een dag in"),
        ("status", {"happened_on": "31-31-2022"}, "Schrijf een dag"),
        ("status", {"happened_on": "2026-11-22"}, "Kies een dag tussen 2000 en vandaag"),
        ("status", {"happened_on": "1999-12-31"}, "Kies een dag tussen 2000 en vandaag"),
        ("status", {"standing": ""}, "Kies een stand"),
        ("status", {"standing": "prachtig"}, "standing"),
        ("status", {"source": "  "}, "Noem de bron"),
        ("status", {"source": "x" * 501}, "niet meer dan 500 tekens"),
        ("status", {"note": "x" * 1001}, "niet meer dan 1000 tekens"),
        ("figure", {"amount": ""}, "Vul een getal in"),
        ("figure", {"amount": "veel"}, "Schrijf een percentage"),
        ("figure", {"amount": "-1"}, "Schrijf een percentage"),
        ("figure", {"amount": "101"}, "Schrijf een percentage"),
        ("figure", {"amount": "0,111"}, "Schrijf een percentage"),
        ("figure", {"amount": "NaN"}, "Schrijf een percentage"),
        ("figure", {"amount": "1e400"}, "Schrijf een percentage"),
        ("figure", {"measured_on": "x"}, "Schrijf een dag"),
        ("figure", {"source": "\x00"}, "Noem de bron"),
    ],
)
def test_wrong_input_is_answered_at_its_field(
    administrator: Browser, session: Session, page: str, wrong: dict[str, str], said: str
) -> None:
    right = {
        "happened_on": "2023-01-02",
        "measured_on": "2023-01-02",
        "standing": "done",
        "amount": "1",
        "note": "Getypt en gebleven",
        "how": "Zo",
        "source": "Bron",
    }
    answer = administrator.post(f"akkoord_organiser.{page}", right | wrong, status=422, edition="2019", number=3)
    assert answer.title.startswith("Fout: ")
    assert said in answer.text_of(".//div[@role='alert']") or said == "standing"
    assert answer.find(f".//*[@id='{next(iter(wrong))}']")[0].get("aria-invalid") == "true"
    assert "Getypt en gebleven" in answer.html or page == "plan" or "note" in wrong
    assert session.scalars(select(AuditEntry)).all() == []


def test_the_clock_decides_what_today_is(administrator: Browser, session: Session, now: datetime) -> None:
    today = {"happened_on": now.date().isoformat(), "standing": "done", "source": "Bron"}
    administrator.post("akkoord_organiser.status", today, edition="2019", number=3)
    assert session.scalars(select(StatusChange)).one().recorded_at == now


@pytest.mark.parametrize(("number", "has_target"), [(3, True), (5, True), (16, False)])
def test_only_a_target_is_measured_whoever_asks(session: Session, now: datetime, number: int, has_target: bool) -> None:
    point = next(each for each in small_accord(session) if each.number == number)
    measured: dict[str, Any] = {
        "measured_on": now.date(),
        "value": 1,
        "source": "bron",
        "by": Somebody("administrator"),
        "now": now,
    }
    if has_target:
        record_figure(session, point, **measured)
    else:
        with refused(AccordFault.NO_TARGET):
            record_figure(session, point, **measured)
    assert len(session.scalars(select(Figure)).all()) == has_target
