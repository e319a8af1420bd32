"""A certified outcome as a page tells it, read from its trace: rows, cut line, steps, comparison; it counts nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from buurtbegroot.areas.models import Area
from buurtbegroot.box.domain.manifest import FEW_BALLOTS
from buurtbegroot.box.models import Booth
from buurtbegroot.core.methods import Method
from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.rules import Ruleset
from buurtbegroot.core.tally.document import Document, document_from
from buurtbegroot.core.tally.trace import WINNING, Judgement, Outcome, Step, Verdict
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.results.domain.flow import Drawing, drawing_of
from buurtbegroot.results.domain.rounds import Raises, RoundRow, raises_of, round_rows, was_replaced
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import HAS_PUBLIC_OUTCOME, rules_of
from buurtbegroot.tally.domain.counting import Figures, figures_from
from buurtbegroot.tally.domain.explaining import flows_from
from buurtbegroot.tally.models import Tally

SMALLEST_GROUP = 10  # fewer people than this are not shown as a share
IN_LINE = (Method.MOST_VOTES, Method.VOTES_PER_EURO, Method.MAJORITY_JUDGMENT)
MONEY_ENDS = (Verdict.DOES_NOT_FIT, Verdict.PARTLY_FUNDED, Verdict.AFTER_STOP)
ROUNDS_START, ROUNDS_END = 3, 3
CHART_START, CHART_BEFORE_CUT, CHART_AFTER_CUT = 10, 3, 4
STEPS_START, STEPS_BEFORE_CUT, STEPS_AFTER_CUT = 2, 2, 5
SHORTEST_FOLD = 3

Item = TypeVar("Item")


class PlanName(NamedTuple):
    """How a page names a plan."""

    id: int
    number: int
    title: str
    language: str


@dataclass(frozen=True)
class Run(Generic[Item]):
    """Neighbouring rows of a list that are all shown, or all folded away; `first` and `last` count from 1."""

    rows: Sequence[Item]
    is_folded: bool
    first: int

    @property
    def last(self) -> int:
        """The place of the last row."""
        return self.first + len(self.rows) - 1


@dataclass(frozen=True)
class PotView:
    """One pot on the page: its outcome by rank with the place where the money ran out, and its steps."""

    name: str
    outcome: Outcome
    cut: int | None

    @property
    def rows(self) -> Sequence[Judgement]:
        """All plans by rank."""
        return self.outcome.judgements

    @property
    def winners(self) -> list[Judgement]:
        """The plans that get money, by rank."""
        return [row for row in self.rows if row.awarded_cents]

    @property
    def losers(self) -> list[Judgement]:
        """The plans that get none, by rank."""
        return [row for row in self.rows if not row.awarded_cents]

    @property
    def most_votes(self) -> int:
        """The votes of the first plan, 0 without plans."""
        return max((row.votes for row in self.rows), default=0)

    @property
    def left_at_cut(self) -> int:
        """The cents that were left when the first plan did not fit."""
        if self.cut is None:
            return self.outcome.left_cents
        plan = self.rows[self.cut].plan
        looks = (step.left_before_cents for step in self.outcome.steps if step.judgement.plan == plan)
        return next(looks, self.outcome.left_cents)

    @property
    def is_in_line(self) -> bool:
        """Whether plans had their turn one by one, so that every one of them has a step."""
        return is_in_line(self.outcome)

    @property
    def is_cut_by_money(self) -> bool:
        """Whether the money ran out there, and not the votes."""
        return self.is_in_line and self.cut is not None and self.rows[self.cut].verdict in MONEY_ENDS

    @property
    def rounds(self) -> list[Run[RoundRow]]:
        """The rounds in which voters bought plans, in runs; a tie always shows. None if another outcome replaced it."""
        rows = round_rows(self.outcome)
        last = len(rows) - ROUNDS_END
        return runs(rows, lambda place, row: place < ROUNDS_START or place >= last or row.tie is not None)

    @property
    def raises(self) -> Raises | None:
        """How the start money of voters grew, None where they had none."""
        return raises_of(self.outcome)

    @property
    def groups_first(self) -> Sequence[Outcome]:
        """The counts that divided the guaranteed minimums before this one."""
        return self.outcome.earlier

    @property
    def chart(self) -> list[Run[Judgement]]:
        """The rows in runs around the cut, folded where nothing happens."""
        cut = len(self.rows) if self.cut is None else self.cut
        near = range(cut - CHART_BEFORE_CUT, cut + CHART_AFTER_CUT)
        return runs(self.rows, lambda place, _: place < CHART_START or place in near, split_at=self.cut)

    @property
    def steps(self) -> list[Run[Step]]:
        """The steps in runs; what tells the most always shows, what came after the stop never does.

        Telling are a lost tie, a part payment, and a plan that won only when leftovers were divided.
        """
        cut = len(self.rows) if self.cut is None else self.cut
        near = range(cut - STEPS_BEFORE_CUT, cut + STEPS_AFTER_CUT)

        def is_open(place: int, step: Step) -> bool:
            judgement = step.judgement
            if not self.is_in_line:
                return place < STEPS_START or judgement.verdict in WINNING
            if judgement.verdict is Verdict.AFTER_STOP:
                return False
            telling = judgement.verdict is Verdict.PARTLY_FUNDED or (judgement.tie is not None and judgement.tie.lost)
            telling |= step.for_leftovers and judgement.verdict in WINNING
            return place < STEPS_START or place in near or telling

        return runs(self.outcome.steps, is_open)

    @property
    def parts(self) -> list[int]:
        """The cents of each winner in the order in which the money was given."""
        if not self.is_in_line:
            return [cents for _, cents in self.outcome.funded]
        return [step.judgement.awarded_cents for step in self.outcome.steps if step.judgement.verdict in WINNING]

    @property
    def late_from(self) -> int:
        """How many winners came before the first plan that did not fit, or before money was left over."""
        if not self.is_in_line:
            return len(self.parts) - sum(step.judgement.verdict in WINNING for step in self.outcome.steps)
        if not self.is_cut_by_money or self.cut is None:
            return len(self.parts)
        return sum(row.verdict in WINNING for row in self.rows[: self.cut])

    @property
    def ties(self) -> list[Judgement]:
        """The first plan of each group with equal votes of which some got money and some did not."""
        awarded: dict[tuple[int, ...], set[bool]] = {}
        for row in self.rows:
            if row.tie:
                awarded.setdefault(row.tie.plans, set()).add(row.verdict is Verdict.FUNDED)
        return [
            row for row in self.rows if row.tie and row.tie.plans[0] == row.plan and len(awarded[row.tie.plans]) > 1
        ]


@dataclass(frozen=True)
class Result:
    """All that the result page of a certified round shows; `signing_key` is that of its ballot box, if it had one."""

    round: Round
    tally: Tally
    rules: Ruleset
    document: Document
    figures: Figures
    plans: Mapping[int, PlanName]
    area_names: Mapping[str, str]
    signing_key: bytes | None

    @property
    def winners(self) -> dict[int, int]:
        """Plan ids with their cents, in the order of the pots and ranks."""
        return {plan: cents for outcome in self.document.outcomes for plan, cents in outcome.funded}

    @property
    def pots(self) -> list[PotView]:
        """The pots in their order."""
        names = {pot.id: pot.name for pot in self.rules.pots}
        return [PotView(names[outcome.pot], outcome, cut_of(outcome)) for outcome in self.document.outcomes]

    @property
    def first(self) -> Judgement | None:
        """The plan with the most votes of all."""
        rows = (row for outcome in self.document.outcomes for row in outcome.judgements)
        return max(rows, key=lambda row: (row.votes, -row.rank), default=None)

    @property
    def flows(self) -> list[tuple[str, Drawing]]:
        """The money from voters to plans, drawn, by the name of each pot that has enough voters."""
        names = {pot.id: pot.name for pot in self.rules.pots}
        return [(names[pot], drawing_of(flow)) for pot, flow in flows_from(self.tally.figures).items()]

    @property
    def has_few_ballots(self) -> bool:
        """Whether who knows the voters may be able to tell from the outcome what somebody chose."""
        return self.document.valid_ballots < FEW_BALLOTS

    @property
    def shows_steps(self) -> bool:
        """Whether the steps of the count are told: of a small vote only when they follow from the totals."""
        return not self.tally.is_small or all(pot.is_in_line for pot in self.pots)

    @property
    def shows_turnout(self) -> bool:
        """Whether a share of voters means something: not for a small group, nor when codes only count the ballots."""
        return self.document.valid_ballots >= SMALLEST_GROUP and self.knows_electorate

    @property
    def knows_electorate(self) -> bool:
        """Whether more codes were given out than came back; a code for each ballot tells nothing of who stayed away."""
        return self.figures.codes > self.document.valid_ballots

    def cap_of(self, judgement: Judgement) -> int:
        """Return the cap, in cents, that a plan ran into."""
        counting = self.rules.counting
        caps = counting.theme_caps if judgement.grouping is Grouping.THEME else counting.area_caps
        return caps[judgement.group or ""]

    def group_name(self, judgement: Judgement) -> str:
        """Return the name of the theme or area whose cap a plan ran into."""
        return self.area_names.get(judgement.group or "", judgement.group or "")


def runs(rows: Sequence[Item], is_open: Callable[[int, Item], bool], *, split_at: int | None = None) -> list[Run[Item]]:
    """Divide a list into runs that are shown and runs that are folded; a short fold is shown, a split always splits."""
    found: list[Run[Item]] = []
    start = 0
    for place in range(1, len(rows) + 1):
        state = is_open(place - 1, rows[place - 1])
        if place < len(rows) and is_open(place, rows[place]) == state and place != split_at:
            continue
        piece = rows[start:place]
        found.append(Run(piece, not state and len(piece) >= SHORTEST_FOLD, start + 1))
        start = place
    return found


def is_in_line(outcome: Outcome) -> bool:
    """Tell whether the plans of an outcome had their turn one by one."""
    return outcome.method in IN_LINE or was_replaced(outcome)


def cut_of(outcome: Outcome) -> int | None:
    """Return the place, from 0, of the first plan for which the money, or else the votes, were not enough."""
    verdicts = [row.verdict for row in outcome.judgements]
    if not is_in_line(outcome):
        return next((place for place, verdict in enumerate(verdicts) if verdict not in WINNING), None)
    short = next((place for place, verdict in enumerate(verdicts) if verdict in MONEY_ENDS), None)
    if short is None:
        short = next((place for place, verdict in enumerate(verdicts) if verdict is Verdict.BELOW_THRESHOLD), None)
    return short


def result_of_round(session: Session, slug: str) -> Result | None:
    """Return the outcome of a certified public round in at most five queries, else None."""
    found = session.execute(
        select(Round, Tally, Booth.signing_public)
        .join(Tally, Tally.round_id == Round.id)
        .outerjoin(Booth, Booth.round_id == Round.id)
        .where(Round.slug == slug, HAS_PUBLIC_OUTCOME)
        .options(
            joinedload(Round.owner).options(defer(Area.outline)),
            selectinload(Round.windows),
            selectinload(Round.points),
        )
    ).one_or_none()
    if not found:
        return None
    round_, tally, signing_key = found
    return _result(session, round_, tally, signing_key=signing_key)


def preview_of_round(session: Session, round_: Round) -> Result | None:
    """Return the outcome of a counted round before it is certified: for organisers only."""
    tally = session.get(Tally, round_.id)
    return _result(session, round_, tally) if tally and tally.counted_at else None


def _result(session: Session, round_: Round, tally: Tally, *, signing_key: bytes | None = None) -> Result:
    rules = rules_of(round_)
    named = select(Proposal.id, Proposal.number, Proposal.title, Proposal.language).where(
        Proposal.round_id == round_.id, Proposal.status == ProposalStatus.ADMITTED
    )
    return Result(
        round=round_,
        tally=tally,
        rules=rules,
        document=document_from(tally.trace),
        figures=figures_from(tally.figures),
        plans={row.id: PlanName(*row) for row in session.execute(named)},
        area_names=_area_names(session, rules),
        signing_key=signing_key,
    )


def _area_names(session: Session, rules: Ruleset) -> dict[str, str]:
    codes = {*rules.counting.area_caps, *rules.counting.area_minimums}
    codes |= set(rules.ballot.per_group) if rules.ballot.grouping is Grouping.AREA else set()
    if not codes:
        return {}
    found = session.execute(select(Area.code, Area.name).where(Area.code.in_(codes)))
    return {row.code: row.name for row in found}
