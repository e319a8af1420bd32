"""Whether an attack found more than chance, and for how many attacks together that is said.

An attack says of people which ballot is theirs. Two things are held against chance:

- how often the choices on that ballot are those of the person. Who knows the outcome and nothing else hits most often
  by always guessing the most frequent choices; so under chance the hits are at most binomial with that share;
- how often it is the ballot of that very person. Who knows nothing pairs as a random permutation does and hits once in
  so many people; the number of hits is then Poisson, of mean 1 when it is said of everybody.

ALPHA is for all attacks of one vote together: each gets its part of it (Bonferroni).
"""

import math
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

ALPHA = 0.001


@dataclass(frozen=True)
class Found:
    """What an attack found of so many people, and how probable so much is by chance."""

    people: int
    choices: int
    ballots: int
    p: float


def judged(said: Mapping[int, int], own: Sequence[int], choices: Sequence[Hashable]) -> Found:
    """Judge an attack that says ballot `said[person]`, where `own[person]` is right and `choices` are the ballots'."""
    same = sum(choices[ballot] == choices[own[person]] for person, ballot in said.items())
    exact = sum(ballot == own[person] for person, ballot in said.items())
    share = max(Counter(choices[ballot] for ballot in own).values()) / len(own)
    p = min(1.0, 2 * min(binomial_tail(len(said), share, same), poisson_tail(len(said) / len(own), exact)))
    return Found(people=len(said), choices=same, ballots=exact, p=p)


def binomial_tail(tries: int, share: float, least: int) -> float:
    """Return the probability of at least so many hits in so many tries, each with this probability."""
    if share >= 1:
        return 1.0
    return math.fsum(
        math.exp(
            math.lgamma(tries + 1)
            - math.lgamma(hits + 1)
            - math.lgamma(tries - hits + 1)
            + hits * math.log(share)
            + (tries - hits) * math.log1p(-share)
        )
        for hits in range(least, tries + 1)
    )


def poisson_tail(mean: float, least: int) -> float:
    """Return the probability of at least so many where `mean` are expected."""
    return math.fsum(
        math.exp(hits * math.log(mean) - mean - math.lgamma(hits + 1)) for hits in range(least, least + 60)
    )
