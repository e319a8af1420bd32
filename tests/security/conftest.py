"""Stadsdeel E in full swing: rounds in every state, a secret draft, a concept, and one person of each kind."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.core.phases import Phase
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.rounds.models import Round
from tests.conftest import NOW
from tests.factories.accounts import person
from tests.factories.akkoord import small_accord
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.voting import OpenVote, open_vote_in
from tests.pages import Browser, SignIn

SECRETS = ("GEHEIME RONDE", "GEHEIM CONCEPT", "GEHEIM PLAN")
KINDS = ("visitor", "resident", "elsewhere", "coordinator", "staff", "administrator")


@dataclass
class City:
    """Objects of stadsdeel E; `people` by kind, where `elsewhere` coordinates stadsdeel K.

    `talked` and `hidden` are plans that people talked about, where a test lets them (see `talk.py`).
    """

    session: Session
    people: dict[str, User | None]
    draft: Round
    submitting: Round
    voting: OpenVote
    plans: list[Proposal]
    concept: Proposal
    draft_plan: Proposal
    browser_of: SignIn
    app: Flask
    talked: Proposal | None = None
    hidden: Proposal | None = None

    def browser(self, kind: str) -> Browser:
        user = self.people[kind]
        return self.browser_of(user) if user else Browser(self.app)


@pytest.fixture
def city(
    app: Flask,
    session: Session,
    signed_in: SignIn,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> City:
    areas = small_city(session)
    small_accord(session)
    people = {
        "visitor": None,
        "resident": person(session),
        "elsewhere": person(session, Role.COORDINATOR, "K"),
        "coordinator": person(session, Role.COORDINATOR, "E"),
        "staff": person(session, Role.STAFF, "E"),
        "administrator": person(session, Role.ADMINISTRATOR, "0363"),
    }
    author = person(session)
    draft = round_in(session, Phase.SUBMISSION, areas=areas, now=NOW)
    draft.title, draft.published_at = SECRETS[0], None
    submitting = round_in(session, Phase.SUBMISSION, areas=areas, now=NOW)
    concept = plan(session, submitting, now=NOW, author=author, status=ProposalStatus.CONCEPT, title=SECRETS[1])
    draft_plan = plan(session, draft, now=NOW, author=author, status=ProposalStatus.SUBMITTED, title=SECRETS[2])
    voted_on = round_in(session, Phase.VOTING, areas=areas, now=NOW)
    plans = [plan(session, voted_on, now=NOW, cents=cents) for cents in (60_000, 50_000, 40_000)]
    voting = open_vote_in(session, voted_on, folder=tmp_path / "keys", now=NOW, codes=80)
    monkeypatch.setattr(KeyStore, "from_config", classmethod(lambda _cls, _config: voting.keys))
    session.commit()
    return City(session, people, draft, submitting, voting, plans, concept, draft_plan, signed_in, app)
