"""`--certify` compares: a path that counts otherwise than the reference is found out, and nothing is written."""

from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from buurtbegroot.core.tally.market import Market, Rounds
from buurtbegroot.core.tally.shares_reference import ReferencePath
from buurtbegroot.counting import counted
from buurtbegroot.counting.commands import command
from tests.counting.small_votes import APPROVALS


class Stingy(ReferencePath):
    """A path that tells the story of voters with a little less money than they have."""

    def story(self, market: Market, endowment: Fraction) -> Rounds:
        return super().story(market, endowment * Fraction(99, 100))


@pytest.mark.parametrize("certify", [True, False])
def test_a_path_that_counts_otherwise_is_found_out_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certify: bool
) -> None:
    monkeypatch.setitem(counted.PATHS, "numpy", Stingy)
    votes, trace = tmp_path / "vote.pb", tmp_path / "trace.json"
    votes.write_text(APPROVALS, encoding="utf-8")
    asked = ["--rule", "equal_shares", "--path", "numpy", "--trace", str(trace), *(["--certify"] if certify else [])]
    found = CliRunner().invoke(command, [str(votes), *asked])
    assert (found.exit_code, trace.exists()) == ((1, False) if certify else (0, True)), found.output
    assert ("equal_shares: the recount by the reference differs" in found.output) == certify
