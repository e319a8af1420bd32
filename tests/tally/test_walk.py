"""The session's way through storing a count: straight through the rooms, with little back and forth."""

import sys
from datetime import datetime
from pathlib import Path
from types import FrameType

from sqlalchemy.orm import Session

from buurtbegroot.tally.actions import count_round
from buurtbegroot.tally.queries.counting import counted
from tests.factories import PROGRAM
from tests.factories.areas import small_city
from tests.factories.tally import open_vote

PACKAGE = Path(__file__).parents[2] / "buurtbegroot"
MOST_RETURNS = 5


def walk(session: Session, act: object) -> list[str]:
    """Return the files whose functions are handed the session while the act runs, one after the other."""
    stays: list[str] = []

    def notice(frame: FrameType, what: str, _argument: object) -> None:
        path = Path(frame.f_code.co_filename)
        taken = frame.f_locals.values() if what == "call" and path.is_relative_to(PACKAGE) else ()
        if any(value is session for value in taken) and stays[-1:] != [str(path)]:
            stays.append(str(path))

    assert callable(act)
    sys.setprofile(notice)
    try:
        act()
    finally:
        sys.setprofile(None)
    return stays


def test_the_session_returns_at_most_five_times_to_a_file_it_left(
    session: Session, now: datetime, tmp_path: Path
) -> None:
    vote = open_vote(session, tmp_path, areas=small_city(session), now=now)
    vote.cast_all([(0,), (0,), (1,)]).close().open()
    found = counted(vote.session, vote.round, keys=vote.keys)
    stays = walk(vote.session, lambda: count_round(vote.session, vote.round, found, by=PROGRAM, now=vote.later))
    assert len(stays) > 3
    assert len(stays) - len(set(stays)) <= MOST_RETURNS, stays
