"""The buttons under a plan with which somebody gives support and takes it back."""

from flask import Blueprint, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot.accounts.asking import me
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.proposals.policy import may_read
from buurtbegroot.proposals.queries import proposal_by_id
from buurtbegroot.support.actions import give_support, take_back_support
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now

bp = Blueprint("support", __name__)


@bp.post("/plannen/<int:proposal_id>/steun")
@admits(Audience.RESIDENT)
def give(proposal_id: int) -> ResponseReturnValue:
    """Support a plan."""
    proposal = _readable(proposal_id)
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
    if proposal is None or not may_read(me(), proposal):
        abort(404)
    return proposal


def _back_to(proposal: Proposal) -> ResponseReturnValue:
    return redirect(url_for("proposals.show", proposal_id=proposal.id, _anchor="steun"), 303)
