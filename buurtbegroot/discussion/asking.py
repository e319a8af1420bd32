"""Who asks about a discussion: what they want to see and may open, whether they may write, and where that leads."""

from flask import abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot.accounts.actions import allow_publishing, keep_first_name
from buurtbegroot.accounts.asking import me, who
from buurtbegroot.accounts.models import User
from buurtbegroot.discussion.actions import TalkFault
from buurtbegroot.discussion.forms import AnswerForm, ContributionForm, EditForm
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import About, Stance
from buurtbegroot.discussion.policy import is_public, is_writer, may_read, takes_answers
from buurtbegroot.discussion.queries import contribution_by_id
from buurtbegroot.discussion.queries.lists import Order, Wanted
from buurtbegroot.discussion.words import REFUSALS
from buurtbegroot.extensions import db
from buurtbegroot.limits import asking as limits
from buurtbegroot.web.addresses import own_path
from buurtbegroot.web.clock import now

MOST_DIGITS = 18
LARGEST = 2**31 - 1


def number_in(text: str) -> int:
    """Read a number of a row from an address or a form; 0, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0


def after_number() -> int:
    """Return after which row the page begins that the address asks for; 0 for the first page."""
    return number_in(request.args.get("na", ""))


def wanted() -> Wanted:
    """Return which contributions the address asks for; what cannot be read in it is left out."""
    orders, stances = {each.value: each for each in Order}, {each.value: each for each in Stance}
    stance = stances.get(request.args.get("soort", ""))
    return Wanted(
        order=orders.get(request.args.get("volgorde", ""), Order.NEWEST),
        stance=None if stance is Stance.ANSWER else stance,
        after=_place(request.args.get("na", "")),
    )


def _place(text: str) -> tuple[int, int] | None:
    first, _dash, second = text.partition("-")
    number = number_in(second)
    return (min(number_in(first), LARGEST), number) if number else None


def readable(number: int) -> Contribution:
    """Return a contribution whose page whoever asks may open, or answer 404."""
    found = contribution_by_id(db.session(), number)
    return found if found and may_read(who(), found) else abort(404)


def answerable(number: int) -> Contribution:
    """Return a contribution to answer to, or answer 404; who wrote an answer meanwhile gets also one that waits again.

    A text that was changed is not to be read until a moderator read it; what was typed below it must not go with it.
    """
    found = contribution_by_id(db.session(), number) if request.method == "POST" else None
    return found if found and found.edited_at and is_public(found.thread.about) else readable(number)


def why_no_answer(contribution: Contribution) -> str:
    """Say why whoever asks cannot answer to what can be read; "" when they can."""
    if contribution.parent_id is not None:
        return str(REFUSALS[TalkFault.ANSWER])
    return "" if takes_answers(who(), contribution.thread.about, now()) else str(REFUSALS[TalkFault.CLOSED])


def own(number: int) -> Contribution:
    """Return a contribution that whoever asks wrote and did not delete, or answer 404."""
    found = readable(number)
    return found if is_writer(me(), found) and found.deleted_at is None else abort(404)


def counted_me() -> User:
    """Return whoever writes, changes or settles, once it is counted: by account, so that no school is shut out."""
    rates = current_app.config["CONTRIBUTIONS"]
    limits.count(limits.counted("contribution", me().get_id(), rates=rates, fault=TalkFault.OFTEN))
    return me()


def writer(form: AnswerForm) -> User:
    """Return who writes, once that may be published and is counted."""
    counted_me()
    if form.leeftijd:
        allow_publishing(db.session(), me(), by=me(), now=now())
    keep_first_name(db.session(), me(), form.naam.data or "", by=me())
    return me()


def changed_words(form: EditForm) -> dict[str, str]:
    """Return the new text and name of what one wrote, once it is counted: each change is kept and stands in the log."""
    counted_me()
    return {"body": form.tekst.data or "", "name": form.name}


def page_of(about: About) -> str:
    """Return the address of the discussion of a plan or a round."""
    if about.proposal:
        return url_for("discussion.of_a_plan", proposal_id=about.proposal.id)
    return url_for("discussion.of_a_round", slug=about.round.slug)


def back_to(contribution: Contribution) -> str:
    """Return where a contribution stands on the page that a form of it was sent from; else its own page."""
    return f"{own_path(request.form.get('vanaf'), otherwise=contribution.path)}#r-{contribution.id}"


def thanks(contribution: Contribution) -> ResponseReturnValue:
    """Say that a text was added, or that it waits, on the page of what was written."""
    said = _("Uw antwoord staat erbij.") if contribution.parent_id else _("Uw reactie staat erbij.")
    flash(said if contribution.shown_at else waits(), "success")
    return redirect(contribution.path, 303)


def new_contribution() -> ContributionForm:
    """Return an empty form for a contribution by whoever asks, for the page of what it is about."""
    return ContributionForm(by=who())


def after_change(contribution: Contribution, *, changed: bool) -> ResponseReturnValue:
    """Say what becomes of a changed text, where it stands; of a hidden one where its writer sees what can be done."""
    if contribution.hidden_at is None:
        flash(_("Uw tekst is gewijzigd.") if contribution.shown_at else waits(), "success")
        return redirect(contribution.path, 303)
    said = _("Uw nieuwe tekst is bewaard. Een moderator leest hem en kan hem weer laten zien.")
    flash(said if changed else _("U veranderde niets. De tekst blijft verborgen."), "success" if changed else "info")
    return redirect(url_for("moderation.appeal", kind="contribution", number=contribution.id), 303)


def waits() -> str:
    """Say that a text waits for a moderator."""
    return str(_("Uw tekst is bewaard. Een moderator leest hem eerst. Tot dan ziet alleen u hem."))
