"""The step of the set-up in which a coordinator chooses the rules, with a preview and a try-out."""

from functools import partial
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from buurtbegroot import typed
from buurtbegroot.accounts.asking import me
from buurtbegroot.areas.queries import atlas
from buurtbegroot.core.rules import Ruleset
from buurtbegroot.extensions import db
from buurtbegroot.proposals.queries import ballot_plans, named_plans, plans_on_ballot
from buurtbegroot.rounds.asking import is_valid_post, saved, step_page, viewed_round
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import round_key, rules_or_none
from buurtbegroot.rules.actions import save_rules
from buurtbegroot.rules.domain.trial import trial_of
from buurtbegroot.rules.forms.ruleset import RulesForm
from buurtbegroot.tally.queries import certified_rounds, earlier_vote
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now
from buurtbegroot.web.versions import versioned

bp = Blueprint("rules_organiser", __name__, url_prefix="/werkplek")
MOST_OFFERED = 50
"""Earlier votes that rules can be tried on, the latest."""


@bp.route("/rondes/<slug>/regels", methods=["GET", "POST"])
@admits(Audience.ORGANISER)
def show(slug: str) -> ResponseReturnValue:
    """Step 3: how residents choose and how votes are counted, with a preview."""
    round_ = viewed_round(slug)
    ballot = plans_on_ballot(db.session(), round_.id)
    stored = rules_or_none(round_)
    form = versioned(partial(_rules_form, round_), about=round_key(round_))
    names = {code: place.name for code, place in atlas(db.session()).places.items()}
    shown: dict[str, Any] = {"area_names": names, "plans": {plan.id: plan for plan in ballot}}
    is_valid = is_valid_post(form, round_)
    if not is_valid or request.form.get("actie") == "voorbeeld":
        is_new = stored is None and bool(round_.pots) and not form.is_submitted()
        preview = form.ruleset() if is_valid or is_new else stored
        is_refused = form.is_submitted() and not is_valid
        return step_page(
            "rules/organiser/show.html",
            round_,
            form=form,
            rules=preview,
            **shown,
            **_trial(None if is_refused else preview),
        )
    save_rules(db.session(), round_, form.ruleset(), seen=form.seen, by=me(), now=now())
    return saved(round_, here="rules_organiser.show", onward="rounds_organiser.points")


def _rules_form(round_: Round, **how: Any) -> RulesForm:
    return RulesForm(
        round_=round_,
        stored=rules_or_none(round_),
        titles={plan.number: (plan.id, plan.title) for plan in plans_on_ballot(db.session(), round_.id)},
        plans=lambda drafted: ballot_plans(db.session(), round_, rules=drafted),
        version=round_.version,
        **how,
    )


def _trial(drafted: Ruleset | None) -> dict[str, Any]:
    """Return the earlier votes that rules can be tried on, and what the drafted ones give on the one asked for."""
    session, asked = db.session(), request.form or request.args
    slug = typed.one_line(asked.get("stemming", ""))
    votes = certified_rounds(session, most=MOST_OFFERED, first=slug)
    vote = earlier_vote(session, slug) if slug and drafted else None
    trial = None
    if vote and drafted:
        names = named_plans(session, [plan.id for plan in vote.plans])
        trial = trial_of(drafted.counting, vote, plans=names, asked=asked.get("regel", ""))
    return {"votes": votes, "tried": slug, "trial": trial, "is_tried": vote is not None}
