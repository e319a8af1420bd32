"""A count of our own, as a neighbour would do it with pencil and paper; it shares no line with the product's."""

from dataclasses import dataclass


@dataclass
class Paper:
    """A plan on paper: title and euros."""

    title: str
    euros: int


@dataclass
class Outcome:
    """What a count gives: votes per title, the winners with their euros, what is left, and the money left per step."""

    votes: dict[str, int]
    order: list[str]
    winners: dict[str, int]
    left: int
    left_after: list[int]

    @property
    def spent(self) -> int:
        return sum(self.winners.values())


def count(plans: list[Paper], ballots: list[set[str]], budget: int, rest: str = "skip") -> Outcome:
    """Most votes first, the cheaper first among equals; `rest` says what happens when a plan does not fit."""
    votes = {plan.title: sum(plan.title in ballot for ballot in ballots) for plan in plans}
    euros = {plan.title: plan.euros for plan in plans}
    order = sorted(votes, key=lambda title: (-votes[title], euros[title]))
    left, winners, after = budget, {}, []
    is_over = False
    for title in order:
        if not is_over and votes[title] > 0:
            if euros[title] <= left:
                winners[title] = euros[title]
                left -= euros[title]
            elif rest == "part" and left:
                winners[title], left, is_over = left, 0, True
            elif rest == "stop":
                is_over = True
        after.append(left)
    return Outcome(votes, order, winners, left, after)


def with_winner(ballots: list[set[str]], winners: dict[str, int]) -> int:
    """Return how many voters see at least one of their plans win."""
    return sum(any(title in winners for title in ballot) for ballot in ballots)


def dutch(number: float, decimals: int = 0) -> str:
    """Write a number the Dutch way."""
    return f"{number:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


def share(part: int, whole: int) -> str:
    """Write a share the Dutch way."""
    return dutch(100 * part / whole, 1) + "%"


def euros(amount: int) -> str:
    """Write an amount the Dutch way."""
    return f"€ {dutch(amount)}"


def money_by_group(ballots: list[set[str]], winners: dict[str, int]) -> list[tuple[int, float]]:
    """Divide each winner's euros over its voters; return voters and euros by how many of their plans won.

    Groups follow that number and take the next one in until they have ten voters; what stays too small joins the last.
    """
    each = {title: euros / sum(title in ballot for ballot in ballots) for title, euros in winners.items()}
    hits = [sum(title in winners for title in ballot) for ballot in ballots]
    groups: list[list[int]] = []
    for number in sorted(set(hits)):
        voters = [place for place, hit in enumerate(hits) if hit == number]
        if groups and len(groups[-1]) < 10:
            groups[-1] += voters
        else:
            groups.append(voters)
    if len(groups) > 1 and len(groups[-1]) < 10:
        groups[-2:] = [groups[-2] + groups[-1]]
    return [(len(group), sum(each.get(title, 0) for voter in group for title in ballots[voter])) for group in groups]
