"""A file of a past vote becomes a round with the winners that it names, once, and never with others."""

import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.archive.commands import group
from buurtbegroot.archive.domain import MOST_VOTERS, read_archive
from buurtbegroot.areas.models import CITY
from buurtbegroot.audit.queries.verification import verify_log
from buurtbegroot.cli import main
from buurtbegroot.core.pabulib import Beyond, PbFile, lines, read, with_beside, write
from buurtbegroot.core.tally.document import document_from
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.models import Round
from buurtbegroot.tally.models import OpenedBallot, PlanResult, Tally
from tests.datasets.checker import faults_of_checker
from tests.factories.accounts import person, tie_authenticator
from tests.factories.archives import VOTES, pb
from tests.factories.areas import small_city
from tests.pages import Browser, SignIn

REAL = Path(__file__).parents[3] / "shared/data/pabulib"
Run = Callable[..., Result]


@pytest.fixture
def run(session: Session, tmp_path: Path) -> Run:
    """Return the command on a file, as an administrator of a small city."""
    small_city(session)
    boss = person(session, Role.ADMINISTRATOR, CITY)

    def invoke(text: str | bytes, *options: str, by: str = boss.email) -> Result:
        path = tmp_path / "vroeger.pb"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        given = ["import", str(path), "--title", "Buurtbudget 2022", "--area", "E", "--by", by, *options]
        return CliRunner().invoke(group, given, prog_name="buurtbegroot rounds")

    return invoke


def brought_in(session: Session, found: Result) -> tuple[Round, Tally]:
    assert found.exit_code == 0, found.output
    round_ = session.scalars(select(Round).where(Round.archive != "")).one()
    return round_, session.get_one(Tally, round_.id)


def winners(session: Session, round_: Round) -> set[str]:
    rows = select(Proposal.title).join(PlanResult, PlanResult.proposal_id == Proposal.id)
    return set(session.scalars(rows.where(PlanResult.round_id == round_.id, PlanResult.verdict == "funded")))


def pages(browser: Browser, round_: Round) -> str:
    """Open what a round has for everyone, strictly; return the page of the outcome."""
    for endpoint in ("rounds.index", "results.index", "datasets.index", "pages.home"):
        browser.get(endpoint)
    browser.get("rounds.show", slug=round_.slug)
    return browser.get("results.show", slug=round_.slug).text


def test_the_winners_are_counted_again_and_are_those_of_the_file(run: Run, session: Session, browser: Browser) -> None:
    round_, tally = brought_in(session, run(pb(won="1010")))
    assert winners(session, round_) == {'Bankjes; "mooie"', "Tuin"}
    assert not document_from(tally.trace).reported
    assert "dezelfde winnaars" in round_.note
    page = pages(browser, round_)
    assert "Gereconstrueerd" in page
    assert "door twee mensen" not in page
    assert "Is mijn stem geteld?" not in page
    assert (tally.valid_ballots, round_.envelopes, tally.left_cents) == (12, 12, 0)
    assert not [name for name in verify_log(session).otherwise if name.startswith(("round:", "proposal:"))]


def test_nothing_of_voters_comes_along(run: Run, session: Session, browser: Browser) -> None:
    round_, _tally = brought_in(session, run(pb(won="1010")))
    rows = session.scalars(select(OpenedBallot).where(OpenedBallot.round_id == round_.id)).all()
    names = {plan.id: plan.number for plan in session.scalars(select(Proposal))}
    assert Counter("".join("abcd"[names[one] - 1] for one in row.choices) for row in rows) == Counter(
        vote.replace(",", "") for vote in VOTES
    )
    told = browser.raw(f"/open-data/rondes/{round_.slug}/stembiljetten.jsonl").get_data(as_text=True)
    assert "kiezer" not in told
    assert "age" not in told


def test_other_winners_than_the_rule_gives_stay_and_are_called_uncounted(
    run: Run, session: Session, browser: Browser
) -> None:
    """By most votes a and c win; the file says b and d, and nothing else may come of that."""
    round_, tally = brought_in(session, run(pb(won="0101")))
    assert winners(session, round_) == {"Feest", "Lamp"}
    document = document_from(tally.trace)
    assert document.reported
    assert document.outcomes[0].steps == ()
    assert "die van het bestand" in round_.note
    page = pages(browser, round_)
    assert "Niet nageteld" in page
    assert "Zo is geteld" not in page
    assert "buurtbegroot count" not in page
    assert "dezelfde uitslag" not in page
    assert "Door niemand gekozen" not in page
    file = browser.raw(f"/open-data/rondes/{round_.slug}/stemmen.pb").get_data(as_text=True)
    assert "rule;unknown\n" in file
    assert faults_of_checker(file) == {}


@pytest.mark.parametrize("rule", ["unknown", "greedy-custom"])
def test_without_a_rule_the_winners_are_those_of_the_file(run: Run, session: Session, rule: str) -> None:
    _round, tally = brought_in(session, run(pb(rule=rule, won="1010")))
    assert document_from(tally.trace).reported


def test_a_file_without_winners_is_counted_and_says_so(run: Run, session: Session) -> None:
    round_, _tally = brought_in(session, run(pb()))
    assert winners(session, round_) == {'Bankjes; "mooie"', "Tuin"}
    assert "noemt geen winnaars" in round_.note


def test_it_is_brought_in_once(run: Run, session: Session) -> None:
    round_, _tally = brought_in(session, run(pb(won="1010")))
    again = run(pb(won="1010"))
    assert again.exit_code == 1
    assert f"already (round {round_.slug})" in again.output
    assert session.scalar(select(func.count()).select_from(Round)) == 1
    assert run(pb(won="1010").replace("Feest", "Buurtfeest")).exit_code == 0, "another file of the same name"


def test_only_an_administrator_brings_one_in(run: Run, session: Session) -> None:
    coordinator = person(session, Role.COORDINATOR, "E")
    assert "not allowed" in run(pb(won="1010"), by=coordinator.email).output
    assert "nobody has an account" in run(pb(won="1010"), by="niemand@example.org").output
    assert session.scalar(select(func.count()).select_from(Round)) == 0


def test_only_years_are_told_as_such(run: Run, session: Session) -> None:
    round_, _tally = brought_in(session, run(pb(won="1010", begins="2022", ends="2022")))
    assert "alleen het jaar bekend" in round_.note
    assert round_.certified_at is not None
    assert round_.certified_at.year == 2022


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (pb(won="1010").replace("c;40;", "c;veertig;"), "line 18, cost: 'veertig' is not an amount"),
        (pb(won="1010").replace("num_votes;12", "num_votes;13"), "num_votes: says 13, but the file has 12"),
        (pb(won="1010").replace(";a,c;", ";a,x;"), "project 'x' is not in PROJECTS"),
        (pb(won="1010").replace("d;10;", "d;0.5;"), "project d costs 0.50, expected 1 or more"),
        (pb(won="1010", ends="31.02.2022"), "date_begin, date_end: expected dd.mm.yyyy or yyyy"),
        (pb(won="1010", begins="2023", ends="2022"), "date_end: before date_begin"),
        (pb(won="1010", begins="1999", ends="1999"), "expected years from 2000 to 2100"),
        (pb(won="1010", begins="0001", ends="9999"), "expected years from 2000 to 2100"),
        (pb(won="1010", ends="31.12.2099"), "the vote is not over"),
        (pb(won="0000").replace("budget;100", "budget;0"), "budget: 0 for all or for a pot"),
        (pb(won="1010").replace(";Tuin;", ";\u200b\u0000;"), "project c has no name"),
        (pb(won="2101"), "another sign than 0 and 1"),
        (pb(won="1110"), "the winners cost 150, more than the budget"),
        (pb(rule="unknown"), "no winners (selected), and no rule"),
        (pb(won="1010").replace("vote_type;approval", "vote_type;ordinal"), "no points and no ranks"),
        (pb(won="1010").encode("utf-16"), "not UTF-8"),
        ("", "META"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(run: Run, session: Session, text: str | bytes, said: str) -> None:
    found = run(text)
    assert found.exit_code == 1, found.output
    assert said in found.output
    assert "Traceback" not in found.output
    session.rollback()


def test_what_no_page_or_column_can_hold_is_left_out(run: Run, session: Session, browser: Browser) -> None:
    long = "Groen " * 20
    text = pb(won="1010", more="language;Nederlands (België)\n").replace(";Feest;Samen", f";Fe\0e\u202est;{long}buiten")
    round_, _tally = brought_in(session, run(text.replace(";Groen", f";{long}binnen")))
    plan = session.scalars(select(Proposal).where(Proposal.number == 2)).one()
    assert (plan.title, plan.language) == ("Feest", "")
    assert [theme.name for theme in round_.themes] == [long[:80]]
    pages(browser, round_)
    browser.get("proposals.show", proposal_id=plan.id)


def test_blank_ballots_count_as_ballots() -> None:
    file = read(pb(won="1010"))
    noted, beside = with_beside(file, Beyond(blank_ballots=MOST_VOTERS - 11))
    with pytest.raises(ValueError, match="12 votes and 199989 blank ballots"):
        read_archive("".join(f"{line}\n" for line in lines(noted)).encode(), beside)


def test_what_is_too_large_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, most in (("domain.MOST_PLANS", 3), ("domain.MOST_VOTERS", 11), ("commands.MOST_BYTES", 100)):
        with monkeypatch.context() as small:
            small.setattr(f"buurtbegroot.archive.{name}", most)
            assert run(pb(won="1010")).exit_code == 1


def test_places_are_checked(run: Run) -> None:
    assert "no stadsdeel" in run(pb(won="1010"), "--area", "EA01").output
    assert "0 areas are called" in run(pb(won="1010"), "--buurten", "Nergens").output
    assert "expected 1 to 120" in run(pb(won="1010"), "--title", "t" * 121).output


def test_nothing_of_it_changes_any_more(run: Run, session: Session) -> None:
    round_, _tally = brought_in(session, run(pb(won="1010")))
    with pytest.raises(Exception, match="frozen"), session.begin_nested():
        session.execute(update(Proposal).values(cost_cents=1))
    assert round_.fingerprint == round_.archive == hashlib.sha256(pb(won="1010").encode()).hexdigest()


def winners_of(file: PbFile) -> set[str]:
    return {" ".join(one.name.split())[:119] for one in file.projects if one.selected == 1}


@pytest.mark.slow
@pytest.mark.skipif(not REAL.is_dir(), reason="no real files beside the checkout")
@pytest.mark.parametrize(
    ("name", "is_counted"),
    [
        ("Netherlands_Assen_2024", True),
        ("Netherlands_Amsterdam_643", True),
        ("Netherlands_Amsterdam_179", True),
        ("Poland_Gdynia_2020_Cisowa__small", True),
        ("Poland_Wroclaw_2017_Rejon_nr_11_750", True),
        ("Poland_Swiecie_2023", True),
    ],
)
def test_real_files_keep_their_winners(
    name: str, is_counted: bool, run: Run, session: Session, browser: Browser, tmp_path: Path
) -> None:
    data = (REAL / f"{name}.pb").read_bytes()
    round_, tally = brought_in(session, run(data))
    file = read(data)
    if any(one.selected for one in file.projects):
        assert {title[:119] for title in winners(session, round_)} == winners_of(file)
    assert document_from(tally.trace).reported is not is_counted
    for endpoint in ("stemmen.pb", "stemmen-erbij.json"):
        (tmp_path / endpoint).write_bytes(browser.raw(f"/open-data/rondes/{round_.slug}/{endpoint}").get_data())
    again = ["count", str(tmp_path / "stemmen.pb"), "--beside", str(tmp_path / "stemmen-erbij.json")]
    found = CliRunner().invoke(main, again)
    assert found.exit_code == 0, found.output
    assert "differs" not in found.output
    pages(browser, round_)


def test_what_a_round_published_comes_in_again(run: Run, session: Session, browser: Browser, tmp_path: Path) -> None:
    """With the JSON beside it, which has the rules, the order of equals and what excludes what."""
    round_, _tally = brought_in(session, run(pb(won="1010")))
    names = [("stemmen.pb", "again.pb"), ("stemmen-erbij.json", "again.json")]
    data = {to: browser.raw(f"/open-data/rondes/{round_.slug}/{name}").get_data() for name, to in names}
    (tmp_path / "again.json").write_bytes(data["again.json"])
    found = run(data["again.pb"], "--beside", str(tmp_path / "again.json"), "--title", "Nog eens")
    assert found.exit_code == 0, found.output
    assert "counted again" in found.output
    two = session.scalars(select(Round).where(Round.archive != "").order_by(Round.id)).all()
    assert winners(session, two[0]) == winners(session, two[1])
    other = write(read(pb(won="1010")))
    assert "pb_sha256 is that of another file" in run(other, "--beside", str(tmp_path / "again.json")).output


@pytest.mark.parametrize("won", ["1010", "0101"])
@pytest.mark.parametrize("is_staff", [False, True])
def test_no_page_of_it_breaks(
    won: str, is_staff: bool, run: Run, app: Flask, session: Session, browser: Browser, signed_in: SignIn
) -> None:
    """It has no ballot box, no codes and no keys, which many pages of other rounds ask for."""
    round_, _tally = brought_in(session, run(pb(won=won)))
    if is_staff:
        browser = signed_in(tie_authenticator(person(session, Role.ADMINISTRATOR, CITY)))
    plan = session.scalars(select(Proposal.id)).first()
    answers, known = Counter[int](), {"slug": round_.slug, "proposal_id": str(plan)}
    rules = [rule for rule in app.url_map.iter_rules() if rule.arguments and rule.arguments <= known.keys()]
    built = [rule.build({name: known[name] for name in rule.arguments}) for rule in rules]
    paths = [one[1] for one in built if one]
    for path in paths:
        answers[browser.raw(path).status_code] += 1
    assert answers[200] > 10
    assert not [status for status in answers if status >= 500]
