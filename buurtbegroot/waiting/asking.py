"""How what a visitor sent comes to wait, and how it is done once its mailed link is pressed.

The page behind that link holds the form as it was sent, unseen, and sends it to where it was first sent, with the token
of the mail. So it is done by the view that shows and checks it for everybody, by the rules of that moment: here it is
found out only, before the guard, who sends it.
"""

from typing import Any

from flask import Flask, Response, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from wtforms import FieldList, StringField

from buurtbegroot import typed
from buurtbegroot.accounts import asking
from buurtbegroot.accounts.actions import let_in
from buurtbegroot.accounts.asking import me, who
from buurtbegroot.accounts.asking.held import CONFIRMED, NOT_KEPT
from buurtbegroot.accounts.domain import new_token
from buurtbegroot.accounts.forms import PublishingForm
from buurtbegroot.accounts.models import User
from buurtbegroot.acts import ANYONE
from buurtbegroot.extensions import db
from buurtbegroot.limits import asking as limits
from buurtbegroot.limits.asking import once
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.waiting.actions import keep_form, mail_link, note_done, note_done_elsewhere
from buurtbegroot.waiting.domain import Told, Written, content_of
from buurtbegroot.waiting.forms import VisitorForm
from buurtbegroot.waiting.models import WaitingForm
from buurtbegroot.waiting.queries import Opened, opened_by, waiting_form
from buurtbegroot.web.access import takes_visitors
from buurtbegroot.web.choice import carried, page_of_request
from buurtbegroot.web.clock import now
from buurtbegroot.web.fields import ONCE
from buurtbegroot.web.transaction import before_settling, settle_before_view
from buurtbegroot.web.versions.values import said

KEYS = "waiting"  # in the session: what this browser sent and may look at, by key
MOST_KEYS = 5
DOING = "waiting_form"
OF_VISITORS = {"mailadres", "wachtend", PublishingForm.FIELD, CONFIRMED, ONCE}
UNSAID = OF_VISITORS | {"versie", "csrf_token"}
LONGEST_NAME = 100
GONE = _l("Dit kan niet meer: waar het over gaat, is er niet meer. Wat u schreef, staat hieronder.")
TELLS_NOTHING = {  # pages without what was typed
    400: _l("De pagina stond te lang open. Druk nog een keer op de knop."),
    403: GONE,
    404: GONE,
}


def init_app(app: Flask) -> None:
    """Let a mailed link say who sends a form; comes before all that asks who is there."""
    app.before_request(_let_in)
    before_settling(app, _note_done)
    app.after_request(_lead_back)


def wait_for_mail(form: VisitorForm, told: Told) -> ResponseReturnValue:
    """Keep the form that a visitor sent, which is valid, mail the link that does it, and lead to what is said of that.

    Raises RefusedError when it is too long, when so much waits for this address, or when mails are asked too often.
    """
    email: str = form.mailadres.normalised
    network = limits.of_network("waiting", rates=current_app.config["VISITOR_FORMS"])
    limits.count(*asking.asked_links(email), network)
    waiting = keep_form(
        db.session(),
        _written(form, told),
        email=email,
        language=str(get_locale()),
        replaces=_replaced(form.wachtend.data or ""),
        by=ANYONE,
        now=now(),
    )
    mail_link(db.session(), waiting, link_for=link_for, by=ANYONE, now=now())
    session[KEYS] = [waiting.key, *(key for key in session.get(KEYS, ()) if key != waiting.key)][:MOST_KEYS]
    return redirect(url_for("waiting.show", key=waiting.key), 303)


def link_for(token: str) -> str:
    """Return the full address that is mailed."""
    site: str = current_app.config["SITE_URL"]
    return site + url_for("waiting.confirm", token=token)


def own_waiting_form(key: str) -> WaitingForm | None:
    """Return what waits under a key, when this browser sent it."""
    return waiting_form(db.session(), key, now=now()) if key in session.get(KEYS, ()) else None


def publishes(path: str) -> bool:
    """Tell whether something of a person becomes public by the form that is sent to this path."""
    endpoint, _values = current_app.url_map.bind("localhost").match(path, method="POST")
    return bool(getattr(current_app.view_functions[endpoint], "publishes", False))


def _replaced(key: str) -> WaitingForm | None:
    found = own_waiting_form(key)
    return found if found and found.path == request.path else None


def _typed() -> list[list[str]]:
    """Return the form that is sent as (name, value), without tokens and what only visitors are asked."""
    names = dict.fromkeys(name for name in request.form if name not in NOT_KEPT | OF_VISITORS)
    kept = [name for name in names if name.isprintable() and len(name) <= LONGEST_NAME]
    return [[name, typed.more_lines(value)] for name in kept for value in request.form.getlist(name)]


def _written(form: VisitorForm, told: Told) -> Written:
    lines = [_line(field, told) for field in form if field.short_name not in UNSAID]
    shown = Told(
        what=told.what,
        act=told.act,
        back=told.back,
        page=page_of_request(),
        language=told.language,
        lines=[line for line in lines if line[1]],
    )
    token = request.form.get(ONCE, "")[:64] or new_token()
    return Written(path=request.path, fields=_typed(), told=shown, once=token)


def _line(field: Any, told: Told) -> list[str]:
    """Return the label of a field, what it holds in words, and the language of these: typed, or chosen from ours."""
    is_typed = isinstance(field, StringField | FieldList)
    return [str(field.label.text), "\n".join(_said(field)), told.language if is_typed else str(get_locale())]


def _said(field: Any) -> list[str]:
    """Return in words what a field holds, of rows only those in which somebody typed."""
    told = said(field)
    if not isinstance(field, FieldList):
        return told
    return [text for row, text in zip(field, told, strict=True) if not getattr(row.form, "is_empty", False)]


def _let_in() -> ResponseReturnValue | None:
    """Sign in who sends a form from the page of a mailed link; then all goes as if they had been so all the time."""
    g.pop(DOING, None)
    token = _confirmed()
    if not token:
        return None
    found = _opened(token)
    if found is None:
        return once.lead_on_if_done() or gone()
    if not found.works or _is_of_earlier_text(found.form):
        return _to_its_page(token)
    key, email = found.form.key, found.form.email
    came = let_in(db.session(), email, language=found.form.language, by=ANYONE, now=now())
    asking.came_in(email, is_new=came.is_new)
    asking.start_session(came.user)
    settle_before_view()
    setattr(g, DOING, key)
    return None


def _confirmed() -> str:
    """Return the token of a mail with which the form is sent; "" for any other form."""
    is_it = request.method == "POST" and takes_visitors(current_app, request.endpoint or "")
    return request.form.get(CONFIRMED, "") if is_it else ""


def _opened(token: str) -> Opened | None:
    found = opened_by(db.session(), token, now=now())
    return found if found and found.form.path == request.path else None


def _is_of_earlier_text(waiting: WaitingForm) -> bool:
    """Tell whether the text was changed after the page was opened from which this comes: that would do away with it."""
    if request.form.get(ONCE, waiting.once) == waiting.once:
        return False
    flash(_("Deze tekst is intussen veranderd. Hieronder staat hij zoals hij nu is."), "warning")
    return True


def _to_its_page(token: str) -> ResponseReturnValue:
    return redirect(url_for("waiting.confirm", token=token), 303)


def _note_done(response: Response) -> ResponseReturnValue | None:
    """Let go of what waited, once the view did it; a form that only showed its page again goes on to wait."""
    key: Any = g.pop(DOING, None)
    if response.location is None or not takes_visitors(current_app, request.endpoint or ""):
        return None
    by = who()
    if key is None:
        if isinstance(by, User):
            note_done_elsewhere(db.session(), content_of(request.path, _typed()), by=by)
        return None
    waiting = waiting_form(db.session(), key, now=now())
    if waiting and note_done(db.session(), waiting, by=me()):
        return None
    return gone()  # it was done from another page in this very moment; nothing is committed under this status


def _lead_back(response: Response) -> Response:
    """Lead whom a page without what they typed refuses back to the page of their link, which has all of it."""
    if response.status_code not in TELLS_NOTHING or not (token := _confirmed()) or _opened(token) is None:
        return response
    flash(str(TELLS_NOTHING[response.status_code]), "error")
    return current_app.make_response(_to_its_page(token))


def gone() -> ResponseReturnValue:
    """Say that nothing waits behind a link any more; what was sent all the same can be taken back to its form."""
    kept = _typed() if takes_visitors(current_app, request.endpoint or "") and carried() else []
    return render_template("waiting/_gone.html", kept=kept, page=page_of_request()), 410
