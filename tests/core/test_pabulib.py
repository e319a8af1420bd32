"""The .pb reader and writer: own fixture, published files when at hand, and what it refuses."""

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.pabulib import PbError, PbFile, PbProject, PbVote, cents, euros, lines, read, read_profile, write
from tests.pace import within

KNAPSACK = """\
META
key;value
description;Buurtbudget Voorbeeldbuurt
country;Netherlands
unit;Amsterdam
instance;2026
num_projects;3
num_votes;3
budget;10000,50
vote_type;approval
rule;greedy
date_begin;01.05.2026
date_end;20.05.2026
max_sum_cost;10000,50
comment;#1: A hand-made example.
local_note;kept
PROJECTS
project_id;cost;votes;name;category;selected;colour
1;5000;3;"Bankjes; ""mooie"" bankjes";Groen,Samen;1;rood
2;4999.5;2;Tuin  met dubbele spatie;Groen;1;
3;7000,25;0;Feest;;0;
VOTES
voter_id;vote;age
a;1,2;44
b;1, 2;
c;1;18
"""

POINTS = """\
META
key;value
description;x
num_projects;2
num_votes;2
budget;10
vote_type;{vote_type}
PROJECTS
project_id;cost;score
p;5;4
q;6;2
VOTES
voter_id;vote;points
1;q,p;2,1
2;p;3
"""


def test_reads_every_part_of_a_file() -> None:
    file = read(KNAPSACK)

    assert (file.budget, file.vote_type, file.meta["local_note"]) == (1_000_050, "approval", "kept")
    assert file.projects[0] == PbProject(
        "1",
        500_000,
        votes=3,
        name='Bankjes; "mooie" bankjes',
        category=("Groen", "Samen"),
        selected=1,
        extra={"colour": "rood"},
    )
    assert [project.cost for project in file.projects] == [500_000, 499_950, 700_025]
    assert file.votes[1] == PbVote("b", ("1", "2"), None, {"age": ""})


@pytest.mark.parametrize("vote_type", ["ordinal", "cumulative", "scoring"])
def test_reads_points_beside_the_choices_in_their_order(vote_type: str) -> None:
    file = read(POINTS.format(vote_type=vote_type))

    assert file.votes[0] == PbVote("1", ("q", "p"), (2, 1))
    assert read(write(file)) == file


def test_choose_one_and_ordinal_need_no_points() -> None:
    text = POINTS.replace(";points", "").replace("q,p;2,1", "q").replace("p;3", "p")
    for vote_type in ("choose-1", "ordinal"):
        assert [vote.choices for vote in read(text.format(vote_type=vote_type)).votes] == [("q",), ("p",)]


def test_line_ends_byte_order_mark_blank_lines_and_streams_make_no_difference() -> None:
    file = read(KNAPSACK)

    assert read("\ufeff" + KNAPSACK.replace("\n", "\r\n")) == file
    assert read(KNAPSACK.replace("VOTES\n", "\nVOTES\n") + "\n\n") == file
    assert read(iter(KNAPSACK.splitlines(keepends=True))) == file


def test_writing_is_canonical_and_reads_back_equal() -> None:
    file = read(KNAPSACK)
    text = write(file)

    assert read(text) == file
    assert write(read(text)) == text
    assert text.splitlines() == list(lines(file))
    assert '1;5000;3;"Bankjes; ""mooie"" bankjes";Groen,Samen;1;rood' in text
    assert "2;4999.50;2;Tuin  met dubbele spatie;Groen;1;" in text


@pytest.mark.parametrize(
    ("old", "new", "line", "field"),
    [
        ("META\n", "", 1, "META"),
        ("budget;10000,50", "budget;veel", 9, "budget"),
        ("budget;10000,50\n", "", 15, "budget"),
        ("vote_type;approval", "vote_type;likes", 10, "vote_type"),
        ("num_votes;3", "num_votes;4", 8, "num_votes"),
        ("num_projects;3", "num_projects;drie", 7, "num_projects"),
        ("unit;Amsterdam", "country;Amsterdam", 5, "country"),
        ("project_id;cost", "project_id;price", 18, "PROJECTS"),
        ("2;4999.5;", "2;4999.555;", 20, "cost"),
        ("2;4999.5;2;", "2;4999.5;twee;", 20, "votes"),
        ("2;4999.5;2;", "2;4999.5;-2;", 20, "votes"),
        ("2;4999.5;", "1;4999.5;", 20, "project_id"),
        (";;0;\n", ";;0\n", 21, "colour"),
        (";;0;\n", ";;0;\n4,5;1;0;x;;0;\n", 22, "project_id"),
        ("selected;colour", "selected;selected", 18, "PROJECTS"),
        ("voter_id;vote;age", "voter_id;vote;vote", 23, "VOTES"),
        ("b;1, 2;", ";1, 2;", 25, "voter_id"),
        ("VOTES\n", "", 22, "name"),
        ("voter_id;", "voter;", 23, "VOTES"),
        ("a;1,2;44", "a;1,9;44", 24, "vote"),
        ("b;1, 2;", "a;1, 2;", 25, "voter_id"),
        ("c;1;18", "c;1", 26, "age"),
        ("c;1;18", 'c;1;"18', 26, "quotes"),
    ],
)
def test_an_error_names_its_line_and_field(old: str, new: str, *, line: int, field: str) -> None:
    with pytest.raises(PbError) as caught:
        read(KNAPSACK.replace(old, new, 1))

    assert (caught.value.line, caught.value.field) == (line, field)
    assert str(caught.value).startswith(f"line {line}, {field}: ")


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("1;5000;3;", "1;0;3;", 19, "cost: it costs nothing"),
        ("local_note;kept", "min_project_cost;4999,51", 20, "cost: less than min_project_cost, 4999.51"),
        ("local_note;kept", "max_project_cost;7000,24", 21, "cost: more than max_project_cost, 7000.24"),
        ("local_note;kept", "categories;Groen", 19, "category: 'Samen' is not in META's categories"),
        ("01.05.2026", "mei 2026", 12, "date_begin: 'mei 2026' is neither dd.mm.yyyy nor yyyy"),
        ("a;1,2;44", "a;1,2,1;44", 24, "vote: project '1' is named again; only the first time counts"),
    ],
)
def test_what_a_file_says_against_itself_is_noticed(old: str, new: str, *, line: int, said: str) -> None:
    assert read(KNAPSACK).warnings == ()
    assert [str(one) for one in read(KNAPSACK.replace(old, new, 1)).warnings] == [f"line {line}, {said}"]


def test_a_project_of_exactly_the_bounds_is_not_noticed() -> None:
    bounds = "min_project_cost;4999,50\nmax_project_cost;7000,25\ncategories;Groen,Samen"
    assert read(KNAPSACK.replace("local_note;kept", bounds)).warnings == ()


def test_columns_that_mean_nothing_here_are_noticed() -> None:
    text = (
        KNAPSACK.replace(";age", ";points")
        .replace(";44", ';"1,1"')
        .replace("b;1, 2;", 'b;1, 2;"1,1"')
        .replace(";18", ";1")
    )
    assert [one.field for one in read(text).warnings] == ["points"]
    placed = KNAPSACK.replace(";colour", ";neighborhood").replace("local_note;kept", "neighborhoods;West,Oost")
    assert [one.field for one in read(placed.replace(";rood", ";Zuid")).warnings] == ["neighborhood"]
    assert read(placed.replace(";rood", ";Oost")).warnings == ()


def test_an_error_is_no_longer_than_a_few_lines() -> None:
    for damaged in ("x" * 10**6, KNAPSACK.replace("a;1,2", "a;" + "9" * 10**6), KNAPSACK.replace("unit;", "x" * 10**6)):
        with pytest.raises(PbError) as caught:
            read(damaged + "\nunit;\n")
        assert len(str(caught.value)) < 1000


def test_as_many_points_as_projects_are_needed() -> None:
    text = POINTS.format(vote_type="cumulative")

    with pytest.raises(PbError, match="line 14, points: 1 numbers for 2 projects"):
        read(text.replace("2,1", "2"))
    with pytest.raises(PbError, match=r"line 14, points: 'x' is not a number"):
        read(text.replace("2,1", "2,x"))
    with pytest.raises(PbError, match="the column 'points' is missing"):
        read(text.replace(";points", "").replace(";2,1", "").replace("p;3", "p"))


def test_a_quoted_cell_may_run_over_lines_and_later_errors_keep_their_line() -> None:
    text = KNAPSACK.replace('bankjes"', 'bankjes\nen meer"')

    assert read(text).projects[0].name == 'Bankjes; "mooie" bankjes\nen meer'
    assert "bankjes en meer" in write(read(text))
    with pytest.raises(PbError, match="line 26, vote:"):
        read(text.replace("b;1, 2;", "b;8;"))


@pytest.mark.parametrize("section", ["META", "PROJECTS", "VOTES"])
def test_a_file_that_ends_too_soon_names_the_missing_section(section: str) -> None:
    with pytest.raises(PbError, match=f"{section}: this section is missing"):
        read(KNAPSACK.partition(f"{section}\n")[0])


@given(st.integers(0, len(KNAPSACK)), st.integers(0, 40), st.text(alphabet=';",.-_\n 19aMETVOS', max_size=12))
def test_a_damaged_file_is_read_or_refused_in_words(place: int, length: int, noise: str) -> None:
    with contextlib.suppress(PbError):
        read(KNAPSACK[:place] + noise + KNAPSACK[place + length :])


@given(st.integers(0, 10**12))
def test_amounts_survive_exactly(amount: int) -> None:
    assert cents(euros(amount)) == amount


@pytest.mark.parametrize("text", ["", "-1", "1e3", "1.005", "1.000.000", "1,5,5", "١", "€ 5"])
def test_other_amounts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        cents(text)


@pytest.mark.speed
@pytest.mark.slow
def test_a_hundred_thousand_ballots_are_read_in_half_a_second() -> None:
    projects = tuple(PbProject(str(number), 100_000) for number in range(200))
    votes = tuple(
        PbVote(f"v{voter}", tuple(str((voter * 7 + step * step * 13) % 200) for step in range(8)))
        for voter in range(100_000)
    )
    meta = {"num_projects": "200", "num_votes": "100000", "budget": "1000", "vote_type": "approval"}
    text = write(PbFile(meta, projects, votes))

    file = within(0.52, lambda: read(text))

    assert file.votes == votes


def test_a_vote_without_points_beside_votes_with_points_keeps_its_place() -> None:
    file = read(POINTS.format(vote_type="cumulative"))
    emptied = replace(file, votes=(file.votes[0], PbVote("2", (), ())))

    assert read(write(emptied)) == emptied


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('"Ons" plein', '"Ons" plein'),
        ('"Ons plein', '"Ons plein'),
        ('"Ons" plein en "hun" park', '"Ons" plein en "hun" park'),
        ('"', '"'),
        ('"""Ons"" plein"', '"Ons" plein'),
        ('"Ons; plein"', "Ons; plein"),
        ('Ons "plein"', 'Ons "plein"'),
    ],
)
def test_a_name_may_begin_with_a_quote(written: str, name: str) -> None:
    """Beside it another cell is quoted as it should be, and the lines after it are there."""
    head = "META\nkey;value\ndescription;{}\nbudget;9\nvote_type;approval\nPROJECTS\nproject_id;cost;name;place\n"
    rows = "".join(f'{number};1;{written};"x; ""y"""\n' for number in range(3))
    text = head.format(written) + rows + "VOTES\nvoter_id;vote\nv;1\n"
    for file in (read(text), read_profile(text)):
        assert [project.name for project in file.projects] == [name] * 3
        assert {project.extra["place"] for project in file.projects} == {'x; "y"'}
    assert read(write(read(text))) == read(text)


@pytest.mark.parametrize("place", [0, 1, 5_000])
def test_thousands_of_stray_quotes_are_read_line_by_line(place: int) -> None:
    rows = "".join(f'{number};1;"plan {number}\n' for number in range(10_000)).replace(f'"plan {place}\n', "x\n")
    head = "META\nkey;value\nbudget;9\nvote_type;approval\nPROJECTS\nproject_id;cost;name\n"
    file = read(f"{head}{rows}VOTES\nvoter_id;vote\nv;1,7\n")
    assert (len(file.projects), file.projects[place].name, file.votes[0].choices) == (10_000, "x", ("1", "7"))
