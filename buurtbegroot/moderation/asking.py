"""Who reports, without learning who that is; what a maker would read; and how much waits for whoever asks."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import abort, current_app, g, request, session
from flask_babel import get_locale

from buurtbegroot.accounts.asking import me, who
from buurtbegroot.accounts.models import User
from buurtbegroot.core.mailbox import mailbox_of
from buurtbegroot.extensions import db
from buurtbegroot.limits import asking as limits
from buurtbegroot.limits.domain import Counted, TooOftenError, network_of
from buurtbegroot.mail.messages import compose
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.moderation.actions import Ruling
from buurtbegroot.moderation.actions.reports import ReportFault, Told
from buurtbegroot.moderation.domain import JUDGING_TIME, Act, Letter, late_before, letter_to_maker, outcome_letter
from buurtbegroot.moderation.models import Case, CaseState, Hideable, Reason, Report
from buurtbegroot.moderation.policy import may_moderate, moderates_in
from buurtbegroot.moderation.queries import (
    MOST_COUNTED,
    Said,
    Seat,
    about_thing,
    answers_to,
    case_of,
    earlier_report,
    reported_each,
    was_judged,
)
from buurtbegroot.moderation.words import waiting_words
from buurtbegroot.rooms import Moderated
from buurtbegroot.texts import Spoken, Text
from buurtbegroot.web.clock import now
from buurtbegroot.web.markdown import plain_words
from buurtbegroot.web.register import register

MINE, MOST = "gemeld", 10
REMEMBERED = timedelta(hours=1)
"""How long a browser knows its own report: others at the same computer must not find it there."""
SHORT = 90


class Row(NamedTuple):
    """A line of the desk; `thing` is None when it is gone, and what people say is not shown to whoever made it."""

    case: Case
    thing: Hideable | None
    reasons: Counter[str]
    people: int
    is_own: bool
    is_late: bool

    @property
    def first_words(self) -> str:
        """What it begins with."""
        words = next((text for text in self.thing.hidden_words if text), "") if self.thing else ""
        words = words if self.thing and self.thing.has_title else plain_words(words)
        return f"{words[:SHORT].rstrip()} …" if len(words) > SHORT else words


class Preview(NamedTuple):
    """A mail as its reader will see it."""

    subject: str
    lines: list[str]
    language: str


def moderated(kind: str) -> Moderated:
    """Return what the house knows of a kind of thing that can be moderated, or answer 404."""
    return register().moderated.get(kind) or abort(404)


def found(kind: str, number: int) -> Hideable:
    """Return a thing that everyone may read, or answer 404."""
    thing: Hideable | None = moderated(kind).find(db.session(), number)
    return thing if thing and thing.is_published else abort(404)


def found_to_moderate(kind: str, number: int) -> Hideable:
    """Return a thing that whoever asks moderates, or answer 404."""
    thing: Hideable | None = moderated(kind).find(db.session(), number)
    return thing if thing and may_moderate(me(), thing) else abort(404)


def count_report() -> None:
    """Count one more report of this account, or else of this network; with too many the answer is 429."""
    settings, by = current_app.config, who()
    if isinstance(by, User):
        mine = limits.counted("reports", by.get_id(), rates=settings["REPORTS"], fault=ReportFault.TOO_OFTEN)
    else:
        rates = settings["NETWORK_REPORTS"]
        mine = limits.of_network("network-reports", rates=rates, fault=ReportFault.NETWORK_FULL)
    limits.count(mine)


def is_mailed(report: Report, email: str) -> bool:
    """Tell whether what comes of a report is mailed to this address; a mailbox gets so many of these in a day."""
    if not email or email == report.email:
        return report.is_mailed
    try:
        limits.count(limits.counted("answers", mailbox_of(email), rates=current_app.config["MAILBOX_ANSWERS"]))
    except TooOftenError:
        return False
    return True


def told(thing: Hideable, reason: Reason) -> Told:
    """Return a report as this browser makes it."""
    language = str(get_locale())
    if isinstance(who(), User):
        return Told(reason=reason, language=language)
    here = _here(thing)
    today = limits.daily_secrets().key_of_today(here, now=now())
    earlier = limits.daily_secrets().keys(here, now=now())
    return Told(reason=reason, language=language, networks=tuple(dict.fromkeys((today, *earlier))))


def reported_before(thing: Hideable) -> Report | None:
    """Return what this account reported of the text as it is; of nobody else is ever told whether they did."""
    by = who()
    return earlier_report(db.session(), thing, by=by) if isinstance(by, User) else None


def is_judged(thing: Hideable) -> bool:
    """Tell whether the text was judged, so that whoever asks, without an account, cannot report it again."""
    return not isinstance(who(), User) and was_judged(db.session(), thing)


def remember(thing: Hideable, report: Report) -> None:
    """Let this browser know its own report for a while, so that it can add to it and nobody else can."""
    if report.user_id is None:
        others = {name: kept for name, kept in session.get(MINE, {}).items() if name != thing.key}
        session[MINE] = dict([*others.items(), (thing.key, report.id)][-MOST:])


def own_report(thing: Hideable) -> Report | None:
    """Return the report of this thing by this account, or the one that this browser just made; None without."""
    if isinstance(who(), User):
        return reported_before(thing)
    kept = session.get(MINE, {}).get(thing.key)
    report = db.session.get(Report, kept) if isinstance(kept, int) else None
    is_mine = report and report.user_id is None and report.reported_at > now() - REMEMBERED
    return report if is_mine else None


def preview(letter: Letter, *, language: str, at: datetime) -> Preview:
    """Return a letter as it will be mailed, made in the same way."""
    mail = OutboxMail(
        id=0, recipient="", template=letter.template, values=letter.values, language=language, created_at=at
    )
    message = compose(mail)
    body = message.get_body(("plain",))
    assert body is not None
    return Preview(str(message["Subject"]), str(body.get_content()).split("\n"), language)


def letters(thing: Hideable, act: Act, ruling: Ruling) -> list[tuple[str, Preview]]:
    """Return what goes out when a moderator does this, each with who reads it: the maker, and who left an address."""
    case, at = case_of(db.session(), thing), now()
    letter = letter_to_maker(act, about_thing(thing), reason=ruling.reason.value, explained=ruling.explained, now=at)
    makers = [*thing.makers][:1] if letter else []
    found = [("maker", preview(letter, language=maker.language, at=at)) for maker in makers if letter]
    for report in answers_to(db.session(), case)[:1]:
        answer = outcome_letter(act.value, about_thing(thing))
        found.append(("reporter", preview(answer, language=report.language, at=at)))
    return found


def spoken(thing: Hideable) -> Spoken:
    """Return how a thing is spoken of."""
    return register().spoken[thing.noun]


def spoken_in_mail(how: str, noun: str, **told: object) -> str:
    """Return what a letter calls a thing: `how` is "own" or "one", the rest is what it was told (`About.told`)."""
    words: Text = getattr(register().spoken[noun], how)
    return words % told


def sentence(words: Text | str) -> str:
    """Return words as the beginning of a sentence."""
    said = str(words)
    return said[:1].upper() + said[1:]


def desk_rows(cases: Sequence[Case]) -> list[Row]:
    """Return the lines of the desk with their things, which are read kind by kind."""
    said, late = reported_each(db.session(), cases), late_before(now())
    things: dict[str, Hideable] = {}
    for kind, moderated_kind in register().moderated.items():
        if numbers := [case.number for case in cases if case.kind == kind]:
            things |= {thing.key: thing for thing in moderated_kind.find_all(db.session(), numbers)}
    own = seat().not_by
    return [_row(case, things.get(f"{case.kind}:{case.number}"), said[case.id], late=late, own=own) for case in cases]


def _row(case: Case, thing: Hideable | None, said: Said, *, late: datetime, own: Collection[int]) -> Row:
    is_own = thing is not None and any(maker.id in own for maker in thing.makers)
    waits_long = {CaseState.OPEN: late, CaseState.APPEALED: now() - JUDGING_TIME}
    is_late = case.state in waits_long and case.since < waits_long[case.state]
    return Row(case, thing, said.reasons, said.people, is_own, is_late)


def names_of_kinds(kinds: Iterable[str]) -> list[tuple[str, str]]:
    """Return kinds of things with what they are called."""
    called = register().object_words
    return [(kind, str(called.get(kind, kind))) for kind in kinds]


def seat() -> Seat:
    """Return the place at the desk of whoever asks, the same for all of one page."""
    if "seat" not in g:
        made_by = {kind: each.made_by for kind, each in register().moderated.items()}
        g.seat = Seat(db.session(), me(), made_by, most=MOST_COUNTED + 1)
    found: Seat = g.seat
    return found


def waiting_aside() -> str | None:
    """Return how many texts whoever asks can judge now, for the menu of who moderates; None for others."""
    if not moderates_in(me()):
        return None
    waiting = seat().to_judge.number
    return waiting_words(waiting) if waiting else ""


def _here(thing: Hideable) -> Counted:
    """Return this network as far as this thing goes, so that no two reports of one network look alike."""
    network = network_of(request.remote_addr or "")
    return Counted(limit="report", who=f"{network}\n{thing.key}", bounds=())
