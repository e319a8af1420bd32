"""The format's own name for how a round was counted, as far as it has one by which its checker finds the same winners.

The public checker counts again by the rule that a file names. It does so in floats, and compares what is left in whole
units of money; it has no answer when its own order among equals ends. Where that would find other winners than the
exact count, the file names no rule that is checked and says so in its comment.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from buurtbegroot.core.methods import EqualShares, Method, Start, Tail, Utility
from buurtbegroot.core.pabulib import euros
from buurtbegroot.core.pabulib.model import WITHDRAWN
from buurtbegroot.core.rules import CountingRules, RestRule, Ruleset
from buurtbegroot.core.tally import count
from buurtbegroot.core.tally.document import Document
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.presets import PABULIB_CHECKER_ADD1
from buurtbegroot.core.tally.trace import Verdict
from buurtbegroot.core.votes_file import SELECTED

_ADD1 = PABULIB_CHECKER_ADD1.equal_shares or EqualShares()
UNIT_CENTS = 100  # the checker compares money in whole units of the currency, and add1 raises the start by one
EXACT = "Counted by most votes, in cents: who adds up in floats or in whole units of money may find other winners."
REPORTED = "The winners are those that the file of a past vote names; they were not counted again."


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleName:
    """What META says of the rule: its name, the fields that go with it, and comments for what it has no word for."""

    rule: str
    extra: dict[str, str] = field(default_factory=dict)
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A project as the checker sees it, with its cost in cents."""

    plan: int
    votes: int
    cost_cents: int
    selected: bool

    @property
    def units(self) -> int:
        return self.cost_cents // UNIT_CENTS


def rule_name(document: Document, rules: Ruleset, election: Election) -> RuleName:
    """Name the rule of a counted round, of which this is the election over all pots."""
    if document.reported:
        return RuleName(rule="unknown", comments=(REPORTED,))
    counting = rules.counting
    needed = max((outcome.votes_needed for outcome in document.outcomes), default=0)
    rest = f"What does not fit: {counting.rest.value}. A plan needs at least {needed} votes."
    special = list(_special_words(rules))
    if counting.method is not Method.MOST_VOTES:
        is_named = not special and needed <= 1
        name = _shares_name(document, counting, election) if is_named else None
        return RuleName(rule=name or "unknown", comments=(*special, rest) if special else ())
    if special:
        return RuleName(rule="greedy-custom", comments=(*special, rest))
    counts = needed > 1 or any(row.verdict is Verdict.BELOW_THRESHOLD for row in document.judgements)
    stops, threshold = counting.rest is not RestRule.SKIP, needed if counts else 0
    if not _passes(_rows(document), budget_cents=rules.budget_cents, threshold=threshold, stops=stops):
        return RuleName(rule="greedy-custom", comments=(EXACT, rest))
    extra = {"min_project_score_threshold": str(needed)} if counts else {}
    if stops:
        return RuleName(rule="greedy-no-skip", extra=extra)
    return RuleName(rule="greedy-threshold" if counts else "greedy", extra=extra)


def _rows(document: Document) -> list[_Row]:
    """Return the projects in the order of the file: by votes, among equals those that won first."""
    rows = [
        _Row(plan=one.plan, votes=one.votes, cost_cents=one.cost_cents, selected=SELECTED.get(one.verdict, 0) == 1)
        for one in sorted(document.judgements, key=lambda one: one.rank)
    ]
    rows += [_Row(plan=one.plan, votes=one.votes, cost_cents=WITHDRAWN, selected=False) for one in document.withdrawn]
    return sorted(rows, key=lambda row: (-row.votes, not row.selected))


def _passes(rows: Sequence[_Row], *, budget_cents: int, threshold: int, stops: bool) -> bool:
    """Tell whether the checker finds these winners by most votes, and no other plan that it would still fund."""
    left = float(euros(budget_cents))
    for row in rows:
        cost = float(euros(row.cost_cents))
        fits = row.votes >= threshold and left >= cost
        if fits != row.selected:
            return False
        left -= cost if fits else 0
        if stops and not fits and row.votes >= threshold and row.cost_cents != WITHDRAWN:
            return not any(other.selected for other in rows[rows.index(row) + 1 :])
    units = budget_cents // UNIT_CENTS - sum(row.units for row in rows if row.selected)
    lost = (row for row in rows if not row.selected and (not threshold or row.votes > threshold))
    return stops or not any(row.units <= units for row in lost)


def _shares_name(document: Document, counting: CountingRules, election: Election) -> str | None:
    """Return the name by which the checker finds these winners by equal shares, if there is one.

    `equalshares` is one run with cost utilities and no tail; `/add1` raises the start by a unit until that overspends.
    The checker would give a share of the budget to who chose a withdrawn plan alone.
    """
    shares = counting.equal_shares
    if counting.method is not Method.EQUAL_SHARES or shares is None or document.withdrawn:
        return None
    if shares.utility is not Utility.COST or shares.tail is not Tail.KEEP or shares.start is Start.WHOLE:
        return None
    once = shares.step_cents is None and shares.step_share is None
    by_unit = shares.step_share is None and shares.step_cents == UNIT_CENTS == shares.unit_cents
    if not (once or by_unit) or not _can_be_checked(document, election, once=once):
        return None
    if shares.compare and not _compares_alike(document, counting, election):
        return None
    checked = replace(_ADD1, compare=shares.compare, step_cents=None if once else UNIT_CENTS)
    found = count(election, replace(PABULIB_CHECKER_ADD1, equal_shares=checked))
    if set(found.funded) != {funded for outcome in document.outcomes for funded in outcome.funded}:
        return None
    return f"equalshares{'' if once else '/add1'}{'-comparison' if shares.compare else ''}"


def _can_be_checked(document: Document, election: Election, *, once: bool) -> bool:
    """Tell whether all money is in whole units, and no tie can stay that the checker cannot decide.

    Where all plans that anybody voted for can be had, it would raise the start for ever.
    """
    rows = list(document.judgements)
    if not once and sum(row.cost_cents for row in rows if row.votes) <= election.budget_cents:
        return False
    if any(cents % UNIT_CENTS for cents in (election.budget_cents, *(row.cost_cents for row in rows))):
        return False
    pairs = [(row.cost_cents, row.votes) for row in rows if row.votes]
    return len(set(pairs)) == len(pairs)


def _compares_alike(document: Document, counting: CountingRules, election: Election) -> bool:
    """Tell whether the checker compares with the same plans by most votes; it takes equals in the order of the file."""
    taken, left, rows = set[int](), election.budget_cents, _rows(document)
    for row in rows:
        if row.cost_cents <= left:
            taken.add(row.plan)
            left -= row.cost_cents
    voted = {row.plan for row in rows if row.votes}
    own = count(election, replace(counting, method=Method.MOST_VOTES, equal_shares=None, rest=RestRule.SKIP))
    replaced = any(one.preference and one.preference.chosen is Method.MOST_VOTES for one in document.outcomes)
    return taken & voted == {plan for plan, _ in own.funded} & voted and (not replaced or taken <= voted)


def _special_words(rules: Ruleset) -> Iterator[str]:
    counting = rules.counting
    for group, cents in (*counting.theme_caps.items(), *counting.area_caps.items()):
        yield f"At most {euros(cents)} EUR for {group}."
    for rivals in counting.incompatible:
        yield f"At most one of {', '.join(map(str, rivals))} is funded."
    for plan, other in counting.requires:
        yield f"Plan {plan} is funded only with plan {other}."
    for group, cents in (*counting.theme_minimums.items(), *counting.area_minimums.items()):
        yield f"Divided first: {euros(cents)} EUR for {group}."
    if (share := counting.support_per_cost) is not None:
        yield f"A plan of cost c needs votes / ballots >= {share.num}/{share.den} x c / budget."
    if (share := counting.top_up_from) is not None:
        yield f"The plan that does not fit is funded whole if {share.num}/{share.den} of its cost is left."
    if len(rules.pots) > 1:
        yield from (f"Counted apart: {euros(pot.cents)} EUR for {pot.name}." for pot in rules.pots)
