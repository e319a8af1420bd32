"""Pages for signing in and out, the second factor and one's own account."""

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from buurtbegroot.accounts import asking
from buurtbegroot.accounts.actions import (
    AccountFault,
    LinkRequest,
    Proof,
    delete_account,
    end_session_of,
    enrol_second_factor,
    redeem_sign_in,
    request_sign_in,
    sign_out_everywhere,
    update_profile,
)
from buurtbegroot.accounts.asking import is_right_code, me, tried
from buurtbegroot.accounts.domain import Vault, enrolment_address, new_secret
from buurtbegroot.accounts.dual_acts import person_key
from buurtbegroot.accounts.forms import CodeForm, DeleteForm, NameForm, ProfileForm, SignInForm
from buurtbegroot.accounts.models import User
from buurtbegroot.accounts.queries import open_link, own_data, sessions_of, subject_of
from buurtbegroot.acts import ANYONE, RefusedError
from buurtbegroot.extensions import db
from buurtbegroot.limits import asking as limits
from buurtbegroot.web.access import Audience, Weight, admits, unkept, weighs
from buurtbegroot.web.addresses import own_path
from buurtbegroot.web.clock import now
from buurtbegroot.web.downloads import attachment
from buurtbegroot.web.qr import qr_code
from buurtbegroot.web.refusals import on_refusal, words_of
from buurtbegroot.web.register import register
from buurtbegroot.web.versions import versioned

bp = Blueprint("accounts", __name__, url_prefix="/account")
ENROLLING = "new_authenticator"
ALL = "alle"


def _next() -> str:
    return own_path(request.args.get("verder"), otherwise="")


def _onward() -> Response:
    """Go on to where the visitor was heading, past whatever is still due."""
    return redirect(_next() or url_for("accounts.show"), 303)  # type: ignore[return-value]


@bp.route("/inloggen", methods=["GET", "POST"])
@admits(Audience.EVERYONE)
def sign_in() -> ResponseReturnValue:
    """Ask for an e-mail address and mail a link to it; the answer is the same for every address."""
    if current_user.is_authenticated and not request.args.get("opnieuw"):
        return _onward()
    form = SignInForm()
    if form.validate_on_submit():
        limits.count(*asking.asked_links(form.email.normalised))
        request_sign_in(
            db.session(),
            LinkRequest(email=form.email.normalised, language=str(get_locale()), next_path=_next()),
            link_for=lambda token: current_app.config["SITE_URL"] + url_for("accounts.link", token=token),
            minutes=current_app.config["SIGN_IN_MINUTES"],
            by=ANYONE,
            now=now(),
        )
        return redirect(url_for("accounts.link_sent"), 303)
    if form.errors:
        limits.count_failure(asking.asking_network())
    return render_template("accounts/sign_in.html", form=form), 422 if form.errors else 200


@bp.get("/inloggen/verstuurd")
@admits(Audience.EVERYONE)
def link_sent() -> ResponseReturnValue:
    """Say where to look for the link."""
    return render_template("accounts/link_sent.html", minutes=current_app.config["SIGN_IN_MINUTES"])


@bp.route("/inloggen/<token>", methods=["GET", "POST"])
@admits(Audience.EVERYONE)
def link(token: str) -> ResponseReturnValue:
    """Sign in by a mailed link: opening it asks for one press, so that a mail scanner does not use it up."""
    if request.method != "POST":
        found = open_link(db.session(), token, now=now())
        return render_template("accounts/link.html", email=found.email) if found else _link_gone()
    on_refusal(lambda _refusal: _link_gone(), only={AccountFault.LINK_GONE})
    signed_in = redeem_sign_in(db.session(), token, language=str(get_locale()), by=ANYONE, now=now())
    asking.came_in(signed_in.user.email, is_new=signed_in.is_new)
    asking.start_session(signed_in.user)
    heading = "accounts.welcome" if signed_in.is_new else "accounts.second_factor"
    return redirect(url_for(heading, verder=signed_in.next_path or None), 303)


def _link_gone() -> ResponseReturnValue:
    return render_template("accounts/_link_gone.html"), 410


@bp.route("/welkom", methods=["GET", "POST"])
@admits(Audience.RESIDENT)
def welcome() -> ResponseReturnValue:
    """Ask a new resident, once, how to be called."""
    user = me()
    form = versioned(lambda **how: NameForm(obj=user, version=user.version, **how), about=person_key(user))
    if form.validate_on_submit():
        name, language = form.name.data or "", user.language
        update_profile(db.session(), user, seen=form.seen, name=name, language=language, by=user)
        return _onward()
    return render_template("accounts/welcome.html", form=form, onward=_next()), 422 if form.errors else 200


@bp.route("/tweede-stap", methods=["GET", "POST"])
@admits(Audience.RESIDENT)
@unkept
def second_factor() -> ResponseReturnValue:
    """Ask an organiser for the code of the authenticator; everyone else goes straight on."""
    if not current_user.is_organiser or current_user.second_factor_passed:
        return _onward()
    if not current_user.totp_secret:
        return redirect(url_for("accounts.enrol", verder=_next() or None), 303)
    form = CodeForm()
    if form.validate_on_submit():
        if is_right_code(me(), form.code.data or ""):
            asking.start_session(me(), second_factor=True)
            return _onward()
        form.refuse()
    return render_template("accounts/second_factor.html", form=form), 422 if form.errors else 200


@bp.route("/tweede-stap/instellen", methods=["GET", "POST"])
@admits(Audience.RESIDENT)
@weighs(Weight.PAGE)
@unkept
def enrol() -> ResponseReturnValue:
    """Tie an authenticator to an organiser's account that has none."""
    if not current_user.is_organiser or current_user.totp_secret:
        return redirect(url_for("accounts.second_factor", verder=_next() or None), 303)
    secret = asking.remembered(ENROLLING, new_secret)
    form = CodeForm()
    if form.validate_on_submit():
        proof, vault = Proof(secret=secret, code=form.code.data or ""), Vault.from_config(current_app.config)
        if tried(lambda: enrol_second_factor(db.session(), me(), proof, vault=vault, by=me(), now=now())):
            asking.start_session(me(), second_factor=True)
            flash(_("Gelukt. Voortaan vragen wij deze code bij elke keer inloggen."), "success")
            return _onward()
        form.code.errors = [
            _("Deze code klopt niet. Kijk of de tijd van uw telefoon goed staat en probeer het opnieuw.")
        ]
    address = enrolment_address(secret, email=current_user.email, site=current_app.config["SITE_NAME"])
    page = render_template("accounts/enrol.html", form=form, secret=secret, address=address, qr=qr_code(address))
    return page, 422 if form.errors else 200


@bp.post("/uitloggen")
@admits(Audience.EVERYONE)
def sign_out() -> ResponseReturnValue:
    """Sign this browser out."""
    asking.sign_out_here()
    flash(_("U bent uitgelogd."), "success")
    return redirect(url_for("pages.home"), 303)


@bp.route("/apparaten", methods=["GET", "POST"])
@admits(Audience.RESIDENT)
@weighs(Weight.ACT)
def devices() -> ResponseReturnValue:
    """Show where somebody is signed in; end one of these sessions, or all of them."""
    here = asking.current_session()
    if request.method != "POST":
        found = sessions_of(db.session(), me(), now=now())
        return render_template("accounts/devices.html", found=found, here=here)
    chosen = request.form.get("sessie", "")
    if here is None or chosen in {ALL, here.token_hash}:
        if chosen == ALL:
            sign_out_everywhere(db.session(), me(), by=me())
        asking.sign_out_here()
        flash(_("U bent nu overal uitgelogd.") if chosen == ALL else _("U bent uitgelogd."), "success")
        return redirect(url_for("pages.home"), 303)
    was_there = chosen.isalnum() and end_session_of(db.session(), me(), chosen, by=me())
    flash(_("Dat apparaat is uitgelogd.") if was_there else _("Dat apparaat was al uitgelogd."), "success")
    return redirect(url_for("accounts.devices"), 303)


@bp.route("", methods=["GET", "POST"])
@admits(Audience.RESIDENT)
def show() -> ResponseReturnValue:
    """Show one's own account and change name and language."""
    user = me()
    form = versioned(lambda **how: ProfileForm(obj=user, version=user.version, **how), about=person_key(user))
    if form.validate_on_submit():
        name, language = form.name.data or "", form.language.data
        update_profile(db.session(), user, seen=form.seen, name=name, language=language, by=user)
        flash(_("Bewaard."), "success")
        return redirect(url_for("accounts.show"), 303)
    return render_template("accounts/show.html", form=form), 422 if form.errors else 200


@bp.get("/gegevens.json")
@admits(Audience.RESIDENT)
def export() -> ResponseReturnValue:
    """Hand over what is kept of this person, as a file."""
    found = own_data(db.session(), subject_of(me(), current_app.config), register().kept)
    return attachment(current_app.json.dumps(found), "mijn-gegevens.json", "application/json")


@bp.route("/verwijderen", methods=["GET", "POST"])
@admits(Audience.RESIDENT)
@unkept
@asking.ends_account
def delete() -> ResponseReturnValue:
    """Ask twice, then empty the account."""
    form = DeleteForm()
    if form.validate_on_submit():
        on_refusal(lambda refusal: _delete_page(form, refusal), only={AccountFault.STILL_ORGANISER})
        delete_account(db.session(), me(), kept=register().kept, by=me(), now=now())
        asking.sign_out_here()
        flash(_("Uw account is verwijderd."), "success")
        return redirect(url_for("pages.home"), 303)
    return _delete_page(form)


def _delete_page(form: DeleteForm, refusal: RefusedError | None = None) -> ResponseReturnValue:
    if refusal:
        form.sure.errors = [words_of(refusal)]
    page = render_template("accounts/delete.html", form=form, days=current_app.config["BACKUP_DAYS"])
    return page, 422 if form.errors else 200


@bp.route("/demo/<key>", methods=["GET", "POST"])
@admits(Audience.EVERYONE)
def demo(key: str) -> ResponseReturnValue:
    """Sign in as somebody of the made-up city, second factor included; there is no such page outside a demo."""
    user_id = asking.demo_user_id(key) if current_app.config["DEMO"] else None
    user = db.session.get(User, user_id) if user_id else None
    if user is None or user.deleted_at:
        abort(404)
    if request.method != "POST":
        return render_template("accounts/demo.html", user=user)
    asking.start_session(user, second_factor=True)
    return redirect(url_for("rounds_organiser.index" if user.is_organiser else "pages.home"), 303)
