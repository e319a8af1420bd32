"""Which rounds the sample city has: a real vote each, laid around today; filling the database is seed's work."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar
from zlib import crc32

from buurtbegroot.core.phases import Phase, Window
from buurtbegroot.timezone import AMSTERDAM

RECONSTRUCTED = (
    "Plannen, kosten, regels en totalen zijn echt. De stembiljetten zijn nagebouwd: "
    "samen geven zij precies de echte totalen. Hoeveel codes er waren, is niet bekend; hier is dat één per biljet. "
    "Namen en teksten zijn bedacht."
)
SAMPLE = "Namen en kosten van de plannen zijn echt. Data, mensen en teksten zijn bedacht."
BY_EQUAL_SHARES = (
    "In het echt is op meeste stemmen geteld. Hier is dezelfde stemming met nagebouwde stembiljetten geteld met "
    "gelijke delen. Deze uitslag was er dus nooit. Plannen, kosten en totalen zijn echt, namen en teksten bedacht. "
    "Hoeveel codes er waren, is niet bekend."
)
PEOPLE_SOURCE = "Bedacht voor deze voorbeeldstad, geen echte telling"
Each = TypeVar("Each")
Days = dict[Phase, tuple[int, int]]


@dataclass(frozen=True, kw_only=True)
class SampleRound:
    """A round of the demo: the real vote it comes from, its place, and its phases in days from today.

    `area` is the name of the stadsdeel, gebied or wijk whose buurten take part. `most_plans` limits how many of the
    real plans are there yet. `until_next_month` lets the vote end in the middle of next month. `ballots` says that
    the vote was held: its ballots are reconstructed and counted. `codes` are given out as in letters, those of the
    `pool` wait for people with an account. `counting` names rules of `core.tally.presets` that it is counted by in
    place of its own.
    """

    vote: str
    slug: str
    title: str
    summary: str
    owner: str
    area: str
    days: Days
    points: tuple[int, ...]
    note: str = SAMPLE
    most_plans: int | None = None
    admitted: bool = True
    until_next_month: bool = False
    ballots: bool = False
    codes: int = 0
    pool: int = 0
    counting: str | None = None


ROUNDS = (
    SampleRound(
        vote="Amsterdam_631",
        slug="west-begroot",
        title="West begroot",
        summary="€\u00a0300.000 voor plannen van bewoners in heel West. U kiest uit 62 plannen die kunnen.",
        owner="E",
        area="West",
        days={
            Phase.SUBMISSION: (-150, -110),
            Phase.COCREATION: (-110, -85),
            Phase.FEASIBILITY: (-85, -12),
            Phase.VOTING: (-9, 0),
            Phase.COUNTING: (0, 4),
            Phase.REALISATION: (4, 370),
        },
        points=(3, 4, 15, 16),
        until_next_month=True,
        codes=60,
        pool=40,
    ),
    SampleRound(
        vote="Amsterdam_622",
        slug="buurtbudget-oud-noord",
        title="Buurtbudget Oud-Noord",
        summary="Heeft u een idee voor Oud-Noord? Maak er een plan van. U kunt nu plannen indienen.",
        owner="N",
        area="Oud-Noord",
        days={
            Phase.SUBMISSION: (-20, 21),
            Phase.COCREATION: (21, 42),
            Phase.FEASIBILITY: (42, 77),
            Phase.VOTING: (80, 108),
            Phase.COUNTING: (108, 112),
            Phase.REALISATION: (112, 480),
        },
        points=(15, 16),
        most_plans=31,
        admitted=False,
    ),
    SampleRound(
        vote="Amsterdam_588",
        slug="buurtbudget-rijnbuurt",
        title="Buurtbudget Rijnbuurt",
        summary="De gemeente kijkt nu welke plannen kunnen, en legt bij elk plan uit waarom.",
        owner="K",
        area="Rijnbuurt",
        days={
            Phase.SUBMISSION: (-70, -40),
            Phase.COCREATION: (-40, -14),
            Phase.FEASIBILITY: (-14, 42),
            Phase.VOTING: (49, 77),
            Phase.COUNTING: (77, 81),
            Phase.REALISATION: (81, 450),
        },
        points=(16, 17),
        admitted=False,
    ),
    SampleRound(
        vote="Amsterdam_621",
        slug="centrum-begroot",
        title="Centrum begroot",
        summary="Bewoners van Centrum verdeelden €\u00a0450.000. Hier ziet u wat eruit kwam en hoe er geteld is.",
        owner="A",
        area="Centrum",
        days={
            Phase.SUBMISSION: (-130, -100),
            Phase.COCREATION: (-100, -85),
            Phase.FEASIBILITY: (-85, -45),
            Phase.VOTING: (-40, -9),
        },
        points=(4, 15, 16),
        note=RECONSTRUCTED,
        ballots=True,
    ),
    SampleRound(
        vote="Amsterdam_604",
        slug="oud-oost-begroot",
        title="Oud-Oost begroot",
        summary="Elk thema had een eigen bedrag. De gekozen plannen worden nu uitgevoerd.",
        owner="M",
        area="Oud-Oost",
        days={
            Phase.SUBMISSION: (-330, -290),
            Phase.COCREATION: (-290, -270),
            Phase.FEASIBILITY: (-270, -220),
            Phase.VOTING: (-210, -180),
            Phase.COUNTING: (-180, -170),
            Phase.REALISATION: (-170, 195),
        },
        points=(3, 16, 22),
        note=RECONSTRUCTED,
        ballots=True,
    ),
    SampleRound(
        vote="Amsterdam_522",
        slug="diamantbuurt-gelijke-delen",
        title="Diamantbuurt: gelijke delen",
        summary="Een voorbeeld van een andere telregel: ieders stem krijgt een even groot deel van het geld.",
        owner="K",
        area="Zuid Pijp",
        days={
            Phase.SUBMISSION: (-300, -270),
            Phase.COCREATION: (-270, -255),
            Phase.FEASIBILITY: (-255, -215),
            Phase.VOTING: (-205, -190),
            Phase.COUNTING: (-190, -185),
            Phase.REALISATION: (-185, 180),
        },
        points=(15, 16),
        note=BY_EQUAL_SHARES,
        ballots=True,
        counting="wieliczka_2023",
    ),
)


def windows_of(sample: SampleRound, today: datetime) -> list[Window]:
    """Lay the phases around today, each change at noon in Amsterdam."""
    windows = [Window(phase, _noon(today, begins), _noon(today, ends)) for phase, (begins, ends) in sample.days.items()]
    if not sample.until_next_month:
        return windows
    later = _middle_of_next_month(today) - _noon(today, 0)
    return [
        Window(
            window.phase,
            window.begins_at + (later if ORDER[window.phase] > ORDER[Phase.VOTING] else timedelta()),
            window.ends_at + (later if ORDER[window.phase] >= ORDER[Phase.VOTING] else timedelta()),
        )
        for window in windows
    ]


def spread(plans: tuple[Each, ...], window: Window) -> Iterator[tuple[datetime, Each]]:
    """Give each plan a moment of its own inside a window, in the order in which they are given."""
    gap = (window.ends_at - window.begins_at) / (len(plans) + 1)
    return ((window.begins_at + gap * place, plan) for place, plan in enumerate(plans, start=1))


ORDER = {phase: place for place, phase in enumerate(Phase)}


def _noon(today: datetime, days: int) -> datetime:
    day = today.astimezone(AMSTERDAM).date() + timedelta(days=days)
    return datetime.combine(day, time(12), AMSTERDAM).astimezone(UTC)


def _middle_of_next_month(today: datetime) -> datetime:
    first = today.astimezone(AMSTERDAM).date().replace(day=1)
    day = (first + timedelta(days=31)).replace(day=14)
    return datetime.combine(day, time(12), AMSTERDAM).astimezone(UTC)


def made_up_people(code: str) -> tuple[int, int]:
    """Return how many inhabitants and households a buurt has in the sample city: always the same, and not real."""
    inhabitants = 400 + crc32(code.encode()) % 2_800
    return inhabitants, inhabitants * 10 // 19
