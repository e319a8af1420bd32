"""Who reports and who moderates what."""

from collections.abc import Collection

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.accounts.policy import are_independent, may_coordinate, may_judge_work_of
from buurtbegroot.acts import Anyone, By, System
from buurtbegroot.moderation.models import Case, Hideable, Report

MODERATORS = frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})


def may_moderate(by: By, thing: Hideable) -> bool:
    """Tell whether `by` moderates where the thing belongs: who coordinates that area, alone and in every phase."""
    return isinstance(by, User) and by.is_organiser and may_coordinate(by, thing.area)


def may_hide(by: By, thing: Hideable) -> bool:
    """Tell whether `by` may hide the words of the thing and show them again: nobody judges what is their own."""
    return may_moderate(by, thing) and may_judge_work_of(by, thing.makers)


def may_judge_appeal(by: By, thing: Hideable, case: Case, *, handed_on: Collection[int]) -> bool:
    """Tell whether `by` may judge an appeal: who may judge the words, did not leave it, and ruled on none of the case.

    Nor did anybody whom a role ties to them.
    """
    if not may_hide(by, thing) or not isinstance(by, User) or by.id in handed_on:
        return False
    return all(are_independent(by, judge) for judge in case.judges)


def is_maker(by: By, thing: Hideable) -> bool:
    """Tell whether `by` made the thing, as far as their account is still there."""
    return isinstance(by, User) and by.id in {maker.id for maker in thing.makers}


def moderates_in(by: By) -> frozenset[str]:
    """Return the codes of the areas in which, and in all that lies in them, `by` moderates."""
    grants = by.grants if isinstance(by, User) else ()
    return frozenset(grant.area_code for grant in grants if grant.role in MODERATORS)


def may_report(by: By) -> bool:
    """Tell whether `by` may report words: everyone, with or without an account."""
    return isinstance(by, User | Anyone)


def is_reporter(by: By, report: Report) -> bool:
    """Tell whether the report is of this account; one without an account is of whoever has it in the browser."""
    return isinstance(by, Anyone) if report.user_id is None else isinstance(by, User) and by.id == report.user_id


def may_tidy(by: By) -> bool:
    """Tell whether `by` may do what time brings along: the program alone."""
    return isinstance(by, System)
