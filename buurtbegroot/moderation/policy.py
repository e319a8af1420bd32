"""Who moderates what."""

from buurtbegroot.accounts.models import User
from buurtbegroot.accounts.policy import may_coordinate, may_judge_work_of
from buurtbegroot.acts import By
from buurtbegroot.moderation.models import Hideable


def may_moderate(by: By, thing: Hideable) -> bool:
    """Tell whether `by` moderates where the thing belongs: who coordinates that area, alone and in every phase."""
    return isinstance(by, User) and by.is_organiser and may_coordinate(by, thing.area)


def may_hide(by: By, thing: Hideable) -> bool:
    """Tell whether `by` may hide the words of the thing and show them again: nobody judges what is their own."""
    return may_moderate(by, thing) and may_judge_work_of(by, thing.makers)
