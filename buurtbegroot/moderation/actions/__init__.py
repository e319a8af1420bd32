"""What a moderator does with words and pictures of any room: leave them, ask for a change, hide them, show them again.

Each settles all reports of the thing, those too that came in while the moderator was reading: the judgement is on the
text, and whoever floods a text with reports must not be able to keep it from being judged.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.accounts.policy import may_judge_work_of
from buurtbegroot.acts import Fault, insist, require
from buurtbegroot.audit.actions import record, tell_again, withhold
from buurtbegroot.database import lock_as_seen, lock_unchanged
from buurtbegroot.mail.actions import enqueue_mail
from buurtbegroot.mail.outbox import say_otherwise
from buurtbegroot.moderation.domain import Act, Letter, letter_to_maker, outcome_letter
from buurtbegroot.moderation.events import ChangeAsked, WordsHidden, WordsKept, WordsShown
from buurtbegroot.moderation.models import Case, CaseState, Ground, Hideable, Reason, Report
from buurtbegroot.moderation.policy import may_moderate
from buurtbegroot.moderation.queries import about_thing, answers_to
from buurtbegroot.work.queue import ask_to_purge

OWN_EVENTS = "moderation."
AFTER = {
    Act.KEEP: CaseState.CLOSED,
    Act.ASK: CaseState.ASKED,
    Act.HIDE: CaseState.HIDDEN,
    Act.SHOW: CaseState.CLOSED,
}
_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class ModerationFault(Fault):
    """Why words stay as they are.

    OWN: the moderator made them, or is tied by a role to who did. SHOWN: all show. HIDDEN: they are hidden already.
    JUDGED: another moderator was first. NOTHING: nobody reported anything. APPEALED: the maker appealed, and somebody
    else judges that.
    """

    OWN = "own"
    SHOWN = "shown"
    HIDDEN = "hidden"
    JUDGED = "judged"
    NOTHING = "nothing"
    APPEALED = "appealed"


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """Why something is done with words, for everyone, and what only the maker reads of it besides.

    `rulings` is how many there had been of the thing when the page was made; None without a page.
    """

    reason: Reason | Ground
    explained: str = ""
    rulings: int | None = None


@dataclass(frozen=True, kw_only=True)
class Hiding(Ruling):
    """Why words are hidden; and whether the title is hidden too."""

    reason: Reason
    title_too: bool = False


def hide_words(session: Session, hideable: Hideable, hiding: Hiding, *, seen: int, by: User, now: datetime) -> None:
    """Hide words and pictures of a thing everywhere, from the end of this transaction on, and mail its makers why.

    Lines of the log about it that hold its words are withheld meanwhile. Hiding again says anew what is hidden, and
    why. Raises RefusedError for one's own words or after another moderator, ChangedSinceError when they are not those
    of the version `seen`.
    """
    require(may_moderate(by, hideable), hidden=True)
    lock_as_seen(session, hideable, seen=seen)
    case = _lock_to_judge(session, hideable, hiding, by=by, now=now)
    hideable.hidden_at, hideable.hidden_because, hideable.hides_title = now, hiding.reason, hiding.title_too
    hideable.follow()
    session.flush()
    withhold(session, hideable.key, but=OWN_EVENTS, by=by)
    title = hideable.hidden_words[0] if hiding.title_too and hideable.has_title else ""
    if title:
        say_otherwise(session, title, hideable.called)
    record(session, WordsHidden(**_told(hideable, hiding), title_too=hiding.title_too), by=by, now=now)
    _rule(session, case, hiding, act=Act.HIDE, hideable=hideable, by=by, now=now)


def show_words(session: Session, hideable: Hideable, ruling: Ruling, *, seen: int, by: User, now: datetime) -> None:
    """Show again what was hidden of a thing, also in the log, and mail its makers.

    Raises RefusedError when nothing is hidden, and else as `hide_words` does.
    """
    require(may_moderate(by, hideable), hidden=True)
    lock_as_seen(session, hideable, seen=seen)
    case = _lock_to_judge(session, hideable, ruling, by=by, now=now)
    insist(hideable.hidden_at is not None, ModerationFault.SHOWN)
    unhide(session, hideable, by=by, now=now)
    record(session, WordsShown(**_told(hideable, ruling)), by=by, now=now)
    _rule(session, case, ruling, act=Act.SHOW, hideable=hideable, by=by, now=now)


def keep_words(session: Session, hideable: Hideable, ruling: Ruling, *, seen: int, by: User, now: datetime) -> None:
    """Leave a thing that was reported as it is; its makers hear nothing.

    Raises RefusedError when nothing waits for a judgement or the words are hidden, and else as `hide_words` does.
    """
    require(may_moderate(by, hideable), hidden=True)
    lock_unchanged(session, hideable, seen=seen)
    case = _lock_to_judge(session, hideable, ruling, by=by, now=now)
    insist(hideable.hidden_at is None, ModerationFault.HIDDEN)
    insist(case.state in {CaseState.OPEN, CaseState.ASKED}, ModerationFault.NOTHING)
    record(session, WordsKept(**_told(hideable, ruling)), by=by, now=now)
    _rule(session, case, ruling, act=Act.KEEP, hideable=hideable, by=by, now=now)


def ask_for_change(session: Session, hideable: Hideable, ruling: Ruling, *, seen: int, by: User, now: datetime) -> None:
    """Ask the makers by mail to change a thing, which everyone can read meanwhile.

    A moderator looks again once it has changed, or after a week. Raises as `keep_words` does.
    """
    require(may_moderate(by, hideable), hidden=True)
    lock_unchanged(session, hideable, seen=seen)
    case = _lock_to_judge(session, hideable, ruling, by=by, now=now)
    insist(hideable.hidden_at is None, ModerationFault.HIDDEN)
    record(session, ChangeAsked(**_told(hideable, ruling)), by=by, now=now)
    _rule(session, case, ruling, act=Act.ASK, hideable=hideable, by=by, now=now)


def _told(hideable: Hideable, ruling: Ruling) -> dict[str, Any]:
    return {"object": hideable.key, "points": tuple(hideable.accord), "reason": ruling.reason.value}


def _lock_to_judge(session: Session, hideable: Hideable, ruling: Ruling, *, by: User, now: datetime) -> Case:
    """Return the case of a thing, for whoever may judge it and saw all that was decided on it."""
    case = lock_case(session, hideable, now=now)
    insist(may_judge_work_of(by, hideable.makers), ModerationFault.OWN)
    insist(ruling.rulings in {None, case.rulings}, ModerationFault.JUDGED)
    insist(case.state is not CaseState.APPEALED, ModerationFault.APPEALED)
    return case


def lock_case(session: Session, hideable: Hideable, *, now: datetime) -> Case:
    """Return the case of a thing, locked and freshly read; makes it when nobody reported or judged the thing yet."""
    kind, _, number = hideable.key.partition(":")
    made = {"kind": kind, "number": int(number), "area_code": hideable.area.code, "state": CaseState.CLOSED}
    added = _INSERT[session.get_bind().dialect.name](Case).values(
        **made, since=now, has_changed=False, rulings=0, reason="", explained=""
    )
    session.execute(added.on_conflict_do_nothing())
    found = select(Case).where(Case.kind == kind, Case.number == int(number)).with_for_update(of=Case)
    return session.scalars(found.execution_options(populate_existing=True)).one()


def _rule(
    session: Session, case: Case, ruling: Ruling, *, act: Act, hideable: Hideable, by: User, now: datetime
) -> None:
    """Note what was decided, settle all reports, and tell whoever is to hear of it; never the words of the thing."""
    case.state, case.since, case.has_changed = AFTER[act], now, False
    case.act, case.reason, case.explained = act, ruling.reason.value, ruling.explained
    note_judge(case, by=by, now=now)
    letter = letter_to_maker(act, about_thing(hideable), reason=case.reason, explained=case.explained, now=now)
    if letter:
        for maker in hideable.makers:
            send_letter(session, letter, recipient=maker.email, language=maker.language, now=now)
    settle_reports(session, case, act.value, hideable=hideable, now=now)


def note_judge(case: Case, *, by: User, now: datetime) -> None:
    """Note who decided something in a case, last and ever."""
    case.rulings, case.ruled_by, case.ruled_at = case.rulings + 1, by, now
    if by not in case.judges:
        case.judges.append(by)


def settle_reports(session: Session, case: Case, outcome: str, *, hideable: Hideable | None, now: datetime) -> None:
    """Settle all reports of a case; who left an address hears once what came of it, and the address goes."""
    mine = (Report.case_id == case.id, Report.settled_at.is_(None))
    letter = outcome_letter(outcome, about_thing(hideable) if hideable else None)
    for report in {report.email: report for report in answers_to(session, case, lock=True)}.values():
        send_letter(session, letter, recipient=report.email, language=report.language, now=now)
    if session.execute(update(Report).where(*mine, Report.email != "").values(email="")).rowcount:  # type: ignore[attr-defined]
        ask_to_purge(session, now=now)
    session.execute(update(Report).where(*mine).values(settled_at=now))
    session.flush()


def unhide(session: Session, hideable: Hideable, *, by: User, now: datetime) -> None:
    """Show the words of a thing, as they are now, and what the log says of them; not what was replaced meanwhile."""
    hideable.hidden_at, hideable.hidden_because, hideable.hides_title = None, None, False
    hideable.let_read(now)
    hideable.follow()
    session.flush()
    tell_again(session, hideable.key, by=by)


def look_again(session: Session, hideable: Hideable, *, now: datetime) -> None:
    """Let a moderator look again at words that changed after they were hidden, or after a change was asked for.

    Whoever judges an appeal is told that they changed. Every act that changes words ends in this.
    """
    kind, _, number = hideable.key.partition(":")
    mine = (Case.kind == kind, Case.number == int(number))
    session.execute(update(Case).where(*mine, Case.state == CaseState.APPEALED).values(has_changed=True))
    settled = Case.state.in_((CaseState.ASKED, CaseState.HIDDEN))
    session.execute(update(Case).where(*mine, settled).values(state=CaseState.OPEN, since=now, has_changed=True))


def send_letter(session: Session, letter: Letter, *, recipient: str, language: str, now: datetime) -> None:
    """Put a letter in the outbox."""
    enqueue_mail(
        session, recipient=recipient, template=letter.template, values=letter.values, language=language, now=now
    )
