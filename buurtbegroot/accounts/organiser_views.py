"""The administrator's pages about people and their roles."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from buurtbegroot import typed
from buurtbegroot.accounts.actions import (
    confirm_erasure,
    confirm_reset,
    find_or_add_user,
    grant_role,
    revoke_role,
    sign_out_by_administrator,
)
from buurtbegroot.accounts.asking import me
from buurtbegroot.accounts.dual_acts import ERASE_PAYLOAD, RESET_SECOND_FACTOR, person_key
from buurtbegroot.accounts.forms import ROLES, AddPersonForm, EraseForm, GrantForm
from buurtbegroot.accounts.models import Role, RoleGrant, User
from buurtbegroot.accounts.policy import may_keep_people
from buurtbegroot.accounts.queries import people_matching, sessions_of
from buurtbegroot.accounts.words import act_changes
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.dual_control.actions import OUTDATED, request_act, withdraw_request
from buurtbegroot.dual_control.policy import Act
from buurtbegroot.dual_control.queries import ActStanding, describe, open_requests
from buurtbegroot.extensions import db
from buurtbegroot.web.access import Audience, Weight, admits, weighs
from buurtbegroot.web.clock import now
from buurtbegroot.web.pagination import page_number, paginate
from buurtbegroot.web.refusals import on_refusal, refused_to, say_again
from buurtbegroot.web.versions import form_of_act, versioned

ACTS: dict[str, tuple[Act[Any], Callable[..., None]]] = {
    RESET_SECOND_FACTOR.name: (RESET_SECOND_FACTOR, confirm_reset),
    ERASE_PAYLOAD.name: (ERASE_PAYLOAD, confirm_erasure),
}

bp = Blueprint("accounts_organiser", __name__, url_prefix="/werkplek/mensen")


@bp.get("")
@admits(Audience.ADMINISTRATOR)
def index() -> ResponseReturnValue:
    """List everyone with an account, organisers and residents."""
    text = typed.one_line(request.args.get("zoek", ""))
    people = paginate(db.session(), people_matching(text), number=page_number(), size=50)
    return render_template("accounts/organiser/index.html", people=people, text=text, roles=ROLES)


@bp.route("/toevoegen", methods=["GET", "POST"])
@admits(Audience.ADMINISTRATOR)
def add() -> ResponseReturnValue:
    """Find or add the account of an address, to give it a role next."""
    form = AddPersonForm()
    if form.validate_on_submit():
        user = find_or_add_user(db.session(), form.email.normalised, language=str(get_locale()), by=me(), now=now())
        return _to_person(user)
    return render_template("accounts/organiser/add.html", form=form), 422 if form.errors else 200


@bp.route("/<int:user_id>", methods=["GET", "POST"])
@admits(Audience.ADMINISTRATOR)
@weighs(Weight.ACT)
@refused_to("accounts_organiser.person")
def person(user_id: int) -> ResponseReturnValue:
    """Show somebody's roles and give another one."""
    user = _person_or_404(user_id)
    form = versioned(lambda **how: GrantForm(version=user.version, **how), about=person_key(user))
    if form.validate_on_submit():
        role, area = Role(form.role.data), form.area
        grant_role(db.session(), user, seen=form.seen, role=role, area=area, by=me(), now=now())
        flash(_("De taak is gegeven en staat in het logboek. Deze persoon krijgt een mail."), "success")
        return _to_person(user)
    signed_in = sessions_of(db.session(), user, now=now())
    page = render_template(
        "accounts/organiser/person.html", user=user, me=me(), form=form, roles=ROLES, signed_in=signed_in
    )
    return page, 422 if form.errors else 200


@bp.post("/<int:user_id>/intrekken")
@admits(Audience.ADMINISTRATOR)
@weighs(Weight.ACT)
@refused_to("accounts_organiser.person")
def revoke(user_id: int) -> ResponseReturnValue:
    """Take one role away."""
    user = _person_or_404(user_id)
    page = url_for("accounts_organiser.person", user_id=user.id)
    form = versioned(partial(form_of_act, user), about=person_key(user), page=page)
    revoke_role(db.session(), _grant_or_404(user), seen=form.seen, by=me(), now=now())
    flash(_("De taak is ingetrokken. Dat staat in het logboek."), "success")
    return _to_person(user)


@bp.post("/<int:user_id>/uitloggen")
@admits(Audience.ADMINISTRATOR)
@weighs(Weight.ACT)
def sign_out(user_id: int) -> ResponseReturnValue:
    """End every session of somebody."""
    user = _person_or_404(user_id)
    sign_out_by_administrator(db.session(), user, by=me(), now=now())
    flash(_("Deze persoon is nu overal uitgelogd. Dat staat in het logboek."), "success")
    return _to_person(user)


@bp.post("/<int:user_id>/tweede-stap")
@admits(Audience.ADMINISTRATOR)
@weighs(Weight.ACT)
@refused_to("accounts_organiser.requests")
def request_reset(user_id: int) -> ResponseReturnValue:
    """Ask another administrator to take the authenticator off an account, for somebody who lost the phone."""
    request_act(db.session(), RESET_SECOND_FACTOR, _person_or_404(user_id), by=me(), now=now())
    return _asked()


@bp.route("/logboek/<int:seq>/wissen", methods=["GET", "POST"])
@admits(Audience.ADMINISTRATOR)
@weighs(Weight.ACT)
@refused_to("accounts_organiser.requests")
def request_erasure(seq: int) -> ResponseReturnValue:
    """Ask why, then ask another administrator to erase the details of one entry of the log."""
    entry, form = db.session.get(AuditEntry, seq), EraseForm()
    if entry is None:
        abort(404)
    if entry.details is None:
        return redirect(url_for("audit.show", seq=seq), 303)
    if form.validate_on_submit():
        request_act(db.session(), ERASE_PAYLOAD, entry, by=me(), now=now(), reason=form.reason.data or "")
        return _asked()
    page = render_template("accounts/organiser/request_erasure.html", entry=entry, form=form)
    return page, 422 if form.errors else 200


@bp.get("/met-twee-mensen")
@admits(Audience.ADMINISTRATOR)
def requests() -> ResponseReturnValue:
    """List what administrators asked of each other."""
    return _requests_page()


@bp.post("/met-twee-mensen/bevestigen")
@admits(Audience.ADMINISTRATOR)
@weighs(Weight.ACT)
@refused_to("accounts_organiser.requests")
def confirm() -> ResponseReturnValue:
    """Do, as the second person, what another administrator asked for."""
    on_refusal(say_again(_requests_page), only=OUTDATED)
    (_act, perform), thing = _meant()
    perform(db.session(), thing, seen=request.form.get("gezien", ""), by=me(), now=now())
    flash(_("Gelukt. Dat staat nu ook in het logboek."), "success")
    return _to_requests()


@bp.post("/met-twee-mensen/intrekken")
@admits(Audience.ADMINISTRATOR)
@refused_to("accounts_organiser.requests")
def withdraw() -> ResponseReturnValue:
    """Take a request back."""
    (act, _perform), thing = _meant()
    withdraw_request(db.session(), act, thing, by=me(), now=now())
    flash(_("De aanvraag is ingetrokken."), "success")
    return _to_requests()


def _meant() -> tuple[tuple[Act[Any], Callable[..., None]], Any]:
    """Return the act that a form names, and its thing; else 404."""
    found = ACTS.get(request.form.get("handeling", ""))
    key = typed.one_line(request.form.get("over", ""))[:80]
    thing = found[0].find(db.session(), [key]).get(key) if found else None
    if found is None or thing is None:
        abort(404)
    return found, thing


def _requests_page() -> str:
    session, found, entries = db.session(), list[ActStanding](), dict[int, AuditEntry]()
    asked = open_requests(session, *ACTS)
    for act, _perform in ACTS.values():
        mine = {each.object: each for each in asked if each.act == act.name}
        things = act.find(session, mine.keys())
        found += [describe(session, act, thing, request=mine[key]) for key, thing in things.items()]
        entries |= {thing.seq: thing for thing in things.values() if isinstance(thing, AuditEntry)}
    found.sort(key=lambda each: each.request.id if each.request else 0)
    rows = {each.request.id: act_changes(each.changed, object_=each.request.object) for each in found if each.request}
    known = {"rows": rows, "entries": entries, "roles": ROLES, "me": me()}
    return render_template("accounts/organiser/requests.html", found=found, **known)


def _asked() -> ResponseReturnValue:
    flash(_("De aanvraag is bewaard. Een andere beheerder moet haar bevestigen."), "success")
    return _to_requests()


def _to_requests() -> ResponseReturnValue:
    return redirect(url_for("accounts_organiser.requests"), 303)


def _to_person(user: User) -> ResponseReturnValue:
    if not may_keep_people(me()):  # who gave up this task of her own
        return redirect(url_for("accounts.show"), 303)
    return redirect(url_for("accounts_organiser.person", user_id=user.id), 303)


def _person_or_404(user_id: int) -> User:
    user = db.session.get(User, user_id) if user_id < 2**63 else None
    if user is None or user.deleted_at:
        abort(404)
    return user


def _grant_or_404(user: User) -> RoleGrant:
    wanted = request.form.get("role"), request.form.get("area_code")
    found = next((grant for grant in user.grants if (grant.role.value, grant.area_code) == wanted), None)
    if found is None:
        abort(404)
    return found
