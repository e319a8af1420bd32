"""A vote in the Pabulib format, and the JSON beside it for what that format has no field for."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

from buurtbegroot.core.ballots import Choices
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.methods import Method, Start, Stop, Tail, Utility
from buurtbegroot.core.pabulib import Beyond, Election, PbFile, PbProject, election_file, with_beside
from buurtbegroot.core.pabulib.model import WITHDRAWN
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.records import to_plain
from buurtbegroot.core.rules import CountingRules, RestRule, Ruleset
from buurtbegroot.core.tally.election import Election as CountedElection
from buurtbegroot.core.tally.election import among, by_pot
from buurtbegroot.core.tally.ties import tie_order
from buurtbegroot.core.tally.trace import Verdict
from buurtbegroot.core.votes_file import withdrawn_words
from buurtbegroot.results.domain.outcome import Result
from buurtbegroot.rounds.queries import window_of
from buurtbegroot.timezone import AMSTERDAM

PARTLY = "A plan with selected 2 gets part of its cost, namely what was left in the end."
WHOLE_AREA = "Some plans are for the whole area. Where the others are is in the JSON beside this file."
UNIT_CENTS = 100  # what Pabulib's add1 raises the start money by: one unit of the currency


def pabulib_files(result: Result, ballots: Counter[Choices]) -> tuple[PbFile, bytes]:
    """Return the vote in the Pabulib format and the document beside it: with both the count can be done again."""
    return with_beside(_pabulib_file(result, ballots), _beyond(result, ballots))


def _beyond(result: Result, ballots: Counter[Choices]) -> Beyond:
    """Return what the format cannot hold: the rules in full, plans tied to each other, the order among equals."""
    document, counting = result.document, result.rules.counting
    seed = bytes.fromhex(document.seed)
    cents, gone = result.rules.budget_cents, {one.plan for one in document.withdrawn}
    cast = CountedElection.from_ballots(document.plans, ballots, budget_cents=cents, seed=seed)
    left = {plan.id for plan in document.plans} - gone
    parts = by_pot(among(cast, left, budget_cents=cents, pot=""), result.rules)
    return Beyond(
        exclusive=tuple(tuple(map(str, group)) for group in counting.incompatible),
        requires=tuple((str(plan), str(other)) for plan, other in counting.requires),
        tie_order=tuple(str(plan.id) for part in parts for plan in tie_order(part, counting)),
        parameters=_parameters(counting),
        seed=document.seed,
        plans={str(plan.id): plan for plan in document.plans},
        pots=result.rules.pots,
        pots_by=result.rules.pots_by,
        blank_ballots=ballots[()],
    )


def _parameters(counting: CountingRules) -> dict[str, str]:
    """Return the rules of the count by name, those left empty left out, what is no text as canonical JSON."""
    plain = to_plain(counting)
    assert isinstance(plain, dict)
    filled = {name: value for name, value in plain.items() if value or value == 0}
    return {name: value if isinstance(value, str) else canonical_json(value).decode() for name, value in filled.items()}


def _pabulib_file(result: Result, ballots: Counter[Choices]) -> PbFile:
    voting = window_of(result.round, Phase.VOTING)
    begin, end = (voting.begins_at, voting.ends_at) if voting else (result.round.created_at,) * 2
    whole = result.rules.ballot.whole
    rule, extra, comments = _pabulib_rule(result)
    election = Election(
        description=result.round.title,
        unit="Amsterdam",
        district=result.round.owner.name,
        instance=result.round.slug,
        budget=result.rules.budget_cents,
        date_begin=_day(begin),
        date_end=_day(end),
        rule=rule,
        min_length=whole.min_choices or None,
        max_length=whole.max_choices,
        max_sum_cost=whole.max_cost_cents,
        comments=comments,
        extra=extra,
    )
    cast = [tuple(str(plan) for plan in choices) for choices, voters in ballots.items() for _ in range(voters)]
    return election_file(election, plans=_pabulib_plans(result), ballots=cast)


def _pabulib_plans(result: Result) -> Iterator[PbProject]:
    """Yield the plans by rank: among equal votes the format has no other way to say which one came first."""
    codes = {Verdict.FUNDED: 1, Verdict.TOPPED_UP: 1, Verdict.PARTLY_FUNDED: 2}
    rows = {row.plan: row for outcome in result.document.outcomes for row in outcome.judgements}
    last, has_areas = len(rows) + 1, _has_areas(result)
    gone = {one.plan for one in result.document.withdrawn}
    for plan in sorted(result.document.plans, key=lambda one: rows[one.id].rank if one.id in rows else last):
        yield PbProject(
            project_id=str(plan.id),
            cost=plan.cost_cents if plan.id not in gone else WITHDRAWN,
            name=result.plans[plan.id].title,
            category=(plan.theme,) if plan.theme else (),
            neighborhood=plan.area or "" if has_areas else "",
            selected=codes.get(rows[plan.id].verdict, 0) if plan.id in rows else 0,
        )


def _has_areas(result: Result) -> bool:
    """Tell whether the file says where plans are: where some are for the whole area, it cannot leave a cell empty."""
    return all(plan.area for plan in result.document.plans)


def _pabulib_rule(result: Result) -> tuple[str, dict[str, str], tuple[str, ...]]:
    """Return the name of the rule, the fields that go with it, and comments on what the format has no word for."""
    counting, outcomes = result.rules.counting, result.document.outcomes
    rows = [row for outcome in outcomes for row in outcome.judgements]
    needed = max((outcome.votes_needed for outcome in outcomes), default=0)
    comments = [_note(result)] if result.round.note else []
    comments += withdrawn_words(result.document)
    if not _has_areas(result):
        comments.append(WHOLE_AREA)
    if any(row.verdict is Verdict.PARTLY_FUNDED for row in rows):
        comments.append(PARTLY)
    special = _special_words(result.rules)
    if special:
        rest = f"What does not fit: {counting.rest.value}. A plan needs at least {needed} votes."
        comments += [*special, rest]
    if counting.method is not Method.MOST_VOTES:
        return ("unknown" if special or needed > 1 else _shares_name(counting)), {}, tuple(comments)
    if special:
        return "greedy-custom", {}, tuple(comments)
    counts = needed > 1 or any(row.verdict is Verdict.BELOW_THRESHOLD for row in rows)
    extra = {"min_project_score_threshold": str(needed)} if counts else {}
    if counting.rest is not RestRule.SKIP:
        return "greedy-no-skip", extra, tuple(comments)
    return ("greedy-threshold" if counts else "greedy"), extra, tuple(comments)


def _shares_name(counting: CountingRules) -> str:
    """Return Pabulib's name for exactly these parameters of equal shares; what has none is `unknown`.

    `equalshares` is one run with cost utilities and no tail; `/add1` raises the start by a unit until that overspends.
    """
    shares = counting.equal_shares
    if shares is None or counting.method is not Method.EQUAL_SHARES:
        return "unknown"
    if shares.utility is not Utility.COST or shares.tail is not Tail.KEEP or shares.start is Start.WHOLE:
        return "unknown"
    suffix = "-comparison" if shares.compare else ""
    if shares.step_cents is None and shares.step_share is None:
        return f"equalshares{suffix}"
    by_unit = shares.step_share is None and shares.step_cents == UNIT_CENTS == shares.unit_cents
    return f"equalshares/add1{suffix}" if by_unit and shares.stop is Stop.OVERSPENT else "unknown"


def _special_words(rules: Ruleset) -> list[str]:
    counting = rules.counting
    caps = [*counting.theme_caps.items(), *counting.area_caps.items()]
    found = [f"At most {cents // 100} EUR for {group}." for group, cents in caps]
    found += [f"At most one of {', '.join(map(str, group))} is funded." for group in counting.incompatible]
    found += [f"Plan {plan} is funded only with plan {other}." for plan, other in counting.requires]
    minimums = [*counting.theme_minimums.items(), *counting.area_minimums.items()]
    found += [f"Divided first: {cents // 100} EUR for {group}." for group, cents in minimums]
    if (share := counting.support_per_cost) is not None:
        found.append(f"A plan of cost c needs votes / ballots >= {share.num}/{share.den} x c / budget.")
    if (share := counting.top_up_from) is not None:
        found.append(f"The plan that does not fit is funded whole if {share.num}/{share.den} of its cost is left.")
    if len(rules.pots) > 1:
        found += [f"Counted apart: {pot.cents // 100} EUR for {pot.name}." for pot in rules.pots]
    return found


def _note(result: Result) -> str:
    return " ".join(result.round.note.split())


def _day(moment: datetime) -> date:
    return moment.astimezone(AMSTERDAM).date()
