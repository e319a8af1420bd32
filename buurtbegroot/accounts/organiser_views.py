"""The administrator's pages about people and their roles."""

from functools import partial

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from buurtbegroot.accounts.actions import (
    LastAdministratorError,
    find_or_add_user,
    grant_role,
    revoke_role,
    sign_out_by_administrator,
)
from buurtbegroot.accounts.forms import ROLES, AddPersonForm, EraseForm, GrantForm
from buurtbegroot.accounts.key_acts import (
    KeyActRefusedError,
    confirm_key_act,
    request_key_act,
    withdraw_key_act,
)
from buurtbegroot.accounts.models import KeyAct, Role, RoleGrant, User
from buurtbegroot.accounts.queries import open_key_requests, people_matching, sessions_of, users_by_pseudonym
from buurtbegroot.accounts.words import FAULT_WORDS
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.extensions import db
from buurtbegroot.web.access import Audience, Weight, admits, weighs
from buurtbegroot.web.clock import now
from buurtbegroot.web.pagination import page_number, paginate
from buurtbegroot.web.versions import form_of_act, versioned

bp = Blueprint("accounts_organiser", __name__, url_prefix="/werkplek/mensen")


@bp.get("")
@admits(Audience.ADMINISTRATOR)
def index() -> ResponseReturnValue:
    """List everyone with an account, organisers and residents."""
    text = request.args.get("zoek", "").replace("\x00", "")
    people = paginate(db.session(), people_matching(text), number=page_number(), size=50)
    return render_template("accounts/organiser/index.html", people=people, text=text, roles=ROLES)


@bp.route("/toevoegen", methods=["GET", "POST"])
@admits(Audience.ADMINISTRATOR)
def add() -> ResponseReturnValue:
    """Find or add the account of an address, to give it a role next."""
    form = AddPersonForm()
    if form.validate_on_submit():
        user = find_or_add_user(db.session(), form.email.normalised, language=str(get_locale()), now=now())
        return _to_person(user)
    return render_template("accounts/organiser/add.html", form=form), 422 if form.errors else 200


@bp.route("/<int:user_id>", methods=["GET", "POST"])
@admits(Audience.ADMINISTRATOR)
@weighs(Weight.ACT)
def person(user_id: int) -> ResponseReturnValue:
    """Show somebody's roles and give another one."""
    user = _person_or_404(user_id)
    form = versioned(lambda **how: GrantForm(version=user.version, **how), about=user.log_name)
    if form.validate_on_submit():
        role, by = Role(form.role.data), current_user.actor
        grant_role(db.session(), user, seen=form.seen, role=role, area=form.area, actor=by, now=now())
        flash(_("De taak is gegeven en staat in het logboek."), "success")
        return _to_person(user)
    signed_in = sessions_of(db.session(), user, now=now())
    page = render_template("accounts/organiser/person.html", user=user, form=form, roles=ROLES, signed_in=signed_in)
    return page, 422 if form.errors else 200


@bp.post("/<int:user_id>/intrekken")
@admits(Audience.ADMINISTRATOR)
@weighs(Weight.ACT)
def revoke(user_id: int) -> ResponseReturnValue:
    """Take one role away."""
    user = _person_or_404(user_id)
    page = url_for("accounts_organiser.person", user_id=user.id)
    form = versioned(partial(form_of_act, user), about=user.log_name, page=page)
    try:
        revoke_role(db.session(), _grant_or_404(user), seen=form.seen, actor=current_user.actor, now=now())
    except LastAdministratorError:
        flash(_("Dit is de laatste beheerder. Geef die taak eerst ook aan iemand anders."), "error")
    else:
        flash(_("De taak is ingetrokken. Dat staat in het logboek."), "success")
    return _to_person(user)


@bp.post("/<int:user_id>/uitloggen")
@admits(Audience.ADMINISTRATOR)
@weighs(Weight.ACT)
def sign_out(user_id: int) -> ResponseReturnValue:
    """End every session of somebody."""
    user = _person_or_404(user_id)
    sign_out_by_administrator(db.session(), user, actor=current_user.actor, now=now())
    flash(_("Deze persoon is nu overal uitgelogd. Dat staat in het logboek."), "success")
    return _to_person(user)


@bp.post("/<int:user_id>/tweede-stap")
@admits(Audience.ADMINISTRATOR)
@weighs(Weight.ACT)
def request_reset(user_id: int) -> ResponseReturnValue:
    """Ask another administrator to take the authenticator off an account, for somebody who lost the phone."""
    user = _person_or_404(user_id)
    _request(KeyAct.RESET_SECOND_FACTOR, f"person:{user.pseudonym}")
    return _to_requests()


@bp.route("/logboek/<int:seq>/wissen", methods=["GET", "POST"])
@admits(Audience.ADMINISTRATOR)
@weighs(Weight.ACT)
def request_erasure(seq: int) -> ResponseReturnValue:
    """Ask why, then ask another administrator to erase the details of one entry of the log."""
    entry, form = db.session.get(AuditEntry, seq), EraseForm()
    if entry is None:
        abort(404)
    if entry.details is None:
        return redirect(url_for("audit.show", seq=seq), 303)
    if form.validate_on_submit():
        _request(KeyAct.ERASE_PAYLOAD, f"log:{seq}", reason=form.reason.data or "")
        return _to_requests()
    page = render_template("accounts/organiser/request_erasure.html", entry=entry, form=form)
    return page, 422 if form.errors else 200


@bp.get("/met-twee-mensen")
@admits(Audience.ADMINISTRATOR)
def requests() -> ResponseReturnValue:
    """List what administrators asked of each other."""
    found = open_key_requests(db.session())
    people = users_by_pseudonym(db.session(), [each.object.partition(":")[2] for each in found])
    return render_template("accounts/organiser/requests.html", found=found, people=people)


@bp.post("/met-twee-mensen/bevestigen")
@admits(Audience.ADMINISTRATOR)
@weighs(Weight.ACT)
def confirm() -> ResponseReturnValue:
    """Do, as the second person, what another administrator asked for."""
    try:
        confirm_key_act(db.session(), *_asked(), by=current_user._get_current_object(), now=now())
        flash(_("Gelukt. Dat staat nu ook in het logboek."), "success")
    except KeyActRefusedError as refusal:
        db.session.rollback()
        flash(str(FAULT_WORDS[refusal.fault]), "error")
    return _to_requests()


@bp.post("/met-twee-mensen/intrekken")
@admits(Audience.ADMINISTRATOR)
def withdraw() -> ResponseReturnValue:
    """Take a request back."""
    try:
        withdraw_key_act(db.session(), *_asked(), actor=current_user.actor, now=now())
        flash(_("De aanvraag is ingetrokken."), "success")
    except KeyActRefusedError as refusal:
        flash(str(FAULT_WORDS[refusal.fault]), "error")
    return _to_requests()


def _request(act: KeyAct, object_: str, *, reason: str = "") -> None:
    asker = current_user._get_current_object()
    try:
        request_key_act(db.session(), act, object_, reason=reason, by=asker, now=now())
        flash(_("De aanvraag is bewaard. Een andere beheerder moet haar bevestigen."), "success")
    except KeyActRefusedError as refusal:
        flash(str(FAULT_WORDS[refusal.fault]), "error")


def _asked() -> tuple[KeyAct, str]:
    act = request.form.get("handeling", "")
    if act not in set(KeyAct):
        abort(404)
    return KeyAct(act), request.form.get("over", "").replace("\x00", "")[:80]


def _to_requests() -> ResponseReturnValue:
    return redirect(url_for("accounts_organiser.requests"), 303)


def _to_person(user: User) -> ResponseReturnValue:
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
