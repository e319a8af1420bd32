"""What META says about money and ballots, as numbers: every field of the format on which a count or a check depends."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from buurtbegroot.core.pabulib.amounts import Number, cents, count, number, points

VOTE_TYPES = ("approval", "choose-1", "ordinal", "cumulative", "scoring")
POINTS_TYPES = ("cumulative", "scoring")
REQUIRED = (
    "description", "country", "unit", "instance", "num_projects", "num_votes", "budget", "vote_type", "rule",
    "date_begin", "date_end",
)  # fmt: skip
DATES = ("date_begin", "date_end")

_OWNERS = {"category": "categories", "neighborhood": "neighborhoods"}
_DATE = re.compile(r"(?:(?:0[1-9]|[12][0-9]|3[01])\.(?:0[1-9]|1[0-2])\.)?[0-9]{4}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Money in cents; None or empty when META is silent; lists per category or neighbourhood in the order of theirs.

    The bounds on ballots hold for the distinct projects of each. A length per category may be one number for all.
    """

    budget: int
    vote_type: str
    rule: str = ""
    num_projects: int | None = None
    num_votes: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_sum_cost: int | None = None
    max_sum_cost: int | None = None
    min_points: Number | None = None
    max_points: Number | None = None
    min_sum_points: Number | None = None
    max_sum_points: Number | None = None
    default_score: Number | None = None
    scoring_fn: str = ""
    min_project_cost: int | None = None
    max_project_cost: int | None = None
    min_project_score_threshold: Number | None = None
    neighborhoods: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    fully_funded: int | None = None
    experimental: int | None = None
    budget_per_category: tuple[int, ...] = ()
    budget_per_neighborhood: tuple[int, ...] = ()
    min_length_per_category: tuple[int, ...] = ()
    max_length_per_category: tuple[int, ...] = ()
    min_sum_cost_per_category: tuple[int, ...] = ()
    max_sum_cost_per_category: tuple[int, ...] = ()

    @classmethod
    def of(cls, meta: Mapping[str, str]) -> "Terms":
        """Raises TermsError, which names the key, for a missing budget or vote type and for what is no number."""
        for key in ("budget", "vote_type"):
            if not meta.get(key):
                raise TermsError(key, "this key is missing")
        terms = cls(**{key: _value(key, meta[key]) for key in _PARSERS if meta.get(key)})  # type: ignore[arg-type]
        terms._check_lists()
        return terms

    def _check_lists(self) -> None:
        """Amounts belong to categories by their place in the list, so the lists must be as long."""
        for field in fields(self):
            owner = _OWNERS.get(field.name.rpartition("_per_")[2])
            if owner and (given := getattr(self, field.name)):
                names = getattr(self, owner)
                is_for_all = "length" in field.name and len(given) == 1
                if len(given) != len(names) and not is_for_all:
                    raise TermsError(field.name, f"{len(given)} numbers for {len(names)} names")


class TermsError(ValueError):
    """META holds what cannot be: ``key`` and ``reason``."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}")
        self.key = key
        self.reason = reason


def items(cell: str) -> list[str]:
    """The parts of a list inside a cell, with or without spaces after the commas."""
    return [item.strip() for item in cell.split(",")] if cell.strip() else []


def is_date(text: str) -> bool:
    """Whether the text is ``dd.mm.yyyy`` or ``yyyy``."""
    return _DATE.fullmatch(text) is not None


def _vote_type(text: str) -> str:
    if text not in VOTE_TYPES:
        raise ValueError(f"{text!r} is none of {', '.join(VOTE_TYPES)}")
    return text


def _labels(text: str) -> tuple[str, ...]:
    labels = tuple(items(text))
    if len(set(labels)) < len(labels):
        raise ValueError("a name occurs twice")
    return labels


def _amounts(text: str) -> tuple[int, ...]:
    return tuple(cents(item) for item in items(text))


def _counts(text: str) -> tuple[int, ...]:
    return tuple(count(item) for item in items(text))


def _flag(text: str) -> int:
    value = count(text)
    if value > 1:
        raise ValueError(f"{text!r} is neither 0 nor 1")
    return value


def _value(key: str, text: str) -> object:
    try:
        return _PARSERS[key](text)
    except ValueError as error:
        raise TermsError(key, str(error)) from error


_PARSERS: Mapping[str, Callable[[str], object]] = {
    "budget": cents,
    "vote_type": _vote_type,
    "rule": str,
    **dict.fromkeys(("num_projects", "num_votes", "min_length", "max_length"), count),
    **dict.fromkeys(("min_sum_cost", "max_sum_cost", "min_project_cost", "max_project_cost"), cents),
    **dict.fromkeys(("min_points", "max_points", "min_sum_points", "max_sum_points"), number),
    "default_score": points,
    "min_project_score_threshold": number,
    "scoring_fn": str,
    **dict.fromkeys(("neighborhoods", "categories"), _labels),
    **dict.fromkeys(("fully_funded", "experimental"), _flag),
    **dict.fromkeys(("budget_per_category", "budget_per_neighborhood"), _amounts),
    **dict.fromkeys(("min_length_per_category", "max_length_per_category"), _counts),
    **dict.fromkeys(("min_sum_cost_per_category", "max_sum_cost_per_category"), _amounts),
}
