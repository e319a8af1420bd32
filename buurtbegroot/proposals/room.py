"""What the plans bring to the house."""

from buurtbegroot.proposals import models
from buurtbegroot.proposals.actions import erase_maker
from buurtbegroot.proposals.domain.drafts import TEXTS
from buurtbegroot.proposals.policy import where_to_change, where_to_withdraw
from buurtbegroot.proposals.queries import numbers_of_plans_by, public_plan, public_plans
from buurtbegroot.proposals.queries.own import own_decisions, own_plans, own_revisions
from buurtbegroot.proposals.words import EVENT_WORDS, REFUSALS, SPOKEN, questions
from buurtbegroot.rooms import Kept, Link, Menu, Moderated, Promise, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="proposals",
    title=_l("Plannen"),
    models=models,
    blueprints=("buurtbegroot.proposals.views:bp", "buurtbegroot.proposals.organiser_views:bp"),
    events=EVENT_WORDS,
    faults=REFUSALS,
    objects={"proposal": _l("plan")},
    moderated=(
        Moderated(
            kind="proposal",
            find=public_plan,
            find_all=public_plans,
            made_by=numbers_of_plans_by,
            spoken=SPOKEN,
            shown="proposals/organiser/_moderated.html",
            change=where_to_change,
            take_back=where_to_withdraw,
        ),
    ),
    template_functions={"plan_questions": questions},
    links=(Link(menu=Menu.MAIN, endpoint="proposals.index", label=_l("Plannen")),),
    kept=(
        Kept(
            name="plans",
            columns=(
                "proposal.author_id",
                *(f"proposal.{name}" for name in (*TEXTS, "search", "buurt_code", "scene")),
                "cost_line.what",
                "cost_line.source",
            ),
            told=(
                Promise(
                    what=_l("Uw plan, met de naam die u kiest"),
                    why=_l("Een plan is openbaar, zodat anderen erop kunnen stemmen"),
                    until=_l("Zolang de ronde te lezen is; uw naam tot u het account weghaalt"),
                ),
            ),
            give=own_plans,
            erase=erase_maker,
        ),
        Kept(
            name="plan_versions",
            columns=("proposal_revision.author_id", "proposal_revision.author_name", "proposal_revision.content"),
            told=(
                Promise(
                    what=_l("Elke versie van uw plan nadat u het indiende"),
                    why=_l("Iedereen kan zien wat er aan een plan veranderde"),
                    until=_l("Zolang de ronde te lezen is; uw naam tot u het account weghaalt"),
                ),
            ),
            give=own_revisions,
            because="the maker is taken off all versions together with the plan, by `plans`",
        ),
        Kept(
            name="decisions",
            columns=("decision.decided_by_id", "decision.reason", "decision.answers"),
            give=own_decisions,
            because="a plan keeps the decisions on it; the emptied account says no more than that somebody decided",
        ),
    ),
)
