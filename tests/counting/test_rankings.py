"""Rankings in files: places as the voter wrote them, and the points that the published scores speak of."""

from collections.abc import Sequence

import pytest

from buurtbegroot.core.methods import Score
from buurtbegroot.core.pabulib import Beyond, euros, read, read_profile
from buurtbegroot.core.tally.profile import Profile, Row
from buurtbegroot.core.tally.scores import plan_votes
from buurtbegroot.counting.asked import Asked, asked
from buurtbegroot.counting.counted import Counted, counted
from buurtbegroot.counting.progress import Progress
from buurtbegroot.counting.vote import Vote, vote_beside, vote_of
from tests.core.real_ballots import FOLDER

VOTES = ["w,b,a"] * 5 + ["a,w,b"] * 3 + ["w,a,b"]
"""By 3-2-1 as written a has 16 points and b 14; were w cut out, b would have 23 and a 22."""


def ranked(votes: Sequence[str], *, scores: tuple[object, object, object], more: str = "max_length;3\n") -> bytes:
    """A file of a and b, between which the money has to choose, and w, which was withdrawn after the vote."""
    rows = "".join(f"{number};{vote}\n" for number, vote in enumerate(votes, start=1))
    a, b, w = scores
    return (
        f"META\nkey;value\nnum_projects;3\nnum_votes;{len(votes)}\nbudget;100\nvote_type;ordinal\nrule;greedy\n{more}"
        f"PROJECTS\nproject_id;cost;score;selected\na;100;{a};1\nb;100;{b};0\nw;999999999;{w};0\n"
        f"VOTES\nvoter_id;vote\n{rows}"
    ).encode()


def by_file(data: bytes, *, beyond: Beyond | None = None) -> tuple[Vote, Counted]:
    vote = vote_of(read_profile(data), seed=b"") if beyond is None else vote_beside(read(data), beyond, seed=b"")
    (own,) = asked((), {}, vote)
    return vote, counted(own, vote, path="fastest", certify=False, progress=Progress())


def scores_of(vote: Vote, one: Asked) -> dict[str, int]:
    return {vote.projects[plan].project_id: votes for plan, votes in plan_votes(vote.election, one.counting).items()}


@pytest.mark.parametrize("more", ["max_length;3\n", ""])
@pytest.mark.parametrize("beyond", [None, Beyond(seed="00")], ids=["alone", "beside"])
def test_who_ranked_a_withdrawn_plan_first_ranked_the_next_second(more: str, beyond: Beyond | None) -> None:
    data = ranked(VOTES, scores=(16, 14, 24), more=more)
    vote, found = by_file(data, beyond=beyond)
    assert scores_of(vote, found.asked) == {"a": 16, "b": 14}
    assert found.asked.counting.positions == (3, 2, 1)
    assert vote.named(found.winners) == ["a"] == vote.named(vote.selected or ())
    assert not any("warning" in note for note in found.asked.notes)


def test_scores_that_are_not_those_of_the_ballots_are_a_warning() -> None:
    _vote, found = by_file(ranked(VOTES, scores=(16, 15, 24)))
    assert found.asked.counting.score is Score.BORDA, "one of two scores speaks for nothing"
    with_c = ranked([*VOTES, "c,a,b"], scores=(18, 16, 24)).replace(b"w;99", b"c;200;3;0\nw;99")
    vote, found = by_file(with_c.replace(b"num_projects;3", b"num_projects;4"))
    assert found.asked.counting.positions == (3, 2, 1)
    assert vote.named(found.winners) == ["a"]
    assert [note for note in found.asked.notes if "warning" in note] == [
        "warning: published scores are not those of the ballots: b has 16, counted 15"
    ]


@pytest.mark.parametrize("said", ["scoring_fn;Borda\n", ""])
def test_borda_counts_every_plan_that_could_be_ranked(said: str) -> None:
    vote, found = by_file(ranked(VOTES, scores=(7, 5, 15), more=said))
    assert found.asked.counting.score is Score.BORDA
    assert scores_of(vote, found.asked) == {"a": 7, "b": 5}
    assert not any("warning" in note for note in found.asked.notes)


def test_an_unknown_scoring_is_looked_up_in_the_scores() -> None:
    _vote, found = by_file(ranked(VOTES, scores=(16, 14, 24), more="scoring_fn;three-two-one\n"))
    assert found.asked.counting.positions == (3, 2, 1)


def test_in_a_pot_others_close_up_and_the_withdrawn_keep_their_place() -> None:
    """The ranking 5, withdrawn, 3, 1 among the plans 1 and 3 alone: 3 is second and 1 third."""
    profile = Profile.from_rows([1, 3, 5], [Row((5, 3, 1), places=(0, 2, 3)), Row((3, 5, 1))])
    assert profile.among([1, 3]).ranks().tolist() == [1, 2, 0, 1]
    assert profile.among([5]).ranks().tolist() == [0, 0]


@pytest.mark.parametrize("name", ["Poland_Krakow_2018", "Poland_Krakow_2022_Podgorze_Duchackie"])
def test_cities_that_rank_have_the_scores_that_they_published(name: str) -> None:
    path = FOLDER / f"{name}.pb"
    if not path.exists():
        pytest.skip("the real ballots are not beside this checkout")
    vote = vote_of(read_profile(path.read_bytes()), seed=b"")
    (own,) = asked((), {}, vote)
    assert own.counting.positions == (3, 2, 1)
    assert not any("warning" in note for note in own.notes)
    withdrawn = max(vote.projects.values(), key=lambda project: project.score or 0)
    row = f"\n{withdrawn.project_id};{euros(withdrawn.cost)};"
    without = path.read_text(encoding="utf-8").replace(row, f"\n{withdrawn.project_id};999999999;")
    cut = vote_of(read_profile(without), seed=b"")
    assert cut.withdrawn == (withdrawn.project_id,)
    (own,) = asked((), {}, cut)
    assert own.counting.positions == (3, 2, 1)
    assert not any("warning" in note for note in own.notes)
