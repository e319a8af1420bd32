"""All 41 real votes set up as rounds through the actions of a coordinator, and counted from their plans' totals."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase, Window
from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.rules import CountingRules, RestRule, Ruleset
from buurtbegroot.core.tally import count, count_pots
from buurtbegroot.core.tally.election import Election
from buurtbegroot.demo.votes import RealVote, bundled_votes
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.proposals.queries import ballot_plans
from buurtbegroot.rounds.actions import (
    create_round,
    publish_round,
    save_basics,
    save_points,
    save_windows,
)
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import rules_of
from buurtbegroot.rounds.queries.setup import Basics, ThemeChoice, pot_rules
from buurtbegroot.rules.actions import save_rules
from tests.core.test_real_votes import EXPECTED
from tests.factories.accounts import person
from tests.factories.akkoord import small_accord
from tests.factories.areas import small_city

VOTES = bundled_votes()
BUURTEN = ("EA01", "EA02", "EA03")


def own_areas(vote: RealVote) -> dict[str, str]:
    """Give each area of the vote a buurt of the small city."""
    areas = sorted({plan.area for plan in vote.plans if plan.area} | set(vote.ruleset.counting.area_caps))
    return dict(zip(areas, BUURTEN, strict=False))


def own_rules(vote: RealVote, round_: Round) -> Ruleset:
    areas, counting, ballot = own_areas(vote), vote.ruleset.counting, vote.ruleset.ballot
    caps = {areas[name]: cents for name, cents in counting.area_caps.items()}
    if ballot.grouping is Grouping.AREA:
        ballot = replace(ballot, per_group={areas[name]: limit for name, limit in ballot.per_group.items()})
    counting = replace(counting, area_caps=caps)
    return replace(vote.ruleset, pots=pot_rules(round_), counting=counting, ballot=ballot)


def basics(vote: RealVote) -> Basics:
    themes = dict.fromkeys(plan.theme for plan in vote.plans if plan.theme)
    themes |= dict.fromkeys(vote.ruleset.counting.theme_caps)
    return Basics(
        title=vote.title,
        summary=f"{vote.title} {vote.year}",
        contact="",
        decision_url="",
        buurten=frozenset(BUURTEN),
        themes=tuple(ThemeChoice(name=name[:80], scene="groen") for name in themes),
        pots_by=None,
        budget_cents=vote.ruleset.budget_cents,
        area_cents={},
    )


def round_of(session: Session, vote: RealVote, now: datetime) -> Round:
    by = person(session, Role.COORDINATOR)
    round_ = create_round(session, title=vote.title, owner=session.get_one(Area, "E"), by=by, now=now)
    save_basics(session, round_, basics(vote), seen=round_.version, by=by, now=now)
    window = Window(Phase.VOTING, now + timedelta(days=1), now + timedelta(days=29))
    save_windows(session, round_, (window,), seen=round_.version, by=by, now=now)
    save_rules(session, round_, own_rules(vote, round_), seen=round_.version, by=by, now=now)
    save_points(session, round_, small_accord(session)[:1], seen=round_.version, by=by, now=now)
    publish_round(session, round_, seen=round_.version, by=person(session, Role.COORDINATOR), now=now)
    return round_


def put_on_ballot(session: Session, vote: RealVote, round_: Round, now: datetime) -> dict[int, int]:
    """Admit every plan and return the votes for it, by our id."""
    themes, areas = {theme.name: theme for theme in round_.themes}, own_areas(vote)
    rows = {
        plan.id: Proposal(
            round=round_,
            number=number,
            title=vote.names[plan.id][:120],
            summary="",
            theme=themes.get((plan.theme or "")[:80]),
            buurt_code=areas.get(plan.area or ""),
            status=ProposalStatus.ADMITTED,
            cost_cents=plan.cost_cents,
            created_at=now,
            changed_at=now,
        )
        for number, plan in enumerate(vote.plans, start=1)
    }
    session.add_all(rows.values())
    session.flush()
    return {row.id: vote.totals[plan] for plan, row in rows.items()}


@pytest.mark.parametrize("vote", VOTES, ids=lambda vote: vote.id)
def test_a_real_vote_as_a_round(session: Session, now: datetime, vote: RealVote) -> None:
    small_city(session)
    made = round_of(session, vote, now)
    totals = put_on_ballot(session, vote, made, now)
    session.expire_all()
    round_ = session.scalars(select(Round).where(Round.id == made.id)).one()
    plans, rules = ballot_plans(session, round_), rules_of(round_)
    election = Election.from_totals(
        plans, totals, valid_ballots=vote.voters, budget_cents=round_.budget_cents, seed=b"lot"
    )
    found = tuple(len(count(election, CountingRules(rest=rest)).funded) for rest in (RestRule.STOP, RestRule.SKIP))
    assert found == EXPECTED[vote.id]
    (outcome,) = count_pots(election, rules)
    (reference,) = count_pots(vote.election(b"lot"), vote.ruleset)
    assert sorted(cents for _, cents in outcome.funded) == sorted(cents for _, cents in reference.funded)
    assert outcome.left_cents == reference.left_cents
