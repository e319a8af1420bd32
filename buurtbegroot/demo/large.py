"""Making a sample city large: plans, contributions and support by the hundred thousand, to see what a page then costs.

Rows are written as they would be stored, with the figures that follow from them, but without lines in the log.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.database import Model
from buurtbegroot.discussion.models import Contribution, Useful
from buurtbegroot.discussion.models.threads import FIGURES, STANCES, Stance, Thread
from buurtbegroot.moderation.models import Case, CaseState, Reason, Report
from buurtbegroot.proposals.domain.drafts import search_text
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.proposals.models.changes import stamp_anew
from buurtbegroot.rounds.models import Round
from buurtbegroot.support.models import Support

BATCH = 5_000
TEXT = "Dit is een verzonnen reactie, om te zien of de pagina ook met heel veel reacties snel blijft."
STEP = timedelta(seconds=7)


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is added: plans, contributions of which `at_one` are about the first plan, supports, and reports.

    Each report is about a contribution of its own.
    """

    plans: int = 10_000
    contributions: int = 200_000
    at_one: int = 20_000
    supports: int = 1_000_000
    reports: int = 0

    @property
    def people(self) -> int:
        """How many people it takes: nobody supports a plan twice."""
        return max(40, -(-self.supports // self.plans) + 1)


def enlarge(session: Session, round_: Round, size: Size, *, now: datetime) -> int:
    """Add so much to a round that takes plans, and return the plan that most is said about; the caller commits."""
    people = _people(session, size.people, now=now)
    plans = _plans(session, round_, size.plans, now=now)
    session.flush()
    _support(session, plans=plans, people=people, number=size.supports)
    _talk(session, round_.id, plans=plans, people=people, size=size, now=now)
    _report(session, round_, people=people, number=size.reports, now=now)
    stamp_anew(session, {round_.id})
    return plans[0]


def _people(session: Session, number: int, *, now: datetime) -> list[int]:
    first = (session.scalar(select(func.max(User.id))) or 0) + 1
    rows = (
        {
            "id": each,
            "email": f"groot{each}@voorbeeld.invalid",
            "name": f"Bewoner {each}",
            "pseudonym": f"groot-{each}",
            "created_at": now,
        }
        for each in range(first, first + number)
    )
    _insert(session, User, rows)
    return list(range(first, first + number))


def _plans(session: Session, round_: Round, number: int, *, now: datetime) -> list[int]:
    first = (session.scalar(select(func.max(Proposal.id))) or 0) + 1
    taken = session.scalar(select(func.max(Proposal.number)).where(Proposal.round_id == round_.id)) or 0
    theme = round_.themes[0].id if round_.themes else None
    rows = (
        {
            "id": first + place,
            "round_id": round_.id,
            "number": taken + place + 1,
            "title": f"Verzonnen plan {place + 1}",
            "summary": "Om te zien of alles snel blijft.",
            "body": TEXT,
            "search": search_text(f"Verzonnen plan {place + 1}", "Om te zien of alles snel blijft.", ""),
            "theme_id": theme,
            "status": ProposalStatus.SUBMITTED,
            "estimate_cents": 100_000 + place,
            "created_at": now,
            "submitted_at": now,
            "changed_at": now,
        }
        for place in range(number)
    )
    _insert(session, Proposal, rows)
    return list(range(first, first + number))


def _support(session: Session, *, plans: Sequence[int], people: Sequence[int], number: int) -> None:
    rows = (
        {"proposal_id": plans[place % len(plans)], "user_id": people[place // len(plans)]} for place in range(number)
    )
    _insert(session, Support, rows)


def _talk(
    session: Session, round_id: int, *, plans: Sequence[int], people: Sequence[int], size: Size, now: datetime
) -> None:
    first = (session.scalar(select(func.max(Thread.id))) or 0) + 1
    contribution = (session.scalar(select(func.max(Contribution.id))) or 0) + 1
    shares = _shares(size)
    threads, said, useful = [], [], []
    for place, (plan, share) in enumerate(zip(plans, shares, strict=True)):
        made = _thread(first + place, people, first=contribution, number=share, now=now)
        contribution += share
        said.append(made.said)
        useful.append(made.useful)
        threads.append({"id": first + place, "round_id": round_id, "proposal_id": plan, **made.figures})
    _insert(session, Thread, threads)
    _insert(session, Contribution, (row for rows in said for row in rows))
    _insert(session, Useful, (row for rows in useful for row in rows))


def _report(session: Session, round_: Round, *, people: Sequence[int], number: int, now: datetime) -> None:
    """Report so many contributions, those of the last plans."""
    first = (session.scalar(select(func.max(Case.id))) or 0) + 1
    said = select(Contribution.id, Contribution.author_id).order_by(Contribution.id.desc()).limit(number)
    reported, reasons = session.execute(said).all(), list(Reason)
    since = [now - STEP * place for place in range(number)]
    cases = (
        {
            "id": first + place,
            "kind": "contribution",
            "number": contribution,
            "area_code": round_.owner_code,
            "state": CaseState.OPEN,
            "since": since[place],
        }
        for place, (contribution, _author) in enumerate(reported)
    )
    _insert(session, Case, cases)
    reports = (
        {
            "case_id": first + place,
            "user_id": people[0] if author != people[0] else people[1],
            "reason": reasons[place % len(reasons)],
            "language": "nl",
            "version": 1,
            "reported_at": since[place],
        }
        for place, (_contribution, author) in enumerate(reported)
    )
    _insert(session, Report, reports)


@dataclass(frozen=True)
class _Made:
    figures: dict[str, Any]
    said: list[dict[str, Any]]
    useful: list[dict[str, int]]


def _thread(thread: int, people: Sequence[int], *, first: int, number: int, now: datetime) -> _Made:
    """Make a discussion of so many contributions, every fifth of which answers to the one before it."""
    said: list[dict[str, Any]] = []
    useful: list[dict[str, int]] = []
    for place in range(number):
        is_answer = place % 5 == 4
        author = people[(thread + place) % len(people)]
        readers = [each for each in people[: place % 4] if each != author]
        useful += [{"contribution_id": first + place, "user_id": each} for each in readers]
        said.append(
            {
                "id": first + place,
                "thread_id": thread,
                "parent_id": first + place - 1 if is_answer else None,
                "stance": Stance.ANSWER if is_answer else STANCES[place % 4],
                "author_id": author,
                "author_name": f"Bewoner {author}",
                "body": f"{TEXT} ({place})",
                "created_at": now - STEP * (number - place),
                "shown_at": now - STEP * (number - place),
                "useful": len(readers),
                "answers": 1 if place % 5 == 3 and place + 1 < number else 0,
            }
        )
    return _Made(_figures(said), said, useful)


def _figures(said: Sequence[dict[str, Any]]) -> dict[str, Any]:
    taken = Counter(row["stance"] for row in said)
    quoted: dict[Stance, dict[str, Any]] = {}
    for stance in STANCES:
        people = {row["author_id"] for row in quoted.values()}
        best = [row for row in said if row["stance"] is stance and row["useful"] and row["author_id"] not in people]
        if best:
            quoted[stance] = max(best, key=lambda row: (row["useful"], row["id"]))
    return {
        **{name: taken[stance] for name, stance in zip(FIGURES, STANCES, strict=True)},
        "open_questions": taken[Stance.QUESTION],
        "answers": taken[Stance.ANSWER],
        "people": len({row["author_id"] for row in said}),
        "quoted": [row["id"] for row in quoted.values()],
    }


def _shares(size: Size) -> list[int]:
    """Return how many contributions each plan gets."""
    others = max(1, size.plans - 1)
    rest = size.contributions - size.at_one
    return [size.at_one, *(rest // others + (place < rest % others) for place in range(size.plans - 1))]


def _insert(session: Session, kind: type[Model], rows: Iterable[dict[str, Any]]) -> None:
    table: Any = kind.__table__  # past the ORM, which would keep count of each row
    for batch in _batches(rows):
        session.execute(insert(table), batch)
    if session.connection().dialect.name == "postgresql" and "id" in table.c:
        last = select(func.max(table.c.id)).scalar_subquery()  # else the next row would get a number that is taken
        session.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), last)))


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield batch
