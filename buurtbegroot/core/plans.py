"""A plan as the ballot and the count see it: its cost and its groups; its story lives in the proposals."""

from dataclasses import dataclass
from enum import StrEnum


class Grouping(StrEnum):
    """What plans can be grouped by."""

    THEME = "theme"
    AREA = "area"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan on the ballot: its id, its cost in cents (0 for a free plan) and the groups it is in, if any."""

    id: int
    cost_cents: int
    theme: str | None = None
    area: str | None = None

    def group(self, grouping: Grouping | None) -> str | None:
        """Return the theme or area of the plan; None when there is no grouping or the plan is in no group."""
        if grouping is None:
            return None
        return self.theme if grouping is Grouping.THEME else self.area
