"""Which rules were asked for: by the file itself, by a method's or a preset's name, or by a JSON file."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from re import fullmatch
from typing import Any, TypeVar

from buurtbegroot.core.counting_problems import BY_POINTS, BY_SHARES, counting_problems
from buurtbegroot.core.methods import EqualShares, Method, Utility
from buurtbegroot.core.problem_codes import Problem, ProblemCode
from buurtbegroot.core.records import from_plain, to_plain
from buurtbegroot.core.rules import CountingRules, Pot, Ruleset, TieKey, from_json
from buurtbegroot.core.tally.comparing import MOST_WORK, work_of
from buurtbegroot.core.tally.presets import PRESETS
from buurtbegroot.counting.file_rules import (
    CUSTOMS,
    FileRuleError,
    file_rules,
    for_ballots,
    has_rule,
    nearest,
    rules_beside,
)
from buurtbegroot.counting.vote import Vote

FILE = "file"
ALL = "all"
PATIENCE = 20
"""How many times as long as the server does, somebody waits who asked for all methods."""
MOST_BOS = 1_000_000
"""As `MOST_WORK`: the server never counts by BOS beside other rules."""
NAMES = (FILE, *Method, *PRESETS, *CUSTOMS)
_NAMED = {**PRESETS, **CUSTOMS}
_BY_POINTS_ALONE = {"pabutools", "pabutools_one_percent"}
"""Presets by which a plan is worth its points, as pabutools has it, and not its points times its cost."""
_HARMLESS = {ProblemCode.ABOVE_BUDGET}
"""Unwise in the rules of a round, but there is one outcome all the same, also with no money at all."""

Found = TypeVar("Found")
SHARES_FIELDS = frozenset(one.name for one in fields(EqualShares))


class AskedError(ValueError):
    """A rule that does not exist, or that cannot count this file; the text says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A rule with the name that it was asked by, and what had to be supposed."""

    name: str
    counting: CountingRules
    notes: tuple[str, ...] = ()


def asked(names: Sequence[str], settings: Mapping[str, str], vote: Vote) -> list[Asked]:
    """Return the rules by these names, each once; the file's own if there are none. Raises AskedError."""
    every = [method for method in _suited(vote) if method not in too_long(vote)]
    own = (FILE,) if has_rule(vote) else ()
    listed = [name for one in names or (FILE,) for name in ((*own, *every) if one == ALL else (one,))]
    found = [_by_name(name, vote) for name in dict.fromkeys(listed)]
    unused = set(settings)
    for place, one in enumerate(found):
        fitting = {key: text for key, text in settings.items() if _place(key, one.counting) is not None}
        notes = (*one.notes, "but --set says how ballots score") if "score" in fitting else one.notes
        found[place] = replace(one, counting=_changed(_unscored(one.counting, fitting), fitting), notes=notes)
        unused -= set(fitting)
    if unused:
        near = nearest(min(unused), _parameters(found))
        raise AskedError(f"--set {min(unused)}: no rule asked for has this parameter; {near}")
    for one in found:
        _check(one, vote)
    return found


def too_long(vote: Vote) -> list[Method]:
    """Return the methods that `all` leaves out, as such a vote would keep them busy for more than a minute or so."""
    bounds = {**MOST_WORK, Method.BOS: MOST_BOS}
    del bounds[Method.EQUAL_SHARES]
    return [
        method
        for method, most in bounds.items()
        if work_of(vote.election, CountingRules(method=method)) > PATIENCE * most
    ]


def _unscored(rules: CountingRules, settings: Mapping[str, str]) -> CountingRules:
    """Return the rules without what goes with their own score if another is set."""
    return replace(rules, positions=(), default_score=0) if "score" in settings else rules


def _suited(vote: Vote) -> Iterator[str]:
    """The methods that can count such ballots."""
    for method in Method:
        if method is not Method.MAJORITY_JUDGMENT or vote.terms.vote_type in {"cumulative", "scoring"}:
            yield method


def _by_name(name: str, vote: Vote) -> Asked:
    if name == FILE:
        own = _of_file(file_rules, vote)
        return Asked(name=name, counting=_beside(own.counting, vote), notes=own.notes)
    if name in _NAMED:
        rules = _NAMED[name]
    elif name in set(Method):
        shares = EqualShares() if name in BY_SHARES else None
        rules = CountingRules(method=Method(name), equal_shares=shares)
    elif name.endswith(".json"):
        rules = _from_file(Path(name))
    else:
        near = nearest(name, (*NAMES, ALL))
        raise AskedError(f"--rule {name}: no such rule; {near}; or a file ending in .json. --help lists all")
    worth = Utility.POINTS if name in _BY_POINTS_ALONE else Utility.POINTS_COST
    rules, notes = for_ballots(rules, vote, shares_worth=worth)
    return Asked(name=name, counting=_beside(rules, vote), notes=tuple(notes))


def _of_file(read: Callable[[Vote], Found], vote: Vote) -> Found:
    try:
        return read(vote)
    except FileRuleError as error:
        raise AskedError(f"rule: {error}") from error
    except ValueError as error:
        raise AskedError(f"--beside: parameters: {error}") from error


def _from_file(path: Path) -> CountingRules:
    """Return the rules of a count, or of the count in the rules of a whole round."""
    try:
        text = path.read_text(encoding="utf-8")
        plain = json.loads(text, object_pairs_hook=_once)
        if isinstance(plain, dict) and "rules" in plain:
            return from_json(text).counting
        defaults: Any = to_plain(CountingRules())
        return from_plain(CountingRules, {**defaults, **plain} if isinstance(plain, dict) else plain)
    except (OSError, ValueError, RecursionError) as error:
        raise AskedError(f"--rule {path}: {error}") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON. Raises ValueError for a name that occurs twice, of which only one could hold."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name occurs twice in an object")
    return found


def _beside(rules: CountingRules, vote: Vote) -> CountingRules:
    """Return the rules with what the document beside the file says of plans together and of ties."""
    beyond = vote.beyond
    if beyond is None:
        return rules
    numbers = {name: plan.id for name, plan in beyond.plans.items()} or vote.numbers
    given = _of_file(rules_beside, vote) if beyond.plans else None
    listed = (TieKey.LISTED_FIRST, TieKey.LOT) if beyond.tie_order else rules.ties
    groups = [tuple(numbers[one] for one in group if one in numbers) for group in beyond.exclusive]
    needed = [(one, other) for one, other in beyond.requires if one in numbers]
    if lost := [one for one, other in needed if other not in numbers]:
        raise AskedError(f"--beside: requires: {lost[0]!r} needs a project that is withdrawn; say what becomes of it")
    pairs = [(numbers[one], numbers[other]) for one, other in needed]
    return replace(
        rules,
        incompatible=rules.incompatible or tuple(group for group in groups if len(group) > 1),
        requires=rules.requires or tuple(pairs),
        ties=given.ties if given else listed,
    )


def _place(key: str, rules: CountingRules) -> str | None:
    """Return the path of a parameter in rules of this method; those of equal shares need no prefix."""
    name = key.removeprefix("equal_shares.")
    if rules.equal_shares is not None and name in SHARES_FIELDS:
        return f"equal_shares.{name}"
    return key if key in {one.name for one in fields(CountingRules)} and key != "method" else None


def _changed(rules: CountingRules, settings: Mapping[str, str]) -> CountingRules:
    plain: Any = to_plain(rules)
    for key, text in settings.items():
        path = (_place(key, rules) or key).split(".")
        holder = plain[path[0]] if len(path) > 1 else plain
        holder[path[-1]] = _value(path[-1], text)
    try:
        return from_plain(CountingRules, plain)
    except ValueError as error:
        raise AskedError(f"--set {error}") from error


def _value(name: str, text: str) -> object:
    """Return what was typed: JSON, 1/3 for a share, names with commas for the order of ties, none, or a word."""
    if share := fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text):
        return {"num": int(share[1]), "den": int(share[2])}
    if text == "none":
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return [one.strip() for one in text.split(",")] if name == "ties" else text


def _parameters(found: Sequence[Asked]) -> list[str]:
    known = {one.name for one in fields(CountingRules)} - {"method", "equal_shares"}
    if any(one.counting.equal_shares for one in found):
        known |= SHARES_FIELDS
    return sorted(known)


def _check(one: Asked, vote: Vote) -> None:
    """Raise AskedError for rules that contradict themselves, these ballots or these plans."""
    election = vote.election
    one_pot = Ruleset(pots=(Pot(id="", name="", cents=election.budget_cents),))
    purse = (vote.beyond.purse if vote.beyond else None) or one_pot
    plain = vote.terms.vote_type in {"approval", "choose-1"}
    plans = list(vote.beyond.plans.values()) if vote.beyond and vote.beyond.plans else election.plans
    for problem in counting_problems(replace(purse, counting=one.counting), plans):
        if problem.code not in (_HARMLESS if plain else {*_HARMLESS, ProblemCode.NOT_FOR_BALLOT}):
            raise AskedError(f"--rule {one.name}: {_words(problem)}")
    if one.counting.method is Method.MAJORITY_JUDGMENT and vote.terms.vote_type == "ordinal":
        raise AskedError(f"--rule {one.name}: rankings hold no grades")
    if plain and {one.counting.utility, (one.counting.equal_shares or EqualShares()).utility} & set(BY_POINTS):
        raise AskedError(f"--rule {one.name}: these ballots hold no points")


def _words(problem: Problem) -> str:
    params = ", ".join(f"{name} {value}" for name, value in problem.params.items())
    code = problem.code.replace("_", " ")
    return f"{problem.field.removeprefix('counting.')}: {code}{f' ({params})' if params else ''}"
