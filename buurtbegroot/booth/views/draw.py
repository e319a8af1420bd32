"""The page on which somebody with an account draws a voting code; what the pool allows is decided in the registry."""

from flask import abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import Fault
from buurtbegroot.booth.asking import Visit
from buurtbegroot.booth.forms import DrawForm
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.core.credentials import format_code
from buurtbegroot.extensions import db
from buurtbegroot.registry.actions.pool import PoolFault, draw_code
from buurtbegroot.registry.queries import has_drawn, has_waiting_code, pool_of
from buurtbegroot.web.qr import qr_code
from buurtbegroot.web.refusals import on_refusal
from buurtbegroot.web.transaction import retried


def draw_page(here: Visit, me: User) -> ResponseReturnValue:
    """Ask for what the round wants declared, then draw a code and show it, once; 404 in a round without a pool.

    Whoever has an account opened a link that was mailed to its address, so the address is verified.
    """
    if pool_of(db.session(), here.round.id) is None:
        abort(404)
    form = DrawForm()
    form.ask(here.paper.rules.eligibility)
    if request.method == "POST" and form.validate():
        return _drawn_page(here, form, me)
    return _page(here, form, fault=_fault(here, me)), 422 if form.errors else 200


def _drawn_page(here: Visit, form: DrawForm, me: User) -> ResponseReturnValue:
    keys, session = KeyStore.from_config(current_app.config), db.session()
    on_refusal(lambda refusal: (_page(here, form, fault=refusal.fault), 409), only=set(PoolFault) - {PoolFault.CLOSED})
    code = retried(session, lambda: draw_code(session, round_id=here.round.id, keys=keys, by=me, now=here.now))
    address = current_app.config["SITE_URL"].rstrip("/") + url_for(
        "booth.start_in", number=here.round.id, _external=False
    )
    return _page(here, form, code=code, shown=format_code(code), qr=qr_code(f"{address}#{code}"))


def _fault(here: Visit, me: User) -> PoolFault | None:
    """Return why this account gets no code, as far as that is known beforehand."""
    keys = KeyStore.from_config(current_app.config)
    if has_drawn(db.session(), here.round.id, keys.load(here.round.id).account_mark(me.email)):
        return PoolFault.DRAWN
    part = keys.anchors(here.round.id).epoch
    return None if has_waiting_code(db.session(), here.round.id, part=part) else PoolFault.EMPTY


def _page(here: Visit, form: DrawForm, *, fault: Fault | None = None, **shown: object) -> str:
    return render_template("booth/draw.html", visit=here, round=here.round, form=form, fault=fault, **shown)
