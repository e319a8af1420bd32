"""Tables of contributions and answers, their earlier texts, and who found what useful."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Computed,
    ForeignKey,
    Index,
    String,
    Text,
    Update,
    and_,
    case,
    func,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session, relationship

from buurtbegroot.accounts.models import User
from buurtbegroot.areas.models import Area
from buurtbegroot.database import Id, Model
from buurtbegroot.discussion.models.threads import FIGURES, STANCES, Stance, Thread, Voice
from buurtbegroot.moderation.models import Hideable, hiding
from buurtbegroot.texts import gettext as _
from buurtbegroot.vouching import Part, Thing, vouch

READABLE = "shown_at IS NOT NULL AND deleted_at IS NULL AND hidden_at IS NULL"


def _top_level(name: str, *columns: str) -> Index:
    """Index what answers nothing: PostgreSQL reads no order from an index after a column that is to be empty."""
    only = text("parent_id IS NULL")
    return Index(name, *columns, sqlite_where=only, postgresql_where=only)


class Contribution(Hideable, Model):
    """What somebody said in a discussion, or answered to what another said there: one level deep.

    `shown_at` is empty as long as a moderator has not read it. A deleted one keeps its place and loses its words.
    `useful` and `answers` count accounts that found it useful, and readable answers. A question is open until
    `answered_at`; `answer_id` is the answer that settled it, as whoever asked sees it. `taken_in` is the version of the
    plan in which its maker took it over, and `taken_words` says what.
    """

    __tablename__ = "contribution"
    __table_args__ = (
        CheckConstraint("(stance = 'antwoord') = (parent_id IS NOT NULL)", name="answer_has_parent"),
        CheckConstraint("answered_at IS NULL OR stance = 'vraag'", name="only_questions_are_answered"),
        CheckConstraint("answer_id IS NULL OR answered_at IS NOT NULL", name="answer_settles"),
        CheckConstraint("useful >= 0 AND answers >= 0", name="counted"),
        _top_level("ix_contribution_thread_id", "thread_id", "id"),
        Index("ix_contribution_thread_id_stance", "thread_id", "stance", "useful", "id"),
        _top_level("ix_contribution_thread_id_useful", "thread_id", "useful", "id"),
        _top_level("ix_contribution_thread_id_is_open", "thread_id", "is_open", "id"),
        Index(
            "ix_contribution_parent_id",
            "parent_id",
            "id",
            sqlite_where=text("parent_id IS NOT NULL"),
            postgresql_where=text("parent_id IS NOT NULL"),
        ),
        Index(
            "ix_contribution_waiting",
            "thread_id",
            "id",
            sqlite_where=text("shown_at IS NULL AND deleted_at IS NULL AND hidden_at IS NULL"),
            postgresql_where=text("shown_at IS NULL AND deleted_at IS NULL AND hidden_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"))
    stance: Mapped[Stance]
    voice: Mapped[Voice] = mapped_column(default=Voice.RESIDENT)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    stored_author_name: Mapped[str] = mapped_column("author_name", String(80))
    stored_body: Mapped[str] = mapped_column("body", Text)
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    shown_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"))
    stored_taken_words: Mapped[str] = mapped_column("taken_words", String(300), default="")
    taken_in: Mapped[int | None]
    useful: Mapped[int] = mapped_column(default=0)
    answers: Mapped[int] = mapped_column(default=0)
    is_readable: Mapped[bool] = mapped_column(Computed(READABLE, persisted=True))
    is_open: Mapped[bool] = mapped_column(
        Computed(f"stance = 'vraag' AND answered_at IS NULL AND {READABLE}", persisted=True)
    )

    thread: Mapped[Thread] = relationship()
    parent: Mapped["Contribution | None"] = relationship(foreign_keys=parent_id, remote_side="Contribution.id")
    author: Mapped[User | None] = relationship()

    author_name = hiding("stored_author_name")
    body = hiding("stored_body")
    taken_words = hiding("stored_taken_words")

    @property
    def key(self) -> str:
        """What the log calls it."""
        return f"contribution:{self.id}"

    @property
    def called(self) -> str:
        """What it is and by whom; nobody's while its words are hidden."""
        name = self.author_name
        if self.parent_id is None:
            return _("Reactie van %(name)s", name=name) if name else _("Reactie")
        return _("Antwoord van %(name)s", name=name) if name else _("Antwoord")

    @property
    def named(self) -> str:
        """The same within a sentence."""
        name = self.author_name
        if self.parent_id is None:
            return _("de reactie van %(name)s", name=name) if name else _("de reactie")
        return _("het antwoord van %(name)s", name=name) if name else _("het antwoord")

    @property
    def noun(self) -> str:
        """A contribution or an answer, about a plan or a round."""
        what = "contribution" if self.parent_id is None else "answer"
        return what if self.thread.proposal_id else f"{what}_on_round"

    @property
    def plan_and_round(self) -> tuple[int, str]:
        """The number of the plan, 0 for a round as a whole, and the round."""
        about = self.thread.about
        return (about.proposal.number if about.proposal else 0), about.round.title

    @property
    def path(self) -> str:
        """Its own page."""
        return f"/reacties/{self.id}"

    @property
    def area(self) -> Area:
        """The area of the round."""
        return self.thread.round.owner

    @property
    def makers(self) -> tuple[User, ...]:
        """Who wrote it; nobody whose account is gone."""
        return (self.author,) if self.author else ()

    @property
    def accord(self) -> tuple[str, ...]:
        """The points of what it is about."""
        return self.thread.about.points

    @property
    def hidden_words(self) -> Sequence[str]:
        """All that was typed."""
        return (self.stored_body, self.stored_author_name, self.stored_taken_words)

    @property
    def language(self) -> str:
        """Nothing: people write in any language."""
        return ""

    @property
    def is_published(self) -> bool:
        """Whether a moderator let it through, where they read first."""
        return self.shown_at is not None

    @property
    def quote(self) -> str:
        """The text."""
        return self.body

    @property
    def written_at(self) -> datetime:
        """When it was last changed."""
        return self.edited_at or self.created_at

    @property
    def context(self) -> Sequence[tuple[str, str, str | None]]:
        """What it answers, the plan, and the round."""
        about = self.thread.about
        answered = ((self.parent.called, self.parent.path, None),) if self.parent else ()
        plan = ((about.proposal.title, about.proposal.path, about.proposal.language),) if about.proposal else ()
        return (*answered, *plan, (about.round.title, f"/rondes/{about.round.slug}", None))

    @property
    def around(self) -> tuple[Sequence["Contribution"], Sequence["Contribution"]]:
        """What it answers and what was said right before it; its first answers, and what was said right after it."""
        session = object_session(self)
        assert session is not None  # whoever moderates it has read it from there
        readable = (Contribution.thread_id == self.thread_id, Contribution.is_readable.is_(True))
        beside = (*readable, Contribution.parent_id == self.parent_id)
        last = select(func.max(Contribution.id)).where(*beside, Contribution.id < self.id)
        following = select(func.min(Contribution.id)).where(*beside, Contribution.id > self.id)
        answers = select(Contribution.id).where(*readable, Contribution.parent_id == self.id).order_by(Contribution.id)
        first = select(answers.limit(2).subquery().c.id)  # SQLite takes no LIMIT inside a UNION
        near = Contribution.id.in_(union_all(last, following, first))
        found = session.scalars(select(Contribution).where(near).order_by(Contribution.id)).all()
        before = [each for each in found if each.id < self.id]
        after = sorted((each for each in found if each.id > self.id), key=lambda one: one.parent_id != self.id)
        return [*([self.parent] if self.parent else []), *before], after

    @property
    def told(self) -> dict[str, Any]:
        """What every event about it tells."""
        about = self.thread.about
        return {"object": self.key, "points": about.points, "round": about.round.slug, "about": about.key}

    def put(self, now: datetime) -> None:
        """Note that it can be read by now; of a question of somebody else the makers hear."""
        self.shown_at = now
        if self.stance is Stance.QUESTION and self.voice is not Voice.MAKER:
            self.thread.asked_at = now

    def let_read(self, now: datetime) -> None:
        """Note that everyone reads it by now, if it was hidden before that."""
        if self.shown_at is None:
            self.put(now)

    def follow(self) -> None:
        """Let the figures and quotes of the discussion be those of what everyone may read."""
        session = object_session(self)
        assert session is not None  # whoever hides it has read it from there
        recount(session, self)


class EarlierText(Model):
    """What a contribution said before it was changed; `number` counts its texts from 1, until `replaced_at`.

    It is hidden with the words of its contribution and shown again with them; from `withheld_at` on, when its writer
    replaced words while they were hidden, for good.
    """

    __tablename__ = "earlier_text"

    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stored_body: Mapped[str] = mapped_column("body", Text)
    replaced_at: Mapped[datetime]
    withheld_at: Mapped[datetime | None]

    body = hiding("stored_body")

    @hybrid_property
    def hidden_at(self) -> datetime | None:
        """Since when it is hidden: for good, or with the words of its contribution."""
        session = object_session(self)
        assert session is not None
        return self.withheld_at or session.get_one(Contribution, self.contribution_id).hidden_at

    @hidden_at.inplace.expression
    @classmethod
    def _hidden_in_sql(cls) -> ColumnElement[datetime | None]:
        of_it = select(Contribution.hidden_at).where(Contribution.id == cls.contribution_id).scalar_subquery()
        return func.coalesce(cls.withheld_at, of_it)


def withheld(contribution: Contribution, *, now: datetime) -> Update:
    """Return the statement that keeps what a contribution said before hidden for good."""
    mine = (EarlierText.contribution_id == contribution.id, EarlierText.withheld_at.is_(None))
    return update(EarlierText).where(*mine).values(withheld_at=now)


class Useful(Model):
    """This person finds this contribution useful. When that was is not kept: nothing needs it."""

    __tablename__ = "useful"

    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True, index=True)


def recount(session: Session, contribution: Contribution) -> None:
    """Make the figures anew that follow from a contribution: those of what it answers, and of its discussion.

    Locks are taken in one order, contribution, parent, thread, so that nobody waits for each other.
    """
    session.flush()
    if contribution.parent_id is not None:
        _count_answers(session, contribution.parent_id)
    locked = select(Thread).where(Thread.id == contribution.thread_id).with_for_update(of=Thread, key_share=True)
    thread = session.scalars(locked.execution_options(populate_existing=True)).one()
    readable = and_(Contribution.thread_id == thread.id, Contribution.is_readable.is_(True))
    rows = select(Contribution.stance, func.count()).where(readable).group_by(Contribution.stance)
    found: dict[Stance, int] = dict(session.execute(rows).all())
    for name, stance in zip(FIGURES, STANCES, strict=True):
        setattr(thread, name, found.get(stance, 0))
    thread.answers = found.get(Stance.ANSWER, 0)
    is_open = case((Contribution.is_open.is_(True), 1))
    rest = select(func.count(is_open), func.count(Contribution.author_id.distinct())).where(readable)
    thread.open_questions, thread.people = session.execute(rest).one()
    thread.quoted = _to_quote(session, thread.id)
    session.flush()


def _count_answers(session: Session, parent_id: int) -> None:
    parent_row = select(Contribution.id).where(Contribution.id == parent_id)
    session.execute(parent_row.with_for_update(key_share=True)).all()  # a statement that waited would count old rows
    answers = select(func.count()).where(Contribution.parent_id == parent_id, Contribution.is_readable.is_(True))
    counted = update(Contribution).where(Contribution.id == parent_id).values(answers=answers.scalar_subquery())
    session.execute(counted, execution_options={"synchronize_session": False})
    if parent := session.identity_map.get(session.identity_key(Contribution, parent_id)):
        session.expire(parent, ["answers"])


def _to_quote(session: Session, thread_id: int) -> list[int]:
    """Return of each stance the contribution that most people find useful, never two of one person."""
    quoted: list[int] = []
    people: list[int] = []
    for stance in STANCES:
        best = (
            select(Contribution.id, Contribution.author_id)
            .where(
                Contribution.thread_id == thread_id,
                Contribution.stance == stance,
                Contribution.is_readable.is_(True),
                Contribution.useful > 0,
                Contribution.author_id.not_in(people),
            )
            .order_by(Contribution.useful.desc(), Contribution.id.desc())
            .limit(1)
        )
        if found := session.execute(best).first():
            quoted.append(found.id)
            people.append(found.author_id)
    return quoted


vouch(
    Model.metadata,
    Thing(kind="contribution", name=Contribution.id, id=Contribution.id, public=Contribution.shown_at.is_not(None)),
    Part(
        kind="contribution",
        table=Contribution.__table__,
        key="id",
        without=("version", "useful", "answers", "is_readable", "is_open"),
    ),
    Part(kind="contribution", table=EarlierText.__table__, key="contribution_id"),
)
