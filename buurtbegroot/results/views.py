"""Pages with results for everyone; nothing about votes shows before a round is certified."""

from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from buurtbegroot import typed
from buurtbegroot.areas.models import Area
from buurtbegroot.box.queries import withdrawn_plans
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.verifying.checks import key_fingerprint
from buurtbegroot.extensions import db
from buurtbegroot.registry.queries import code_lists
from buurtbegroot.results.domain.finding import find_plans
from buurtbegroot.results.domain.outcome import Result, preview_of_round, result_of_round
from buurtbegroot.results.domain.what_if import what_ifs
from buurtbegroot.results.queries import totals_of_rounds
from buurtbegroot.rounds.asking import viewed_round
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import HAS_PUBLIC_OUTCOME, public_round, standing_of, window_of
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now
from buurtbegroot.web.pagination import page_number, paginate

bp = Blueprint("results", __name__)
LONGEST_SEARCH = 100


@bp.get("/uitslagen")
@admits(Audience.EVERYONE)
def index() -> ResponseReturnValue:
    """List the rounds whose result is certified, the latest first."""
    certified = select(Round).where(HAS_PUBLIC_OUTCOME)
    loaded = certified.options(joinedload(Round.owner).defer(Area.outline))
    page = paginate(db.session(), loaded.order_by(Round.certified_at.desc(), Round.id.desc()), number=page_number())
    totals = totals_of_rounds(db.session(), [round_.id for round_ in page.rows])
    return render_template("results/index.html", page=page, totals=totals)


@bp.get("/rondes/<slug>/uitslag")
@admits(Audience.EVERYONE)
def show(slug: str) -> ResponseReturnValue:
    """Show the result of a round, or when it comes."""
    result = result_of_round(db.session(), slug)
    if result and result.document.reported:
        return _outcome("results/show.html", result, what_if=None)
    if result:
        what_if = what_ifs(db.session(), result, asked=request.args.get("regel", ""))
        return _outcome("results/show.html", result, what_if=what_if)
    round_ = public_round(db.session(), slug) or abort(404)
    voting, standing = window_of(round_, Phase.VOTING), standing_of(round_, now())
    return render_template("results/show.html", result=None, round=round_, voting=voting, standing=standing)


@bp.get("/werkplek/rondes/<slug>/uitslag")
@admits(Audience.ORGANISER)
def preview(slug: str) -> ResponseReturnValue:
    """Show the counted outcome to the organisers who must certify it."""
    round_ = viewed_round(slug)
    if round_.archive:
        return redirect(url_for(".show", slug=slug))
    result = preview_of_round(db.session(), round_) or abort(404)
    what_if = what_ifs(db.session(), result, asked=request.args.get("regel", ""))
    is_preview = round_.certified_at is None
    return _outcome("results/preview.html", result, what_if=what_if, is_preview=is_preview)


def _outcome(template: str, result: Result, **shown: Any) -> str:
    reasons = withdrawn_plans(current_app.config, result.round.id) if result.document.withdrawn else {}
    lists = code_lists(db.session(), result.round)
    found = find_plans(result, typed.one_line(request.args.get("zoek", ""))[:LONGEST_SEARCH])
    shown |= {"found": found, "reasons": reasons, "code_lists": lists, "home": _command_for_home(result)}
    return render_template(template, result=result, round=result.round, **shown)


def _command_for_home(result: Result) -> str:
    """Return the one command that counts a vote again in an empty folder; empty where its ballots are not public."""
    slug, key = result.round.slug, result.signing_key
    if key is None or not result.tally.bundle or result.tally.is_small:
        return ""
    site = current_app.config["SITE_URL"].rstrip("/")
    verifier, bundle = url_for("box.verifier_file"), url_for("box.bundle_file", slug=slug)
    fetched = f"curl -f -o verify.py {site}{verifier} -o {slug}-bundel.zip {site}{bundle}"
    return f"{fetched} && python3 verify.py {slug}-bundel.zip --key {key_fingerprint(key)}"
