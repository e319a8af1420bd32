"""An open vote over three plans of € 400, € 500 and € 700 with € 1.000 to choose."""

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from buurtbegroot.core.phases import Phase
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.models import Round
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.voting import OpenVote, open_vote_in


@pytest.fixture
def round_(session: Session, now: datetime) -> Round:
    return round_in(session, Phase.VOTING, areas=small_city(session), now=now)


@pytest.fixture
def plans(session: Session, round_: Round, now: datetime) -> list[Proposal]:
    return [plan(session, round_, now=now, cents=cents) for cents in (40_000, 50_000, 70_000)]


@pytest.fixture
def vote(app: Flask, session: Session, round_: Round, plans: list[Proposal], now: datetime, tmp_path: Path) -> OpenVote:
    app.config["KEY_DIRECTORY"] = str(tmp_path / "keys")
    opened = open_vote_in(session, round_, folder=tmp_path / "keys", now=now)
    session.commit()
    return opened
