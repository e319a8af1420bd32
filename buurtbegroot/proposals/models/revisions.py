"""The table of revisions: a plan as it was submitted and at each save after that, one exact document each."""

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, String, Text, UniqueConstraint, Update, func, select, update
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from buurtbegroot.database import Cents, Id, Model
from buurtbegroot.guards import ALWAYS, Guard, any_changed, attach_guards
from buurtbegroot.moderation.models import hiding
from buurtbegroot.proposals.domain.drafts import Content, changed_parts
from buurtbegroot.proposals.models import MAKER, OTHER_MAKER, Proposal, fixed
from buurtbegroot.rounds.models import FROZEN_TEXT
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
