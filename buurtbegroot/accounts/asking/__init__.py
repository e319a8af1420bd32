"""Who is asking: signed-in browsers, the person behind a request, and a fresh proof before a weighty act."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from flask import (
    Flask,
    Request,
    Response,
    after_this_request,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import delete, select, update
from sqlalchemy.orm import contains_eager

from buurtbegroot.accounts.actions import AccountFault, pass_second_factor
from buurtbegroot.accounts.asking.held import HELD, OWNER, hold, page_of_form
from buurtbegroot.accounts.domain import Vault, hash_token, new_token
from buurtbegroot.accounts.forms import ProofForm
from buurtbegroot.accounts.models import HeldForm, User, UserSession
from buurtbegroot.acts import ANYONE, Anyone
from buurtbegroot.core.mailbox import mailbox_of
from buurtbegroot.extensions import db, login_manager
from buurtbegroot.limits import asking as limits
from buurtbegroot.limits.domain import Counted
from buurtbegroot.web.access import Weight, weight_of
from buurtbegroot.web.clock import now
from buurtbegroot.web.fields import ONCE
from buurtbegroot.web.locale import LANGUAGE_COOKIE, SCHEME_COOKIE
from buurtbegroot.web.transaction import SAFE_METHODS, settle_before_view

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
TOKEN, SEEN, CSRF = "token", "seen", "csrf_token"
REFRESH = timedelta(minutes=1)

BROWSERS = (  # the first that fits: most also name the ones that they descend from
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def init_app(app: Flask) -> None:
    """Let Flask-Login find the person by our own token, and guard weighty views; comes after the guard of access."""
    login_manager.session_protection = None  # Flask-Login's guards its own sessions, which are not used
    login_manager.init_app(app)
    login_manager.request_loader(_load)
    app.before_request(_guard)


def ends_account(view: View) -> View:
    """Declare that a view ends the account of who is signed in: it waits for all other forms of that person."""
    view.__dict__["ends_account"] = True
    return view


def me() -> User:
    """Return who is signed in; for pages that nobody else enters."""
    user: User = current_user._get_current_object()
    return user


def who() -> User | Anyone:
    """Return who is signed in, or anyone."""
    return me() if current_user.is_authenticated else ANYONE


def start_session(user: User, *, second_factor: bool = False) -> None:
    """Sign this browser in under a new token; what a visitor had chosen before stays, another person's things go."""
    if TOKEN in session:
        end_session()
    session.pop(CSRF, None)
    token, moment = new_token(), now()
    lifetime = timedelta(hours=current_app.config["SESSION_HOURS"])
    db.session.add(
        UserSession(
            token_hash=hash_token(token),
            user_id=user.id,
            created_at=moment,
            expires_at=moment + lifetime,
            second_factor_at=moment if second_factor else None,
            device=device_of(request.user_agent.string),
        )
    )
    db.session.flush()
    session[TOKEN], session[SEEN], session[OWNER] = token, moment.timestamp(), user.id
    if held := db.session.get(HeldForm, user.id):
        session[HELD] = held.path


def renew_session() -> None:
    """Note that the second factor was proved just now, under a new token; its end in time stays what it was."""
    token = new_token()
    mine = UserSession.token_hash == hash_token(session[TOKEN])
    fresh = update(UserSession).where(mine).values(token_hash=hash_token(token), second_factor_at=now())
    db.session.execute(fresh, execution_options={"synchronize_session": False})
    session[TOKEN] = token


def current_session() -> UserSession | None:
    """Return the row of this browser's own session."""
    token = session.get(TOKEN)
    return db.session.get(UserSession, hash_token(token)) if token else None


def is_proved_lately() -> bool:
    """Tell whether whoever is signed in here proved it in the last minutes, with all that the account has."""
    found = current_session()
    if found is None:
        return False
    proved_at = found.second_factor_at if found.user.totp_secret else found.created_at
    lately = timedelta(minutes=current_app.config["PROOF_MINUTES"])
    return proved_at is not None and now() - proved_at <= lately


def end_session() -> None:
    """Sign this browser out; a copy of its cookie is worthless from now on."""
    token = session.get(TOKEN)
    session.clear()
    if token:
        db.session.execute(delete(UserSession).where(UserSession.token_hash == hash_token(token)))


def sign_out_here() -> None:
    """Sign this browser out, and let it forget all but language and colours: the code of a letter too."""
    end_session()
    after_this_request(_forget_cookies)


def _forget_cookies(response: Response) -> Response:
    kept = {LANGUAGE_COOKIE, SCHEME_COOKIE, current_app.config["SESSION_COOKIE_NAME"]}
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    for name in request.cookies:
        if name not in kept:
            response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="Strict")
    return response


def remembered(name: str, make: Callable[[], str]) -> str:
    """Return what this browser's session keeps under a name, made now when there is nothing yet."""
    kept: str = session.setdefault(name, make())
    return kept


def demo_sign_in_path(user: User) -> str:
    """Return the address on this site that signs the person in with one press, for good; it works in a demo only."""
    key = _demo_keys().dumps(user.id)
    return current_app.url_map.bind("localhost").build("accounts.demo", {"key": key})


def demo_user_id(key: str) -> int | None:
    """Return whose one-press address this is; None when the key was not made here."""
    try:
        found = _demo_keys().loads(key)
    except BadSignature:
        return None
    return found if isinstance(found, int) else None


def _demo_keys() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="demo-sign-in")


def _load(_request: Request) -> User | None:
    token = session.get(TOKEN)
    if not token:
        return None
    found, moment = _stored(token), now()
    if found is None or found.expires_at <= moment or _is_idle(moment, found.user):
        owner = session.get(OWNER)
        session.clear()
        session[OWNER] = owner
        return None
    if moment.timestamp() - session[SEEN] > REFRESH.total_seconds():
        session[SEEN] = moment.timestamp()
    needs_factor = current_app.config["SECOND_FACTOR"]
    found.user.second_factor_passed = found.second_factor_at is not None or not needs_factor
    return found.user


def _stored(token: str) -> UserSession | None:
    """Return the session of a token; an account whose form is being done does not end before that is done."""
    if request.method in SAFE_METHODS:
        return db.session.get(UserSession, hash_token(token))
    own = select(UserSession).join(UserSession.user).options(contains_eager(UserSession.user))
    ends = bool(getattr(current_app.view_functions.get(request.endpoint or ""), "ends_account", False))
    locked = own.with_for_update(of=User, read=not ends, key_share=not ends)
    mine = locked.where(UserSession.token_hash == hash_token(token)).execution_options(populate_existing=True)
    found = db.session.scalar(mine)
    return found if found and found.user.deleted_at is None else None


def _is_idle(moment: datetime, user: User) -> bool:
    idle: float = moment.timestamp() - session.get(SEEN, 0)
    limit = "ORGANISER_IDLE_MINUTES" if user.is_organiser else "SESSION_IDLE_MINUTES"
    allowed: int = current_app.config[limit] * 60
    return idle > allowed


def device_of(user_agent: str) -> str:
    """Return browser and system of a User-Agent header, like "Firefox, Android"; empty when neither is known."""
    return ", ".join(filter(None, (_first(BROWSERS, user_agent), _first(SYSTEMS, user_agent))))


def _first(known: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in known if mark in user_agent), "")


def asked_links(email: str) -> tuple[Counted, Counted]:
    """Return what asking for a link counts for: this network, and the mailbox that the link goes to."""
    settings = current_app.config
    mailbox = limits.counted(
        "mailbox", mailbox_of(email), rates=settings["MAILBOX_LINKS"], fault=AccountFault.MAILBOX_FULL
    )
    return asking_network(), mailbox


def asking_network() -> Counted:
    """Return what asking for links counts for of this network alone."""
    return limits.of_network("sign-in", rates=current_app.config["SIGN_IN_TRIES"])


def came_in(email: str, *, is_new: bool) -> None:
    """Let a link that was used not count any more, and a new account count; with too many the answer is 429."""
    for one in asked_links(email):
        limits.take_back(one)
    if is_new:
        rates = current_app.config["NEW_ACCOUNTS"]
        limits.count(limits.of_network("new-account", rates=rates, fault=AccountFault.MANY_ACCOUNTS))


def tried(is_right: Callable[[], bool]) -> bool:
    """Tell whether this person's code is right; each that is wrong counts, and with too many the answer is 429."""
    rates = f"{current_app.config['SIGN_IN_TRIES']}; 60 per day"  # six figures: at this pace guessing takes decades
    mine = limits.counted("second-factor", current_user.get_id(), rates=rates)
    limits.check(mine)
    if is_right():
        return True
    limits.count_failure(mine)
    return False


def is_right_code(user: User, code: str) -> bool:
    """Tell whether the code of the authenticator is good now, and use it up; raises VaultError.

    Each wrong one counts, and after too many the answer is 429.
    """
    vault = Vault.from_config(current_app.config)
    return tried(lambda: pass_second_factor(db.session(), user, code=code, vault=vault, by=user, now=now()))


def _guard() -> ResponseReturnValue | None:
    weight = weight_of(current_app, request.endpoint) if request.endpoint else None
    if weight is None or current_app.config["DEMO"] or not _is_act(weight) or is_proved_lately():
        return None
    if not current_user.totp_secret:
        return _sign_in_again()
    return None if weight is Weight.PAGE else _ask_for_code(weight)


def _is_act(weight: Weight) -> bool:
    return request.method == "POST" or weight is Weight.PAGE


def _ask_for_code(weight: Weight) -> ResponseReturnValue | None:
    """Show the page that asks for a code and carries the form along; None when the code that came with it is right."""
    form = ProofForm()
    if not form.code.raw_data:
        return _page(form), 403
    if not form.validate() or not is_right_code(current_user._get_current_object(), form.code.data or ""):
        form.refuse()
        return _page(form), 422
    renew_session()
    settle_before_view()
    if weight is not Weight.FILE:
        return None
    path = session[HELD] = hold(current_user.id)
    return redirect(path or url_for("accounts.show"), 303)


def _page(form: ProofForm) -> str:
    own = {"csrf_token", ONCE, ProofForm.FIELD}
    carried = [(name, value) for name, value in request.form.items(multi=True) if name not in own]
    minutes = current_app.config["PROOF_MINUTES"]
    has_file = any(request.files.values())
    return render_template("accounts/_step_up.html", form=form, carried=carried, minutes=minutes, has_file=has_file)


def _sign_in_again() -> ResponseReturnValue:
    """Send somebody without an authenticator past the mailbox again."""
    flash(_("Log hiervoor opnieuw in. Zo weten wij zeker dat u het bent."), "warning")
    return redirect(url_for("accounts.sign_in", verder=page_of_form() or None, opnieuw=1), 303)
