"""The workplace where plans are checked: the list of a round and the dossier of a plan with its decision."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot.accounts.asking import me
from buurtbegroot.accounts.models import User
from buurtbegroot.accounts.queries import coordinators_of
from buurtbegroot.box.queries import off_ballot
from buurtbegroot.core.phases import Phase
from buurtbegroot.extensions import db
from buurtbegroot.moderation.policy import may_moderate
from buurtbegroot.proposals import policy, words
from buurtbegroot.proposals.actions import decide_proposal
from buurtbegroot.proposals.forms import DecisionForm, form_of_plan
from buurtbegroot.proposals.models import PUBLIC_STATUSES, Proposal, ProposalStatus, state_of
from buurtbegroot.proposals.queries import (
    plan_key,
    plans_to_check,
    proposal_by_number,
    similar_proposals,
    status_counts,
)
from buurtbegroot.proposals.words.page import plan_page
from buurtbegroot.rounds.asking import viewed_round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.rounds.queries import rules_or_none, standing_of, window_of
from buurtbegroot.texts import long_datetime
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now
from buurtbegroot.web.pagination import page_number, paginate
from buurtbegroot.web.versions import versioned
from buurtbegroot.web.versions.clashes import changes_in

bp = Blueprint("proposals_organiser", __name__, url_prefix="/werkplek")

SHOWN = {
    "wacht": (ProposalStatus.SUBMITTED,),
    "kan": (ProposalStatus.ADMITTED,),
    "kan-niet": (ProposalStatus.REFUSED,),
    "ingetrokken": (ProposalStatus.WITHDRAWN,),
    "alles": PUBLIC_STATUSES,
}


@bp.get("/rondes/<slug>/plannen")
@admits(Audience.ORGANISER)
def index(slug: str) -> ResponseReturnValue:
    """Show the plans of a round by what must be done with them."""
    round_ = viewed_round(slug)
    counts = status_counts(db.session(), round_.id)
    asked = request.args.get("toon", "")
    shown = asked if asked in SHOWN else "wacht" if counts[ProposalStatus.SUBMITTED] else "alles"
    window, standing = window_of(round_, Phase.FEASIBILITY), standing_of(round_, now())
    page = paginate(db.session(), plans_to_check(round_.id, SHOWN[shown]), number=page_number(), size=50)
    return render_template(
        "proposals/organiser/index.html",
        round=round_,
        page=page,
        shown=shown,
        counts=counts,
        due=long_datetime(window.ends_at) if window and Phase.FEASIBILITY not in standing.over else "",
        stage=standing.stage,
        state_of=state_of,
        off_ballot=off_ballot(current_app.config, [round_.id]),
        may_manage=may_manage(me(), round_),
        words=words,
    )


@bp.route("/rondes/<slug>/plannen/<int:number>", methods=["GET", "POST"])
@admits(Audience.ORGANISER)
def dossier(slug: str, number: int) -> ResponseReturnValue:
    """Show all about one plan, and decide on it."""
    round_ = viewed_round(slug)
    proposal = proposal_by_number(db.session(), round_.id, number) or abort(404)
    form = versioned(partial(_decision_form, proposal), about=plan_key(proposal), answer=partial(_look_again, proposal))
    if not policy.may_decide(me(), proposal):
        return _dossier_page(proposal, form), 409 if request.method == "POST" else 200
    if not form.validate_on_submit():
        return _dossier_page(proposal, form), 422 if form.errors else 200
    decision = decide_proposal(db.session(), proposal, form.to_verdict(), seen=form.seen, by=me(), now=now())
    said = _("Plan %(number)d kan op het stembiljet.") if decision.admitted else _("Plan %(number)d is geweigerd.")
    flash(said % {"number": proposal.number}, "success")
    return redirect(url_for("proposals_organiser.index", slug=slug), 303)


def _decision_form(proposal: Proposal, **how: Any) -> DecisionForm:
    plan = form_of_plan(db.session(), proposal, formdata=None)
    return DecisionForm(plan=plan, proposal=proposal, rules=rules_or_none(proposal.round), **how)


def _look_again(proposal: Proposal, form: DecisionForm, stored: DecisionForm) -> ResponseReturnValue:
    """Show what changed of the plan since the dossier was opened; what was typed stays, and is now about this plan."""
    before, form.versie.data = form.versie.data, stored.versie.data
    make = partial(form_of_plan, db.session(), proposal, meta={"csrf": False})
    changes = changes_in(make, before.values, stored.plan)
    return _dossier_page(proposal, form, since=before.at, changes=changes, has_changed=True), 409


def _coordinators(proposal: Proposal) -> Sequence[User]:
    return coordinators_of(db.session(), proposal.round.owner)


def _dossier_page(proposal: Proposal, form: DecisionForm, **shown: Any) -> str:
    return render_template(
        "proposals/organiser/dossier.html",
        plan=plan_page(db.session(), proposal, now(), off_ballot=off_ballot(current_app.config, [proposal.round_id])),
        round=proposal.round,
        form=form,
        may_decide=policy.may_decide(me(), proposal),
        may_manage=may_manage(me(), proposal.round),
        may_moderate=may_moderate(me(), proposal),
        is_own=not policy.may_judge(me(), proposal),
        judges=[each for each in _coordinators(proposal) if policy.may_judge(each, proposal)],
        is_frozen=policy.is_frozen(proposal.round),
        similar=similar_proposals(db.session(), proposal),
        rules=rules_or_none(proposal.round),
        words=words,
        **shown,
    )
