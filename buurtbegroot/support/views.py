"""Giving support to a plan and taking it back; a visitor is asked for an address on a page of its own."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot.accounts.asking import me, who
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.proposals.policy import may_read
from buurtbegroot.proposals.queries import proposal_by_id
from buurtbegroot.support.actions import give_support, take_back_support
from buurtbegroot.support.policy import takes_support
from buurtbegroot.waiting.asking import wait_for_mail
from buurtbegroot.waiting.domain import Told
from buurtbegroot.waiting.forms import VisitorForm
from buurtbegroot.web.access import Audience, admits, writes_first
from buurtbegroot.web.clock import now

bp = Blueprint("support", __name__)


@bp.route("/plannen/<int:proposal_id>/steun", methods=["GET", "POST"])
@admits(Audience.RESIDENT)
@writes_first()
def give(proposal_id: int) -> ResponseReturnValue:
    """Support a plan; of a visitor the address is asked first."""
    proposal, form = _readable(proposal_id), VisitorForm()
    asks, is_open = form.mailadres is not None, takes_support(proposal, now())
    if request.method != "POST" or (asks and not (is_open and form.validate())):
        page = render_template("support/give.html", proposal=proposal, form=form, is_open=is_open)
        return page, 409 if request.method == "POST" and not is_open else 422 if form.errors else 200
    if asks:
        back = url_for("proposals.show", proposal_id=proposal.id, _anchor="steun")
        return wait_for_mail(form, Told(what=_("uw steun"), act=_("Geef mijn steun"), back=back))
    give_support(db.session(), proposal, by=me(), now=now())
    flash(_("U steunt dit plan. Dank u wel."), "success")
    return _back_to(proposal)


@bp.post("/plannen/<int:proposal_id>/steun/terug")
@admits(Audience.RESIDENT)
def take_back(proposal_id: int) -> ResponseReturnValue:
    """Support a plan no longer."""
    proposal = _readable(proposal_id)
    take_back_support(db.session(), proposal, by=me(), now=now())
    flash(_("U steunt dit plan niet meer."), "success")
    return _back_to(proposal)


def _readable(proposal_id: int) -> Proposal:
    proposal = proposal_by_id(db.session(), proposal_id)
    if proposal is None or not may_read(who(), proposal):
        abort(404)
    return proposal


def _back_to(proposal: Proposal) -> ResponseReturnValue:
    return redirect(url_for("proposals.show", proposal_id=proposal.id, _anchor="steun"), 303)
