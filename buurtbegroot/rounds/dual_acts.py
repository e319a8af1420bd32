"""What all acts that two people do together in a round have in common; what they show is for later rooms to say."""

from collections.abc import Callable, Collection
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from buurtbegroot.accounts.dual_acts import ORGANISERS
from buurtbegroot.accounts.queries import coordinators_of
from buurtbegroot.dual_control.domain import Shown
from buurtbegroot.dual_control.policy import Act, declare
from buurtbegroot.rounds.models import ROUND_KEY, Round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.rounds.queries import about, lock_round, round_key
from buurtbegroot.texts import Text


class RoundAct(StrEnum):
    """What in a round only two different people can do together, by the name of the act."""

    OPEN = "open"
    RESTORE = "restore"
    CLOSE = "close"
    CERTIFY = "certify"
    DESTROY = "destroy"
    CODE_LISTS = "code_lists"


def declare_round_act(
    name: RoundAct,
    *,
    to_do: Text,
    title: Text,
    shown: Callable[[Session, Round], Shown],
    is_possible: Callable[[Session, Round, datetime], bool],
    path: Callable[[Round], str],
    until: Callable[[Round, datetime], datetime | None] = lambda _round, _now: None,
) -> Act[Round]:
    """Declare an act of a round, which whoever manages the round asks for and confirms."""
    return declare(
        Act[Round](
            name=name.value,
            to_do=to_do,
            title=title,
            people_known=ORGANISERS,
            key=round_key,
            about=about,
            find=_find_rounds,
            lock=lambda session, round_: lock_round(session, round_.id),
            shown=shown,
            is_possible=is_possible,
            may_ask=may_manage,
            may_confirm=may_manage,
            people=lambda session, round_: coordinators_of(session, round_.owner),
            path=path,
            until=until,
        )
    )


def _find_rounds(session: Session, keys: Collection[str]) -> dict[str, Round]:
    found = (
        select(Round)
        .where(Round.slug.in_([key.removeprefix(ROUND_KEY) for key in keys]))
        .options(selectinload(Round.windows))
    )
    return {round_key(round_): round_ for round_ in session.scalars(found)}
