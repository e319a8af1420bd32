"""What changes of plans leave: each version of a submitted plan, and a number by which a list knows of them."""

from datetime import datetime
from secrets import randbits
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
    Update,
    event,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from buurtbegroot.database import Cents, Id, Model
from buurtbegroot.guards import ALWAYS, Guard, any_changed, attach_guards
from buurtbegroot.moderation.models import hiding
from buurtbegroot.proposals.domain.drafts import Content, changed_parts
from buurtbegroot.proposals.models import MAKER, OTHER_MAKER, Proposal, fixed
from buurtbegroot.rounds.models import FROZEN_TEXT, Theme
from buurtbegroot.vouching import Part, vouch


class ProposalRevision(Model):
    """A version of a public plan: 1 is what was submitted, and each save that changed something is the next.

    Nothing of it ever changes, but that the account and the name of its maker are taken out when the account goes.
    What is `stored_…` is what the maker typed: `content` is a `Content` as canonical JSON. It is hidden with the words
    of the plan and shown again with them, so that everyone reads it by the names without that word and finds nothing
    meanwhile; from `withheld_at` on, when its maker wrote something else while it was hidden, for good. `changed` names
    the parts that differ from the version before, with spaces between them.
    """

    __tablename__ = "proposal_revision"
    __table_args__ = (UniqueConstraint("proposal_id", "number"),)

    id: Mapped[Id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    number: Mapped[int]
    stored_content: Mapped[str] = mapped_column("content", Text)
    changed: Mapped[str] = mapped_column(String(200), default="")
    estimate_cents: Mapped[Cents]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    stored_author_name: Mapped[str] = mapped_column("author_name", String(80), default="")
    saved_at: Mapped[datetime]
    withheld_at: Mapped[datetime | None]

    proposal: Mapped[Proposal] = relationship()
    content = hiding("stored_content")
    author_name = hiding("stored_author_name")

    @hybrid_property
    def hidden_at(self) -> datetime | None:
        """Since when its words are hidden: for good, or with those of its plan."""
        return self.withheld_at or self.proposal.hidden_at

    @hidden_at.inplace.expression
    @classmethod
    def _hidden_in_sql(cls) -> ColumnElement[datetime | None]:
        of_plan = select(Proposal.hidden_at).where(Proposal.id == cls.proposal_id).scalar_subquery()
        return func.coalesce(cls.withheld_at, of_plan)

    @property
    def typed_content(self) -> Content:
        """All that the maker typed, hidden or not."""
        return Content.read(self.stored_content, author_name=self.stored_author_name)


def revision_after(
    last: ProposalRevision | None, proposal: Proposal, content: Content, *, now: datetime
) -> ProposalRevision:
    """Return the version that comes after the last one, or the last one itself when nothing changed since."""
    before = last.typed_content if last else None
    if last and before == content:
        return last
    return ProposalRevision(
        proposal_id=proposal.id,
        number=last.number + 1 if last else 1,
        stored_content=content.document,
        changed=" ".join(changed_parts(before, content)) if before else "",
        estimate_cents=content.estimate_cents,
        author_id=proposal.author_id,
        stored_author_name=content.author_name,
        saved_at=now,
    )


def without_maker(user_id: int) -> Update:
    """Return the statement that takes a person off all versions."""
    own = update(ProposalRevision).where(ProposalRevision.author_id == user_id)
    return own.values({ProposalRevision.author_id: None, ProposalRevision.stored_author_name: ""})


def withheld(proposal: Proposal, *, now: datetime) -> Update:
    """Return the statement that keeps all versions of a plan hidden by now for good."""
    mine = (ProposalRevision.proposal_id == proposal.id, ProposalRevision.withheld_at.is_(None))
    return update(ProposalRevision).where(*mine).values(withheld_at=now)


REVISION_STAYS = "append-only: a version of a plan stays"
WITHHELD = "withheld_at"
_FIXED_COLUMNS = tuple(each.name for each in ProposalRevision.__table__.columns if each.name not in (*MAKER, WITHHELD))
_SHOWN_AGAIN = f"(OLD.{WITHHELD} IS NOT NULL AND {any_changed((WITHHELD,))})"
OTHER_VERSION = f"{any_changed(_FIXED_COLUMNS)} OR {OTHER_MAKER} OR {_SHOWN_AGAIN}"

attach_guards(
    Model.metadata,
    (
        Guard("proposal_revision", "INSERT", fixed("NEW"), FROZEN_TEXT),
        Guard("proposal_revision", "UPDATE", OTHER_VERSION, REVISION_STAYS),
        Guard("proposal_revision", "DELETE", ALWAYS, REVISION_STAYS),
    ),
)
# The maker goes with the account, also later, and is told by no line.
vouch(Model.metadata, Part(kind="proposal", table=ProposalRevision.__table__, key="proposal_id", without=MAKER))


PENDING = "plan_lists"
_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class PlanList(Model):
    """The list of a round's plans; `stamp` is another number by chance after each commit that changed a plan of it.

    By chance, so that no number ever comes back with other plans, not even after a backup was put back.
    """

    __tablename__ = "plan_list"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    stamp: Mapped[int] = mapped_column(BigInteger)


def is_changing(session: Session) -> bool:
    """Tell whether this session changed plans that it has not committed yet."""
    return bool(session.info.get(PENDING))


def stamp_anew(session: Session, round_ids: set[int]) -> None:
    """Say that plans of these rounds changed; always in one order, so that no two wait for each other."""
    insert = _INSERT[session.get_bind().dialect.name]
    for round_id in sorted(round_ids):
        row = insert(PlanList).values(round_id=round_id, stamp=randbits(40))
        session.execute(row.on_conflict_do_update(index_elements=["round_id"], set_={"stamp": row.excluded.stamp}))


@event.listens_for(Session, "after_flush")
def _notice(session: Session, _context: object) -> None:
    changed = {
        each.round_id
        for rows in (session.new, session.dirty, session.deleted)
        for each in rows
        if isinstance(each, (Proposal, Theme))
    }
    if changed:
        session.info.setdefault(PENDING, set()).update(changed)


@event.listens_for(Session, "before_commit")
def _stamp(session: Session) -> None:
    """Stamp last of all: whoever holds these rows waits for nothing else any more."""
    if session.in_nested_transaction():
        return
    session.flush()
    if changed := session.info.pop(PENDING, None):
        stamp_anew(session, changed)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, _previous: object) -> None:
    if not session.in_transaction():
        session.info.pop(PENDING, None)
