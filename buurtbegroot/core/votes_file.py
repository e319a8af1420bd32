"""votes.pb of a bundle: the vote in the Pabulib format, of published files alone and without any text of people."""

from collections.abc import Iterator, Mapping
from datetime import date

from buurtbegroot.core.ballots import Choices
from buurtbegroot.core.pabulib.amounts import euros
from buurtbegroot.core.pabulib.election import Election, election_file
from buurtbegroot.core.pabulib.model import WITHDRAWN, PbProject
from buurtbegroot.core.pabulib.writer import write
from buurtbegroot.core.rules import Ruleset
from buurtbegroot.core.tally.document import Document
from buurtbegroot.core.tally.trace import Verdict

RULES = "Rules are in manifest.json, every step of the count is in result.json, texts of plans are in plans.json."
SELECTED = {Verdict.FUNDED: 1, Verdict.TOPPED_UP: 2, Verdict.PARTLY_FUNDED: 2}
"""The sign of a plan that got money: 1 from the budget alone; what 2 means, `marked_words` says."""
_PARTLY = "A plan with selected 2 gets part of its cost."
_TOPPED_UP = "A plan with selected 2 gets its whole cost, for which money was added to the budget."
_EITHER = "A plan with selected 2 gets part of its cost, or its whole cost with money that was added to the budget."


def withdrawn_words(document: Document) -> Iterator[str]:
    """Say for people which plans have the cost by which the format knows that they could not win any more."""
    costs = {plan.id: plan.cost_cents for plan in document.plans}
    for one in document.withdrawn:
        yield f"Project {one.plan} (cost {euros(costs[one.plan])}) was withdrawn while people voted and could not win."


def marked_words(document: Document) -> Iterator[str]:
    """Say what the sign 2 means; bundles say so from the first on, also where no plan has it."""
    found = {one.verdict for one in document.judgements}
    if Verdict.TOPPED_UP not in found:
        yield _PARTLY
    else:
        yield _EITHER if Verdict.PARTLY_FUNDED in found else _TOPPED_UP


def votes_file(
    document: Document, rules: Ruleset, ballots: Mapping[Choices, int], *, begins: date, ends: date
) -> bytes:
    """Return votes.pb of a count, of the ballots that it counted, and of the first and the last day of voting."""
    whole = rules.ballot.whole
    election = Election(
        description=document.round,
        unit=document.round,
        instance=document.round,
        budget=rules.budget_cents,
        date_begin=begins,
        date_end=ends,
        rule="unknown",
        min_length=whole.min_choices or None,
        max_length=whole.max_choices,
        max_sum_cost=whole.max_cost_cents,
        comments=(RULES, *marked_words(document), *withdrawn_words(document)),
    )
    gone = {one.plan for one in document.withdrawn}
    said = {one.plan: one for one in document.judgements}
    plans = sorted(document.plans, key=lambda plan: (said[plan.id].rank if plan.id in said else len(said) + 1, plan.id))
    projects = [
        PbProject(
            project_id=str(plan.id),
            cost=plan.cost_cents if plan.id not in gone else WITHDRAWN,
            name=f"plan {plan.id}",
            category=(plan.theme,) if plan.theme else (),
            selected=SELECTED.get(said[plan.id].verdict, 0) if plan.id in said else 0,
        )
        for plan in plans
    ]
    cast = [tuple(map(str, choices)) for choices, voters in ballots.items() for _ in range(voters)]
    return write(election_file(election, plans=projects, ballots=cast)).encode()
