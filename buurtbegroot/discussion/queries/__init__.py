"""Reading single contributions, their answers and earlier texts; nothing here writes."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import By
from buurtbegroot.areas.models import Area
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.discussion.events import ContributionTakenOver
from buurtbegroot.discussion.models import Contribution, EarlierText, Useful
from buurtbegroot.discussion.models.threads import About, Thread
from buurtbegroot.discussion.queries.lists import COLUMNS, HAS_PLACE, WAITS, Said
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.proposals.queries.facts import revisions_of
from buurtbegroot.rooms import Subject
from buurtbegroot.rounds.models import Round

LARGEST_ID = 2**63 - 1
MOST_VERSIONS = 100


def answers_to(session: Session, contribution: Contribution, *, after: int, by: By, size: int) -> list[Said]:
    """Return so many answers to a contribution, and one more if there is one, that come after one; oldest first."""
    me = by.id if isinstance(by, User) else 0
    rows = (
        select(*COLUMNS)
        .where(Contribution.parent_id == contribution.id, Contribution.id > after, HAS_PLACE)
        .order_by(Contribution.id)
        .limit(size + 1)
    )
    return [Said(*row) for row in session.execute(rows, {"me": me})]


def said(session: Session, contribution: Contribution, *, by: By) -> Said:
    """Return a contribution as `by` sees it, without its answers."""
    me = by.id if isinstance(by, User) else 0
    row = session.execute(select(*COLUMNS).where(Contribution.id == contribution.id), {"me": me}).one()
    return Said(*row)


OWNER = joinedload(Round.owner).defer(Area.outline)
ONE = (
    select(Contribution)
    .join(Contribution.thread)
    .join(Thread.round)
    .options(
        contains_eager(Contribution.thread).options(
            contains_eager(Thread.round).options(OWNER, selectinload(Round.windows)),
            joinedload(Thread.proposal),
        )
    )
)


def contribution_by_id(session: Session, number: int) -> Contribution | None:
    """Return a contribution with what it is about, also one that waits, is hidden or deleted; or None."""
    return session.scalar(ONE.where(Contribution.id == number)) if number <= LARGEST_ID else None


def moderated_contribution(session: Session, number: int) -> Contribution | None:
    """Return a contribution whose words a moderator can hide: also one that waits, none that was deleted; or None."""
    return next(iter(moderated_contributions(session, [number])), None)


def moderated_contributions(session: Session, numbers: Collection[int]) -> Sequence[Contribution]:
    """Return those of these contributions whose words a moderator can hide, with their writers; one query."""
    rows = ONE.where(Contribution.id.in_(numbers), Contribution.deleted_at.is_(None))
    wanted = joinedload(Contribution.author).lazyload(User.grants), joinedload(Contribution.parent)
    return session.scalars(rows.options(*wanted)).all()


def numbers_of_contributions_by(people: Collection[int]) -> Select[int]:
    """Return the SELECT of the numbers of all that these people wrote."""
    return select(Contribution.id).where(Contribution.author_id.in_(people))


def thread_of(session: Session, about: About) -> Thread | None:
    """Return the discussion of a plan or round, None as long as nobody said anything."""
    is_it = Thread.proposal_id == about.proposal.id if about.proposal else Thread.proposal_id.is_(None)
    return session.scalar(select(Thread).where(Thread.round_id == about.round.id, is_it))


def earlier_texts(session: Session, contribution: Contribution, *, after: int, size: int) -> Sequence[EarlierText]:
    """Return so many earlier texts of a contribution, and one more if there is one, after a number; newest first."""
    rows = select(EarlierText).where(EarlierText.contribution_id == contribution.id)
    rows = rows.where(EarlierText.number < after) if after else rows
    return session.scalars(rows.order_by(EarlierText.number.desc()).limit(size + 1)).all()


def waiting_in(session: Session, round_: Round, *, after: int, size: int) -> Sequence[Contribution]:
    """Return so many contributions of a round that wait for a moderator, and one more if there is one; oldest first."""
    rows = (
        ONE.where(Thread.round_id == round_.id, WAITS, Contribution.id > after)
        .options(joinedload(Contribution.author))
        .order_by(Contribution.id)
        .limit(size + 1)
    )
    return session.scalars(rows).all()


def was_shown_before(session: Session, by: User) -> bool:
    """Tell whether anything that this person wrote was shown to everyone already, and still is."""
    own = select(Contribution.id).where(Contribution.author_id == by.id, Contribution.is_readable.is_(True))
    return session.scalar(own.limit(1)) is not None


def was_told_of(session: Session, contribution: Contribution) -> bool:
    """Tell whether a maker said before that something of it was taken over, also if that was taken back since."""
    mine = (AuditEntry.object == contribution.key, AuditEntry.action == ContributionTakenOver.name)
    return session.scalar(select(AuditEntry.seq).where(*mine).limit(1)) is not None


def versions_to_choose(session: Session, proposal: Proposal) -> list[tuple[int, datetime]]:
    """Return the last versions of a plan as (number, when), the newest first."""
    return [(each.number, each.saved_at) for each in revisions_of(session, proposal.id, most=MOST_VERSIONS)]


def own_contributions(session: Session, subject: Subject) -> object:
    """Return all that a person wrote, as it was typed, with the earlier texts."""
    rows = select(Contribution).where(Contribution.author_id == subject.user_id, Contribution.deleted_at.is_(None))
    return [
        {
            "page": each.path,
            "stance": each.stance.value,
            "name": each.stored_author_name,
            "text": each.stored_body,
            "taken_over": each.stored_taken_words,
            "earlier": list(
                session.scalars(
                    select(EarlierText.stored_body)
                    .where(EarlierText.contribution_id == each.id)
                    .order_by(EarlierText.number)
                )
            ),
            "written": each.created_at.isoformat(),
        }
        for each in session.scalars(rows.order_by(Contribution.id))
    ]


def found_useful(session: Session, subject: Subject) -> object:
    """Return the pages of the contributions that a person finds useful."""
    rows = select(Useful.contribution_id).where(Useful.user_id == subject.user_id).order_by(Useful.contribution_id)
    return [f"/reacties/{number}" for number in session.scalars(rows)]
