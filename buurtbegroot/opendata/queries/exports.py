"""What the files of open data hold: columns and rows of rounds, plans and results, and the Pabulib file of a vote."""

import json
from collections.abc import Container, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.rules import Ruleset
from buurtbegroot.core.tally.trace import Step
from buurtbegroot.discussion.queries.figures import counted_contributions
from buurtbegroot.opendata.domain.tables import Cell, Euros, Percent, known_euros
from buurtbegroot.proposals.models import PUBLIC_STATUSES, OffBallot, Proposal, state_of
from buurtbegroot.results.domain.outcome import SMALLEST_GROUP, Result
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import HAS_PUBLIC_OUTCOME, rules_or_none, standing_of, window_of
from buurtbegroot.support.queries import counted_support
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
    "status", "steun", "reacties", "stemmen", "toegekendEur", "ingediendOp",
)  # fmt: skip

AWARDED = (PlanResult.votes, PlanResult.awarded_cents)


def result_rows(result: Result) -> Iterator[Sequence[Cell]]:
    """Yield what became of each plan, by pot and rank; the step is the last that looked at the plan, if any did.

    Plans that were withdrawn while people voted come last, without pot and rank.
    """
    counting = result.rules.counting
    for pot in result.pots:
        steps = {step.judgement.plan: step for step in pot.outcome.steps}
        for row in pot.rows:
            step: Step | None = steps.get(row.plan)
            plan = result.plans[row.plan]
            yield (
                result.round.slug, row.plan, plan.number, plan.title, pot.name, row.votes, row.rank,
                row.awarded_cents > 0, row.verdict, Euros(row.cost_cents), Euros(row.awarded_cents),
                step.number if step else None, Euros(step.left_after_cents) if step else None,
                counting.method, counting.rest, result.tally.trace_hash,
            )  # fmt: skip
    costs = {plan.id: plan.cost_cents for plan in result.document.plans}
    for one in result.document.withdrawn:
        plan = result.plans[one.plan]
        yield (
            result.round.slug, one.plan, plan.number, plan.title, "", one.votes, None, False, OffBallot.WITHDRAWN,
            Euros(costs[one.plan]), Euros(0), None, None, counting.method, counting.rest, result.tally.trace_hash,
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
        "left_out": result.tally.left_out,
        "closing_sha256": result.tally.closing,
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
        .outerjoin(Tally, (Tally.round_id == Round.id) & HAS_PUBLIC_OUTCOME)
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
    return (
        round_.slug, round_.title, round_.owner_code, round_.owner.name, codes, known_euros(round_.budget_cents),
        standing_of(round_, now).phase,
    )  # fmt: skip


def _dates(round_: Round) -> tuple[Cell, ...]:
    windows = [window_of(round_, phase) for phase in (Phase.SUBMISSION, Phase.VOTING)]
    return tuple(moment for each in windows for moment in ((each.begins_at, each.ends_at) if each else (None, None)))


def _rules(rules: Ruleset | None) -> tuple[Cell, ...]:
    if rules is None:
        return (None,) * 8
    whole, counting = rules.ballot.whole, rules.counting
    most = None if whole.max_cost_cents is None else Euros(whole.max_cost_cents)
    return (
        rules.ballot.type, whole.min_choices, whole.max_choices, most, counting.method,
        counting.rest, counting.ties, rules.eligibility.minimum_age,
    )  # fmt: skip


def _votes(round_: Round, tally: Tally | None) -> tuple[Cell, ...]:
    if tally is None:
        return None, None, None, None, round_.decision_url, round_.note
    codes, voters = tally.figures["codes"], tally.valid_ballots
    share = Percent(voters, codes) if codes > voters >= SMALLEST_GROUP else None
    return codes, voters, share, round_.certified_at, round_.decision_url, round_.note


def plan_rows(session: Session, now: datetime, *, off_ballot: Container[int]) -> Iterator[Sequence[Cell]]:
    """Yield every public plan of published rounds, without its author; votes only once the result is certified.

    `off_ballot` are the plans, by id, that were taken off an open ballot.
    """
    rows = (
        select(Proposal, Round.slug, counted_support(now), counted_contributions(), *AWARDED)
        .join(Round, Round.id == Proposal.round_id)
        .outerjoin(PlanResult, (PlanResult.proposal_id == Proposal.id) & HAS_PUBLIC_OUTCOME)
        .where(Round.published_at.is_not(None), Proposal.status.in_(PUBLIC_STATUSES))
        .options(joinedload(Proposal.theme))
        .order_by(Proposal.id)
        .execution_options(yield_per=500)
    )
    for plan, slug, support, reactions, votes, awarded in session.execute(rows):
        granted = None if awarded is None else Euros(awarded)
        yield (
            plan.id, slug, plan.number, plan.title, plan.summary, plan.buurt_code,
            plan.theme.name if plan.theme else None, known_euros(plan.estimate_cents), known_euros(plan.cost_cents),
            state_of(plan, off_ballot), support, reactions, votes, granted, plan.created_at,
        )  # fmt: skip
