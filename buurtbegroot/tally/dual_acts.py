"""What two people do together with the count, and what the second one is shown: closing, certifying, destroying."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.core.phases import Phase
from buurtbegroot.dual_control.domain import Shown
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.registry.queries import code_lists
from buurtbegroot.rounds.dual_acts import RoundAct, declare_round_act
from buurtbegroot.rounds.models import PhaseWindow, Round
from buurtbegroot.rounds.queries import standing_of
from buurtbegroot.tally.models import PlanResult, Tally
from buurtbegroot.texts import lazy_gettext as _l


@dataclass(frozen=True, kw_only=True)
class Closing(Shown):
    """Which box would be shut: until when votes could come in (ISO, UTC), and the fingerprint of its manifest."""

    ends: str
    manifest: str


@dataclass(frozen=True, kw_only=True)
class Winner:
    """A plan that gets money, in cents; `id` is its number."""

    id: int
    title: str
    language: str
    votes: int
    cents: int


@dataclass(frozen=True, kw_only=True)
class Certificate(Shown):
    """The outcome that would be final: the SHA-256 of its whole trace and of its bundle, what was counted, and who
    gets what.

    What does not count is told as in opening.LeftOut, by its numbers.
    """

    trace_hash: str
    bundle: str
    envelopes: int
    valid_ballots: int
    replaced: int
    refused: int
    strangers: int
    gone: int
    spent_cents: int
    left_cents: int
    winners: tuple[Winner, ...]


@dataclass(frozen=True, kw_only=True)
class Destruction(Shown):
    """Whose envelopes and keys would be gone: when its outcome became final (ISO, UTC) and how many envelopes."""

    certified: str
    envelopes: int


@dataclass(frozen=True, kw_only=True)
class CodeListsGone(Shown):
    """Of which vote nobody would have a list from letter to code any more: when its box was shut (ISO, UTC)."""

    closed: str


def _closing(session: Session, round_: Round) -> Closing:
    title, manifest = session.execute(select(Round.title, Round.fingerprint).where(Round.id == round_.id)).one()
    rows = select(PhaseWindow.ends_at)
    ends = session.scalar(rows.where(PhaseWindow.round_id == round_.id, PhaseWindow.phase == Phase.VOTING))
    return Closing(subject=title, ends=ends.isoformat() if ends else "", manifest=manifest)


def _certificate(session: Session, round_: Round) -> Certificate:
    rows = select(
        Round.title,
        Tally.trace_hash,
        Tally.bundle,
        Tally.envelopes,
        Tally.valid_ballots,
        Tally.left_out,
        Tally.spent_cents,
        Tally.left_cents,
    ).outerjoin(Tally, Tally.round_id == Round.id)
    found = session.execute(rows.where(Round.id == round_.id)).one()
    left = found.left_out or {}
    return Certificate(
        subject=found.title,
        trace_hash=found.trace_hash or "",
        bundle=found.bundle or "",
        envelopes=found.envelopes or 0,
        valid_ballots=found.valid_ballots or 0,
        replaced=left.get("replaced", 0),
        refused=len(left.get("refused", ())),
        strangers=sum(left.get("strangers", {}).values()),
        gone=len(left.get("gone", ())),
        spent_cents=found.spent_cents or 0,
        left_cents=found.left_cents or 0,
        winners=_winners(session, round_),
    )


def _winners(session: Session, round_: Round) -> tuple[Winner, ...]:
    rows = (
        select(
            Proposal.number.label("id"),
            Proposal.title,
            Proposal.language,
            PlanResult.votes,
            PlanResult.awarded_cents.label("cents"),
        )
        .join(Proposal, Proposal.id == PlanResult.proposal_id)
        .where(PlanResult.round_id == round_.id, PlanResult.awarded_cents > 0)
        .order_by(PlanResult.rank, Proposal.number)
    )
    return tuple(Winner(**row._asdict()) for row in session.execute(rows))


def _destruction(session: Session, round_: Round) -> Destruction:
    rows = select(Round.title, Round.certified_at, Tally.envelopes).outerjoin(Tally, Tally.round_id == Round.id)
    title, certified, envelopes = session.execute(rows.where(Round.id == round_.id)).one()
    return Destruction(subject=title, certified=certified.isoformat() if certified else "", envelopes=envelopes or 0)


def _code_lists_gone(session: Session, round_: Round) -> CodeListsGone:
    title, closed = session.execute(select(Round.title, Round.closed_at).where(Round.id == round_.id)).one()
    return CodeListsGone(subject=title, closed=closed.isoformat() if closed else "")


def _has_code_lists(session: Session, round_: Round) -> bool:
    """Tell whether the box is shut, and nobody told yet that the lists from letter to code are gone."""
    lists = code_lists(session, round_)
    return lists is not None and lists.gone_at is None


def _has_secrets(session: Session, round_: Round) -> bool:
    """Tell whether the outcome is final and what is secret of it is still there."""
    rows = select(Tally.round_id).where(Tally.round_id == round_.id, Tally.destroyed_at.is_(None))
    return round_.certified_at is not None and session.scalar(rows) is not None


def _page(round_: Round) -> str:
    return f"/werkplek/rondes/{round_.slug}/telling"


CLOSE = declare_round_act(
    RoundAct.CLOSE,
    to_do=_l("de stembus te sluiten"),
    title=_l("%(subject)s: sluit de stembus"),
    shown=_closing,
    is_possible=lambda _session, round_, now: standing_of(round_, now).may_close,
    path=_page,
)
CERTIFY = declare_round_act(
    RoundAct.CERTIFY,
    to_do=_l("de uitslag vast te stellen"),
    title=_l("%(subject)s: stel de uitslag vast"),
    shown=_certificate,
    is_possible=lambda _session, round_, now: standing_of(round_, now).may_certify,
    path=_page,
)
CODE_LISTS = declare_round_act(
    RoundAct.CODE_LISTS,
    to_do=_l("vast te leggen dat de lijsten van brief naar stemcode vernietigd zijn"),
    title=_l("%(subject)s: de lijsten van brief naar stemcode zijn vernietigd"),
    shown=_code_lists_gone,
    is_possible=lambda session, round_, _now: _has_code_lists(session, round_),
    path=_page,
)
DESTROY = declare_round_act(
    RoundAct.DESTROY,
    to_do=_l("de enveloppen en sleutels te vernietigen"),
    title=_l("%(subject)s: vernietig de enveloppen en sleutels"),
    shown=_destruction,
    is_possible=lambda session, round_, _now: _has_secrets(session, round_),
    path=_page,
)
