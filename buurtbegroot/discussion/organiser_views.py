"""The page on which a moderator reads contributions that wait, before everyone does."""

from functools import partial

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot.accounts.asking import me
from buurtbegroot.discussion.actions.following_up import let_through
from buurtbegroot.discussion.asking import after_number
from buurtbegroot.discussion.queries import moderated_contribution, waiting_in
from buurtbegroot.extensions import db
from buurtbegroot.moderation.policy import may_moderate
from buurtbegroot.rounds.asking import viewed_round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now
from buurtbegroot.web.versions import form_of_act, versioned

bp = Blueprint("discussion_organiser", __name__, url_prefix="/werkplek")

PAGE = 20


@bp.get("/rondes/<slug>/reacties")
@admits(Audience.ORGANISER)
def waiting(slug: str) -> ResponseReturnValue:
    """Show the contributions of a round that wait, the oldest first, to whoever moderates there."""
    round_ = viewed_round(slug)
    reads = may_manage(me(), round_)
    found = [] if not reads else waiting_in(db.session(), round_, after=after_number(), size=PAGE)
    rows = [(each, form_of_act(each)) for each in found[:PAGE]]
    last = found[PAGE - 1].id if len(found) > PAGE else None
    return render_template("discussion/organiser/waiting.html", round=round_, rows=rows, after=last, reads=reads)


@bp.route("/reacties/<int:number>/tonen", methods=["GET", "POST"])
@admits(Audience.ORGANISER)
def show(number: int) -> ResponseReturnValue:
    """Let everyone read a contribution that waits."""
    contribution = moderated_contribution(db.session(), number) or abort(404)
    if not may_moderate(me(), contribution) or contribution.shown_at is not None:
        abort(404)
    form = versioned(partial(form_of_act, contribution), about=contribution.key)
    if request.method != "POST":
        return render_template("discussion/organiser/show.html", contribution=contribution, form=form)
    let_through(db.session(), contribution, seen=form.seen, by=me(), now=now())
    flash(_("Iedereen kan de reactie nu lezen."), "success")
    return redirect(url_for("discussion_organiser.waiting", slug=contribution.thread.round.slug), 303)
