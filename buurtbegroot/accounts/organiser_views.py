"""The administrator's pages about people and their roles."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from buurtbegroot.accounts.actions import (
    LastAdministratorError,
    find_or_add_user,
    grant_role,
    reset_second_factor,
    revoke_role,
)
from buurtbegroot.accounts.forms import ROLES, AddPersonForm, GrantForm
from buurtbegroot.accounts.models import Role, RoleGrant, User
from buurtbegroot.accounts.queries import people_matching
from buurtbegroot.extensions import db
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now
from buurtbegroot.web.pagination import page_number, paginate

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
def person(user_id: int) -> ResponseReturnValue:
    """Show somebody's roles and give another one."""
    user, form = _person_or_404(user_id), GrantForm()
    if form.validate_on_submit():
        grant_role(db.session(), user, role=Role(form.role.data), area=form.area, actor=current_user.actor, now=now())
        flash(_("De taak is gegeven en staat in het logboek."), "success")
        return _to_person(user)
    page = render_template("accounts/organiser/person.html", user=user, form=form, roles=ROLES)
    return page, 422 if form.errors else 200


@bp.post("/<int:user_id>/intrekken")
@admits(Audience.ADMINISTRATOR)
def revoke(user_id: int) -> ResponseReturnValue:
    """Take one role away."""
    user = _person_or_404(user_id)
    try:
        revoke_role(db.session(), _grant_or_404(user), actor=current_user.actor, now=now())
    except LastAdministratorError:
        flash(_("Dit is de laatste beheerder. Geef die taak eerst ook aan iemand anders."), "error")
    else:
        flash(_("De taak is ingetrokken. Dat staat in het logboek."), "success")
    return _to_person(user)


@bp.post("/<int:user_id>/tweede-stap")
@admits(Audience.ADMINISTRATOR)
def reset(user_id: int) -> ResponseReturnValue:
    """Take the authenticator off an account, for somebody who lost the phone."""
    user = _person_or_404(user_id)
    reset_second_factor(db.session(), user, actor=current_user.actor, now=now())
    flash(_("De tweede stap is gewist. Bij de volgende keer inloggen volgt een nieuwe."), "success")
    return _to_person(user)


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
