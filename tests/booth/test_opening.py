"""What the checklist of an opening says about the time."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.booth.queries import Missing, missing_for_opening
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.core.phases import Phase
from buurtbegroot.rounds.models import Round


@pytest.mark.parametrize(
    ("since_begin", "is_over"), [(timedelta(seconds=-1), False), (timedelta(0), False), (timedelta(days=7), True)]
)
def test_the_time_to_check_plans_is_over_only_once_it_has_been(
    session: Session, round_: Round, tmp_path: Path, since_begin: timedelta, *, is_over: bool
) -> None:
    begin = next(window.begins_at for window in round_.windows if window.phase is Phase.FEASIBILITY)
    missing = missing_for_opening(session, round_, keys=KeyStore(tmp_path), now=begin + since_begin)
    assert (Missing.FEASIBILITY_ENDED not in missing) == is_over


def test_a_round_without_a_time_to_check_plans_waits_for_none(
    session: Session, round_: Round, tmp_path: Path, now: datetime
) -> None:
    round_.windows = [window for window in round_.windows if window.phase is not Phase.FEASIBILITY]
    assert Missing.FEASIBILITY_ENDED not in missing_for_opening(session, round_, keys=KeyStore(tmp_path), now=now)
