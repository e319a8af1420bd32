"""The data set of contributions: what everybody can read of what people say about plans and rounds, without names."""

from sqlalchemy import func, or_, select

from buurtbegroot.areas.models import Area
from buurtbegroot.datasets.domain.description import Absent, DataSet, Filter, column
from buurtbegroot.datasets.queries.scope import LIES, OF_ROUNDS, WHERE_PLAN, WITH_LIES, in_plans
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import Stance, Thread, Voice
from buurtbegroot.discussion.words import STANCES, VOICES
from buurtbegroot.proposals.models import PUBLIC_STATUSES, Proposal
from buurtbegroot.rounds.models import Round
from buurtbegroot.tables.columns import Kind
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.texts import ngettext

DATA_SET = DataSet(
    name="reacties",
    order=80,
    title=_l("Reacties"),
    short=_l("Wat mensen zeggen van plannen en rondes"),
    about=_l("Alle reacties en antwoorden die iedereen op deze site kan lezen, zonder namen."),
    counted=lambda number: ngettext("%(num)s reactie", "%(num)s reacties", number),
    source=select(Contribution.id)
    .join(Thread, Thread.id == Contribution.thread_id)
    .join(Round, Round.id == Thread.round_id)
    .outerjoin(LIES, WITH_LIES)
    .outerjoin(Proposal, Proposal.id == Thread.proposal_id)
    .outerjoin(Area, Area.code == Proposal.buurt_code)
    .where(
        Contribution.is_readable.is_(True),
        Round.published_at.is_not(None),
        or_(Proposal.id.is_(None), Proposal.status.in_(PUBLIC_STATUSES)),
    )
    .order_by(Contribution.id),
    within=in_plans,
    filters=OF_ROUNDS | {Filter.AREA},
    first=("rondeId", "planId", "houding", "rol", "tekst", "geplaatstOp"),
    absent=(
        (Absent.PERSONAL, _l("Namen. Iemand kan in een tekst wel een naam noemen.")),
        (Absent.NOT_PUBLIC, _l("Reacties die zijn verwijderd, verborgen of nog niet gelezen.")),
        (Absent.NOT_PUBLIC, _l("Eerdere teksten van een reactie die is veranderd.")),
    ),
    fields=(
        column("reactieId", Kind.NUMBER, Contribution.id, head=_l("Reactie"), about=_l("Vast nummer.")),
        *WHERE_PLAN,
        column(
            "planId", Kind.NUMBER, Thread.proposal_id, head=_l("Plan"), about=_l("Leeg als het over de ronde gaat.")
        ),
        column(
            "opReactieId",
            Kind.NUMBER,
            Contribution.parent_id,
            head=_l("Antwoord op"),
            about=_l("De reactie waarop dit een antwoord is. Leeg als het geen antwoord is."),
        ),
        column(
            "houding",
            Kind.CODE,
            Contribution.stance,
            codes={**STANCES, Stance.ANSWER: _l("Antwoord")},
            head=_l("Soort"),
            about=_l("Voor, tegen, vraag, idee of antwoord."),
        ),
        column(
            "rol",
            Kind.CODE,
            Contribution.voice,
            codes={**VOICES, Voice.RESIDENT: _l("Bewoner")},
            head=_l("Wie"),
            about=_l("In welke rol iemand schrijft."),
        ),
        column("tekst", Kind.TEXT, func.nullif(Contribution.body, ""), head=_l("Tekst"), about=_l("De laatste tekst.")),
        column("nuttig", Kind.NUMBER, Contribution.useful, head=_l("Nuttig"), about=_l("Zo veel mensen vinden dat.")),
        column(
            "geplaatstOp",
            Kind.MOMENT,
            Contribution.created_at,
            head=_l("Geschreven"),
            about=_l("Moment van schrijven."),
        ),
        column(
            "gewijzigdOp",
            Kind.MOMENT,
            Contribution.edited_at,
            head=_l("Veranderd"),
            about=_l("Leeg als de tekst nooit is veranderd."),
        ),
        column(
            "beantwoordOp",
            Kind.MOMENT,
            Contribution.answered_at,
            head=_l("Beantwoord"),
            about=_l("Alleen bij een vraag: wanneer die beantwoord was."),
        ),
        column(
            "overgenomenInVersie",
            Kind.NUMBER,
            Contribution.taken_in,
            head=_l("Overgenomen in versie"),
            about=_l("De versie van het plan waarin de maker dit overnam."),
        ),
    ),
)
