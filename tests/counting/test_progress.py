"""The line that tells how far a long count is."""

from fractions import Fraction
from io import StringIO
from typing import Any

import pytest

from buurtbegroot.core.methods import EqualShares, Method
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.equal_shares import equal_shares
from buurtbegroot.core.tally.shares_reference import ReferencePath
from buurtbegroot.counting import progress as module
from buurtbegroot.counting.progress import Progress, WatchedPath, shown


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_has_a_bar_once_something_is_known() -> None:
    progress = Progress()
    progress.start("equal_shares")
    assert progress.line() == "equal_shares, 0 s"
    progress.part, progress.runs = Fraction(1, 2), 7
    assert progress.line() == f"equal_shares [{'#' * 12}{'.' * 12}] 50% spent in run 7, 0 s"
    progress.part, progress.runs = Fraction(3), 10**30
    assert len(progress.line()) == 79


def test_a_short_count_shows_nothing_and_a_pipe_never_does() -> None:
    terminal, pipe = Terminal(), StringIO()
    with shown(Progress(), terminal), shown(Progress(), pipe):
        pass
    assert terminal.getvalue().strip() == ""
    assert pipe.getvalue() == ""


def test_a_long_count_shows_its_line_and_wipes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", -1.0)
    monkeypatch.setattr(module, "PERIOD", 0.001)
    terminal, progress = Terminal(), Progress()
    progress.start("counting")
    with shown(progress, terminal):
        while "counting" not in terminal.getvalue():
            pass
    assert terminal.getvalue().endswith(f"\r{'':79}\r")


def test_a_watched_path_tells_each_run_and_changes_nothing() -> None:
    election = Election.from_ballots(
        [Plan(id=1, cost_cents=50), Plan(id=2, cost_cents=50)], {(1, 2): 2, (2,): 1}, budget_cents=100, seed=b""
    )
    shares: dict[str, Any] = {"method": Method.EQUAL_SHARES, "equal_shares": EqualShares()}
    progress = Progress()
    watched = WatchedPath(ReferencePath(), progress, budget_cents=100)
    outcome = equal_shares(election, CountingRules(**shares), path=watched)
    assert outcome == equal_shares(election, CountingRules(**shares), path=ReferencePath())
    assert progress.runs > 1
    assert progress.part is not None
