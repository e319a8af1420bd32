"""Keeping what a visitor wrote, mailing the link for it, and letting go of it; the log says nothing of any of these."""

import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.domain import hash_token, new_token
from buurtbegroot.accounts.models import User
from buurtbegroot.acts import Anyone, By, Fault, System, insist, require
from buurtbegroot.mail.actions import enqueue_mail
from buurtbegroot.rooms import Subject, erases
from buurtbegroot.waiting.domain import FORM_WAITS, LINK_WORKS, MAIL_AGAIN, MOST_CHARACTERS, MOST_WAITING, Written
from buurtbegroot.waiting.models import WaitingForm, WaitingLink
from buurtbegroot.waiting.policy import is_writer, may_write_first
from buurtbegroot.work.queue import ask_to_purge


class WaitingFault(Fault):
    """Why what was written does not wait, or is not mailed once more.

    TOO_LONG: it is longer than any form of the site. JUST_MAILED: a mail left a moment ago, and may still be on its
    way; the fact `at` is from when on another may.
    """

    TOO_LONG = "too_long"
    JUST_MAILED = "just_mailed"


def keep_form(
    session: Session,
    written: Written,
    *,
    email: str,
    language: str,
    replaces: WaitingForm | None,
    by: Anyone,
    now: datetime,
) -> WaitingForm:
    """Let something that was written wait for who reads the mail of a normalised address; raises RefusedError.

    Does the same for known and unknown addresses. With `replaces` it is a new text in the place of that one, whose
    links go on to work unless the address is another one. With too many for one address the oldest goes: whoever fills
    in the address of another keeps nobody from writing.
    """
    require(may_write_first(by))
    insist(written.characters <= MOST_CHARACTERS, WaitingFault.TOO_LONG)
    if replaces is None:
        _make_room(session, email)
    elif replaces.email != email:
        _forget_links(session, WaitingLink.form_key == replaces.key)
    kept = replaces or WaitingForm(key=secrets.token_urlsafe(16))
    kept.email, kept.language, kept.path, kept.told = email, language, written.path, written.told.plain()
    kept.fields, kept.once, kept.content = [list(each) for each in written.fields], written.once, written.content
    kept.mailed_at, kept.expires_at = now, now + FORM_WAITS
    session.add(kept)
    session.flush()
    return kept


def mail_link(
    session: Session, waiting: WaitingForm, *, link_for: Callable[[str], str], by: Anyone, now: datetime
) -> None:
    """Mail a link for what waits; `link_for` turns its token into a full address.

    The mail says nothing that was typed: it goes to whoever has the address that was filled in.
    """
    require(may_write_first(by))
    token, told = new_token(), waiting.words
    until = min(now + LINK_WORKS, waiting.expires_at)
    session.add(WaitingLink(token_hash=hash_token(token), form_key=waiting.key, expires_at=until))
    waiting.mailed_at = now
    enqueue_mail(
        session,
        recipient=waiting.email,
        template="waiting_link",
        values={"link": link_for(token), "what": told.what},
        language=waiting.language,
        now=now,
    )


def mail_again(
    session: Session, waiting: WaitingForm, *, email: str, link_for: Callable[[str], str], by: Anyone, now: datetime
) -> None:
    """Mail one more link, to another address when the first one was wrong; raises RefusedError.

    What was mailed to a wrong address does nothing any more.
    """
    require(may_write_first(by))
    if email == waiting.email:
        again_at = waiting.mailed_at + MAIL_AGAIN
        insist(again_at <= now, WaitingFault.JUST_MAILED, at=again_at)
    else:
        _make_room(session, email)
        _forget_links(session, WaitingLink.form_key == waiting.key)
        waiting.email = email
    mail_link(session, waiting, link_for=link_for, by=by, now=now)


def note_done(session: Session, waiting: WaitingForm, *, by: User) -> bool:
    """Let go of what waited and was done just now, with what else waits with the same words; tell whether it waited."""
    require(is_writer(by, waiting), hidden=True)
    return _let_go(session, (WaitingForm.email == waiting.email) & (WaitingForm.content == waiting.content))


def note_done_elsewhere(session: Session, content: str, *, by: User) -> None:
    """Let go of what waits for the mailbox of `by` with the words of a form that they sent just now, without its link.

    So after a refusal that they mended at once: else the link of the mail would do the same once more.
    """
    require(isinstance(by, User))
    _let_go(session, (WaitingForm.email == by.email) & (WaitingForm.content == content))


def throw_away(session: Session, waiting: WaitingForm, *, by: Anyone, now: datetime) -> None:
    """Let go of what waits, for who got its mail and did not write it."""
    require(may_write_first(by))
    _let_go(session, WaitingForm.key == waiting.key)
    ask_to_purge(session, now=now)


def forget_unopened(session: Session, *, by: System, now: datetime) -> None:
    """Let go of what waited for a week."""
    require(isinstance(by, System), hidden=True)
    if _let_go(session, WaitingForm.expires_at <= now):
        ask_to_purge(session, now=now)


def erase_waiting(session: Session, subject: Subject, *, by: By, now: datetime) -> None:  # noqa: ARG001 - a hook
    """Let go of all that waits for the mailbox of a person."""
    require(erases(by, subject))
    _let_go(session, WaitingForm.email == subject.email)


def _make_room(session: Session, email: str) -> None:
    """Let go of what waits longest for an address, so that one more fits."""
    newest_first = select(WaitingForm.key).where(WaitingForm.email == email).order_by(WaitingForm.mailed_at.desc())
    _let_go(session, WaitingForm.key.in_(newest_first.offset(MOST_WAITING - 1)))


def _let_go(session: Session, which: ColumnElement[bool]) -> bool:
    _forget_links(session, WaitingLink.form_key.in_(select(WaitingForm.key).where(which)))
    return bool(session.scalars(delete(WaitingForm).where(which).returning(WaitingForm.key)).all())


def _forget_links(session: Session, which: ColumnElement[bool]) -> None:
    session.execute(delete(WaitingLink).where(which), execution_options={"synchronize_session": False})
