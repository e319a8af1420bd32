"""The rule that a `.pb` file names, as rules of a count; what the format cannot say is said in notes."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fractions import Fraction
from math import ceil
from typing import Any

from buurtbegroot.core.methods import EqualShares, Method, Score, Share, Tail, Utility
from buurtbegroot.core.pabulib import tells_of_more
from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.records import from_plain, to_plain
from buurtbegroot.core.rules import CountingRules, RestRule, TieKey
from buurtbegroot.core.tally.constraints import caps_of
from buurtbegroot.core.tally.presets import PABULIB_CHECKER_ADD1
from buurtbegroot.core.tally.scores import plan_votes
from buurtbegroot.counting.vote import Vote

TIES = (TieKey.CHEAPEST_FIRST, TieKey.MOST_VOTES_FIRST, TieKey.LISTED_FIRST, TieKey.LOT)
LOT_TIES = (TieKey.CHEAPEST_FIRST, TieKey.MOST_VOTES_FIRST, TieKey.LOT)
"""The orders of ties without and with a seed for the lot."""

_ONCE = EqualShares(step_cents=None, tail=Tail.KEEP)
_SHARES = CountingRules(method=Method.EQUAL_SHARES, equal_shares=_ONCE)
_NAMED: Mapping[str, CountingRules] = {
    "greedy": CountingRules(),
    "greedy-no-skip": CountingRules(rest=RestRule.STOP),
    "greedy-threshold": CountingRules(),
    "greedy-exclusive": CountingRules(),
    "unknown": CountingRules(),
    "": CountingRules(),
    "equalshares": _SHARES,
    "equalshares-comparison": replace(_SHARES, equal_shares=replace(_ONCE, compare=True)),
    "equalshares/add1": PABULIB_CHECKER_ADD1,
    "equalshares/add1-comparison": replace(
        PABULIB_CHECKER_ADD1, equal_shares=replace(PABULIB_CHECKER_ADD1.equal_shares or _ONCE, compare=True)
    ),
}
CUSTOMS: Mapping[str, CountingRules] = {"poznan": CountingRules(rest=RestRule.STOP, top_up_from=Share(num=4, den=5))}
"""The rules of their own that places are known to have, which the format calls `greedy-custom`."""

_CUSTOM = "greedy-custom"
_PLACES = {"poznań": "poznan"}
"""By the name of a place in META, in small letters, the rule of its own."""

_KNOWN_CUSTOMS = "poznan (stop at what does not fit, but fund it if 80 % of its cost is left)"
_MORE = (
    "the comment tells of more than the format holds, such as rules, areas, pots or the order of equals: without the "
    "JSON beside the file (--beside) that is not known, and this is a count by META alone"
)
_OR_NAME = "Choose a rule with --rule"
_PART = "partially fund"
SHOWN_SCORES = 5
_BY_NAMES = {Method.EXACT_EQUAL_SHARES, Method.PHRAGMEN, Method.MAXIMIN_SUPPORT}


class FileRuleError(ValueError):
    """The rule that a file names is not known, or asks for more than the file says; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRules:
    """The rules of a file's own count, and what had to be supposed."""

    counting: CountingRules
    notes: tuple[str, ...]


def file_rules(vote: Vote) -> FileRules:
    """Return the rules of the document beside the file, or those that META names with the caps of the file.

    The threshold of the file holds for both, unless the document has all that decided the count. Raises ValueError for
    parameters of a document that cannot be, and FileRuleError for a name that nobody knows or that asks for more.
    """
    given = rules_beside(vote)
    if given is not None:
        needed = vote.terms.min_project_score_threshold
        if needed is not None and not _is_whole(vote):
            given = replace(given, min_votes=max(1, ceil(Fraction(needed) * vote.scale_of(given))), min_share=None)
        rules, about_ballots = for_ballots(given, vote)
        return FileRules(counting=rules, notes=(*_beside_notes(vote, given), *about_ballots))
    terms = vote.terms
    named, notes = _named(vote)
    rules, about_ballots = for_ballots(named, vote)
    needed = terms.min_project_score_threshold
    rules = replace(
        rules,
        rest=RestRule.PART if _PART in vote.meta.get("leftover_budget", "").lower() else rules.rest,
        min_votes=rules.min_votes if needed is None else max(1, ceil(Fraction(needed) * vote.scale_of(rules))),
        theme_caps=dict(zip(terms.categories, terms.budget_per_category, strict=False)),
        area_caps=dict(zip(terms.neighborhoods, terms.budget_per_neighborhood, strict=False)),
    )
    notes += [*about_ballots, *_notes(vote)]
    return FileRules(counting=rules, notes=tuple(notes))


def has_rule(vote: Vote) -> bool:
    """Return whether the file, or the document beside it, says by which rule to count."""
    try:
        return rules_beside(vote) is not None or bool(_named(vote))
    except ValueError:
        return False


def _named(vote: Vote) -> tuple[CountingRules, list[str]]:
    """Return the rule that META names, and what is to be said of it. Raises FileRuleError."""
    rule, place = vote.terms.rule, _PLACES.get(vote.meta.get("unit", "").lower())
    if rule == _CUSTOM and place and not _misses_more(vote):
        return CUSTOMS[place], [f"taken for the rule {place}, as the file is of {vote.meta['unit']}"]
    if rule != _CUSTOM and rule not in _NAMED:
        near = nearest(rule, [name for name in (*_NAMED, _CUSTOM) if name])
        raise FileRuleError(f"{rule!r} is no rule of the format; {near}. {_OR_NAME}")
    if (missing := _missing(vote)) is not None:
        raise FileRuleError(f"{rule} says too little to count by: {missing}")
    notes = [f"the rule {rule!r} says nothing to count by: most votes, passing over"] if rule in {"unknown", ""} else []
    return _NAMED[rule], notes


def _missing(vote: Vote) -> str | None:
    """Return what a rule asks for that the file has not, and how to give it; None if it has all."""
    rule = vote.terms.rule
    if rule == _CUSTOM and _misses_more(vote):
        return "its comment tells of rules in the JSON beside the file: give it with --beside, or a --rule"
    if rule == _CUSTOM:
        others = "Others go in --rule FILE.json or --beside"
        return f"which rule of its own? Known by name (--rule): {_KNOWN_CUSTOMS}. {others}"
    if rule == "greedy-exclusive" and not (vote.beyond and vote.beyond.exclusive):
        return (
            "which projects exclude each other is not in the file. Say it beside the file (--beside, exclusive), "
            "or count as if none do with --rule most_votes"
        )
    if rule == "greedy-threshold" and vote.terms.min_project_score_threshold is None:
        return (
            "min_project_score_threshold is missing. Say it with --rule most_votes --set min_votes=NUMBER, "
            "or count without with --rule most_votes"
        )
    return None


def nearest(name: str, known: Iterable[str]) -> str:
    """Return which known names are nearest to this one or, if none is near, all of them, in words."""
    plain = {_plain(one): one for one in known}
    found = get_close_matches(_plain(name), plain, n=3, cutoff=0.6)
    listed = ", ".join(plain[one] for one in found)
    return f"nearest: {listed}" if found else f"known: {', '.join(plain.values())}"


def _plain(name: str) -> str:
    """Return a name as it may be written: without capitals and marks, and MES in full."""
    words = "".join(sign if sign.isalnum() else " " for sign in name.lower()).split()
    return "".join("equalshares" if word == "mes" else word for word in words)


def rules_beside(vote: Vote) -> CountingRules | None:
    """Return the rules that the document beside the file gives as parameters; None if it gives no rules.

    Where it does not say which number is which plan, those that go together or exclude each other are read from the
    fields of their own there, by project. Raises ValueError for what cannot be.
    """
    given = vote.beyond.parameters if vote.beyond else {}
    if "method" not in given:
        return None
    plain: Any = to_plain(CountingRules())
    by_number = set() if _is_whole(vote) else {"incompatible", "requires"}
    read = {name: _value(text) for name, text in given.items() if name not in by_number}
    return from_plain(CountingRules, {**plain, **read})


def _is_whole(vote: Vote) -> bool:
    """Whether the document beside the file has the plans as the program that counted knew them."""
    return vote.beyond is not None and bool(vote.beyond.plans)


def _misses_more(vote: Vote) -> bool:
    return vote.beyond is None and tells_of_more(vote.meta.get("comment", ""))


def _beside_notes(vote: Vote, rules: CountingRules) -> Iterator[str]:
    pots = vote.beyond.pots if vote.beyond else ()
    said = f"each of {len(pots)} pots apart" if len(pots) > 1 else "all as one pot"
    yield f"by the parameters beside the file, {said}"
    minimums = {Grouping.THEME: rules.theme_minimums, Grouping.AREA: rules.area_minimums}
    for grouping, caps in caps_of(rules).items():
        inside = {plan.group(grouping) for plan in vote.election.plans}
        if empty := sorted({*caps, *minimums[grouping]} - inside):
            yield f"no project is in {grouping} {', '.join(empty)}, so a cap or minimum for that does nothing"


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def for_ballots(
    rules: CountingRules, vote: Vote, *, shares_worth: Utility = Utility.POINTS_COST
) -> tuple[CountingRules, list[str]]:
    """Return the rules with the score that these ballots ask for and the declared order of ties, and what was supposed.

    A rule that says itself how ballots score is left alone. `shares_worth` is what a plan with points is worth by
    equal shares that go by costs.
    """
    if rules.ties == CountingRules().ties:
        rules = replace(rules, ties=LOT_TIES if vote.election.seed else TIES)
    if rules.score is not Score.VOTES or vote.terms.vote_type in {"approval", "choose-1"}:
        return rules, []
    if vote.terms.vote_type == "ordinal":
        rules, notes = _ranked(rules, vote)
    else:
        default = Fraction(vote.terms.default_score or 0) * vote.scale
        rules, notes = (
            replace(rules, score=Score.POINTS, default_score=ceil(default)),
            ["ballots score by their points"],
        )
    rules, worth = _with_worth(rules, shares_worth)
    return rules, [f"{notes[0]}{worth}", *notes[1:]]


def _with_worth(rules: CountingRules, shares_worth: Utility) -> tuple[CountingRules, str]:
    """Return the rules with the utility that points ask for, and what that is or that the method knows no points."""
    shares = rules.equal_shares
    if rules.method is Method.EQUAL_SHARES and shares is not None and shares.utility is Utility.COST:
        rules = replace(rules, equal_shares=replace(shares, utility=shares_worth))
        times = " times its cost" if shares_worth is Utility.POINTS_COST else ""
        return rules, f", and a funded project is worth its points{times}"
    if rules.method in {Method.WELFARE, Method.BOS} and rules.utility is Utility.COUNT:
        return replace(rules, utility=Utility.POINTS), ", and a funded project is worth its points"
    if rules.method in _BY_NAMES:
        return rules, ", but this method only asks which projects a ballot names"
    return rules, ""


def _ranked(rules: CountingRules, vote: Vote) -> tuple[CountingRules, list[str]]:
    """Return the score of rankings that gives the published scores; Borda, the format's default, if none does.

    That is the one by which most projects that were ranked have the score in the file, if those are more than half.
    """
    borda = replace(rules, score=Score.BORDA)
    if vote.terms.scoring_fn.lower() == "borda":
        return borda, [f"rankings score by Borda (the file: {vote.terms.scoring_fn})", *_wrong_scores(borda, vote)]
    ranked = [plan for plan, votes in vote.election.votes.items() if votes and vote.projects[plan].score is not None]
    tried = [replace(rules, score=Score.POSITIONS, positions=tuple(range(most, 0, -1))) for most in _lengths(vote)]
    right = [len(ranked) - len(_differing(one, vote, ranked)) for one in (*tried, borda)]
    if 2 * max(right) <= len(ranked) or right.index(max(right)) == len(tried):
        said = "as the published scores say" if 2 * right[-1] > len(ranked) else "as the file does not say otherwise"
        return borda, [f"rankings score by Borda, {said}", *_wrong_scores(borda, vote)]
    found = tried[right.index(max(right))]
    said = f"rankings score {found.positions[0]} for the first, 1 less for each next, as the published scores say"
    return found, [said, *_wrong_scores(found, vote)]


def _lengths(vote: Vote) -> list[int]:
    """Return the numbers of points that the first of a ranking may have where the last possible place has one."""
    listed = len(vote.projects) + len(vote.withdrawn)
    assert vote.election.profile is not None
    longest = int(vote.election.profile.ranks().max(initial=0)) + 1
    found = (min(vote.terms.max_length or listed, listed), longest, listed)
    return [most for most in dict.fromkeys(found) if most]


def _differing(rules: CountingRules, vote: Vote, plans: Iterable[int]) -> dict[int, Fraction]:
    """Return the scores by these rules of the plans that have others in the file."""
    scores = {plan: Fraction(votes, vote.parts(rules)) for plan, votes in plan_votes(vote.election, rules).items()}
    return {plan: scores[plan] for plan in plans if scores[plan] != vote.projects[plan].score}


def _wrong_scores(rules: CountingRules, vote: Vote) -> list[str]:
    """Return the warning that scores in the file are not those of its ballots, if so."""
    told = [plan for plan, project in vote.projects.items() if project.score is not None]
    wrong = _differing(rules, vote, told)
    if not wrong:
        return []
    listed = list(wrong.items())[:SHOWN_SCORES]
    said = [f"{vote.projects[plan].project_id} has {vote.projects[plan].score}, counted {own}" for plan, own in listed]
    more = ["…"] if len(wrong) > len(listed) else []
    return [f"warning: published scores are not those of the ballots: {'; '.join([*said, *more])}"]


def _notes(vote: Vote) -> Iterator[str]:
    if _misses_more(vote):
        yield _MORE
    if vote.beyond and vote.beyond.parameters:
        yield f"parameters beside the file that are no rules of ours: {', '.join(sorted(vote.beyond.parameters))}"
    if vote.withdrawn:
        yield f"withdrawn, so not counted: {', '.join(vote.withdrawn)}"
    if any(len(project.category) > 1 for project in vote.projects.values()) and vote.terms.budget_per_category:
        yield "a project in several categories counts for the first of them"
