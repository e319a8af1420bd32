"""What goes into the count of one pot: plans, votes, money and the seed of the lot; no rules."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from buurtbegroot.core.ballots import Choices, canonical_choices
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import Pot, Ruleset


@dataclass(frozen=True, slots=True, kw_only=True)
class Election:
    """Plans by rising id, their votes and the money of one pot.

    `votes` has every plan; `ballots` maps canonical choices to how many voters chose exactly those, and
    is empty when only totals are known. Build one with `from_ballots` or `from_totals`.
    """

    plans: tuple[Plan, ...]
    votes: Mapping[int, int]
    valid_ballots: int
    budget_cents: int
    seed: bytes
    ballots: Mapping[Choices, int] = field(default_factory=dict)
    pot: str = ""

    @classmethod
    def from_totals(
        cls,
        plans: Iterable[Plan],
        votes: Mapping[int, int],
        *,
        valid_ballots: int,
        budget_cents: int,
        seed: bytes,
    ) -> "Election":
        """Return the election of these totals; a plan without one has 0 votes.

        Raises ValueError for a plan that occurs twice or is unknown and for a negative number.
        """
        ordered = tuple(sorted(plans, key=lambda plan: plan.id))
        ids = [plan.id for plan in ordered]
        if len(set(ids)) < len(ids):
            raise ValueError("a plan occurs twice")
        if unknown := sorted(votes.keys() - set(ids)):
            raise ValueError(f"votes for unknown plans: {unknown}")
        costs = (plan.cost_cents for plan in ordered)
        if min([valid_ballots, budget_cents, *costs, *votes.values()]) < 0:
            raise ValueError("a cost, a total, the budget or the number of ballots is negative")
        return cls(
            plans=ordered,
            votes={plan: votes.get(plan, 0) for plan in ids},
            valid_ballots=valid_ballots,
            budget_cents=budget_cents,
            seed=seed,
        )

    @classmethod
    def from_ballots(
        cls, plans: Iterable[Plan], ballots: Mapping[Choices, int], *, budget_cents: int, seed: bytes
    ) -> "Election":
        """Return the election of these valid ballots, each with the number of voters who cast it.

        Raises ValueError as `from_totals` does, and for a ballot that names a plan twice.
        """
        merged: Counter[Choices] = Counter()
        votes: Counter[int] = Counter()
        for choices, voters in ballots.items():
            if len(set(choices)) < len(choices):
                raise ValueError(f"a ballot names a plan twice: {choices}")
            merged[canonical_choices(choices)] += voters
            votes.update(dict.fromkeys(choices, voters))
        election = cls.from_totals(plans, votes, valid_ballots=merged.total(), budget_cents=budget_cents, seed=seed)
        return replace(election, ballots=dict(merged))


def by_pot(election: Election, ruleset: Ruleset) -> tuple[Election, ...]:
    """Return one election for each pot, in the order of the pots, with the pot's money and plans only.

    Every election keeps the number of valid ballots of the whole.
    """
    return tuple(_in_pot(election, ruleset, pot) for pot in ruleset.pots)


def _in_pot(election: Election, ruleset: Ruleset, pot: Pot) -> Election:
    plans = tuple(plan for plan in election.plans if ruleset.pot_of(plan) == pot)
    ids = {plan.id for plan in plans}
    ballots: Counter[Choices] = Counter()
    for choices, voters in election.ballots.items():
        ballots[tuple(plan for plan in choices if plan in ids)] += voters
    return replace(
        election,
        plans=plans,
        votes={plan: election.votes[plan] for plan in sorted(ids)},
        ballots=dict(ballots),
        budget_cents=pot.cents,
        pot=pot.id,
    )
