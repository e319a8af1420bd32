"""What the page of a plan shows beside the plan itself: its map, its history and its checked answers."""

from collections.abc import Container
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy.orm import Session

from buurtbegroot.areas.domain.geometry import DRAWN_WIDTH, Frame, draw_borders, draw_joined, frame_around
from buurtbegroot.areas.models import Level
from buurtbegroot.areas.queries import atlas
from buurtbegroot.areas.queries.atlas import Atlas, Place
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.standing import Stage, Standing
from buurtbegroot.proposals.models import Answer, PlanState, Proposal, ProposalStatus, state_of
from buurtbegroot.proposals.queries.facts import DecisionFacts, PlanFacts, plan_facts
from buurtbegroot.proposals.words import ANSWERS, QUESTIONS, Chip, in_words, status_chip
from buurtbegroot.rounds.models import Criterion
from buurtbegroot.rounds.queries import standing_of
from buurtbegroot.texts import Text, long_date, long_datetime
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l

LETTER_WIDTH, LINE_HEIGHT = 20, 48  # of a name in the drawing, as the style sheet sets it


class PlanMap(NamedTuple):
    """What components/map.html draws: the buurten around, the buurt of the plan, its label point and their names."""

    height: int
    land: str
    lines: str
    shape: str
    pin: tuple[int, int]
    names: tuple[tuple[int, int, str], ...]


class Happening(NamedTuple):
    """Something in the life of a plan; of a version its number and whose it is."""

    when: datetime
    what: str
    revision: int = 0
    by: str = ""


class PlanPage(NamedTuple):
    """All that a page about one plan shows."""

    proposal: PlanFacts
    map: PlanMap | None
    state: PlanState

    @property
    def chip(self) -> Chip:
        """The status of the plan."""
        return status_chip(self.state, self.proposal.round.stage)

    @property
    def decision(self) -> DecisionFacts | None:
        """The latest decision."""
        return self.proposal.decisions[-1] if self.proposal.decisions else None

    @property
    def history(self) -> list[Happening]:
        """What happened to the plan, the newest first."""
        return _history(self.proposal)

    @property
    def checks(self) -> list[tuple[str, str, str]]:
        """Return (question, answer, state) for each question that the latest decision answered."""
        answers = dict(self.decision.answers) if self.decision else {}
        states = {Answer.YES: "yes", Answer.ADJUST: "adjust", Answer.NO: "no"}
        given = [(criterion, Answer(answers[criterion])) for criterion in Criterion if criterion in answers]
        return [(str(QUESTIONS[one]), str(ANSWERS[answer]), states[answer]) for one, answer in given]


def plan_page(
    session: Session, proposal: Proposal, now: datetime, *, off_ballot: Container[int] = frozenset()
) -> PlanPage:
    """Gather what is shown of a plan; `off_ballot` are the plans, by id, that were taken off the open ballot."""
    drawn = _map(atlas(session), proposal.buurt_code) if proposal.buurt_code else None
    facts = plan_facts(session, proposal, standing_of(proposal.round, now).stage)
    return PlanPage(facts, drawn, state_of(facts, off_ballot))


def _history(proposal: PlanFacts) -> list[Happening]:
    found = [Happening(proposal.submitted_at, _("Ingediend"))] if proposal.submitted_at else []
    for each in proposal.revisions:
        if each.number > 1:  # the first one is what was submitted
            found.append(Happening(each.saved_at, in_words(each.changed), each.number, each.author_name))
    for decision in proposal.decisions:
        found.append(
            Happening(
                decision.decided_at, _("Gecontroleerd: kan") if decision.admitted else _("Gecontroleerd: kan niet")
            )
        )
    round_, status = proposal.round, proposal.status
    if status is ProposalStatus.ADMITTED and round_.opened_at:
        found.append(Happening(round_.opened_at, _("Op het stembiljet")))
    if status is ProposalStatus.ADMITTED and round_.certified_at:
        found.append(Happening(round_.certified_at, _("Uitslag vastgesteld")))
    if status is ProposalStatus.WITHDRAWN:
        found.append(Happening(proposal.changed_at, _("Ingetrokken")))
    return sorted(found, reverse=True)


def _map(places: Atlas, code: str) -> PlanMap | None:
    place = places.places.get(code)
    if place is None or not place.outline:
        return None
    wijk = places.places.get(place.parent_code or "", place)
    return _drawn(
        place, wijk.outline or place.outline, tuple(places.at(Level.BUURT, district_code=place.district_code))
    )


@lru_cache(maxsize=600)
def _drawn(place: Place, around: str, buurten: tuple[Place, ...]) -> PlanMap:
    """Draw a buurt in a frame around its wijk, with the other buurten that reach into it."""
    frame = frame_around([around])
    near = [each for each in buurten if each.outline and _is_near(each, frame)]
    outlines = tuple(each.outline for each in near)
    return PlanMap(
        height=frame.drawn_height,
        land=draw_joined(outlines, frame),
        lines=draw_borders(outlines, frame),
        shape=draw_joined((place.outline,), frame),
        pin=frame.place(place.x, place.y),
        names=_names([each for each in near if each != place], frame),
    )


def _names(places: list[Place], frame: Frame) -> tuple[tuple[int, int, str], ...]:
    """Place the names that fit in the drawing without covering an earlier one."""
    placed: list[tuple[int, int, str]] = []
    for each in places:
        x, y = frame.place(each.x, each.y)
        half = len(each.name) * LETTER_WIDTH // 2
        is_free = all(
            abs(y - other_y) >= LINE_HEIGHT or abs(x - other_x) >= half + len(other) * LETTER_WIDTH // 2
            for other_x, other_y, other in placed
        )
        if is_free and half <= x <= DRAWN_WIDTH - half and LINE_HEIGHT <= y <= frame.drawn_height - LINE_HEIGHT:
            placed.append((x, y, each.name))
    return tuple(placed)


def _is_near(place: Place, frame: Frame) -> bool:
    """Tell whether a buurt may reach into the frame: its label point lies within a frame's width of it."""
    x, y = place.x - frame.left, place.y - frame.top
    return -frame.width < x < 2 * frame.width and -frame.width < y < 2 * frame.width


def became(proposal: Proposal, state: PlanState, now: datetime, *, off_because: str = "") -> str:
    """Say to its maker what became of a plan until the count, and of one that was refused or withdrawn why."""
    standing = standing_of(proposal.round, now)
    if state is ProposalStatus.CONCEPT:
        return _concept(standing)
    if state is ProposalStatus.SUBMITTED:
        return _("Er is nog niet over besloten.") if standing.is_before_vote else _("Er is nooit over besloten.")
    if state is ProposalStatus.ADMITTED:
        return str(_ADMITTED[standing.stage]) % {"until": long_datetime(standing.until) if standing.until else ""}
    if state is ProposalStatus.WITHDRAWN:
        return _("U trok het in op %(day)s.", day=long_date(proposal.changed_at))
    reason = off_because or (proposal.decisions[-1].reason if proposal.decisions else "")
    return _("De reden: %(reason)s", reason=reason) if reason else ""


def _concept(standing: Standing) -> str:
    if standing.takes_plans and standing.until:
        return _("Nog niet ingediend. Dat kan tot %(until)s.", until=long_datetime(standing.until))
    if Phase.SUBMISSION in standing.coming:
        return _("Nog niet ingediend. Dat kan nu nog niet.")
    return _("Niet ingediend. De tijd om in te dienen is voorbij.")


_BEFORE = _l("Het kan op het stembiljet. De stembus is nog niet open.")
_COUNTED = _l("De uitslag is nog niet bekend.")
_ADMITTED: dict[Stage, Text] = dict.fromkeys(Stage, _BEFORE) | {
    Stage.OPENED: _l("Stemmen kan vanaf %(until)s."),
    Stage.VOTING: _l("Stemmen kan tot %(until)s."),
    Stage.ENDED: _COUNTED,
    Stage.COUNTING: _COUNTED,
    Stage.NO_BALLOTS: _COUNTED,
    Stage.RESULT: _l("Het deed niet mee aan de telling."),
    Stage.NOT_HELD: _l("Het kon op het stembiljet, maar er is niet gestemd."),
}
"""What a maker reads of an admitted plan; a certified count says more."""
