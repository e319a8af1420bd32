"""What goes into the count of one pot: plans, votes, money and the seed of the lot; no rules."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from buurtbegroot.core.ballots import Choices, canonical_choices
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import Pot, Ruleset
from buurtbegroot.core.tally.profile import Profile, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Election:
    """Plans by rising id, their votes and the money of one pot.

    `votes` has every plan, in parts if votes have weights, `parts` to a vote. `profile` has the ballots, None when
    only totals are known; `ballots` maps canonical choices to how many voters chose exactly those where
    ballots are approvals. Build one with one of the methods `from_…`.
    """

    plans: tuple[Plan, ...]
    votes: Mapping[int, int]
    valid_ballots: int
    budget_cents: int
    seed: bytes
    ballots: Mapping[Choices, int] = field(default_factory=dict)
    pot: str = ""
    profile: Profile | None = field(default=None, compare=False)

    @property
    def parts(self) -> int:
        """In how many parts a vote is counted."""
        return 1 if self.profile is None else self.profile.parts

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
            if voters < 0:
                raise ValueError("a number of voters is negative")
            merged[canonical_choices(choices)] += voters
            votes.update(dict.fromkeys(choices, voters))
        election = cls.from_totals(plans, votes, valid_ballots=merged.total(), budget_cents=budget_cents, seed=seed)
        profile = Profile.from_ballots(tuple(election.votes), merged)
        return replace(election, ballots=dict(merged), profile=profile)

    @classmethod
    def from_rows(cls, plans: Iterable[Plan], rows: Iterable[Row], *, budget_cents: int, seed: bytes) -> "Election":
        """Return the election of valid ballots that may be rankings, have points, weights or start money.

        Rows without start money get an equal share of the budget if others have it. Raises ValueError as
        `from_ballots` does, for points beside some choices only, a weight that isn't positive and start money
        below 0.
        """
        listed = tuple(plans)
        kept = [row for row in rows if row.voters]
        _check_rows(kept, {plan.id for plan in listed})
        funded = _with_start_money(kept, budget_cents)
        profile = Profile.from_rows(sorted({plan.id for plan in listed}), funded)
        voters = sum(row.voters for row in kept)
        return cls.from_profile(listed, profile, valid_ballots=voters, budget_cents=budget_cents, seed=seed)

    @classmethod
    def from_profile(
        cls,
        plans: Iterable[Plan],
        profile: Profile,
        *,
        budget_cents: int,
        seed: bytes,
        valid_ballots: int | None = None,
    ) -> "Election":
        """Return the election of these rows; without another number each whole vote is taken for a ballot.

        Raises ValueError as `from_totals` does, and if the profile is of other plans.
        """
        votes = dict(zip(profile.plans, profile.totals(), strict=True))
        ballots = int(profile.votes.sum()) // profile.parts if valid_ballots is None else valid_ballots
        election = cls.from_totals(plans, votes, valid_ballots=ballots, budget_cents=budget_cents, seed=seed)
        if profile.plans != tuple(election.votes):
            raise ValueError("the profile has other plans than the election")
        return replace(election, profile=profile)


def _check_rows(rows: Iterable[Row], plans: set[int]) -> None:
    pointed = set()
    for row in rows:
        if len(set(row.choices)) < len(row.choices):
            raise ValueError(f"a ballot names a plan twice: {row.choices}")
        if unknown := sorted(set(row.choices) - plans):
            raise ValueError(f"votes for unknown plans: {unknown}")
        if row.voters < 0 or row.weight <= 0 or (row.start is not None and row.start < 0):
            raise ValueError("a number of voters, a weight or start money is negative, or a weight is 0")
        if row.points is not None and len(row.points) != len(row.choices):
            raise ValueError(f"{len(row.points)} points for {len(row.choices)} plans")
        if row.choices:
            pointed.add(row.points is not None)
    if len(pointed) > 1:
        raise ValueError("some ballots have points and others none")


def _with_start_money(rows: Sequence[Row], budget_cents: int) -> Sequence[Row]:
    if all(row.start is None for row in rows):
        return rows
    share = Fraction(budget_cents) / (sum(row.voters * row.weight for row in rows if row.choices) or 1)
    return [row if row.start is not None else row._replace(start=share if row.choices else None) for row in rows]


def by_pot(election: Election, ruleset: Ruleset) -> tuple[Election, ...]:
    """Return one election for each pot, in the order of the pots, with the pot's money and plans only.

    Every election keeps the number of valid ballots of the whole, and a ranking the order of the pot's
    plans. Raises ValueError for start money of voters where there are more pots: whose it is, nobody said.
    """
    if ruleset.pots_by is not None and election.profile is not None and election.profile.money is not None:
        raise ValueError("start money of voters goes with one pot")
    return tuple(_in_pot(election, ruleset, pot) for pot in ruleset.pots)


def _in_pot(election: Election, ruleset: Ruleset, pot: Pot) -> Election:
    inside = {plan.id for plan in election.plans if ruleset.pot_of(plan) == pot}
    return among(election, inside, budget_cents=pot.cents, pot=pot.id)


def among(election: Election, ids: Container[int], *, budget_cents: int, pot: str) -> Election:
    """Return the election with these plans only, as a pot of this name and money."""
    plans = tuple(plan for plan in election.plans if plan.id in ids)
    if plans == election.plans:
        return replace(election, budget_cents=budget_cents, pot=pot)
    ballots: Counter[Choices] = Counter()
    for choices, voters in election.ballots.items():
        ballots[tuple(plan for plan in choices if plan in ids)] += voters
    return replace(
        election,
        plans=plans,
        votes={plan.id: election.votes[plan.id] for plan in plans},
        ballots=dict(ballots),
        budget_cents=budget_cents,
        pot=pot,
        profile=None if election.profile is None else election.profile.among([plan.id for plan in plans]),
    )
