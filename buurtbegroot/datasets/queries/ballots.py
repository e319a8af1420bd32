"""The data set of ballots: every valid ballot of certified votes that were not small, tied to nobody."""

from sqlalchemy import select

from buurtbegroot.datasets.domain.description import Absent, DataSet, column
from buurtbegroot.datasets.queries.scope import LIES, OF_ROUNDS, WHERE, WITH_LIES, in_rounds
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import HAS_PUBLIC_OUTCOME
from buurtbegroot.tables.columns import Kind
from buurtbegroot.tally.models import OpenedBallot, Tally
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.texts import ngettext

DATA_SET = DataSet(
    name="stembiljetten",
    order=60,
    title=_l("Stembiljetten"),
    short=_l("Alle geldige stembiljetten, zonder namen"),
    about=_l("Elk geldig stembiljet van rondes met een vastgestelde uitslag. Er staat niet bij van wie het is."),
    counted=lambda number: ngettext("%(num)s stembiljet", "%(num)s stembiljetten", number),
    source=select(OpenedBallot.tracker)
    .join(Round, Round.id == OpenedBallot.round_id)
    .join(Tally, Tally.round_id == Round.id)
    .outerjoin(LIES, WITH_LIES)
    .where(HAS_PUBLIC_OUTCOME, Tally.is_small.is_(False))
    .order_by(OpenedBallot.round_id, OpenedBallot.tracker),
    within=in_rounds,
    filters=OF_ROUNDS,
    hides=_l("Stembiljetten van rondes met weinig stemmers: uit een kleine groep kan iemand worden herkend."),
    absent=(
        (
            Absent.PERSONAL,
            _l("Wie het instuurde, wanneer, waar en op welke manier. Dat is bij geen stembiljet bewaard."),
        ),
        (Absent.NOT_PUBLIC, _l("Stembiljetten van rondes waarvan de uitslag nog niet vaststaat.")),
    ),
    fields=(
        *WHERE,
        column(
            "stemId",
            Kind.CODE,
            OpenedBallot.tracker,
            made=bytes.hex,
            head=_l("Stembiljet"),
            about=_l("Een toevalsgetal. Wie het ontvangstbewijs heeft, vindt zijn eigen stembiljet ermee."),
        ),
        column(
            "planIds",
            Kind.NUMBERS,
            OpenedBallot.choices,
            made=tuple,
            head=_l("Gekozen plannen"),
            about=_l("De nummers van de gekozen plannen. Leeg is een blanco stembiljet."),
        ),
    ),
)
