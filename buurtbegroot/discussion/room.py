"""What discussions bring to the house."""

from buurtbegroot.discussion import models, words
from buurtbegroot.discussion.actions import erase_contributions, erase_useful
from buurtbegroot.discussion.policy import where_to_change, where_to_delete
from buurtbegroot.discussion.queries import (
    found_useful,
    moderated_contribution,
    moderated_contributions,
    numbers_of_contributions_by,
    own_contributions,
)
from buurtbegroot.discussion.words import EVENT_WORDS, REFUSALS
from buurtbegroot.rooms import Kept, Moderated, Promise, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="discussion",
    title=_l("Reacties"),
    models=models,
    blueprints=("buurtbegroot.discussion.views:bp", "buurtbegroot.discussion.organiser_views:bp"),
    tasks=("buurtbegroot.discussion.tasks:TASKS",),
    events=EVENT_WORDS,
    faults=REFUSALS,
    objects={"contribution": _l("reactie")},
    moderated=(
        Moderated(
            kind="contribution",
            find=moderated_contribution,
            find_all=moderated_contributions,
            made_by=numbers_of_contributions_by,
            spoken=words.SPOKEN,
            shown="discussion/organiser/_moderated.html",
            change=where_to_change,
            take_back=where_to_delete,
        ),
    ),
    template_functions={
        "stance_words": words.stance_words,
        "voice_words": words.voice_words,
        "talk_day": words.day,
        "talk_figures": words.figures_in_words,
        "talk_orders": words.orders,
        "talk_pills": words.pills,
        "talk_stance": words.counted,
    },
    kept=(
        Kept(
            name="contributions",
            columns=(
                "contribution.author_id",
                "contribution.author_name",
                "contribution.body",
                "contribution.taken_words",
                "earlier_text.body",
            ),
            told=(
                Promise(
                    what=_l("Uw reacties, met de naam die u kiest"),
                    why=_l("Een reactie is openbaar, zodat anderen erop kunnen antwoorden"),
                    until=_l("Tot u de reactie of het account weghaalt"),
                ),
            ),
            give=own_contributions,
            erase=erase_contributions,
        ),
        Kept(
            name="useful",
            columns=("useful.user_id",),
            told=(
                Promise(
                    what=_l("Welke reacties u nuttig vindt"),
                    why=_l("Ieder account telt één keer"),
                    until=_l("Tot u dat terugneemt of het account weghaalt"),
                ),
            ),
            give=found_useful,
            erase=erase_useful,
        ),
    ),
)
