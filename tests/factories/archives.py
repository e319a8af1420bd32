"""Small files of a past vote."""

HEAD = '''META
key;value
description;Buurtbudget van toen
country;Netherlands
unit;Amsterdam
instance;2022
num_projects;4
num_votes;12
budget;100
vote_type;approval
rule;{rule}
date_begin;{begins}
date_end;{ends}
{more}PROJECTS
project_id;cost;votes;{selected}name;category
a;60;6;{a}"Bankjes; ""mooie""";Groen
b;50;5;{b}Feest;Samen
c;40;4;{c}Tuin;Groen
d;10;1;{d}Lamp;
VOTES
voter_id;vote;age
'''
VOTES = ["a", "a,c", "a", "a", "a,b", "a", "b", "b", "b,c", "b", "c", "c,d"]


def pb(
    *, rule: str = "greedy", won: str = "", begins: str = "01.05.2022", ends: str = "31.05.2022", more: str = ""
) -> str:
    """Return a small file; `won` has a sign for each of its projects, or nothing."""
    signs = {name: f"{sign};" for name, sign in zip("abcd", won, strict=False)} or dict.fromkeys("abcd", "")
    head = HEAD.format(rule=rule, begins=begins, ends=ends, more=more, selected="selected;" if won else "", **signs)
    return head + "".join(f"kiezer{number};{vote};4{number}\n" for number, vote in enumerate(VOTES))
