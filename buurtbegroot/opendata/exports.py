"""What the files of open data hold: columns and rows of rounds, plans and results, and the Pabulib file of a vote."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from buurtbegroot.areas.models import Area
from buurtbegroot.core.ballots import Choices
from buurtbegroot.core.methods import Method
from buurtbegroot.core.pabulib import Election, PbFile, PbProject, election_file
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.rules import RestRule, Ruleset, to_json
from buurtbegroot.core.tally.trace import Step, Verdict
from buurtbegroot.opendata.tables import AMSTERDAM, Cell, Euros, Percent
from buurtbegroot.proposals.models import PUBLIC_STATUSES, Proposal
from buurtbegroot.results.outcome import SMALLEST_GROUP, Result
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import phase_of, rules_or_none, window_of
from buurtbegroot.tally.models import PlanResult, Tally

RESULT_COLUMNS = (
    "rondeId", "planId", "nummer", "titel", "pot", "stemmen", "rang", "gekozen", "uitkomst", "kostenEur",
    "toegekendEur", "volgordeInTelling", "restNaEur", "telregel", "restregel", "uitslagHash",
)  # fmt: skip
ROUND_COLUMNS = (
    "rondeId", "naam", "gebiedCode", "gebied", "buurtCodes", "budgetEur", "fase", "startIndienen", "eindIndienen",
    "startStemmen", "eindStemmen", "stemvorm", "minAantal", "maxAantal", "maxBedragEur", "telregel", "restregel",
    "gelijkspelregel", "minLeeftijd", "aantalCodes", "aantalStemmers", "opkomstPct", "vastgesteldOp", "besluitUrl",
    "opmerking",
)  # fmt: skip
PLAN_COLUMNS = (
    "planId", "rondeId", "nummer", "titel", "samenvatting", "buurtCode", "thema", "aangevraagdEur", "getoetstEur",
    "status", "stemmen", "toegekendEur", "ingediendOp",
)  # fmt: skip
PARTLY = "A plan with selected 2 gets part of its cost, namely what was left in the end."


def result_rows(result: Result) -> Iterator[Sequence[Cell]]:
    """Yield what became of each plan, by pot and rank; the step is the last that looked at the plan, if any did."""
    counting = result.rules.counting
    for pot in result.pots:
        steps = {step.judgement.plan: step for step in pot.outcome.steps}
        for row in pot.rows:
            step: Step | None = steps.get(row.plan)
            plan = result.plans[row.plan]
            yield (
                result.round.slug, row.plan, plan.number, plan.title, pot.name, row.votes, row.rank,
                row.awarded_cents > 0, row.verdict.value, Euros(row.cost_cents), Euros(row.awarded_cents),
                step.number if step else None, Euros(step.left_after_cents) if step else None,
                counting.method.value, counting.rest.value, result.tally.trace_hash,
            )  # fmt: skip


def result_json(result: Result) -> dict[str, Any]:
    """Return the whole result as plain JSON: about the round, the figures and the trace; amounts in cents."""
    return {
        "round": {
            "id": result.round.slug,
            "title": result.round.title,
            "area": result.round.owner_code,
            "note": result.round.note,
            "certified_at": result.round.certified_at.isoformat() if result.round.certified_at else None,
            "fingerprint": result.round.fingerprint,
            "accord_points": [point.number for point in result.round.points],
        },
        "envelopes": result.tally.envelopes,
        "defects": result.tally.defects,
        "valid_ballots": result.tally.valid_ballots,
        "spent_cents": result.tally.spent_cents,
        "left_cents": result.tally.left_cents,
        "plans": [plan._asdict() for plan in result.plans.values()],
        "trace_sha256": result.tally.trace_hash,
        "trace": json.loads(result.tally.trace),
    }


def round_rows(session: Session, now: datetime) -> Iterator[Sequence[Cell]]:
    """Yield every published round; numbers of votes only once the result is certified, shares never of a few people."""
    rows = session.execute(
        select(Round, Tally)
        .outerjoin(Tally, (Tally.round_id == Round.id) & Round.certified_at.is_not(None))
        .where(Round.published_at.is_not(None))
        .options(
            joinedload(Round.owner).options(defer(Area.outline)),
            selectinload(Round.windows),
            selectinload(Round.pots),
            selectinload(Round.buurten).options(defer(Area.outline)),
        )
        .order_by(Round.id)
    ).all()
    for round_, tally in rows:
        yield (*_about(round_, now), *_dates(round_), *_rules(rules_or_none(round_)), *_votes(round_, tally))


def _about(round_: Round, now: datetime) -> tuple[Cell, ...]:
    codes = " ".join(area.code for area in round_.buurten)
    phase = phase_of(round_, now).value
    return round_.slug, round_.title, round_.owner_code, round_.owner.name, codes, Euros(round_.budget_cents), phase


def _dates(round_: Round) -> tuple[Cell, ...]:
    windows = [window_of(round_, phase) for phase in (Phase.SUBMISSION, Phase.VOTING)]
    return tuple(moment for each in windows for moment in ((each.begins_at, each.ends_at) if each else (None, None)))


def _rules(rules: Ruleset | None) -> tuple[Cell, ...]:
    if rules is None:
        return (None,) * 8
    whole, counting = rules.ballot.whole, rules.counting
    most = None if whole.max_cost_cents is None else Euros(whole.max_cost_cents)
    ties = " ".join(key.value for key in counting.ties)
    return (
        rules.ballot.type.value, whole.min_choices, whole.max_choices, most, counting.method.value,
        counting.rest.value, ties, rules.eligibility.minimum_age,
    )  # fmt: skip


def _votes(round_: Round, tally: Tally | None) -> tuple[Cell, ...]:
    if tally is None:
        return None, None, None, None, round_.decision_url, round_.note
    codes, voters = tally.figures["codes"], tally.valid_ballots
    share = Percent(voters, codes) if codes > voters >= SMALLEST_GROUP else None
    return codes, voters, share, round_.certified_at, round_.decision_url, round_.note


def plan_rows(session: Session) -> Iterator[Sequence[Cell]]:
    """Yield every public plan of published rounds, without its author; votes only once the result is certified."""
    rows = (
        select(Proposal, Round.slug, PlanResult.votes, PlanResult.awarded_cents)
        .join(Round, Round.id == Proposal.round_id)
        .outerjoin(PlanResult, (PlanResult.proposal_id == Proposal.id) & Round.certified_at.is_not(None))
        .where(Round.published_at.is_not(None), Proposal.status.in_(PUBLIC_STATUSES))
        .options(joinedload(Proposal.theme))
        .order_by(Proposal.id)
        .execution_options(yield_per=500)
    )
    for plan, slug, votes, awarded in session.execute(rows):
        granted = None if awarded is None else Euros(awarded)
        yield (
            plan.id, slug, plan.number, plan.title, plan.summary, plan.buurt_code,
            plan.theme.name if plan.theme else None, Euros(plan.estimate_cents), Euros(plan.cost_cents),
            plan.status.value, votes, granted, plan.created_at,
        )  # fmt: skip


def pabulib_file(result: Result, ballots: Counter[Choices]) -> PbFile:
    """Return the vote in the Pabulib format; what its rule names cannot say stands in a comment."""
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
    last = len(rows) + 1
    for plan in sorted(result.document.plans, key=lambda one: rows[one.id].rank if one.id in rows else last):
        yield PbProject(
            project_id=str(plan.id),
            cost=plan.cost_cents,
            name=result.plans[plan.id].title,
            category=(plan.theme,) if plan.theme else (),
            selected=codes.get(rows[plan.id].verdict, 0) if plan.id in rows else 0,
        )


def _pabulib_rule(result: Result) -> tuple[str, dict[str, str], tuple[str, ...]]:
    """Return the name of the rule, the fields that go with it, and comments on what the format has no word for."""
    counting, outcomes = result.rules.counting, result.document.outcomes
    rows = [row for outcome in outcomes for row in outcome.judgements]
    needed = max((outcome.votes_needed for outcome in outcomes), default=0)
    comments = [_note(result)] if result.round.note else []
    if any(row.verdict is Verdict.PARTLY_FUNDED for row in rows):
        comments.append(PARTLY)
    special = _special_words(result.rules)
    if counting.method is not Method.MOST_VOTES:
        method = f"Counted by {counting.method.value}; all rules: {to_json(result.rules).decode()}"
        return "unknown", {}, (*comments, *special, method)
    if special:
        rest = f"What does not fit: {counting.rest.value}. A plan needs at least {needed} votes."
        return "greedy-custom", {}, (*comments, *special, rest)
    counts = needed > 1 or any(row.verdict is Verdict.BELOW_THRESHOLD for row in rows)
    extra = {"min_project_score_threshold": str(needed)} if counts else {}
    if counting.rest is not RestRule.SKIP:
        return "greedy-no-skip", extra, tuple(comments)
    return ("greedy-threshold" if counts else "greedy"), extra, tuple(comments)


def _special_words(rules: Ruleset) -> list[str]:
    counting = rules.counting
    caps = [*counting.theme_caps.items(), *counting.area_caps.items()]
    found = [f"At most {cents // 100} EUR for {group}." for group, cents in caps]
    found += [f"At most one of {', '.join(map(str, group))} is funded." for group in counting.incompatible]
    if len(rules.pots) > 1:
        found += [f"Counted apart: {pot.cents // 100} EUR for {pot.name}." for pot in rules.pots]
    return found


def _note(result: Result) -> str:
    return " ".join(result.round.note.split())


def _day(moment: datetime) -> date:
    return moment.astimezone(AMSTERDAM).date()
