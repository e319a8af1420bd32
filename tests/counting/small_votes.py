"""Small files of each type of vote, for the tests of the command."""

HEAD = """META
key;value
description;A small vote
country;Netherlands
unit;Dorp
instance;2024
num_projects;4
num_votes;{votes}
budget;100.50
vote_type;{vote_type}
rule;{rule}
date_begin;01.01.2024
date_end;31.01.2024
{more}PROJECTS
project_id;cost;name;selected
a;60;<b>Bankjes</b>;1
b;40.50;Bomen & struiken;1
c;41;Speeltuin;0
d;999999999;Ingetrokken;0
VOTES
"""


def small(votes: str, *, rule: str = "greedy", vote_type: str = "approval", more: str = "") -> str:
    head = HEAD.format(votes=len(votes.strip().splitlines()) - 1, vote_type=vote_type, rule=rule, more=more)
    return head + votes


APPROVALS = small("voter_id;vote\n1;a,b\n2;a,b\n3;a\n4;c\n5;b,c\n")
POINTS = small("voter_id;vote;points\n1;a,b;2,0.5\n2;c,b;3,1\n", vote_type="cumulative", more="max_sum_points;4\n")
RANKS = small("voter_id;vote\n1;a,b\n2;c,b,a\n", vote_type="ordinal")
