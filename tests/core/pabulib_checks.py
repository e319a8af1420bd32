"""What must hold for any bytes that claim to be a .pb file, for the tests and the fuzzer."""

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import TypeVar

import numpy as np

from buurtbegroot.core.pabulib import PbError, PbFile, PbProfile, read, read_profile, write
from buurtbegroot.core.pabulib.terms import POINTS_TYPES, VOTE_TYPES

T = TypeVar("T")
HEAD = '''META
key;value
description;x
country;Netherlands
unit;"A; ""b"""
instance;1
num_projects;3
budget;10000,50
vote_type;{vote_type}
rule;greedy
date_begin;01.05.2026
date_end;2026
max_length;2
min_points;-1
max_sum_points;3
max_sum_cost;9000
categories;Groen,Samen
max_length_per_category;1
max_sum_cost_per_category;100,200.5
PROJECTS
project_id;cost;votes;score;name;category;selected
1;5000;3;2.5;"Bankjes; ""mooie""";Groen,Samen;1
a b;999999999;2;-1;Tuin;Groen;
3;7000,25;0;0;Feest;;0
VOTES
'''
APPROVALS = 'voter_id;vote;age\na;1,a b;44\nb;"1, a b,1";"x;""y"\nc;;18\n'
POINTS = "voter_id;points;vote\na;2,-1;1,a b\nb;0.5;3\nc;;\n"
SEEDS = {
    vote_type: HEAD.format(vote_type=vote_type) + (POINTS if vote_type in POINTS_TYPES else APPROVALS)
    for vote_type in VOTE_TYPES
}

Group = tuple[tuple[str, ...], tuple[Fraction, ...] | None]


def check(data: bytes) -> PbFile | None:
    """Both readers say the same, and what was written is read back; return the file, None if it is refused."""
    file, profile = attempt(read, data), attempt(read_profile, data)
    if isinstance(file, str) or isinstance(profile, str):
        assert file == profile
        return None
    assert profile.warnings == file.warnings
    assert profile.voters == len(file.votes)
    assert groups(profile) == expected_groups(file)
    text = write(file)
    again = read(text)
    assert write(again) == text
    assert again.budget == file.budget
    assert [vote[:3] for vote in again.votes] == [vote[:3] for vote in file.votes]
    assert [(plan.project_id, plan.cost) for plan in again.projects] == [
        (plan.project_id, plan.cost) for plan in file.projects
    ]
    return file


def attempt(reader: Callable[[bytes], T], data: bytes) -> T | str:
    """What a reader makes of it, or why it refuses."""
    try:
        return reader(data)
    except PbError as error:
        return str(error)


def groups(profile: PbProfile) -> dict[Group, int]:
    """The rows as plain values; two equal rows are an error."""
    found: dict[Group, int] = {}
    for row, weight in enumerate(profile.weights.tolist()):
        place = slice(profile.starts[row], profile.starts[row + 1])
        choices = tuple(profile.projects[plan].project_id for plan in profile.plans[place])
        points = None
        if profile.points is not None:
            points = tuple(Fraction(given, profile.scale) for given in profile.points[place].tolist())
        assert (choices, points) not in found
        found[choices, points] = weight
    assert profile.starts.dtype == profile.weights.dtype == np.int64
    assert profile.starts[-1] == len(profile.plans)
    return found


def expected_groups(file: PbFile) -> dict[Group, int]:
    """The same from the voters one by one."""
    order = {plan.project_id: place for place, plan in enumerate(file.projects)}
    found: Counter[Group] = Counter()
    for vote in file.votes:
        ballot: dict[str, Fraction] = {}
        for place, choice in enumerate(vote.choices):
            ballot.setdefault(choice, Fraction(vote.points[place] if vote.points else 0))
        if file.vote_type != "ordinal":
            ballot = dict(sorted(ballot.items(), key=lambda pair: order[pair[0]]))
        has_points = vote.points is not None and file.vote_type not in {"approval", "choose-1"}
        found[tuple(ballot), tuple(ballot.values()) if has_points else None] += 1
    return dict(found)
