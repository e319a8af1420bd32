"""Opening the vote by two people, with all that is fixed by it; taking plans off it; going on after a backup."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot.accounts.asking import me
from buurtbegroot.accounts.queries import changers_since
from buurtbegroot.acts import RefusedError
from buurtbegroot.audit.words import gist
from buurtbegroot.booth import words
from buurtbegroot.booth.actions import restoring
from buurtbegroot.booth.actions.opening import WithdrawFault, open_vote, request_withdrawal, withdraw_plan
from buurtbegroot.booth.dual_acts import OPEN, WITHDRAW
from buurtbegroot.booth.forms import ConfirmOpeningForm, ConfirmWithdrawalForm, TurnDownForm
from buurtbegroot.booth.organiser_views.withdrawing import ballot_plan, reason_refused, withdrawal_page
from buurtbegroot.booth.queries import Missing, missing_for_opening
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import FEW_BALLOTS, Terms
from buurtbegroot.core.records import from_plain
from buurtbegroot.core.rules import Ruleset
from buurtbegroot.dual_control.actions import OUTDATED, request_act, withdraw_request
from buurtbegroot.dual_control.domain import differences, plain_of
from buurtbegroot.dual_control.forms import ReasonForm
from buurtbegroot.dual_control.queries import ActStanding, act_standing, is_second, shown_before
from buurtbegroot.dual_control.words import ChangedRow
from buurtbegroot.extensions import db
from buurtbegroot.registry.dual_acts import RESTORE
from buurtbegroot.registry.queries import to_do_again
from buurtbegroot.rounds.asking import managed_round, viewed_round
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.rounds.queries import round_key
from buurtbegroot.web.access import Audience, Weight, admits, weighs
from buurtbegroot.web.clock import now
from buurtbegroot.web.refusals import Answer, on_refusal, refused_to, words_of
from buurtbegroot.web.register import register

bp = Blueprint("booth_organiser", __name__, url_prefix="/werkplek")


@bp.get("/rondes/<slug>/openen")
@admits(Audience.ORGANISER)
def opening(slug: str) -> ResponseReturnValue:
    """Show what opening the vote fixes, what is lacking, who asked for it, and the button for the second person."""
    return _opening_page(viewed_round(slug))


@bp.post("/rondes/<slug>/opening-aanvragen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
@refused_to("booth_organiser.opening")
def request_opening(slug: str) -> ResponseReturnValue:
    """Ask for the opening of the vote, which another organiser confirms."""
    round_, form = managed_round(slug), ConfirmOpeningForm()
    on_refusal(_outdated(slug, form), only=OUTDATED)
    request_act(db.session(), OPEN, round_, seen=form.gezien.data or "", by=me(), now=now())
    flash(_("De aanvraag is bewaard. Een andere organisator moet haar bevestigen."), "success")
    return redirect(url_for("booth_organiser.opening", slug=slug), 303)


@bp.post("/rondes/<slug>/opening-intrekken")
@admits(Audience.ORGANISER)
@refused_to("booth_organiser.opening")
def withdraw_opening(slug: str) -> ResponseReturnValue:
    """Take the request to open the vote back, or turn it down with a reason."""
    round_, form = managed_round(slug), TurnDownForm()
    if not form.validate():
        return _opening_page(round_, turn_down=form), 422
    withdraw_request(db.session(), OPEN, round_, by=me(), now=now(), reason=form.reden.data or "")
    flash(_("De aanvraag is ingetrokken."), "success")
    return redirect(url_for("booth_organiser.opening", slug=slug), 303)


@bp.post("/rondes/<slug>/openen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
@refused_to("booth_organiser.opening")
def confirm_opening(slug: str) -> ResponseReturnValue:
    """Open the ballot box as the second person."""
    round_, form = managed_round(slug), ConfirmOpeningForm()
    if not form.validate():
        return _opening_page(round_, form), 422
    on_refusal(_outdated(slug, form), only=OUTDATED)
    open_vote(
        db.session(),
        round_,
        seen=form.gezien.data or "",
        witnesses=[str(key) for key in current_app.config["WITNESSES"]],
        keys=KeyStore.from_config(current_app.config),
        by=me(),
        now=now(),
    )
    flash(_("De stembus is open. Regels, plannen en stemcodes liggen nu vast."), "success")
    return redirect(url_for("booth_organiser.opening", slug=slug), 303)


@bp.get("/rondes/<slug>/plannen/<int:number>/van-het-stembiljet")
@admits(Audience.ORGANISER)
def withdrawal(slug: str, number: int) -> ResponseReturnValue:
    """Show what taking this plan off the open ballot means, who asked for it, and the button for the second person."""
    return withdrawal_page(ballot_plan(viewed_round(slug), number))


@bp.post("/rondes/<slug>/plannen/<int:number>/van-het-stembiljet")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
@refused_to("booth_organiser.withdrawal")
def ask_withdrawal(slug: str, number: int) -> ResponseReturnValue:
    """Ask to take a plan off the open ballot, which another organiser confirms."""
    plan, form = ballot_plan(managed_round(slug), number), ReasonForm()
    if not form.validate():
        return withdrawal_page(plan, ask=form), 422
    on_refusal(reason_refused(plan, form), only=set(WithdrawFault))
    keys = KeyStore.from_config(current_app.config)
    request_withdrawal(db.session(), plan, reason=form.reden.data or "", keys=keys, by=me(), now=now())
    flash(_("De aanvraag is bewaard. Een andere organisator moet haar bevestigen."), "success")
    return redirect(url_for("booth_organiser.withdrawal", slug=slug, number=number), 303)


@bp.post("/rondes/<slug>/plannen/<int:number>/van-het-stembiljet/afwijzen")
@admits(Audience.ORGANISER)
@refused_to("booth_organiser.withdrawal")
def turn_down_withdrawal(slug: str, number: int) -> ResponseReturnValue:
    """Take the request back, or turn it down with a reason: the plan stays on the ballot."""
    plan, form = ballot_plan(managed_round(slug), number), TurnDownForm()
    if not form.validate():
        return withdrawal_page(plan, turn_down=form), 422
    withdraw_request(db.session(), WITHDRAW, plan, by=me(), now=now(), reason=form.reden.data or "")
    flash(_("De aanvraag is ingetrokken."), "success")
    return redirect(url_for("booth_organiser.withdrawal", slug=slug, number=number), 303)


@bp.post("/rondes/<slug>/plannen/<int:number>/van-het-stembiljet/bevestigen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
@refused_to("booth_organiser.withdrawal")
def confirm_withdrawal(slug: str, number: int) -> ResponseReturnValue:
    """Take a plan off the open ballot as the second person."""
    plan, form = ballot_plan(managed_round(slug), number), ConfirmWithdrawalForm()
    if not form.validate():
        return withdrawal_page(plan, confirm=form), 422
    keys = KeyStore.from_config(current_app.config)
    withdraw_plan(db.session(), plan, seen=form.gezien.data or "", keys=keys, by=me(), now=now())
    flash(_("Plan %(number)s is van het stembiljet. Iedereen ziet dat nu, met de reden.", number=number), "success")
    return redirect(url_for("booth_organiser.withdrawal", slug=slug, number=number), 303)


@bp.get("/rondes/<slug>/teruggezet")
@admits(Audience.ORGANISER)
def restored(slug: str) -> ResponseReturnValue:
    """Show how a vote goes on whose database was put back, and what has to be done again."""
    return _restored_page(viewed_round(slug))


@bp.post("/rondes/<slug>/teruggezet-aanvragen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
@refused_to("booth_organiser.restored")
def request_restore(slug: str) -> ResponseReturnValue:
    """Ask to go on with a vote whose database was put back."""
    restoring.request_restore(
        db.session(), managed_round(slug), seen=request.form.get("gezien", ""), by=me(), now=now()
    )
    flash(_("De aanvraag is bewaard. Een andere organisator moet haar bevestigen."), "success")
    return redirect(url_for("booth_organiser.restored", slug=slug), 303)


@bp.post("/rondes/<slug>/teruggezet-intrekken")
@admits(Audience.ORGANISER)
@refused_to("booth_organiser.restored")
def withdraw_restore(slug: str) -> ResponseReturnValue:
    """Take the request back, or turn it down."""
    withdraw_request(db.session(), RESTORE, managed_round(slug), by=me(), now=now())
    flash(_("De aanvraag is ingetrokken."), "success")
    return redirect(url_for("booth_organiser.restored", slug=slug), 303)


@bp.post("/rondes/<slug>/teruggezet")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
@refused_to("booth_organiser.restored")
def confirm_restore(slug: str) -> ResponseReturnValue:
    """Go on as the second person."""
    restoring.confirm_restore(
        db.session(),
        managed_round(slug),
        seen=request.form.get("gezien", ""),
        keys=KeyStore.from_config(current_app.config),
        by=me(),
        now=now(),
    )
    flash(_("De stembus is weer in gebruik. Doe nu opnieuw wat ontbreekt."), "success")
    return redirect(url_for("booth_organiser.restored", slug=slug), 303)


def _opening_page(
    round_: Round,
    form: ConfirmOpeningForm | None = None,
    *,
    turn_down: TurnDownForm | None = None,
    seen: dict[str, Any] | None = None,
) -> str:
    """Return the page as it is now; `seen` is the record that somebody had before them on an older page."""
    session, user = db.session(), me()
    standing = act_standing(session, OPEN, round_)
    missing = missing_for_opening(session, round_, keys=KeyStore.from_config(current_app.config), now=now())
    before = seen or (standing.request.shown if standing.request else {})
    found = differences(seen, plain_of(standing.shown)) if seen else standing.changed
    is_shown = seen is not None or standing.has_lapsed
    both = (before, plain_of(standing.shown))
    changes = words.opening_changes(found, both, object_=round_key(round_)) if is_shown else []
    asked = standing.request
    return render_template(
        "booth/organiser/opening.html",
        round=round_,
        standing=standing,
        shown=standing.shown,
        changes=changes,
        changers=changers_since(session, asked, {row.object for row in changes}) if asked and changes else {},
        old_rules=_rules(before) if any(each.path[0] == "rules" for each in found) and is_shown else None,
        earlier=_since_earlier(standing, round_),
        checks=[(name, words.lacking(each), each not in missing) for each, name in _check_names().items()],
        is_ready=not missing,
        form=form or ConfirmOpeningForm(formdata=None, gezien=standing.fingerprint),
        turn_down=turn_down or TurnDownForm(formdata=None),
        may_manage=may_manage(user, round_),
        is_second=is_second(standing, OPEN, round_, by=user),
        me=user,
        now=now(),
        few=(FEW_BALLOTS, Terms().least_ballots),
    )


def _outdated(slug: str, form: ConfirmOpeningForm) -> Answer:
    """Return how a confirmation of something else than there is now is answered: by the page with what changed."""

    def answer(refusal: RefusedError) -> ResponseReturnValue:
        flash(words_of(refusal), "error")
        round_ = managed_round(slug)
        seen = shown_before(db.session(), OPEN, round_, fingerprint=form.gezien.data or "")
        return _opening_page(round_, seen=seen), refusal.status

    return answer


def _since_earlier(standing: ActStanding, round_: Round) -> Sequence[ChangedRow]:
    if standing.earlier is None:
        return ()
    both = (standing.earlier.shown, plain_of(standing.shown))
    return words.opening_changes(standing.since_earlier, both, object_=round_key(round_))


def _rules(shown: dict[str, Any]) -> Ruleset | None:
    """Read the rules in an older record; None without any, and when another version of this software wrote them."""
    try:
        return from_plain(Ruleset, shown["rules"]) if shown.get("rules") else None
    except ValueError:
        return None


def _check_names() -> dict[Missing, str]:
    return {
        Missing.RULES: _("De regels zijn ingevuld"),
        Missing.SOUND_RULES: _("De regels passen bij het geld en de plannen"),
        Missing.VERDICTS: _("Elk ingediend plan heeft een oordeel"),
        Missing.PLANS: _("Er staan minstens 2 plannen op het stembiljet"),
        Missing.CODES: _("Er zijn stemcodes gemaakt"),
        Missing.KEYS: _("De sleutels van de stembus liggen op deze server"),
        Missing.FEASIBILITY_ENDED: _("De tijd om plannen te controleren is voorbij"),
        Missing.RIGHT_TIME: _("Het is tijd: indienen is voorbij, stemmen nog niet"),
    }


def _restored_page(round_: Round) -> str:
    """Return the page as it is now: what is missing, what to do again, and the button for the one whose turn it is."""
    session, user = db.session(), me()
    standing = act_standing(session, RESTORE, round_)
    return render_template(
        "booth/organiser/restored.html",
        round=round_,
        standing=standing,
        shown=standing.shown,
        is_possible=RESTORE.is_possible(session, round_, now()),
        again=[(entry, gist(entry, register())) for entry in to_do_again(session, round_)],
        may_manage=may_manage(user, round_),
        is_second=is_second(standing, RESTORE, round_, by=user),
        me=user,
    )
