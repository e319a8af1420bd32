"""How discussions speak to people."""

from collections.abc import Sequence
from datetime import datetime

from buurtbegroot.acts import RefusedError
from buurtbegroot.discussion.actions import TalkFault
from buurtbegroot.discussion.events import (
    ContributionDeleted,
    ContributionEdited,
    ContributionShown,
    ContributionTakenOver,
    ContributionWritten,
    QuestionSettled,
)
from buurtbegroot.discussion.models.threads import Stance, Voice
from buurtbegroot.discussion.queries.figures import Figures
from buurtbegroot.discussion.queries.lists import Order
from buurtbegroot.limits.words import wait_in
from buurtbegroot.rooms import EventWords, FaultWords, Payload
from buurtbegroot.texts import Spoken, Text, ngettext, short_date
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l

STANCES: dict[Stance, Text] = {
    Stance.FOR: _l("Voor"),
    Stance.AGAINST: _l("Tegen"),
    Stance.QUESTION: _l("Vraag"),
    Stance.IDEA: _l("Idee"),
}
CHOICES: dict[str, Text] = {
    Stance.FOR: _l("Ik ben voor"),
    Stance.AGAINST: _l("Ik ben tegen"),
    Stance.QUESTION: _l("Ik heb een vraag"),
    Stance.IDEA: _l("Ik heb een idee"),
}
ICONS = {
    Stance.FOR: "thumb-up",
    Stance.AGAINST: "thumb-down",
    Stance.QUESTION: "help-circle",
    Stance.IDEA: "bulb",
}
VOICES: dict[Voice, Text] = {
    Voice.MAKER: _l("Maker van het plan"),
    Voice.COORDINATOR: _l("Coördinator van deze ronde"),
    Voice.STAFF: _l("Stadsdeel"),
    Voice.ADMINISTRATOR: _l("Beheerder van deze site"),
}
ORDERS: dict[Order, Text] = {
    Order.NEWEST: _l("Nieuwste eerst"),
    Order.OLDEST: _l("Oudste eerst"),
    Order.USEFUL: _l("Nuttigste eerst"),
    Order.OPEN: _l("Open vragen eerst"),
}


SPOKEN = {
    "contribution": Spoken(
        mine=_l("uw reactie"),
        own=_l("uw reactie bij plan %(number)s in %(round)s"),
        one=_l("een reactie bij plan %(number)s in %(round)s"),
        this=_l("deze reactie"),
        writer=_l("de schrijver"),
    ),
    "contribution_on_round": Spoken(
        mine=_l("uw reactie"),
        own=_l("uw reactie bij %(round)s"),
        one=_l("een reactie bij %(round)s"),
        this=_l("deze reactie"),
        writer=_l("de schrijver"),
    ),
    "answer": Spoken(
        mine=_l("uw antwoord"),
        own=_l("uw antwoord bij plan %(number)s in %(round)s"),
        one=_l("een antwoord bij plan %(number)s in %(round)s"),
        this=_l("dit antwoord"),
        writer=_l("de schrijver"),
    ),
    "answer_on_round": Spoken(
        mine=_l("uw antwoord"),
        own=_l("uw antwoord bij %(round)s"),
        one=_l("een antwoord bij %(round)s"),
        this=_l("dit antwoord"),
        writer=_l("de schrijver"),
    ),
}


def stance_words(stance: str) -> str:
    """Return a stance as a chip says it."""
    return str(STANCES[Stance(stance)])


def day(moment: datetime) -> str:
    """Return the day of a contribution, without the weekday."""
    return short_date(moment, "d MMMM y")


def voice_words(voice: str) -> str:
    """Return as who somebody speaks; nothing for a resident."""
    return str(VOICES.get(Voice(voice), ""))


def orders() -> Sequence[tuple[str, str]]:
    """Return (order, words) for each order of a list."""
    return [(order.value, str(said)) for order, said in ORDERS.items()]


def figures_in_words(figures: Figures) -> str:
    """Say how much everyone can read: contributions, answers, people."""
    said = ngettext("%(num)s reactie", "%(num)s reacties", figures.total)
    answers = ngettext("%(num)s antwoord", "%(num)s antwoorden", figures.answers)
    people = ngettext("van %(num)s mens", "van %(num)s mensen", figures.people)
    return _("%(said)s en %(answers)s, %(people)s", said=said, answers=answers, people=people)


def counted(stance: Stance, figures: Figures) -> tuple[int, str]:
    """Return how often a stance was taken, and what that counts."""
    number = figures.of(stance)
    said = {
        Stance.FOR: ngettext("keer voor", "keer voor", number),
        Stance.AGAINST: ngettext("keer tegen", "keer tegen", number),
        Stance.QUESTION: ngettext("vraag", "vragen", number),
        Stance.IDEA: ngettext("idee", "ideeën", number),
    }[stance]
    if stance is Stance.QUESTION and number:
        said += ", " + ngettext("%(num)s nog open", "%(num)s nog open", figures.open_questions)
    return number, said


def pills(figures: Figures) -> Sequence[tuple[Stance, str, str]]:
    """Return (stance, words, icon) for each choice of a list."""
    words = {
        Stance.FOR: _("Voor (%(num)s)", num=figures.in_favour),
        Stance.AGAINST: _("Tegen (%(num)s)", num=figures.against),
        Stance.QUESTION: _("Vragen (%(num)s)", num=figures.questions),
        Stance.IDEA: _("Ideeën (%(num)s)", num=figures.ideas),
    }
    return [(stance, said, ICONS[stance]) for stance, said in words.items()]


def _written(p: Payload) -> str:
    said = {
        Stance.FOR: _("Iemand schreef een reactie: voor."),
        Stance.AGAINST: _("Iemand schreef een reactie: tegen."),
        Stance.QUESTION: _("Iemand stelde een vraag."),
        Stance.IDEA: _("Iemand schreef een idee."),
        Stance.ANSWER: _("Iemand antwoordde op een reactie."),
    }.get(p["stance"], _("Iemand schreef een reactie."))
    return said + _waits(p)


def _waits(p: Payload) -> str:
    return " " + _("Een moderator leest de tekst eerst.") if p["waits"] else ""


def _edited(p: Payload) -> str:
    return _("Iemand veranderde een eigen reactie.") + _waits(p)


def _settled(p: Payload) -> str:
    return _("Een vraag is beantwoord.") if p["answered"] else _("Een vraag staat weer open.")


def _taken(p: Payload) -> str:
    if p["version"] is None:
        return _("Een maker zei dat van een reactie toch niets is overgenomen.")
    return _("Een maker nam iets van een reactie over in versie %(version)s van het plan.", version=p["version"])


EVENT_WORDS: EventWords = {
    ContributionWritten: _written,
    ContributionShown: _l("Een moderator las een reactie en liet haar zien."),
    ContributionEdited: _edited,
    ContributionDeleted: _l("Iemand haalde een eigen reactie weg."),
    QuestionSettled: _settled,
    ContributionTakenOver: _taken,
}


def _often(refusal: RefusedError) -> str:
    said = _("U schreef in korte tijd veel reacties. Over %(wait)s kan het weer.", wait=wait_in(refusal))
    return said + " " + _("Wat u schreef, is niet weg.")


REFUSALS: FaultWords = {
    TalkFault.CLOSED: _l("Meepraten kan hier nu niet. U kunt alles nog lezen."),
    TalkFault.GONE: _l("Deze reactie is verborgen of weggehaald."),
    TalkFault.ANSWER: _l("Dit is zelf een antwoord. Antwoord op de reactie erboven."),
    TalkFault.NO_QUESTION: _l("Alleen een vraag kan beantwoord zijn."),
    TalkFault.NO_VERSION: _l("Het plan heeft deze versie niet. Kies een versie uit de lijst."),
    TalkFault.SHOWN: _l("Iedereen kan deze reactie al lezen."),
    TalkFault.OWN: _l("Dit schreef u zelf, of iemand van wie u een rol kreeg of die u een rol gaf."),
    TalkFault.OFTEN: _often,
}
