"""Figures across rooms equal sums that this test makes itself, row by row."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.core.phases import Phase
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.results.queries import cards_of, rounds_in_areas, rounds_of_point, totals_of_rounds
from buurtbegroot.results.queries.figures import (
    Figures,
    figures_by_district,
    figures_by_point,
    figures_for_areas,
    figures_for_city,
    figures_for_point,
)
from buurtbegroot.rounds.models import Pot, Round
from buurtbegroot.tally.models import PlanResult, Tally
from tests.factories.akkoord import small_accord
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.pages import QueryCount


class World:
    """Four rounds: counted, open, hidden, and one in the other stadsdeel too."""

    def __init__(self, session: Session, now: datetime) -> None:
        areas = small_city(session)
        self.points = {point.number: point for point in small_accord(session)}
        self.counted = round_in(session, Phase.REALISATION, areas=areas, now=now)
        self.open = round_in(session, Phase.VOTING, areas=areas, now=now)
        self.hidden = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
        self.wide = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
        self.wide.buurten = [areas["EA01"], areas["KA01"]]
        self.open.pots.append(Pot(position=2, name="Meer", cents=50_000))
        self.plans = {
            each.id: [plan(session, each, now=now, cents=10_000 + n) for n in range(4)]
            for each in (self.counted, self.open, self.hidden, self.wide)
        }
        self._link()
        self._count(session, now)
        self.hidden.published_at = None
        session.commit()

    def _link(self) -> None:
        both, point = self.points[16], self.points[3]
        self.counted.points, self.open.points, self.hidden.points = [both], [both], [both]
        self.plans[self.counted.id][0].points = [both, point]  # linked twice: itself and through its round
        self.plans[self.wide.id][1].points = [both]
        self.plans[self.wide.id][2].status = ProposalStatus.WITHDRAWN
        self.plans[self.wide.id][3].buurt_code = None
        self.plans[self.counted.id][3].buurt_code = None

    def _count(self, session: Session, now: datetime) -> None:
        for round_, ballots in ((self.counted, 321), (self.open, 99)):  # the open one is not certified
            session.add(Tally(round_id=round_.id, envelopes=ballots, valid_ballots=ballots))
            for rank, each in enumerate(self.plans[round_.id], 1):
                won = each.cost_cents if rank < 3 else 0
                session.add(
                    PlanResult(
                        round_id=round_.id, proposal_id=each.id, votes=9, rank=rank, verdict="x", awarded_cents=won
                    )
                )
        self.counted.certified_at = now


@pytest.fixture
def world(session: Session, now: datetime) -> World:
    return World(session, now)


def by_hand(rounds: list[Round], plans: list[Proposal], world: World, *, ballots: int) -> Figures:
    winners = {each.id for each in world.plans[world.counted.id][:2]}
    standing = [each for each in plans if each.status is not ProposalStatus.WITHDRAWN]
    return Figures(
        rounds=len(rounds),
        plans=len(standing),
        ballots=ballots,
        offered_cents=sum(pot.cents for round_ in rounds for pot in round_.pots),
        awarded_cents=sum(each.cost_cents for each in standing if each.id in winners),
    )


def test_the_city(session: Session, world: World) -> None:
    public = [world.counted, world.open, world.wide]
    plans = [each for round_ in public for each in world.plans[round_.id]]
    assert figures_for_city(session) == by_hand(public, plans, world, ballots=321)


def test_each_point(session: Session, world: World) -> None:
    rounds = [world.counted, world.open]
    plans = [each for round_ in rounds for each in world.plans[round_.id]] + [world.plans[world.wide.id][1]]
    expected = by_hand(rounds, plans, world, ballots=321)
    assert figures_for_point(session, world.points[16].id) == expected
    single = by_hand([], [world.plans[world.counted.id][0]], world, ballots=0)
    assert figures_by_point(session) == {world.points[16].id: expected, world.points[3].id: single}
    assert figures_for_point(session, world.points[5].id) == Figures()


def test_areas(session: Session, world: World) -> None:
    public = [world.counted, world.open, world.wide]
    west = ["EA01", "EA02", "EA03"]
    whole_city_only = world.plans[world.wide.id][3]  # no buurt, and its round lies in two stadsdelen
    plans = [each for round_ in public for each in world.plans[round_.id] if each is not whole_city_only]
    expected = by_hand(public, plans, world, ballots=321)
    assert figures_for_areas(session, west) == expected
    south = by_hand([world.wide], [], world, ballots=0)
    assert figures_for_areas(session, ["KA01"]) == south
    assert figures_by_district(session) == {"E": expected, "K": south}
    assert figures_for_areas(session, ["KA02"]) == Figures()


def test_cards_say_what_a_round_holds(session: Session, world: World, now: datetime) -> None:
    cards = cards_of(session, rounds_in_areas(session, ["EA01"]), now=now)
    assert [card.round for card in cards] == [world.wide, world.open, world.counted]
    last = cards[-1]
    assert (last.totals.plans, last.totals.ballots, last.totals.winners) == (4, 321, 2)
    assert last.codes == ["EA01", "EA02"]
    assert not cards[0].standing.takes_votes  # nobody opened it, whatever the clock says
    assert cards[0].totals.awarded_cents == 0
    assert {each.id for each in rounds_of_point(session, world.points[16].id)} == {world.counted.id, world.open.id}
    assert totals_of_rounds(session, []) == {}


def test_one_query_each(session: Session, world: World) -> None:
    point_id = world.points[16].id
    for ask in (
        lambda: figures_for_city(session),
        lambda: figures_for_point(session, point_id),
        lambda: figures_for_areas(session, ["EA01"]),
        lambda: figures_by_district(session),
    ):
        with QueryCount() as counted:
            ask()
        assert counted.number == 1
