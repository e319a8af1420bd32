"""Pages of plans for everyone: lists, a plan, and for its maker writing, submitting and withdrawing it."""

from functools import partial

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot.accounts.actions import allow_publishing, keep_first_name
from buurtbegroot.accounts.asking import me, who
from buurtbegroot.accounts.models import User
from buurtbegroot.booth.queries import withdrawn_from
from buurtbegroot.box.queries import off_ballot, withdrawn_plans
from buurtbegroot.core.phases import Phase
from buurtbegroot.discussion.queries.figures import contributions_of
from buurtbegroot.discussion.queries.lists import Wanted, of_plan
from buurtbegroot.extensions import db
from buurtbegroot.moderation.policy import may_moderate
from buurtbegroot.proposals import policy, words
from buurtbegroot.proposals.actions import edit_proposal, start_proposal, submit_proposal, withdraw_proposal
from buurtbegroot.proposals.domain.drafts import MOST_LINES, shortcomings
from buurtbegroot.proposals.forms import EMPTY_LINES, ProposalForm, SubmitForm, form_of_plan
from buurtbegroot.proposals.models import PUBLIC_STATUSES, Proposal, ProposalStatus, state_of
from buurtbegroot.proposals.queries import (
    draft_of,
    plan_key,
    points_to_choose,
    proposal_by_id,
    similar_proposals,
)
from buurtbegroot.proposals.queries.listing import Listing, listing, round_head
from buurtbegroot.proposals.words.page import became, plan_page
from buurtbegroot.results.queries import plans_of_maker, why_of_plan
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import public_round, rules_or_none, standing_of, window_of
from buurtbegroot.support.queries import plan_support, support_of
from buurtbegroot.tally.queries import result_of_plan
from buurtbegroot.waiting.asking import wait_for_mail
from buurtbegroot.waiting.domain import Told
from buurtbegroot.web.access import Audience, admits, writes_first
from buurtbegroot.web.choice import carried
from buurtbegroot.web.clock import now
from buurtbegroot.web.markdown import render_markdown
from buurtbegroot.web.pagination import page_number, shuffle_number
from buurtbegroot.web.versions import form_of_act, versioned

bp = Blueprint("proposals", __name__)

SIZES = {"24", "48", "100"}

bp.add_app_template_filter(render_markdown, "plan_text")


def asked_listing(round_id: int | None = None) -> Listing:
    """Return a page of plans of a round, or of all; each says whether it left a ballot, and how it is received."""
    size = int(request.args["per"]) if request.args.get("per") in SIZES else 24
    page = {"seed": shuffle_number(), "number": page_number(), "size": size}
    found = listing(db.session(), request.args, **page, round_id=round_id)
    gone = off_ballot(current_app.config, {row.round_id for row in found.rows})
    plans = [row.id for row in found.rows]
    told = found.without(gone).with_support(support_of(db.session(), plans, now()))
    return told.with_reactions(contributions_of(db.session(), plans))


@bp.get("/plannen")
@admits(Audience.EVERYONE)
def index() -> ResponseReturnValue:
    """Show the plans of all rounds."""
    return render_template("proposals/index.html", listing=asked_listing(), words=words)


@bp.get("/rondes/<slug>/plannen")
@admits(Audience.EVERYONE)
def in_round(slug: str) -> ResponseReturnValue:
    """Show the plans of one round."""
    round_ = round_head(db.session(), slug) or abort(404)
    found = asked_listing(round_.id)
    takes_plans = round_.takes_plans(now())
    return render_template("proposals/in_round.html", round=round_, listing=found, words=words, takes_plans=takes_plans)


@bp.get("/plannen/<int:proposal_id>")
@admits(Audience.EVERYONE)
def show(proposal_id: int) -> ResponseReturnValue:
    """Show one plan with its costs, decisions and, once certified, its result."""
    proposal = _readable(proposal_id)
    certified = proposal.round.certified_at is not None
    is_author = policy.is_author(who(), proposal)
    why = why_of_plan(db.session(), proposal.id) if certified else None
    takes_votes = standing_of(proposal.round, now()).takes_votes
    all_withdrawn = withdrawn_from(db.session(), current_app.config, proposal.round)
    withdrawn = [each for each in all_withdrawn if each.id == proposal.id]
    result = why.one if why else result_of_plan(db.session(), proposal.id) if certified else None
    return render_template(
        "proposals/show.html",
        plan=plan_page(db.session(), proposal, now(), off_ballot=frozenset(each.id for each in withdrawn)),
        outcome=(result, why),
        takes_votes=takes_votes,
        withdrawn=withdrawn,
        talk=of_plan(db.session(), proposal, Wanted(), by=who(), now=now()) if proposal.number else None,
        support=None if proposal.round.opened_at else plan_support(db.session(), proposal, by=who(), now=now()),
        may_edit=is_author and policy.may_edit(who(), proposal, now=now()),
        may_withdraw=policy.may_withdraw(who(), proposal),
        may_moderate=proposal.status in PUBLIC_STATUSES and may_moderate(who(), proposal),
        words=words,
    )


@bp.get("/plannen/van-mij")
@admits(Audience.RESIDENT)
def mine() -> ResponseReturnValue:
    """Show all plans of the person who is signed in."""
    made, moment = plans_of_maker(db.session(), me().id), now()
    editable = {each.plan.id for each in made if policy.may_edit(me(), each.plan, now=moment)}
    rounds = {each.plan.round_id for each in made}
    gone = {plan: why for one in rounds for plan, why in withdrawn_plans(current_app.config, one).items()}
    states = {each.plan.id: state_of(each.plan, gone) for each in made}
    return render_template(
        "proposals/mine.html",
        made=made,
        chips={
            each.plan.id: words.status_chip(
                states[each.plan.id], standing_of(each.plan.round, moment).stage, each.verdict
            )
            for each in made
        },
        became={
            each.plan.id: became(each.plan, states[each.plan.id], moment, off_because=gone.get(each.plan.id, ""))
            for each in made
            if each.verdict is None
        },
        editable=editable,
    )


@bp.route("/rondes/<slug>/plannen/nieuw", methods=["GET", "POST"])
@admits(Audience.RESIDENT)
@writes_first()
def new(slug: str) -> ResponseReturnValue:
    """Start a plan in a round that takes plans; a visitor says last where to mail the link."""
    round_, by = public_round(db.session(), slug) or abort(404), who()
    begin = {"lines": [{}] * EMPTY_LINES, "author_name": by.name if isinstance(by, User) else ""}
    form = ProposalForm(data=begin, round_=round_, points=points_to_choose(db.session(), round_))
    if not policy.takes_plans(round_, now()):
        return _closed(round_, form)
    if _asks_line(form) or not form.validate_on_submit():
        return _form_page(round_, form)
    if not isinstance(by, User):
        back = url_for("rounds.show", slug=slug)
        told = Told(what=_("uw plan"), act=_("Bewaar mijn plan"), back=back, language=form.language.data or "")
        return wait_for_mail(form, told)
    proposal = start_proposal(db.session(), round_, form.draft(), by=by, now=now())
    keep_first_name(db.session(), by, form.author_name.data or "", by=by)
    return _after_saving(proposal)


@bp.route("/plannen/<int:proposal_id>/wijzigen", methods=["GET", "POST"])
@admits(Audience.RESIDENT)
def edit(proposal_id: int) -> ResponseReturnValue:
    """Change one's own plan."""
    proposal = _own(proposal_id)
    round_ = proposal.round
    form = versioned(partial(form_of_plan, db.session(), proposal, own=True), about=plan_key(proposal))
    if not policy.may_edit(me(), proposal, now=now()):
        return _closed(round_, form, proposal)
    if _asks_line(form) or not form.validate_on_submit():
        return _form_page(round_, form, proposal)
    if proposal.status is ProposalStatus.SUBMITTED and not form.lacks_nothing(rules_or_none(round_)):
        return _form_page(round_, form, proposal)
    edit_proposal(db.session(), proposal, form.draft(), seen=form.seen, by=me(), now=now())
    return _after_saving(proposal)


@bp.route("/plannen/<int:proposal_id>/indienen", methods=["GET", "POST"])
@admits(Audience.RESIDENT)
def submit(proposal_id: int) -> ResponseReturnValue:
    """Let the maker look once more, show plans that are alike, and submit."""
    proposal = _own(proposal_id)
    if proposal.status is not ProposalStatus.CONCEPT:
        return redirect(url_for("proposals.show", proposal_id=proposal.id), 303)
    if not policy.may_edit(me(), proposal, now=now()):
        return _closed(proposal.round, None, proposal)
    rules, has_themes = rules_or_none(proposal.round), bool(proposal.round.themes)
    lacks = shortcomings(draft_of(proposal), rules, has_themes=has_themes)
    form = versioned(partial(SubmitForm, version=proposal.version), about=plan_key(proposal))
    if request.method == "POST" and not lacks and form.validate():
        if form.leeftijd:
            allow_publishing(db.session(), me(), by=me(), now=now())
        submit_proposal(db.session(), proposal, seen=form.seen, by=me(), now=now())
        flash(_("Uw plan is ingediend. Het heeft nummer %(number)d.", number=proposal.number), "success")
        return redirect(url_for("proposals.show", proposal_id=proposal.id), 303)
    page = render_template(
        "proposals/submit.html",
        form=form,
        plan=plan_page(db.session(), proposal, now()),
        lacks=[words.sentence(lack) for lack in lacks],
        similar=similar_proposals(db.session(), proposal),
        was_refused=request.method == "POST",
        words=words,
    )
    return page, 422 if request.method == "POST" else 200


@bp.route("/plannen/<int:proposal_id>/intrekken", methods=["GET", "POST"])
@admits(Audience.RESIDENT)
def withdraw(proposal_id: int) -> ResponseReturnValue:
    """Ask whether the maker is sure, then withdraw the plan or throw the concept away."""
    proposal = _own(proposal_id)
    if not policy.may_withdraw(me(), proposal):
        return _closed(proposal.round, None, proposal)
    form = versioned(partial(form_of_act, proposal), about=plan_key(proposal))
    if request.method != "POST":
        return render_template("proposals/withdraw.html", proposal=proposal, form=form)
    was_concept = proposal.status is ProposalStatus.CONCEPT
    withdraw_proposal(db.session(), proposal, seen=form.seen, by=me(), now=now())
    flash(_("Uw concept is weg.") if was_concept else _("Uw plan is ingetrokken."), "success")
    return redirect(url_for("proposals.mine"), 303)


def _readable(proposal_id: int) -> Proposal:
    proposal = proposal_by_id(db.session(), proposal_id)
    if proposal is None or not policy.may_read(who(), proposal):
        abort(404)
    return proposal


def _own(proposal_id: int) -> Proposal:
    proposal = proposal_by_id(db.session(), proposal_id)
    if proposal is None or not policy.is_author(me(), proposal):
        abort(404)
    return proposal


def _asks_line(form: ProposalForm) -> bool:
    """Add an empty cost line when the button for that was pressed."""
    if request.method != "POST" or request.form.get("actie") != "regel":
        return False
    if len(form.lines) < MOST_LINES:
        form.lines.append_entry()
    return True


def _form_page(round_: Round, form: ProposalForm, proposal: Proposal | None = None) -> ResponseReturnValue:
    page = render_template(
        "proposals/edit.html" if proposal else "proposals/new.html",
        round=round_,
        form=form,
        proposal=proposal,
        rules=rules_or_none(round_),
        most_lines=MOST_LINES,
        adds_line=request.form.get("actie") == "regel",
        round_points={str(point.id) for point in round_.points},
    )
    return page, 422 if form.problems() else 200


def _closed(round_: Round, form: ProposalForm | None, proposal: Proposal | None = None) -> ResponseReturnValue:
    """Say why this is not possible now; what was typed stays readable, so that it can be copied."""
    page = render_template(
        "proposals/_closed.html",
        round=round_,
        proposal=proposal,
        window=window_of(round_, Phase.SUBMISSION),
        standing=standing_of(round_, now()),
        typed=form.draft() if form and carried() else None,
        kept=carried() if form else [],
    )
    return page, 409


def _after_saving(proposal: Proposal) -> Response | ResponseReturnValue:
    if proposal.hidden_at:
        flash(_("Uw nieuwe tekst is bewaard. Een moderator leest hem en kan hem weer laten zien."), "success")
        return redirect(url_for("moderation.appeal", kind="proposal", number=proposal.id), 303)
    if proposal.status is ProposalStatus.SUBMITTED:
        flash(_("Uw plan is gewijzigd."), "success")
        return redirect(url_for("proposals.show", proposal_id=proposal.id), 303)
    if request.form.get("actie") == "verder":
        return redirect(url_for("proposals.submit", proposal_id=proposal.id), 303)
    flash(_("Uw concept is bewaard. Alleen u kunt het lezen."), "success")
    return redirect(url_for("proposals.edit", proposal_id=proposal.id), 303)
