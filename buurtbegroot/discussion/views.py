"""Pages of discussions: lists, one contribution with its answers, and writing, answering, changing and deleting."""

from functools import partial

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot.accounts.asking import me, who
from buurtbegroot.acts import RefusedError
from buurtbegroot.discussion.actions import (
    TalkFault,
    answer,
    contribute,
    delete_contribution,
    edit_contribution,
    find_no_longer_useful,
    find_useful,
)
from buurtbegroot.discussion.actions.following_up import settle_question, take_over
from buurtbegroot.discussion.asking import (
    after_change,
    after_number,
    answerable,
    back_to,
    changed_words,
    counted_me,
    new_contribution,
    number_in,
    own,
    page_of,
    readable,
    thanks,
    wanted,
    why_no_answer,
    writer,
)
from buurtbegroot.discussion.forms import AnswerForm, ContributionForm, EditForm, TakeOverForm
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import About
from buurtbegroot.discussion.policy import (
    is_writer,
    may_read,
    may_settle,
    may_take_over,
    takes_answers,
    takes_contributions,
)
from buurtbegroot.discussion.queries import answers_to, earlier_texts, said, versions_to_choose
from buurtbegroot.discussion.queries.lists import talk_about
from buurtbegroot.extensions import db
from buurtbegroot.proposals.policy import may_read as may_read_plan
from buurtbegroot.proposals.queries import proposal_by_id, public_plan
from buurtbegroot.rounds.queries import public_round
from buurtbegroot.waiting.asking import wait_for_mail
from buurtbegroot.waiting.domain import Told
from buurtbegroot.web.access import Audience, admits, writes_first
from buurtbegroot.web.clock import now
from buurtbegroot.web.markdown import render_remark
from buurtbegroot.web.refusals import on_refusal
from buurtbegroot.web.versions import form_of_act, versioned

bp = Blueprint("discussion", __name__)

ANSWERS, TEXTS = 20, 10

bp.add_app_template_filter(render_remark, "comment_text")
bp.add_app_template_global(new_contribution)


@bp.get("/plannen/<int:proposal_id>/reacties")
@admits(Audience.EVERYONE)
def of_a_plan(proposal_id: int) -> ResponseReturnValue:
    """Show what people say of a plan."""
    proposal = proposal_by_id(db.session(), proposal_id)
    if proposal is None or not may_read_plan(who(), proposal) or not proposal.number:
        abort(404)
    return _list(About(proposal.round, proposal))


@bp.get("/rondes/<slug>/reacties")
@admits(Audience.EVERYONE)
def of_a_round(slug: str) -> ResponseReturnValue:
    """Show what people say of a round as a whole."""
    round_ = public_round(db.session(), slug) or abort(404)
    return _list(About(round_))


def _list(about: About) -> ResponseReturnValue:
    talk = talk_about(db.session(), about, wanted(), by=who(), now=now())
    return render_template("discussion/_list.html", about=about, talk=talk)


@bp.get("/reacties/<int:number>")
@admits(Audience.EVERYONE)
def show(number: int) -> ResponseReturnValue:
    """Show one contribution with its answers; that of an answer is the page of what it answers."""
    contribution = readable(number)
    top = contribution.parent or contribution
    about, after = top.thread.about, after_number()
    answers = answers_to(db.session(), top, after=after, by=who(), size=ANSWERS)
    if contribution is not top and not after and contribution.id not in {each.id for each in answers[:ANSWERS]}:
        answers = answers_to(db.session(), top, after=contribution.id - 1, by=who(), size=ANSWERS)
    is_readable = bool(top.is_readable)
    return render_template(
        "discussion/show.html",
        about=about,
        contribution=contribution,
        top=said(db.session(), top, by=who()),
        answers=answers[:ANSWERS],
        after=answers[ANSWERS - 1].id if len(answers) > ANSWERS else None,
        is_first=not after,
        act=form_of_act(top),
        takes_answers=is_readable and takes_answers(who(), about, now()),
        may_settle=is_readable and may_settle(who(), top),
        is_asker=is_writer(who(), top),
        may_take_over=is_readable and may_take_over(who(), top),
    )


@bp.get("/reacties/<int:number>/geschiedenis")
@admits(Audience.EVERYONE)
def history(number: int) -> ResponseReturnValue:
    """Show what a contribution said before it was changed."""
    contribution = readable(number)
    earlier = earlier_texts(db.session(), contribution, after=after_number(), size=TEXTS)
    return render_template(
        "discussion/history.html",
        about=contribution.thread.about,
        contribution=contribution,
        said=said(db.session(), contribution, by=who()),
        earlier=earlier[:TEXTS],
        after=earlier[TEXTS - 1].number if len(earlier) > TEXTS else None,
    )


@bp.route("/plannen/<int:proposal_id>/reacties/nieuw", methods=["GET", "POST"])
@admits(Audience.RESIDENT)
@writes_first(publishes=True)
def on_a_plan(proposal_id: int) -> ResponseReturnValue:
    """Say something of a plan."""
    proposal = public_plan(db.session(), proposal_id) or abort(404)
    return _write(About(proposal.round, proposal))


@bp.route("/rondes/<slug>/reacties/nieuw", methods=["GET", "POST"])
@admits(Audience.RESIDENT)
@writes_first(publishes=True)
def on_a_round(slug: str) -> ResponseReturnValue:
    """Say something of a round as a whole."""
    return _write(About(public_round(db.session(), slug) or abort(404)))


def _write(about: About) -> ResponseReturnValue:
    form = ContributionForm(by=who())
    is_open = takes_contributions(about, now())
    if not is_open or not form.validate_on_submit():
        page = render_template("discussion/_write.html", about=about, form=form, is_open=is_open)
        return page, 409 if form.is_submitted() and not is_open else 422 if form.errors else 200
    if form.mailadres:
        return wait_for_mail(form, Told(what=_("uw reactie"), act=_("Plaats mijn reactie"), back=page_of(about)))
    by = writer(form)
    return thanks(contribute(db.session(), about, form.remark(), by=by, now=now()))


@bp.route("/reacties/<int:number>/antwoord", methods=["GET", "POST"])
@admits(Audience.RESIDENT)
@writes_first(publishes=True)
def reply(number: int) -> ResponseReturnValue:
    """Answer to a contribution; what was typed is kept when that is hidden meanwhile."""
    contribution = answerable(number)
    form = AnswerForm(by=who())
    if not (may_read(who(), contribution) and contribution.is_readable):
        return _gone(contribution, form)
    if why := why_no_answer(contribution):  # also to visitors, before they wait for a mail
        page = render_template("discussion/_no_answer.html", contribution=contribution, form=form, why=why)
        return page, 409 if form.is_submitted() else 200
    on_refusal(partial(_gone, contribution, form), only={TalkFault.GONE})
    if not form.validate_on_submit():
        page = render_template("discussion/reply.html", contribution=contribution, form=form)
        return page, 422 if form.errors else 200
    if form.mailadres:
        return wait_for_mail(form, Told(what=_("uw antwoord"), act=_("Plaats mijn antwoord"), back=contribution.path))
    return thanks(answer(db.session(), contribution, form.remark(), by=writer(form), now=now()))


def _gone(contribution: Contribution, form: AnswerForm, _refusal: RefusedError | None = None) -> ResponseReturnValue:
    """Offer to make a contribution of one's own of an answer to what is gone."""
    about = contribution.thread.about
    as_own = ContributionForm(by=who())
    is_open = takes_contributions(about, now())
    page = render_template("discussion/_gone.html", about=about, typed=form, form=as_own, is_open=is_open)
    return page, 409


@bp.route("/reacties/<int:number>/wijzigen", methods=["GET", "POST"])
@admits(Audience.RESIDENT)
def edit(number: int) -> ResponseReturnValue:
    """Change one's own text."""
    contribution = own(number)
    form = versioned(partial(EditForm, contribution=contribution, by=me()), about=contribution.key)
    if not form.validate_on_submit():
        page = render_template("discussion/edit.html", contribution=contribution, form=form)
        return page, 422 if form.errors else 200
    changed = edit_contribution(db.session(), contribution, **changed_words(form), seen=form.seen, by=me(), now=now())
    return after_change(contribution, changed=changed)


@bp.route("/reacties/<int:number>/verwijderen", methods=["GET", "POST"])
@admits(Audience.RESIDENT)
def delete(number: int) -> ResponseReturnValue:
    """Ask whether somebody is sure, and take the own text away."""
    contribution = own(number)
    form = versioned(partial(form_of_act, contribution), about=contribution.key)
    if request.method != "POST":
        return render_template("discussion/delete.html", contribution=contribution, form=form)
    about = contribution.thread.about
    delete_contribution(db.session(), contribution, seen=form.seen, by=me(), now=now())
    flash(_("Uw tekst is weg."), "success")
    return redirect(page_of(about), 303)


@bp.post("/reacties/nuttig")
@admits(Audience.RESIDENT)
def useful() -> ResponseReturnValue:
    """Find a contribution useful, or no longer."""
    more, less = request.form.get("nuttig", ""), request.form.get("niet_meer", "")
    contribution = readable(number_in(more or less))
    act = find_useful if more else find_no_longer_useful
    act(db.session(), contribution, by=me(), now=now())
    flash(_("U vindt deze reactie nuttig.") if more else _("U vindt deze reactie niet meer nuttig."), "success")
    return redirect(back_to(contribution), 303)


@bp.post("/reacties/<int:number>/beantwoord")
@admits(Audience.RESIDENT)
def settle(number: int) -> ResponseReturnValue:
    """Say that a question is answered, and by what, or that it is open again."""
    form = versioned(partial(form_of_act, question := readable(number)), about=question.key, page=question.path)
    answered, answer_id = "open" not in request.form, number_in(request.form.get("antwoord", "")) or None
    about = {"answer_id": answer_id, "answered": answered, "seen": form.seen}
    settle_question(db.session(), question, **about, by=counted_me(), now=now())  # type: ignore[arg-type]
    flash(_("De vraag is beantwoord.") if answered else _("De vraag staat weer open."), "success")
    return redirect(question.path, 303)


@bp.route("/reacties/<int:number>/overnemen", methods=["GET", "POST"])
@admits(Audience.RESIDENT)
def adopt(number: int) -> ResponseReturnValue:
    """Let a maker say what of a contribution is in the plan, and in which version."""
    contribution = readable(number)
    proposal = contribution.thread.proposal
    if proposal is None or not may_take_over(me(), contribution):
        abort(404)
    versions = versions_to_choose(db.session(), proposal)
    make = partial(TakeOverForm, contribution=contribution, versions=versions)
    form = versioned(make, about=contribution.key)
    if not form.validate_on_submit():
        page = render_template("discussion/adopt.html", contribution=contribution, form=form)
        return page, 422 if form.errors else 200
    said = {"version": form.chosen, "words": form.wat.data or ""}
    take_over(db.session(), contribution, **said, seen=form.seen, by=counted_me(), now=now())  # type: ignore[arg-type]
    flash(_("Bij de reactie staat nu wat u overnam.") if form.chosen else _("Dat staat er niet meer bij."), "success")
    return redirect(contribution.path, 303)
