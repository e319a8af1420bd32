"""The administrator's page about background work: what failed, what waits, and doing it after all."""

from typing import NamedTuple

from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import NoResultFound

from buurtbegroot.extensions import db
from buurtbegroot.web.access import Audience, admits, signed_in
from buurtbegroot.web.clock import now
from buurtbegroot.web.pagination import page_number, paginate
from buurtbegroot.work import actions
from buurtbegroot.work.models import Job, read
from buurtbegroot.work.queries import jobs_not_done
from buurtbegroot.work.register import EXTENSION, Task
from buurtbegroot.work.words import JobStanding, job_standing, state_words, why_not

bp = Blueprint("work_organiser", __name__, url_prefix="/werkplek/achtergrond")

ROWS = 25


class Row(NamedTuple):
    """A job in the list: what it is, with the name and address of what it is about where there is such a page."""

    title: str
    place: tuple[str, str] | None
    standing: JobStanding
    state: str


class Leftover(NamedTuple):
    """What a task does no more by itself, as sentences with how often each holds."""

    task: Task
    reasons: list[tuple[str, int]]


@bp.get("")
@admits(Audience.ADMINISTRATOR)
def index() -> ResponseReturnValue:
    """List what failed, what runs and what waits, and what tasks gave up on."""
    jobs = paginate(db.session(), jobs_not_done(), number=page_number(), size=ROWS)
    return render_template(
        "work/organiser/index.html",
        jobs=jobs,
        rows=[_row(job) for job in jobs.rows],
        leftovers=[found for task in _tasks().values() if (found := _leftover(task)).reasons],
    )


@bp.post("/<int:job_id>/opnieuw")
@admits(Audience.ADMINISTRATOR)
def try_again(job_id: int) -> ResponseReturnValue:
    """Let a job begin anew."""
    job = db.session.get(Job, job_id) if job_id < 2**63 else None
    if job is None:
        abort(404)
    actions.try_again(db.session(), job, by=signed_in(), now=now())
    flash(_("De server probeert het opnieuw."), "success")
    return redirect(url_for(".index"), 303)


@bp.post("/<task>/oppakken")
@admits(Audience.ADMINISTRATOR)
def take_up(task: str) -> ResponseReturnValue:
    """Let a task do what it gave up on."""
    found = _tasks().get(task)
    if found is None:
        abort(404)
    actions.take_up(found, by=signed_in())
    flash(_("De server probeert het opnieuw."), "success")
    return redirect(url_for(".index"), 303)


def _tasks() -> dict[str, Task]:
    found: dict[str, Task] = current_app.extensions[EXTENSION]
    return found


def _row(job: Job) -> Row:
    task = _tasks().get(job.task)
    if task is None:  # of a version before or after this one
        standing = job_standing(job, {}, now())
        return Row(job.task, None, standing, state_words(standing))
    standing = job_standing(job, task.reasons, now(), every=task.every)
    if standing.is_overdue and not task.has_work():
        standing = standing._replace(is_overdue=False)
    return Row(str(task.title), _place(task, job), standing, state_words(standing))


def _place(task: Task, job: Job) -> tuple[str, str] | None:
    """Return what a job is about, or None where that is gone or its arguments are not those of this version."""
    arguments = read(job.arguments)
    if task.place is None or arguments is None:
        return None
    try:
        return task.place(**arguments)
    except (TypeError, ValueError, NoResultFound):
        return None


def _leftover(task: Task) -> Leftover:
    return Leftover(task, [(why_not(reason, task.reasons), number) for reason, number in task.given_up().items()])
