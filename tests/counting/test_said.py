"""What the command says beside the winners: what it had to suppose, what it left out, how pots come together."""

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pabulib.checker import Checker

from buurtbegroot.core.pabulib import Beyond, read, with_beside, write
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rules import Pot
from buurtbegroot.core.tally.knapsack import TooHardError
from buurtbegroot.counting import commands
from buurtbegroot.counting.commands import command
from tests.counting.small_votes import APPROVALS, POINTS, RANKS, small

Run = Callable[..., Result]
PLANS = {
    "a": Plan(id=7, cost_cents=6_000, theme="groen"),
    "b": Plan(id=5, cost_cents=4_050, theme="sport"),
    "c": Plan(id=9, cost_cents=4_100, theme="sport"),
    "d": Plan(id=2, cost_cents=99_999_999_900, theme="groen"),
}
POTS = (Pot(id="groen", name="Groen", cents=6_000), Pot(id="sport", name="Sport & spel", cents=4_050))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(text: str, *options: object, beyond: Beyond | None = None) -> Result:
        beside: list[object] = []
        if beyond is not None:
            noted, document = with_beside(read(text), beyond)
            text, beside = write(noted), ["--beside", tmp_path / "beside.json"]
            (tmp_path / "beside.json").write_bytes(document)
        (tmp_path / "vote.pb").write_text(text, encoding="utf-8")
        return CliRunner().invoke(command, [str(tmp_path / "vote.pb"), *map(str, (*beside, *options))])

    return run


def said(found: Result) -> str:
    assert found.exit_code == 0, found.output
    return found.output


def test_pots_are_counted_apart_and_added_up(run: Run, tmp_path: Path) -> None:
    beyond = Beyond(plans=PLANS, pots=POTS, pots_by=Grouping.THEME, parameters={"method": "most_votes"})
    output = said(run(APPROVALS, "--html", tmp_path / "out.html", "--plot", tmp_path / "out.svg", beyond=beyond))
    assert "by the parameters beside the file, each of 2 pots apart" in output
    assert "Pot: Groen, 1 projects, budget 60" in output
    assert "Pot: Sport & spel, 2 projects, budget 40.50" in output
    assert "all pots: 2 winners, 100.50 spent, 0 left" in output
    assert "Sport &amp; spel" in (tmp_path / "out.html").read_text(encoding="utf-8")


def test_one_pot_needs_no_heading(run: Run) -> None:
    pots = (Pot(id="alles", name="Alles", cents=10_050),)
    output = said(run(APPROVALS, beyond=Beyond(plans=PLANS, pots=pots, parameters={"method": "most_votes"})))
    assert "all as one pot" in output
    assert "Pot:" not in output
    assert "all pots" not in output


def test_a_cap_on_a_theme_that_no_project_has_is_told(run: Run) -> None:
    parameters = {"method": "most_votes", "theme_caps": '{"water":100,"groen":6000}', "area_minimums": '{"Oost":1}'}
    output = said(run(APPROVALS, beyond=Beyond(plans=PLANS, parameters=parameters)))
    assert "no project is in theme water, so a cap or minimum for that does nothing" in output
    assert "no project is in area Oost, so a cap or minimum for that does nothing" in output


@pytest.mark.parametrize(("threshold", "winners"), [("2", 2), ("2.5", 1), ("3.01", 0)])
def test_the_threshold_of_the_file_holds_beside_parameters_too(run: Run, threshold: str, winners: int) -> None:
    text = small("voter_id;vote\n1;a,b\n2;a,b\n3;a\n4;c\n", more=f"min_project_score_threshold;{threshold}\n")
    output = said(run(text, beyond=Beyond(parameters={"method": "most_votes"})))
    assert f"\n{winners} winners" in output


def test_minimums_are_counted_before_the_rest(run: Run) -> None:
    parameters = {"method": "most_votes", "theme_minimums": '{"sport":4100}'}
    output = said(run(APPROVALS, beyond=Beyond(plans=PLANS, parameters=parameters)))
    assert "theme_minimums {'sport': 4100}" in output


@pytest.mark.parametrize(
    ("rule", "note"),
    [
        ("Equal Shares", "'Equal Shares' is no rule of the format; nearest: equalshares"),
        ("greedy_threshold", "nearest: greedy-threshold"),
        ("mes-add1", "nearest: equalshares/add1"),
        ("Greedy", "nearest: greedy"),
        ("raindance", "known: greedy, greedy-no-skip, "),
        ("greedy-custom", "Known by name (--rule): poznan"),
        ("greedy-exclusive", "which projects exclude each other is not in the file"),
        ("greedy-threshold", "min_project_score_threshold is missing"),
    ],
)
def test_a_rule_that_nobody_knows_or_that_asks_for_more_is_refused(run: Run, rule: str, note: str) -> None:
    text = APPROVALS.replace("rule;greedy", f"rule;{rule}")
    found = run(text)
    assert found.exit_code == 2
    assert note in found.output
    assert "--rule" in found.output
    assert "2 winners" in said(run(text, "--rule", "most_votes", "--compare", "all"))


def test_every_rule_of_the_format_is_known_or_asks_for_what_it_lacks(run: Run) -> None:
    for rule in Checker.VALID_RULES:
        found = run(APPROVALS.replace("rule;greedy", f"rule;{rule}"))
        assert "is no rule of the format" not in found.output
        assert found.exit_code == (2 if rule in {"greedy-custom", "greedy-exclusive", "greedy-threshold"} else 0)


def test_a_rule_that_says_nothing_is_counted_and_told(run: Run) -> None:
    for rule in ("unknown", ""):
        told = f"the rule {rule!r} says nothing to count by: most votes, passing over"
        assert told in said(run(APPROVALS.replace("rule;greedy", f"rule;{rule}")))


def test_a_place_with_a_rule_of_its_own_is_known_by_its_name(run: Run) -> None:
    text = APPROVALS.replace("rule;greedy", "rule;greedy-custom")
    by_file = said(run(text.replace("unit;Dorp", "unit;Poznań")))
    assert "taken for the rule poznan, as the file is of Poznań" in by_file
    for output in (by_file, said(run(text, "--rule", "poznan"))):
        assert "top_up_from 4/5" in output


@pytest.mark.parametrize("rule", ["greedy-threshold", "greedy-exclusive"])
def test_a_rule_that_has_all_it_asks_for_is_counted(run: Run, rule: str) -> None:
    text = APPROVALS.replace("rule;greedy\n", f"rule;{rule}\nmin_project_score_threshold;2\n")
    assert "winners" in said(run(text, beyond=Beyond(exclusive=(("a", "b"),))))


@pytest.mark.parametrize("preset", ["pabutools", "pabutools_one_percent"])
def test_a_plan_is_worth_its_points_where_pabutools_says_so(run: Run, preset: str) -> None:
    output = said(run(POINTS, "--rule", preset))
    assert "and a funded project is worth its points\n" in output
    assert "utility points," in output


def test_what_is_asked_for_by_a_wrong_name_gets_the_nearest(run: Run) -> None:
    assert "nearest: equalshares_net" in run(APPROVALS, "--rule", "equal-shares.net").output
    assert "nearest: most_votes" in run(APPROVALS, "--rule", "mostvotes").output
    assert "nearest: min_votes" in run(APPROVALS, "--set", "minvotes=2").output


def test_projects_that_exclude_each_other_beside_the_file_leave_nothing_open(run: Run) -> None:
    text = APPROVALS.replace("rule;greedy", "rule;greedy-exclusive")
    output = said(run(text, beyond=Beyond(exclusive=(("a", "b"),))))
    assert "is not in the file" not in output
    assert "incompatible" in output


@pytest.mark.parametrize(
    "beyond",
    [
        Beyond(voter_weights={"4": Fraction(7, 2)}),
        Beyond(exclusive=(("a", "b"),)),
        Beyond(requires=(("a", "b"),)),
        Beyond(tie_order=("c", "b", "a", "d")),
        Beyond(seed="00"),
        Beyond(parameters={"method": "phragmen"}),
        Beyond(plans=PLANS),
    ],
    ids=lambda beyond: next(name for name in Beyond.__slots__ if getattr(beyond, name)),
)
def test_a_comment_that_tells_of_a_document_is_noticed_without_it(run: Run, beyond: Beyond) -> None:
    noted, _document = with_beside(read(APPROVALS), beyond)
    missed = "without the JSON beside the file (--beside) that is not known"
    assert missed in said(run(write(noted)))
    assert missed not in said(run(APPROVALS, beyond=beyond))


def test_parameters_of_another_program_are_told(run: Run) -> None:
    output = said(run(APPROVALS, beyond=Beyond(parameters={"zeta": "1", "alpha": "2"})))
    assert "parameters beside the file that are no rules of ours: alpha, zeta" in output


def test_rankings_hold_no_grades(run: Run) -> None:
    found = run(RANKS, "--rule", "majority_judgment")
    assert found.exit_code == 2
    assert "rankings hold no grades" in found.output


def test_a_name_that_occurs_twice_in_a_rule_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rule.json").write_text('{"min_votes": 1, "min_votes": 2}')
    found = run(APPROVALS, "--rule", tmp_path / "rule.json")
    assert found.exit_code == 2
    assert "a name occurs twice in an object" in found.output


def many(projects: int, *, voters: Callable[[int], int], more: str = "") -> str:
    """Return a file of projects of one price; it names no winners, and its categories are those of no project."""
    votes = [f"{number}-{voter};p{number}\n" for number in range(projects) for voter in range(voters(number))]
    listed = "".join(f"p{number};10;Plan {number};soort {number}\n" for number in range(projects))
    head = small(f"voter_id;vote\n{''.join(votes)}", more=more).split("PROJECTS")[0].replace("s;4", f"s;{projects}")
    return f"{head}PROJECTS\nproject_id;cost;name;category\n{listed}VOTES\nvoter_id;vote\n{''.join(votes)}"


def test_of_many_ties_the_first_are_listed_and_the_rest_counted(run: Run) -> None:
    output = said(run(many(14, voters=lambda number: 1 + number // 2)))
    assert "winners in the file" not in output
    assert output.count("tie, in this order by listed first: p") == 5
    assert "and 2 more ties" in output


def test_of_many_oddities_the_first_are_listed_and_the_rest_counted(run: Run, tmp_path: Path) -> None:
    found = run(many(14, voters=lambda _number: 1, more="categories;iets anders\n"), "--html", tmp_path / "out.html")
    assert said(found)
    assert found.stderr.count("is not in META's categories") == 10
    assert "note: and 4 more of such; the report (--html) has them all" in found.stderr
    assert (tmp_path / "out.html").read_text(encoding="utf-8").count("soort 13") == 1


def test_what_is_too_hard_is_left_out_and_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_hard(*_asked: object, **_more: object) -> None:
        raise TooHardError

    monkeypatch.setattr(commands, "counted", too_hard)
    found = run(APPROVALS, "--rule", "welfare")
    assert found.exit_code == 1
    assert "welfare: too hard for these projects, so left out" in found.output


def table_of(found: Result) -> list[str]:
    return said(found).splitlines()


@pytest.mark.parametrize(("code", "means"), [(2, "paid in part or from other money"), (3, "paid from a reserve")])
def test_projects_paid_from_elsewhere_do_not_differ(run: Run, tmp_path: Path, code: int, means: str) -> None:
    text = APPROVALS.replace("Speeltuin;0", f"Speeltuin;{code}")
    output = said(run(text, "--html", tmp_path / "out.html"))
    assert "agrees with the 2 winners in the file" in output
    assert f"marked {code} in the file ({means}): c; of these funded here: none" in output
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "Dezelfde winnaars." in page
    assert f"(code {code}): c" in page


def test_a_marked_project_that_the_rule_funds_too_is_told(run: Run) -> None:
    output = said(run(APPROVALS.replace("struiken;1", "struiken;2")))
    assert "agrees with the 1 winners in the file" in output
    assert "): b; of these funded here: b" in output


def test_a_code_that_nobody_knows_is_told_by_its_number(run: Run) -> None:
    assert "marked 7 in the file (see its comment): c" in said(run(APPROVALS.replace("Speeltuin;0", "Speeltuin;7")))


@pytest.mark.parametrize("empty", ["0", ""])
def test_a_file_without_winners_is_not_compared_with(run: Run, tmp_path: Path, empty: str) -> None:
    text = (
        APPROVALS.replace("ken;1", f"ken;{empty}")
        .replace("jes</b>;1", f"jes</b>;{empty}")
        .replace(";0\n", f";{empty}\n")
    )
    output = said(run(text, "--html", tmp_path / "out.html"))
    assert "the file names no winners" in output
    assert "differs" not in output
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    assert "Het bestand noemt geen winnaars." in page
    assert "Alleen hier:" not in page


@pytest.mark.parametrize(("text", "name"), [(APPROVALS, "votes"), (POINTS, "points"), (RANKS, "points")])
def test_points_are_never_called_votes(run: Run, tmp_path: Path, text: str, name: str) -> None:
    output = said(run(text, "--html", tmp_path / "out.html", "--language", "en"))
    header = next(line for line in output.splitlines() if line.startswith("rank"))
    assert header.split()[3] == name
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    other = {"votes": "Points", "points": "Votes"}[name]
    assert f">{name.title()}</th>" in page
    assert f">{other}</th>" not in page
    assert f">{name.title()} per plan</text>" in page
    assert f">{other} per" not in page


WON_BY_FEWER = "".join(
    [
        *(f"a{number};a,c\n" for number in range(731)),
        *(f"b{number};b{',d' if number < 10 else ''}\n" for number in range(416)),
    ]
)
"""731 buy c of 600 and keep 131 for a of 700; 416 buy b; what is left is enough for d."""


def test_why_a_plan_with_more_votes_lost_stands_in_the_report(run: Run, tmp_path: Path) -> None:
    text = small(f"voter_id;vote\n{WON_BY_FEWER}").replace("budget;100.50", "budget;1147")
    listed = text[text.index("a;60") : text.index("VOTES")]
    text = text.replace(listed, "a;700;Aa;0\nb;416;Bee;1\nc;600;Cee;1\nd;100;Dee;1\n")
    settings = ("--rule", "equal_shares", "--set", "step_cents=none", "--html", tmp_path / "out.html")
    rows = table_of(run(text, *settings))
    assert [row.split()[1] for row in rows if row.endswith("from what was left")] == ["d"]
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    missed = page.partition("Wat kiezers niet kochten")[2].partition("</table>")[0]
    cells = [re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row) for row in missed.split("<tr")[2:]]
    assert cells == [
        ["Dee", "–", "0", "100", "100", "Betaald uit wat over was"],
        ["Aa", "1", "131", "700", "569", "Krijgt niets"],
    ]
