"""The page on which two people take a plan off the open ballot."""

from flask import abort, current_app, render_template
from flask.typing import ResponseReturnValue

from buurtbegroot.accounts.asking import me
from buurtbegroot.acts import RefusedError
from buurtbegroot.booth.dual_acts import WITHDRAW, is_on_open_ballot
from buurtbegroot.booth.forms import ConfirmWithdrawalForm, TurnDownForm
from buurtbegroot.box.queries import withdrawn_plans
from buurtbegroot.dual_control.forms import ReasonForm
from buurtbegroot.dual_control.queries import act_standing, is_second
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.proposals.queries import proposal_by_number
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.web.refusals import Answer, words_of


def ballot_plan(round_: Round, number: int) -> Proposal:
    """Return a plan that was admitted to the ballot of a round; 404 for any other."""
    plan = proposal_by_number(db.session(), round_.id, number) or abort(404)
    return plan if plan.status is ProposalStatus.ADMITTED else abort(404)


def withdrawal_page(
    plan: Proposal,
    *,
    ask: ReasonForm | None = None,
    confirm: ConfirmWithdrawalForm | None = None,
    turn_down: TurnDownForm | None = None,
) -> str:
    """Return the page as it is now, with a form as it was sent."""
    standing, user = act_standing(db.session(), WITHDRAW, plan), me()
    return render_template(
        "booth/organiser/withdrawal.html",
        plan=plan,
        round=plan.round,
        standing=standing,
        shown=standing.shown,
        reason=withdrawn_plans(current_app.config, plan.round_id).get(plan.id, ""),
        is_open=is_on_open_ballot(plan),
        ask=ask or ReasonForm(formdata=None),
        confirm=confirm or ConfirmWithdrawalForm(formdata=None, gezien=standing.fingerprint),
        turn_down=turn_down or TurnDownForm(formdata=None),
        may_manage=may_manage(user, plan.round),
        is_second=is_second(standing, WITHDRAW, plan, by=user),
        me=user,
    )


def reason_refused(plan: Proposal, form: ReasonForm) -> Answer:
    """Return how a request that is refused is answered: by the page with why at its only field."""

    def answer(refusal: RefusedError) -> ResponseReturnValue:
        form.reden.errors = [words_of(refusal)]
        return withdrawal_page(plan, ask=form), 422

    return answer
