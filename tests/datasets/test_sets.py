"""Every data set says what is in the database, to everybody who may have it, and nothing that is not public."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.akkoord.domain import divided
from buurtbegroot.areas.models import Area
from buurtbegroot.audit.models import AuditEntry, AuditPayload
from buurtbegroot.cli import main
from buurtbegroot.core.phases import Phase
from buurtbegroot.datasets.queries import DATA_SETS
from buurtbegroot.datasets.queries.rounds import turnout
from buurtbegroot.discussion.actions import Remark, contribute
from buurtbegroot.discussion.models.threads import About, Stance
from buurtbegroot.moderation.actions import Hiding, hide_words
from buurtbegroot.moderation.models import Reason
from buurtbegroot.proposals.models import Answer, Decision, Proposal, ProposalStatus
from buurtbegroot.rounds.models import Criterion, Round
from buurtbegroot.support.models import Support
from buurtbegroot.tables.files import forms_of
from buurtbegroot.tally.queries import plan_results
from tests.factories.accounts import person
from tests.factories.akkoord import small_accord
from tests.factories.guards import unguarded
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.tally import Vote, open_vote
from tests.pages import Browser

BALLOTS = [[0], [0], [0], [1], [1], [2], [2], [1], [0], [1], [2]]
COSTS = (60_000, 50_050, 40_000, 10_000)
NAMES = list(DATA_SETS)


@pytest.fixture
def vote(session: Session, areas: dict[str, Area], now: datetime, tmp_path: Path) -> Vote:
    return open_vote(session, tmp_path, areas=areas, now=now, costs=COSTS).cast_all(BALLOTS).finish()


@pytest.fixture
def round_(session: Session, areas: dict[str, Area], now: datetime) -> Round:
    return round_in(session, Phase.COCREATION, areas=areas, now=now)


def rows(browser: Browser, name: str, **asked: Any) -> list[dict[str, str]]:
    response = browser.raw("datasets.file", filename=f"{name}-machine.csv", **asked)
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True), newline="")))


def objects(browser: Browser, name: str, **asked: Any) -> list[dict[str, Any]]:
    lines = browser.raw("datasets.file", filename=f"{name}.jsonl", **asked).get_data(as_text=True).split("\n")
    return [json.loads(line) for line in lines[:-1]]


def heads(browser: Browser, name: str) -> list[str]:
    text = browser.raw("datasets.file", filename=f"{name}.csv").get_data().decode("utf-8-sig")
    return next(csv.reader(io.StringIO(text), delimiter=";"))


def test_each_file_of_this_room_that_describes_one_is_there() -> None:
    assert NAMES == [
        "rondes", "plannen", "deelname", "haalbaarheid", "uitslag", "stembiljetten", "akkoord", "reacties", "logboek",
    ]  # fmt: skip


def test_every_form_of_every_set_is_served_and_explained(browser: Browser, app: Flask, vote: Vote) -> None:
    for name in NAMES:
        check_forms(browser, Browser(app, **{"Accept-Language": "en"}), name)


def check_forms(browser: Browser, english: Browser, name: str) -> None:
    data_set = DATA_SETS[name]
    page = browser.get("datasets.show", name=name)
    forms = forms_of(has_places=bool(data_set.place))
    links = {link.get("href") for link in page.find(".//main//a")}
    assert {f"/open-data/{name}{form.ending}" for form in forms} <= links
    for form in forms:
        response = browser.raw("datasets.file", filename=f"{name}{form.ending}")
        assert (response.status_code, response.mimetype) == (200, form.media), form.ending
        assert f'filename="{name}{form.ending}"' in response.headers["Content-Disposition"]
    assert all(each.name in page.text and str(each.about) in page.text for each in data_set.fields)
    for reader in (browser, english):
        words = heads(reader, name)
        assert len(set(words)) == len(words) == len(data_set.fields), "a sheet knows its columns by their heads"
    assert heads(browser, name) != heads(english, name)


def test_a_workbook_says_what_the_file_for_programs_says(browser: Browser, vote: Vote) -> None:
    for name in NAMES:
        check_workbook(browser, name)


def check_workbook(browser: Browser, name: str) -> None:
    content = browser.raw("datasets.file", filename=f"{name}.xlsx").get_data()
    sheet, explained = openpyxl.load_workbook(io.BytesIO(content)).worksheets
    told = objects(browser, name)
    assert sheet.max_row == max(len(told), 1) + 1 or not told
    figures = [place for place, each in enumerate(DATA_SETS[name].fields) if each.kind.value in {"getal", "euro"}]
    for row, found in zip(sheet.iter_rows(min_row=2, values_only=True), told, strict=False):
        values = list(found.values())
        for place in figures:
            assert row[place] == (None if values[place] is None else pytest.approx(float(values[place])))
    assert [row[1].value for row in explained.iter_rows(min_row=2) if row[0].value and row[1].value] == [
        each.name for each in DATA_SETS[name].fields
    ]


def test_outcomes_are_those_of_the_count(browser: Browser, vote: Vote) -> None:
    stored = plan_results(vote.session, vote.round.id)
    told = rows(browser, "uitslag", ronde=vote.round.slug)
    assert len(told) == len(stored) == 4
    for row in told:
        result = stored[int(row["planId"])]
        assert (int(row["stemmen"]), int(row["rang"])) == (result.votes, result.rank)
        assert row["toegekendEur"] == f"{result.awarded_cents / 100:.2f}"
        assert (row["gekozen"] == "true") == bool(result.awarded_cents)


def test_rounds_and_plans_say_what_became_of_them(browser: Browser, vote: Vote) -> None:
    (row,) = rows(browser, "rondes", ronde=vote.round.slug)
    assert (row["aantalStemmers"], row["aantalCodes"], row["opkomstPct"], row["budgetEur"]) == (
        "11", "12", "91.7", "1000.00",
    )  # fmt: skip
    plans = rows(browser, "plannen", ronde=vote.round.slug)
    assert [each["stemmen"] for each in plans] == ["4", "4", "3", "0"]
    assert [each["status"] for each in plans] == ["not_funded", "funded", "funded", "not_funded"]
    assert {each["ingediendOp"] for each in plans} == {vote.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    assert {each["statusDatum"] for each in plans} != {plans[0]["ingediendOp"]}
    ballots = objects(browser, "stembiljetten", ronde=vote.round.slug)
    assert sorted(len(each["planIds"]) for each in ballots) == [1] * 11


def test_what_nobody_knows_is_empty(browser: Browser, session: Session, round_: Round, now: datetime) -> None:
    plan(session, round_, now=now, status=ProposalStatus.SUBMITTED)
    session.commit()
    (row,) = rows(browser, "plannen")
    assert (row["aangevraagdEur"], row["getoetstEur"], row["toegekendEur"], row["stemmen"]) == ("100.00", "", "", "")
    (told,) = objects(browser, "plannen")
    assert (told["getoetstEur"], told["akkoordpunten"]) == (None, None)
    assert rows(browser, "rondes")[0]["opkomstPct"] == ""


def test_people_read_names_and_programs_codes_of_rounds_and_areas(
    browser: Browser, session: Session, areas: dict[str, Area], now: datetime
) -> None:
    same, other, alone = (round_in(session, Phase.COCREATION, areas=areas, now=now) for _ in range(3))
    same.title, other.title, alone.title = "Geld voor West", "Geld voor West", "=1+1"
    for each in (same, other, alone):
        plan(session, each, now=now)
    session.commit()
    asked = {"kolom": ["rondeId", "stadsdeelCode", "wijkCode"]}
    told = browser.raw("datasets.file", filename="plannen.csv", **asked).get_data().decode("utf-8-sig")
    names = [f"Geld voor West ({same.slug})", f"Geld voor West ({other.slug})", "'=1+1"]
    assert told.splitlines() == ["Ronde;Stadsdeel;Wijk", *(f"{name};West;{areas['EA'].name}" for name in names)]
    assert [list(row.values()) for row in rows(browser, "plannen", **asked)] == [
        [each.slug, "E", "EA"] for each in (same, other, alone)
    ]
    book = openpyxl.load_workbook(io.BytesIO(browser.raw("datasets.file", filename="plannen.xlsx", **asked).get_data()))
    explained = {row[1]: row[3] for row in book.worksheets[1].iter_rows(values_only=True) if not row[0]}
    explained.pop(None)
    called = {same.slug: names[0], other.slug: names[1], alone.slug: "=1+1"}
    assert explained == called | {"E": "West", "EA": areas["EA"].name}


def test_rows_are_chosen_by_place_year_stand_and_column(
    browser: Browser, session: Session, round_: Round, now: datetime
) -> None:
    somewhere, everywhere, refused = [plan(session, round_, now=now) for _ in range(3)]
    everywhere.buurt_code, refused.status, refused.buurt_code = None, ProposalStatus.REFUSED, "EA02"
    session.commit()

    def chosen(**asked: Any) -> list[int]:
        return [int(row["planId"]) for row in rows(browser, "plannen", **asked)]

    year = str(now.year)
    assert chosen(buurt="EA01") == [somewhere.id]
    assert chosen(buurt="EA01", heel="ja") == [somewhere.id, everywhere.id]
    assert chosen(stand="refused") == [refused.id]
    assert chosen(jaar=[year, "2001"], stadsdeel="E") == [somewhere.id, everywhere.id, refused.id]
    assert chosen(jaar="2001") == chosen(stadsdeel="K") == []
    assert list(rows(browser, "plannen", kolom=["titel", "planId"])[0]) == ["planId", "titel"]


def test_an_address_that_asks_nonsense_is_answered(browser: Browser) -> None:
    many = "&".join(f"buurt={number:04}" for number in range(101))
    nonsense = ("jaar=abcd", "jaar=99999", "kolom=naam", "stand=open", "onzin=1", "jaar=x%00", "heel=nee")
    unknown = ("stadsdeel=ZZ", "buurt=XX99", "ronde=bestaat-niet")
    for asked in (*nonsense, *unknown, "stadsdeel=T%00", f"ronde={'a' * 81}", many):
        response = browser.raw(f"/open-data/plannen.csv?{asked}")
        assert (response.status_code, response.mimetype) == (400, "text/plain"), asked
        assert asked.partition("=")[0] in response.text
        assert "/open-data/gegevens/plannen" in response.text
    assert browser.raw("/open-data/plannen.csv?jaar=&stadsdeel=&heel=").status_code == 200


def test_there_is_no_other_file(browser: Browser) -> None:
    for name in ("plannen.exe", "onzin.csv", "rondes.geojson", "plannen", "logboek-machine", "..csv"):
        assert browser.raw(f"/open-data/{name}").status_code == 404, name


def test_checks_tell_each_question_that_was_answered(
    browser: Browser, session: Session, round_: Round, now: datetime
) -> None:
    found = plan(session, round_, now=now, status=ProposalStatus.REFUSED)
    answers = {Criterion.LAW.value: Answer.NO.value, Criterion.BUDGET.value: Answer.YES.value}
    session.add(Decision(proposal_id=found.id, admitted=False, reason="Mag niet.", answers=answers, decided_at=now))
    session.commit()
    told = [(row["criterium"], row["oordeel"], row["getoetstEur"]) for row in rows(browser, "haalbaarheid")]
    assert told == [("budget", "yes", ""), ("law", "no", "")]
    (row,) = rows(browser, "plannen")
    assert (row["grondAfwijzing"], row["redenAfwijzing"]) == ("law", "Mag niet.")


def test_small_groups_and_what_would_give_them_back_are_empty(
    browser: Browser, session: Session, round_: Round, now: datetime
) -> None:
    people = [person(session) for _ in range(40)]
    for number, code in ((4, "EA01"), (25, "EA02"), (11, None)):
        there = plan(session, round_, now=now, author=people[0])
        there.buurt_code = code
        session.add_all([Support(proposal_id=there.id, user_id=people.pop().id) for _ in range(number)])
        session.flush()
    session.commit()
    told = {(row["soort"], row["buurtCode"]): row["steuners"] for row in rows(browser, "deelname")}
    assert told == {("ronde", ""): "40", ("heel-gebied", ""): "", ("buurt", "EA01"): "", ("buurt", "EA02"): "25"}
    assert {row["indieners"] for row in rows(browser, "deelname")} == {""}
    assert [row["steun"] for row in rows(browser, "plannen")] == ["4", "25", "11"]
    assert "Hoeveel steun één plan heeft, is wel openbaar" in browser.get("datasets.show", name="deelname").text


def test_a_share_of_a_few_voters_is_not_told() -> None:
    assert (turnout(20, 9), turnout(12, 12), turnout(None, 11)) == (None, None, None)
    assert float(turnout(12, 11) or 0) == pytest.approx(91.67, abs=0.01)


@pytest.mark.parametrize("cents", [0, 1, 99, 155_000_000])
@pytest.mark.parametrize("points", [[], [3], [3, 16, 22], [22, 3, 16, 3]])
def test_money_is_divided_to_the_cent(cents: int, points: list[int]) -> None:
    parts = divided(cents, points)
    assert sum(parts.values()) == cents
    assert max(parts.values()) - min(parts.values()) <= 1


def test_all_points_together_have_the_money_of_the_city(browser: Browser, vote: Vote) -> None:
    session, points = vote.session, small_accord(vote.session)
    with unguarded(session):
        vote.round.points = list(points[:3])
        vote.plans[0].points = [points[1]]
    session.commit()

    def total(found: Sequence[dict[str, str]], name: str) -> int:
        return sum(round(float(row[name] or 0) * 100) for row in found)

    accord, plans, rounds = (rows(browser, name) for name in ("akkoord", "plannen", "rondes"))
    for name in ("aangevraagdEur", "getoetstEur", "toegekendEur"):
        assert total(accord, name) == total(plans, name) > 0
    assert total(accord, "budgetEur") == total(rounds, "budgetEur") > 0
    assert "één keer" in browser.get("datasets.show", name="akkoord").text


def test_the_log_is_verified_at_home(app: Flask, browser: Browser, vote: Vote, tmp_path: Path) -> None:
    file, changed = tmp_path / "logboek.jsonl", tmp_path / "changed.jsonl"
    content = browser.raw("datasets.file", filename="logboek.jsonl").get_data()
    file.write_bytes(content)
    entries = vote.session.scalar(select(func.count()).select_from(AuditEntry))
    found = CliRunner().invoke(main, ["audit", "check", str(file)])
    assert (found.exit_code, found.output.split(" ")[0]) == (0, str(entries)), found.output
    lines = content.decode().splitlines(keepends=True)
    told = json.loads(lines[2])
    for name, value in (("handeling", "x"), ("gegevens", "{}"), ("hash", "00" * 32), ("akkoordpunten", [1, 2])):
        changed.write_text("".join([*lines[:2], f"{json.dumps({**told, name: value})}\n", *lines[3:]]))
        wrong = CliRunner().invoke(main, ["audit", "check", str(changed)])
        assert (wrong.exit_code, wrong.output[:14]) == (1, "Error: entry 3"), (name, wrong.output)
    changed.write_text("".join([*lines[:2], "[]\n"]))
    assert "line 3 is no entry" in CliRunner().invoke(main, ["audit", "check", str(changed)]).output


def test_the_log_does_not_tell_what_was_erased(browser: Browser, vote: Vote) -> None:
    before = objects(browser, "logboek")
    with unguarded(vote.session):
        vote.session.delete(vote.session.get_one(AuditPayload, before[-1]["regel"]))
    vote.session.commit()
    last = objects(browser, "logboek")[-1]
    assert before[-1]["gegevens"] is not None
    assert (last["gegevens"], last["toevalsgetal"], last["hash"]) == (None, None, before[-1]["hash"])


def test_hidden_words_are_in_no_file(browser: Browser, session: Session, round_: Round, now: datetime) -> None:
    found = plan(session, round_, now=now, title="Krakeend", author=person(session))
    session.commit()
    moderator = person(session, Role.COORDINATOR, "E")
    session.commit()
    names = [f"{name}.jsonl" for name in NAMES]
    assert any(b"Krakeend" in browser.raw("datasets.file", filename=name).data for name in names)
    hiding = Hiding(reason=Reason.ABUSE, title_too=True)
    hide_words(session, session.get_one(Proposal, found.id), hiding, seen=found.version, by=moderator, now=now)
    session.commit()
    assert not any(b"Krakeend" in browser.raw("datasets.file", filename=name).data for name in names)


def test_no_file_says_who_made_or_wrote_it(browser: Browser, session: Session, round_: Round, now: datetime) -> None:
    maker = person(session)
    found = plan(session, round_, now=now, title="Krakeend", author=maker)
    found.author_name = maker.name = "Kwartel Jansen"
    remark = Remark(body="Krakeend", author_name="Kwartel Jansen", stance=Stance.IDEA)
    contribute(session, About(round_, found), remark, by=person(session), now=now)
    session.commit()
    files = [browser.raw("datasets.file", filename=f"{name}.jsonl").data for name in NAMES]
    assert sum(b"Krakeend" in file for file in files) >= 2
    assert not any(b"Kwartel" in file or maker.email.encode() in file for file in files)
