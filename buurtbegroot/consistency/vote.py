"""One vote as it is checked: its row, its files, its trusted values and its count."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from buurtbegroot.box.domain.anchors import Anchors, Folder
from buurtbegroot.rounds.models import Round
from buurtbegroot.tally.models import Tally


@dataclass(frozen=True)
class Vote:
    """A vote that database and trusted values both call opened; `tally` is None until the box is shut."""

    session: Session
    round: Round
    folder: Folder
    anchors: Anchors = field(kw_only=True)
    tally: Tally | None = field(kw_only=True)

    @property
    def is_destroyed(self) -> bool:
        """Whether its secrets were destroyed."""
        return self.tally is not None and self.tally.destroyed_at is not None

    @property
    def lists_are_destroyed(self) -> bool:
        """Whether lists, ballots and bundle went with the secrets, as those of a small vote do."""
        return self.is_destroyed and self.tally is not None and self.tally.is_small


Check = Callable[[Vote], Iterator[str]]
"""What yields in words each fault that it finds; what it raises is a fault as well."""
