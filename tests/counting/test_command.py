"""The command `buurtbegroot count`, as somebody without any set-up runs it."""

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import html5lib
import pytest
from click.testing import CliRunner, Result

from buurtbegroot.cli import main
from buurtbegroot.core.methods import Method
from buurtbegroot.core.pabulib import Beyond, read, read_profile, with_beside, write
from buurtbegroot.core.records import from_plain
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally import count
from buurtbegroot.core.tally.trace import trace_fingerprint
from buurtbegroot.counting.vote import vote_of
from tests.counting.small_votes import APPROVALS, POINTS, RANKS, small


@pytest.fixture
def run(tmp_path: Path) -> Any:
    def run(text: str | bytes, *options: object) -> Result:
        (tmp_path / "vote.pb").write_bytes(text if isinstance(text, bytes) else text.encode())
        return CliRunner().invoke(main, ["count", str(tmp_path / "vote.pb"), *map(str, options)])

    return run


def test_by_the_rule_of_the_file(run: Any) -> None:
    found = run(APPROVALS)
    assert found.exit_code == 0, found.output
    assert "2 winners, 100.50 spent, 0 left" in found.output
    assert "agrees with the 2 winners in the file" in found.output
    assert "withdrawn, so not counted: d" in found.output


def test_what_differs_from_the_file_is_named(run: Any) -> None:
    found = run(APPROVALS.replace("a;60;<b>Bankjes</b>;1", "a;60;x;0"))
    assert "only here: a" in found.output


@pytest.mark.parametrize("rule", ["most_votes", "votes_per_euro", "welfare", "equal_shares", "exact_equal_shares"])
@pytest.mark.parametrize("text", [APPROVALS, POINTS, RANKS], ids=["approval", "points", "ranks"])
def test_every_kind_of_ballot_by_other_rules(run: Any, text: str, rule: str) -> None:
    found = run(text, "--rule", rule, "--certify")
    assert found.exit_code == 0, found.output
    assert ("byte by byte" in found.output) == (rule == "equal_shares")
    assert ("nothing to certify" in found.output) == (rule != "equal_shares")


def test_all_methods_beside_the_first(run: Any) -> None:
    found = run(APPROVALS, "--compare", "all", "--compare", "wieliczka_2023")
    assert found.exit_code == 0, found.output
    for name in ("file", "most_votes", "phragmen", "maximin_support", "bos", "wieliczka_2023"):
        assert f"\n{name} " in found.output
    assert "majority_judgment" not in found.output


def test_all_leaves_out_what_takes_minutes(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    work = {"phragmen": 0}
    monkeypatch.setattr("buurtbegroot.counting.asked.work_of", lambda _, rules: work.get(rules.method, 10**12))
    found = run(APPROVALS, "--compare", "all", "--compare", "maximin_support")
    assert found.exit_code == 0, found.output
    assert "exact_equal_shares: left out of `all`" in found.stderr
    assert "\nbos: left out of `all`" in found.stderr
    assert "\nphragmen " in found.stdout
    assert "\nmaximin_support " in found.stdout


def test_parameters_change_the_rule(run: Any, tmp_path: Path) -> None:
    settings = ("step_cents=none", "utility=count", "ties=listed_first,lot", "min_share=1/2", "requires=[[1,2]]")
    options = [word for one in settings for word in ("--set", one)]
    found = run(APPROVALS, "--rule", "equal_shares", *options, "--trace", tmp_path / "trace.json")
    assert found.exit_code == 0, found.output
    rules = from_plain(CountingRules, json.loads((tmp_path / "trace.json").read_text())["counts"][0]["rules"])
    assert rules.equal_shares is not None
    assert (rules.equal_shares.step_cents, rules.equal_shares.utility, rules.requires) == (None, "count", ((1, 2),))


def test_the_trace_tells_enough_for_a_recount(run: Any, tmp_path: Path) -> None:
    run(APPROVALS, "--rule", "assen_2024", "--trace", tmp_path / "trace.json")
    (counted,) = json.loads((tmp_path / "trace.json").read_text())["counts"]
    vote = vote_of(read_profile(APPROVALS), seed=b"")
    again = count(vote.election, from_plain(CountingRules, counted["rules"]))
    assert trace_fingerprint(again) == counted["outcome_sha256"]


@pytest.mark.parametrize("path", ["numpy", "reference"])
def test_each_path_writes_the_same_trace(run: Any, tmp_path: Path, path: str) -> None:
    for name in ("fastest", path):
        assert run(APPROVALS, "--rule", "equal_shares", "--path", name, "--trace", tmp_path / name).exit_code == 0
    assert (tmp_path / "fastest").read_bytes() == (tmp_path / path).read_bytes()


def test_rules_from_a_file(run: Any, tmp_path: Path) -> None:
    (tmp_path / "rules.json").write_text('{"method": "votes_per_euro", "rest": "stop"}')
    assert "method votes_per_euro\n  rest stop" in run(APPROVALS, "--rule", tmp_path / "rules.json").output


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("rule", ["file", "equal_shares"])
def test_the_report_and_the_picture_stand_by_themselves(run: Any, tmp_path: Path, language: str, rule: str) -> None:
    page, picture = tmp_path / "report.html", tmp_path / "out.svg"
    options = ("--html", page, "--plot", picture, "--language", language)
    assert run(APPROVALS, "--rule", rule, "--compare", "welfare", *options).exit_code == 0
    text = page.read_text(encoding="utf-8")
    html5lib.HTMLParser(strict=True).parse(text)
    assert f'<html lang="{language}">' in text
    assert "&lt;b&gt;Bankjes" in text
    assert "<b>Bankjes" not in text
    assert not any(word in text for word in ("<script", "src=", "@import", "url("))
    ET.fromstring(picture.read_text(encoding="utf-8"))
    assert ("Alle plannen" in text) == (language == "nl")


@pytest.mark.parametrize("rule", Method)
def test_the_report_says_in_words_how_every_method_goes(run: Any, tmp_path: Path, rule: Method) -> None:
    assert run(POINTS, "--rule", rule, "--html", tmp_path / "report.html").exit_code == 0
    html5lib.HTMLParser(strict=True).parse((tmp_path / "report.html").read_text(encoding="utf-8"))
    words = (tmp_path / "report.html").read_text(encoding="utf-8").partition("<h2>De regel</h2>")[2][:120]
    assert "<b>" in words or "gelijk verdeeld" in words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (APPROVALS.replace("5;b,c", "5;b,z"), "line 26, vote"),
        (APPROVALS.replace("budget;100.50", "budget;-1"), "line 9, budget"),
        (APPROVALS.replace("num_votes;5", "num_votes;6"), "line 8, num_votes"),
        (APPROVALS.replace("4;c", "3;c"), "line 25, voter_id"),
        ("", "META"),
        (b"\xff\xfe", "line 1, encoding"),
    ],
)
def test_a_bad_file_gives_line_and_field(run: Any, text: str | bytes, said: str) -> None:
    found = run(text)
    assert found.exit_code == 2
    assert said in found.output
    assert isinstance(found.exception, SystemExit)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--rule", "nonsense"], "no such rule"),
        (["--rule", "absent.json"], "absent.json"),
        (["--rule", "most_votes", "--set", "step_cents=1"], "no rule asked for has this parameter"),
        (["--rule", "equal_shares", "--set", "step_cents=x"], "equal_shares.step_cents"),
        (["--rule", "equal_shares", "--set", "step_cents=0"], "step_cents is 0, expected 1 or more"),
        (["--rule", "equal_shares", "--set", "utility=points"], "needs points"),
        (["--rule", "most_votes", "--set", "ties=listed_first"], "lot not last"),
        (["--rule", "majority_judgment"], "not for ballot"),
        (["--seed", "xyz"], "hexadecimal"),
    ],
)
def test_a_bad_question_gets_an_answer(run: Any, options: list[str], said: str) -> None:
    found = run(APPROVALS, *options)
    assert found.exit_code == 2
    assert said in found.output


@pytest.mark.parametrize("votes", ["voter_id;vote\n", "voter_id;vote\n1;\n", "voter_id;vote\n1;d\n"])
@pytest.mark.parametrize("rule", ["file", "equal_shares", "phragmen", "maximin_support", "exact_equal_shares", "bos"])
def test_nobody_chose_anything(run: Any, votes: str, rule: str) -> None:
    found = run(small(votes), "--rule", rule)
    assert found.exit_code == 0, found.output
    assert "0 winners" in found.output


@pytest.mark.parametrize(
    "rule", ["file", "equal_shares", "wieliczka_2023", "exact_equal_shares", "phragmen", "welfare"]
)
def test_there_is_no_money(run: Any, rule: str) -> None:
    found = run(APPROVALS.replace("budget;100.50", "budget;0"), "--rule", rule)
    assert found.exit_code == 0, found.output
    assert "0 winners, 0 spent, 0 left" in found.output


def test_a_cap_above_the_budget_is_harmless(run: Any) -> None:
    text = APPROVALS.replace("PROJECTS\n", "categories;x\nbudget_per_category;1000\nPROJECTS\n")
    assert "2 winners" in run(text).output


def test_what_stands_beside_the_file_counts(run: Any, tmp_path: Path) -> None:
    beyond = Beyond(
        voter_weights={"4": Fraction(3)},
        exclusive=(("a", "b"),),
        tie_order=("d", "c", "b", "a"),
        seed="00",
    )
    noted, document = with_beside(read(APPROVALS), beyond)
    (tmp_path / "beside.json").write_bytes(document)
    found = run(write(noted), "--beside", tmp_path / "beside.json")
    assert found.exit_code == 0, found.output
    assert "only there: a" in found.output
    assert "c  " in found.output
    assert run(APPROVALS, "--beside", tmp_path / "beside.json").exit_code == 2


def run_apart(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stderr


def test_the_engine_needs_no_flask() -> None:
    run_apart(
        "import sys; from buurtbegroot.core import tally; from buurtbegroot.counting import commands;"
        "assert not {'flask', 'sqlalchemy', 'werkzeug'} & set(sys.modules), 'a framework came along'"
    )


def test_the_command_needs_no_app(tmp_path: Path) -> None:
    (tmp_path / "vote.pb").write_text(APPROVALS)
    run_apart(
        f"import sys; sys.argv[1:] = ['count', {str(tmp_path / 'vote.pb')!r}]\n"
        "from buurtbegroot.__main__ import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "assert not {'flask', 'sqlalchemy', 'werkzeug'} & set(sys.modules), 'a framework came along'"
    )


def test_points_decide_where_a_method_knows_them(run: Any) -> None:
    """b has two voters and c's voter gives more than both together; there is money for one of them."""
    text = small("voter_id;vote;points\n1;b;1\n2;b;1\n3;c;9\n", vote_type="cumulative").replace("t;100.50", "t;50")
    for rule in ("welfare", "bos", "most_votes"):
        found = run(text, "--rule", rule)
        assert "1  c  " in found.output, found.output
    assert "1  b  " in run(text, "--rule", "welfare", "--set", "utility=count").output
    assert "only asks which projects a ballot names" in run(text, "--rule", "phragmen").output


def test_another_score_takes_the_place_of_the_file_s(run: Any) -> None:
    text = small("voter_id;vote\n1;a,b\n2;c,b,a\n", vote_type="ordinal", more="max_length;3\n")
    for row, score in (("selected", "score"), ("Bankjes</b>;1", "4"), ("struiken;1", "4"), ("Speeltuin;0", "3")):
        text = text.replace(f"{row}\n", f"{row};{score}\n")
    text = text.replace("Ingetrokken;0\n", "Ingetrokken;0;\n")
    assert "as the published scores say" in run(text).output
    found = run(text, "--set", "score=borda")
    assert found.exit_code == 0, found.output
    assert "but --set says how ballots score" in found.output
