"""Hiding words and pictures of any room at once, and showing them again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.accounts.policy import may_judge_work_of
from buurtbegroot.acts import Fault, insist, require
from buurtbegroot.audit.actions import record, tell_again, withhold
from buurtbegroot.database import lock_as_seen
from buurtbegroot.mail.actions import enqueue_mail
from buurtbegroot.moderation.events import WordsHidden, WordsShown
from buurtbegroot.moderation.models import Hideable, Reason
from buurtbegroot.moderation.policy import may_moderate

OWN_EVENTS = "moderation."


class ModerationFault(Fault):
    """Why words stay as they are. OWN: the moderator made them, or is tied by a role to who did. SHOWN: all show."""

    OWN = "own"
    SHOWN = "shown"


@dataclass(frozen=True, kw_only=True)
class Hiding:
    """Why words are hidden, for everyone; what the maker reads of it besides; and whether the title is hidden too."""

    reason: Reason
    explained: str = ""
    title_too: bool = False


def hide_words(session: Session, hideable: Hideable, hiding: Hiding, *, seen: int, by: User, now: datetime) -> None:
    """Hide words and pictures of a thing everywhere, from the end of this transaction on, and mail its makers why.

    Lines of the log about it that hold its words are withheld meanwhile. Hiding again says anew what is hidden, and
    why. Raises RefusedError for one's own words, ChangedSinceError when they are not those of the version `seen`.
    """
    require(may_moderate(by, hideable), hidden=True)
    lock_as_seen(session, hideable, seen=seen)
    insist(may_judge_work_of(by, hideable.makers), ModerationFault.OWN)
    hideable.hidden_at, hideable.hidden_because, hideable.hides_title = now, hiding.reason, hiding.title_too
    hideable.follow()
    session.flush()
    withhold(session, hideable.key, but=OWN_EVENTS, by=by)
    event = WordsHidden(
        object=hideable.key, points=tuple(hideable.accord), reason=hiding.reason.value, title_too=hiding.title_too
    )
    record(session, event, by=by, now=now)
    _mail_makers(session, hideable, hiding, now=now)


def show_words(session: Session, hideable: Hideable, *, seen: int, by: User, now: datetime) -> None:
    """Show again what was hidden of a thing, also in the log, and mail its makers.

    Raises RefusedError when nothing is hidden, or for one's own words; ChangedSinceError as `hide_words` does.
    """
    require(may_moderate(by, hideable), hidden=True)
    lock_as_seen(session, hideable, seen=seen)
    insist(may_judge_work_of(by, hideable.makers), ModerationFault.OWN)
    insist(hideable.hidden_at is not None, ModerationFault.SHOWN)
    hideable.hidden_at, hideable.hidden_because, hideable.hides_title = None, None, False
    hideable.follow()
    session.flush()
    tell_again(session, hideable.key, by=by)
    record(session, WordsShown(object=hideable.key, points=tuple(hideable.accord)), by=by, now=now)
    _mail_makers(session, hideable, None, now=now)


def _mail_makers(session: Session, hideable: Hideable, hiding: Hiding | None, *, now: datetime) -> None:
    """Mail who made a thing what was done; never its words, not even its title."""
    told = {"called": hideable.called, "path": hideable.path}
    why = {"reason": hiding.reason.value, "explained": hiding.explained} if hiding else {}
    template = "moderation_hidden" if hiding else "moderation_shown"
    for maker in hideable.makers:
        enqueue_mail(
            session, recipient=maker.email, template=template, values=told | why, language=maker.language, now=now
        )
