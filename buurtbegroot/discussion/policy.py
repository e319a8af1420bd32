"""Who may take part in a discussion, and when."""

from datetime import datetime

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.accounts.policy import roles_in
from buurtbegroot.acts import By
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import About, Voice
from buurtbegroot.proposals.models import PUBLIC_STATUSES, ProposalStatus
from buurtbegroot.proposals.policy import is_author
from buurtbegroot.rounds.queries import standing_of

TALKED_ABOUT = {ProposalStatus.SUBMITTED, ProposalStatus.ADMITTED}
VOICES = {
    Role.ADMINISTRATOR: Voice.ADMINISTRATOR,
    Role.COORDINATOR: Voice.COORDINATOR,
    Role.STAFF: Voice.STAFF,
}
"""As who somebody with a role speaks, the weightiest first."""


def is_public(about: About) -> bool:
    """Tell whether everyone may read what it is about."""
    return about.round.published_at is not None and (about.proposal is None or about.proposal.status in PUBLIC_STATUSES)


def may_talk(by: By, about: About) -> bool:
    """Tell whether `by` may talk about public plans and rounds like this one: anybody with an account."""
    return isinstance(by, User) and is_public(about)


def takes_contributions(about: About, now: datetime) -> bool:
    """Tell whether everybody can talk now: about a plan while it can change, about a round until its vote is opened."""
    standing = standing_of(about.round, now)
    if about.proposal is None:
        return standing.is_before_vote
    return about.proposal.status in TALKED_ABOUT and standing.takes_changes


def takes_answers(by: By, about: About, now: datetime) -> bool:
    """Tell whether `by` can answer now: as long as all can talk, and makers and organisers until the vote is opened."""
    if takes_contributions(about, now):
        return True
    return voice_of(by, about) is not Voice.RESIDENT and standing_of(about.round, now).is_before_vote


def voice_of(by: By, about: About) -> Voice:
    """Return as who `by` speaks of this: a maker, an organiser by a role in its area, or a resident."""
    if about.proposal is not None and is_author(by, about.proposal):
        return Voice.MAKER
    roles = roles_in(by, about.round.owner)
    return next((voice for role, voice in VOICES.items() if role in roles), Voice.RESIDENT)


def is_writer(by: By, contribution: Contribution) -> bool:
    """Tell whether `by` wrote it; a visitor without an account wrote nothing."""
    return isinstance(by, User) and contribution.author_id is not None and contribution.author_id == by.id


def may_read(by: By, contribution: Contribution) -> bool:
    """Tell whether `by` may open its page: everyone once it was shown, and whoever wrote it before that.

    One that waits again after a change still has its page as long as answers stand there; the page says no more.
    """
    was_shown = contribution.shown_at is not None or contribution.answers > 0
    return is_public(contribution.thread.about) and (was_shown or is_writer(by, contribution))


def where_to_change(by: By, contribution: Contribution, now: datetime) -> str:
    """Return on which path `by` may change it now, what is hidden at any time; "" when they may not."""
    is_own = contribution.deleted_at is None and is_writer(by, contribution)
    may = is_own and (contribution.hidden_at is not None or takes_answers(by, contribution.thread.about, now))
    return f"{contribution.path}/wijzigen" if may else ""


def where_to_delete(by: By, contribution: Contribution, now: datetime) -> str:  # noqa: ARG001 - at any time
    """Return on which path `by` may take it away; "" when they may not."""
    may = contribution.deleted_at is None and is_writer(by, contribution)
    return f"{contribution.path}/verwijderen" if may else ""


def may_settle(by: By, contribution: Contribution) -> bool:
    """Tell whether `by` may say that a question is answered: who asked, a maker, or who coordinates its area."""
    voice = voice_of(by, contribution.thread.about)
    return is_writer(by, contribution) or voice in {Voice.MAKER, Voice.COORDINATOR, Voice.ADMINISTRATOR}


def may_take_over(by: By, contribution: Contribution) -> bool:
    """Tell whether `by` may say what was taken over of it: a maker of the plan."""
    proposal = contribution.thread.proposal
    return proposal is not None and is_author(by, proposal)
