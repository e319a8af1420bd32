"""What the page of a count shows: how far it is, and what two people do together."""

from typing import Any

from flask import render_template

from buurtbegroot.accounts.asking import me
from buurtbegroot.accounts.queries import changers_since
from buurtbegroot.box.domain.manifest import FEW_BALLOTS, Terms
from buurtbegroot.core.phases import Phase
from buurtbegroot.dual_control.forms import ReasonForm
from buurtbegroot.dual_control.policy import Act
from buurtbegroot.dual_control.queries import act_standing, is_second
from buurtbegroot.extensions import db
from buurtbegroot.registry.queries import code_counts, code_lists
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.rounds.queries import round_key, standing_of, window_of
from buurtbegroot.tally.dual_acts import CERTIFY, CLOSE, CODE_LISTS, DESTROY
from buurtbegroot.tally.queries import (
    BUNDLE,
    EXPLAIN,
    OPEN,
    REWRITE,
    final_from,
    jobs_of,
    tally_of,
    unexplained,
)
from buurtbegroot.tally.tasks import REASONS
from buurtbegroot.tally.words import act_changes
from buurtbegroot.web.clock import now
from buurtbegroot.work.words import JobStanding, job_standing


def has_loss(round_: Round) -> bool:
    """Tell whether envelopes that were sealed one night were not in the box when it was shut."""
    tally = tally_of(db.session(), round_.id)
    return bool(tally and tally.left_out.get("gone"))


def count_page(round_: Round, *, loss: ReasonForm | None = None) -> str:
    """Return the page as it is now, with a form as it was sent."""
    session, user, jobs = db.session(), me(), jobs_shown(round_)
    tally = tally_of(session, round_.id)
    return render_template(
        "tally/organiser/show.html",
        round=round_,
        tally=tally,
        voting=window_of(round_, Phase.VOTING),
        to_close=_two(CLOSE, round_),
        to_certify=_two(CERTIFY, round_),
        loss=loss or ReasonForm(formdata=None),
        to_destroy=_two(DESTROY, round_),
        to_forget=_two(CODE_LISTS, round_),
        lists=code_lists(session, round_),
        standing=standing_of(round_, now()),
        unexplained=len(unexplained(session, round_.id)) if tally and tally.counted_at else 0,
        may_manage=may_manage(user, round_),
        me=user,
        opening=jobs.get(OPEN),
        bundling=jobs.get(BUNDLE),
        explaining=jobs.get(EXPLAIN),
        rewriting=jobs.get(REWRITE),
        final_from=final_from(session, round_.id, opened_at=tally.opened_at, now=now()) if tally else None,
        few=(code_counts(session, round_.id).active, FEW_BALLOTS, Terms().least_ballots),
    )


def jobs_shown(round_: Round) -> dict[str, JobStanding]:
    """Return how the background work of the count stands, by the name of its task, as far as it was asked for."""
    found = jobs_of(db.session(), round_.id)
    return {task: job_standing(job, REASONS, now()) for task, job in found.items() if job}


def _two(act: Act[Round], round_: Round) -> dict[str, Any]:
    """Return what the page shows of an act by two people."""
    standing = act_standing(db.session(), act, round_)
    changes = act_changes(standing.changed, object_=round_key(round_)) if standing.has_lapsed else []
    asked = standing.request
    return {
        "act": act.name,
        "standing": standing,
        "changes": changes,
        "changers": changers_since(db.session(), asked, {row.object for row in changes}) if asked and changes else {},
        "is_second": is_second(standing, act, round_, by=me()),
    }
