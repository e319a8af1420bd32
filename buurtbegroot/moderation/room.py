"""What moderation brings to the house."""

from buurtbegroot.moderation import models
from buurtbegroot.moderation.actions.appeals import erase_appeals
from buurtbegroot.moderation.actions.reports import erase_reports
from buurtbegroot.moderation.queries import own_appeals, own_reports, own_rulings
from buurtbegroot.moderation.words import EVENT_WORDS, REFUSALS, reason_words
from buurtbegroot.rooms import ORGANISERS, Kept, Link, Menu, Promise, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="moderation",
    title=_l("Moderatie"),
    models=models,
    blueprints=("buurtbegroot.moderation.views:bp", "buurtbegroot.moderation.organiser_views:bp"),
    tasks=("buurtbegroot.moderation.tasks:TASKS",),
    events=EVENT_WORDS,
    faults=REFUSALS,
    template_functions={"hiding_reason": reason_words},
    links=(
        Link(
            menu=Menu.WORKPLACE,
            endpoint="moderation_organiser.index",
            label=_l("Gemelde teksten"),
            readers=ORGANISERS,
            aside="buurtbegroot.moderation.asking:waiting_aside",
        ),
    ),
    kept=(
        Kept(
            name="reports",
            columns=(
                "moderation_report.user_id",
                "moderation_report.network",
                "moderation_report.words",
                "moderation_report.email",
                "moderation_report.language",
            ),
            told=(
                Promise(
                    what=_l("Wat u meldt bij een moderator, met uw account of zonder"),
                    why=_l("Zodat iemand ernaar kijkt; de schrijver hoort nooit wie het was"),
                    until=_l("30 dagen nadat de moderator keek: dan gaan uw woorden weg, en dat u het was"),
                ),
                Promise(
                    what=_l("Een mailadres dat u daarbij achterlaat"),
                    why=_l("Om u één keer te mailen wat wij deden"),
                    until=_l("Tot de moderator keek"),
                ),
            ),
            give=own_reports,
            erase=erase_reports,
        ),
        Kept(
            name="appeals",
            columns=("moderation_appeal.maker_id", "moderation_appeal.words"),
            told=(
                Promise(
                    what=_l("Uw bezwaar als een moderator iets van u verborg"),
                    why=_l("Zodat iemand anders het beoordeelt; alleen moderatoren lezen het"),
                    until=_l("Tot u het account weghaalt"),
                ),
            ),
            give=own_appeals,
            erase=erase_appeals,
        ),
        Kept(
            name="judgements",
            columns=(
                "moderation_case.ruled_by_id",
                "moderation_case.explained",
                "moderation_appeal.judged_by_id",
                "moderation_appeal.answer",
                "moderation_judge.user_id",
                "moderation_handed_on.user_id",
            ),
            give=own_rulings,
            because="the maker keeps what was decided; the emptied account says no more than that somebody decided",
        ),
    ),
)
