"""The winners in real files beside those of the rule that each file names; skipped without ../shared/data."""

from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from pabulib.checker import Checker

from buurtbegroot.core.pabulib import read, read_profile, write
from buurtbegroot.counting.asked import asked
from buurtbegroot.counting.counted import Counted, counted
from buurtbegroot.counting.progress import Progress
from buurtbegroot.counting.vote import Vote, vote_of
from tests.core.real_ballots import FOLDER

pytestmark = pytest.mark.slow  # together they take seconds

NO_RULE = "Hungary_Budapest_2024"
"""Has official winners, but says `unknown` where its rule should be."""
OPEN = "greedy-exclusive"
"""Which projects exclude each other is not in the format: these are counted as if none do, by another name."""

CHECKED = (
    "Netherlands_Amsterdam_490",
    "Netherlands_Amsterdam_643",
    "Netherlands_Assen_2024",
    "Poland_Gdynia_2020_Cisowa__small",
    "Poland_Katowice_2021_Osiedle_Witosa",
    "Poland_Krakow_2022_Podgorze_Duchackie",
    "Poland_Poznan_2025_9_-_Stare_Miasto__small",
    "Poland_Wroclaw_2017_Rejon_nr_11_750",
)
"""Every rule and kind of ballot that the checker counts again, in files that it is done with in seconds."""


def cases() -> Iterator[Any]:
    if not FOLDER.is_dir():
        yield pytest.param(b"", id="no files", marks=pytest.mark.skip("the real ballots are not beside this checkout"))
    yield from (pytest.param(path.read_bytes(), id=path.stem) for path in sorted(FOLDER.glob("*.pb")))


def by_own_rule(data: bytes) -> tuple[Vote, Counted]:
    vote = vote_of(read_profile(data), seed=b"")
    (own,) = asked(("most_votes",) if vote.terms.rule == OPEN else (), {}, vote)
    return vote, counted(own, vote, path="fastest", certify=False, progress=Progress())


def test_fourteen_files_have_winners_and_one_of_them_no_rule() -> None:
    if not FOLDER.is_dir():
        pytest.skip("the real ballots are not beside this checkout")
    files = {path.stem: read_profile(path.read_bytes()) for path in FOLDER.glob("*.pb")}
    official = {
        name: file.terms.rule for name, file in files.items() if any(one.selected is not None for one in file.projects)
    }
    assert len(official) == 14
    assert [name for name, rule in official.items() if rule == "unknown"] == [NO_RULE]


@pytest.mark.parametrize("data", list(cases()))
def test_the_official_winners_are_those_of_the_files_rule(data: bytes) -> None:
    vote, found = by_own_rule(data)
    if vote.terms.rule == "unknown":
        assert any("says nothing to count by" in note for note in found.asked.notes)
    elif vote.selected:
        assert found.winners == vote.selected


@pytest.mark.parametrize("name", CHECKED)
def test_the_checker_accepts_our_winners(name: str) -> None:
    path = FOLDER / f"{name}.pb"
    if not path.exists():
        pytest.skip("the real ballots are not beside this checkout")
    vote, found = by_own_rule(path.read_bytes())
    won = set(vote.named(found.winners))
    file = read(path.read_bytes())
    ours = replace(file, projects=tuple(replace(one, selected=int(one.project_id in won)) for one in file.projects))
    with redirect_stdout(StringIO()):
        result = Checker().process_files([write(ours)])
    assert result["metadata"] == {"processed": 1, "valid": 1, "invalid": 0}, result


def test_the_checker_refuses_other_winners() -> None:
    path = FOLDER / "Netherlands_Amsterdam_643.pb"
    if not path.exists():
        pytest.skip("the real ballots are not beside this checkout")
    file = read(path.read_bytes())
    others = replace(file, projects=tuple(replace(one, selected=0) for one in file.projects))
    with redirect_stdout(StringIO()):
        result = Checker().process_files([write(others)])
    assert result["metadata"]["invalid"] == 1
