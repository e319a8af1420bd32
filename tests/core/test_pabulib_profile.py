"""The reader for counting: the same files, errors and warnings as the full one, and arrays instead of voters."""

import csv
import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.pabulib import PbError, PbFile, PbProject, PbVote, ballots, lines, read, read_profile, write
from buurtbegroot.core.pabulib.amounts import decimal, number
from buurtbegroot.core.pabulib.terms import VOTE_TYPES
from tests.core.pabulib_checks import SEEDS, check, groups
from tests.examples import examples
from tests.pace import within

PUBLISHED = Path(__file__).resolve().parents[3] / "shared" / "data" / "pabulib"
FILES = [*sorted(PUBLISHED.glob("*.pb")), *sorted(PUBLISHED.glob("expected/*/pb/*.pb"))]
LISTS = {"vote", "points", "category"}
NUMBERS = {"cost", "votes", "score", "selected", "points"}


def later_if_large(path: Path) -> list[pytest.MarkDecorator]:
    size = path.stat().st_size
    return [pytest.mark.nightly] if size > 1_100_000 else [pytest.mark.slow] if size > 300_000 else []


def is_small(path: Path) -> bool:
    return path.stat().st_size < 6_000


needs_files = pytest.mark.skipif(not FILES, reason=f"the published files are not in {PUBLISHED}")


@needs_files
@pytest.mark.parametrize("path", [pytest.param(path, marks=later_if_large(path), id=path.stem) for path in FILES])
def test_published_files_are_read_alike_and_written_without_loss(path: Path) -> None:
    data = path.read_bytes()
    file = check(data)

    assert file is not None
    assert read(write(file)) == file
    assert tables(write(file)) == tables(data.decode())


def tables(text: str) -> list[dict[str, str]]:
    """Every row by its column names, by the csv module alone, in what the writer is said to change.

    That is: line ends, the order of keys and columns, spaces about cells and after commas, how an amount is spelled.
    """
    meta: dict[str, str] = {}
    rows: list[dict[str, str]] = [meta]
    header: list[str] = []
    for cells in csv.reader(io.StringIO(text, newline=""), delimiter=";"):
        if cells[1:2] and not header:
            header = cells
        elif len(cells) == 1:
            title, header = cells[0], []
        elif title == "META":
            meta[cells[0]] = ";".join(cells[1:]).strip()
        else:
            rows.append({column: plain(column, cell) for column, cell in zip(header, cells, strict=True)})
    return rows


def plain(column: str, cell: str) -> str:
    items = [item.strip() for item in cell.split(",")] if column in LISTS else [cell.strip()]
    return ",".join(decimal(number(item)) if column in NUMBERS and item else item for item in items)


def test_what_a_real_file_says_against_itself() -> None:
    """Oost 2022: five plans were counted twice for the one voter whose ballot names them twice."""
    path = PUBLISHED / "Netherlands_Amsterdam_604.pb"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    warnings = [str(warning) for warning in read(path.read_bytes()).warnings]

    assert "line 26, votes: says 1811, the ballots give 1810" in warnings
    assert "line 1927, vote: project '42346' is named again; only the first time counts" in warnings


@pytest.mark.parametrize("text", SEEDS.values(), ids=SEEDS)
def test_small_files_of_every_type(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ballots, "BATCH", 2)

    assert check(text.encode()) is not None


PIECES = st.sampled_from(
    ['"', ";", ",", "\n", "\r", "\n\n", '"a\nb"', "1,1", "-1", "0.5", "1e9", "9" * 20, "VOTES\n", " ", "é", "\ufeff"]
)


@examples(40)
@given(
    st.sampled_from([*SEEDS.values(), *(path.read_text(encoding="utf-8") for path in FILES if is_small(path))]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), st.text() | PIECES), min_size=1, max_size=4),
    st.integers(1, 3),
)
def test_damaged_files_are_refused_or_read_alike(text: str, changes: list[tuple[float, int, str]], batch: int) -> None:
    for place, length, noise in changes:
        at = int(place * len(text))
        text = text[:at] + noise + text[at + length :]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ballots, "BATCH", batch)
        check(text.encode())


def file_of(vote_type: str, votes: Sequence[str], meta: str = "", costs: Sequence[str] = ("10", "20", "30")) -> str:
    columns = "voter_id;vote;points" if vote_type in {"cumulative", "scoring"} else "voter_id;vote"
    plans = "".join(f"p{place};{cost}\n" for place, cost in enumerate(costs, 1))
    rows = "".join(f"v{place};{vote}\n" for place, vote in enumerate(votes, 1))
    head = f"META\nkey;value\nbudget;100\nvote_type;{vote_type}\n{meta}"
    return f"{head}PROJECTS\nproject_id;cost\n{plans}VOTES\n{columns}\n{rows}"


def test_equal_ballots_are_one_row_whatever_their_order() -> None:
    profile = read_profile(file_of("approval", ["p3,p1", "p2", "", "p1, p3", "p2", "p3,p1,p3"]))

    assert groups(profile) == {(("p1", "p3"), None): 3, (("p2",), None): 2, ((), None): 1}
    assert (profile.voters, profile.points, profile.scale) == (6, None, 1)
    assert [str(warning) for warning in profile.warnings][-2:] == [
        "line 14, vote: fewer projects than min_length, 1",
        "line 17, vote: project 'p3' is named again; only the first time counts",
    ]


def test_ranked_ballots_keep_their_order() -> None:
    profile = read_profile(file_of("ordinal", ["p3,p1", "p1,p3", "p3,p1,p3"]))

    assert groups(profile) == {(("p3", "p1"), None): 2, (("p1", "p3"), None): 1}


def test_points_below_zero_and_between_are_exact() -> None:
    text = file_of("scoring", ["p3,p1;-1,0.25", "p1,p3;0,25,-1".replace("0,25", "0.250"), "p2;3"])
    profile, file = read_profile(text), read(text)

    assert groups(profile) == {
        (("p1", "p3"), (Fraction(1, 4), Fraction(-1))): 2,
        (("p2",), (Fraction(3),)): 1,
    }
    assert (profile.scale, file.votes[0].points) == (4, (-1, Fraction(1, 4)))
    assert "v1;p3,p1;-1,0.25\n" in write(file)


@pytest.mark.parametrize("vote_type", VOTE_TYPES)
def test_no_voters_no_projects_and_no_budget_are_outcomes_of_their_own(vote_type: str) -> None:
    for text in (file_of(vote_type, []), file_of(vote_type, [], costs=())):
        profile = read_profile(text.replace("budget;100", "budget;0"))
        assert (profile.voters, profile.terms.budget, profile.starts.tolist()) == (0, 0, [0])
        assert check(text.encode()) is not None


def test_a_withdrawn_plan_is_told_by_its_cost() -> None:
    assert [plan.withdrawn for plan in read(file_of("approval", [], costs=("999999999", "1"))).projects] == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("meta", "bad", "expected"),
    [
        ("max_length;1", "p1,p2", "more projects than max_length, 1"),
        ("min_length;1", "", "fewer projects than min_length, 1"),
        ("max_sum_cost;29,99", "p1,p2", "costs more than max_sum_cost, 29.99"),
        ("min_sum_cost;11", "p1", "costs less than min_sum_cost, 11"),
    ],
)
def test_a_ballot_beyond_a_limit_is_a_warning_with_its_lines(meta: str, bad: str, expected: str) -> None:
    file = check(file_of("approval", ["p2", bad, bad], meta + "\n").encode())

    assert file is not None
    assert [str(warning) for warning in file.warnings if warning.field == "vote"] == [f"line 14, 15, vote: {expected}"]


@pytest.mark.parametrize(
    ("meta", "vote", "expected"),
    [
        ("max_points;2.5", "p1,p2;2.5,2.500001", "more points than max_points, 2.5"),
        ("min_points;0", "p1;-0.5", "fewer points than min_points, 0"),
        ("language;nl", "p1;-0.5", "fewer points than min_points, 0"),
        ("max_sum_points;3", "p1,p2;2,2", "more points than max_sum_points, 3"),
        ("min_sum_points;1", "p1,p2;0.5,0", "fewer points than min_sum_points, 1"),
    ],
)
def test_points_beyond_a_limit_are_a_warning(meta: str, vote: str, expected: str) -> None:
    file = check(file_of("cumulative", [vote, "p1;1"], meta + "\n").encode())

    assert file is not None
    assert [str(warning) for warning in file.warnings if warning.field == "points"] == [f"line 13, points: {expected}"]


@pytest.mark.parametrize(
    ("meta", "line", "field"),
    [
        ("min_length;-1", 5, "min_length"),
        ("max_length;twee", 5, "max_length"),
        ("max_sum_cost;-3", 5, "max_sum_cost"),
        ("max_sum_points;1;2", 5, "max_sum_points"),
        ("default_score;x", 5, "default_score"),
        ("default_score;1000001", 5, "default_score"),
        ("default_score;0.0000001", 5, "default_score"),
        ("fully_funded;2", 5, "fully_funded"),
        ("categories;a,b,a", 5, "categories"),
        ("budget_per_category;1,2", 5, "budget_per_category"),
        ("categories;a,b\nbudget_per_category;1,2,3", 6, "budget_per_category"),
        ("neighborhoods;a,b\nbudget_per_neighborhood;1", 6, "budget_per_neighborhood"),
    ],
)
def test_a_term_on_which_a_count_depends_must_be_readable(meta: str, *, line: int, field: str) -> None:
    with pytest.raises(PbError) as caught:
        read_profile(file_of("approval", ["p1"], meta + "\n"))

    assert (caught.value.line, caught.value.field) == (line, field)


@pytest.mark.parametrize("cost", ["-1", "1e3", "1000000000000.01", "9" * 5000, "", "nan", "1_0"])
def test_a_negative_or_absurd_cost_is_refused(cost: str) -> None:
    for reader in (read, read_profile):
        with pytest.raises(PbError, match="line 8, cost: "):
            reader(file_of("approval", ["p1"], costs=("10", cost)))


@pytest.mark.parametrize("given", ["1000001", "-1000000.5", "0.0000001", "1e3", "x", "1/3"])
def test_absurd_points_are_refused(given: str) -> None:
    for reader in (read, read_profile):
        with pytest.raises(PbError, match="line 12, points: "):
            reader(file_of("scoring", [f"p1;{given}"]))


def test_what_a_ballot_does_not_name_is_scaled_like_what_it_names() -> None:
    profile = read_profile(file_of("scoring", ["p1;2"], "default_score;0.5\n"))

    assert (profile.scale, profile.points.tolist() if profile.points is not None else None) == (2, [4])


def test_bytes_that_are_not_utf8_name_their_line() -> None:
    with pytest.raises(PbError, match="line 6, encoding: "):
        read(file_of("approval", ["p1"]).encode().replace(b"project_id", b"project\xff", 1))


def test_errors_far_into_a_file_name_their_line() -> None:
    votes = ["p1,p2"] * (ballots.BATCH + 5)
    for place in (7, ballots.BATCH + 2):
        text = file_of("approval", [*votes[:place], "p1,p9", *votes[place:]])
        with pytest.raises(PbError, match=f"line {12 + place}, vote: project 'p9'"):
            read_profile(text)
    again = file_of("approval", votes) + "v3;p1\n"
    with pytest.raises(PbError, match=f"line {12 + len(votes)}, voter_id: 'v3'"):
        read_profile(again)


@pytest.mark.speed
@pytest.mark.slow
def test_a_hundred_thousand_ballots_are_grouped_in_half_a_second() -> None:
    projects = tuple(PbProject(str(number), 100_000) for number in range(200))
    draw = np.random.default_rng(7).random((100_000, 200)).argpartition(8)[:, :8]
    votes = tuple(PbVote(f"v{voter}", tuple(map(str, row))) for voter, row in enumerate(draw.tolist()))
    meta = {"budget": "1000", "vote_type": "approval", "max_length": "8", "max_sum_cost": "8000"}
    text = [f"{line}\n" for line in lines(PbFile(meta, projects, votes))]

    profile = within(0.52, lambda: read_profile(text))

    assert (profile.voters, len(profile.plans)) == (100_000, 800_000)
