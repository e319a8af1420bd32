"""What two people do together about codes: making one of a lost letter void, going on after a backup was put back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.dual_acts import ORGANISERS
from buurtbegroot.accounts.queries import coordinators_of
from buurtbegroot.audit.domain.keys import site_keys
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.published import moment_of
from buurtbegroot.box.models import Pulse
from buurtbegroot.box.queries import is_put_back
from buurtbegroot.dual_control.domain import Shown
from buurtbegroot.dual_control.models import DualRequest
from buurtbegroot.dual_control.policy import Act, declare
from buurtbegroot.registry.models import CodeVoid, PoolCode
from buurtbegroot.rounds.dual_acts import RoundAct, declare_round_act
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.rounds.queries import about, lock_round
from buurtbegroot.texts import lazy_gettext as _l


@dataclass(frozen=True, kw_only=True)
class VoidedCode:
    """The code of a lost letter and that of the spare in its place, if any, each as its commitment."""

    round: Round
    commitment: bytes
    spare: bytes | None


@dataclass(frozen=True, kw_only=True)
class Voiding(Shown):
    """Which code would be void, and which takes its place; both people enter the codes behind these commitments."""

    commitment: str
    spare: str


def _code_key(code: VoidedCode) -> str:
    return f"code:{code.commitment.hex()}"


def _find_codes(session: Session, keys: Collection[str]) -> dict[str, VoidedCode]:
    """Return each as it was last asked for, also when that request ended: then its asker is told."""
    wanted = (DualRequest.object.in_(keys), DualRequest.act == "void_code")
    rows = select(CodeVoid, Round).join(Round, Round.id == CodeVoid.round_id).join(CodeVoid.request).where(*wanted)
    rows = rows.order_by(DualRequest.id)
    found = [VoidedCode(round=one, commitment=void.commitment, spare=void.spare) for void, one in session.execute(rows)]
    return {_code_key(code): code for code in found}


def _lock_code(session: Session, code: VoidedCode) -> VoidedCode:
    lock_round(session, code.round.id)
    return code


def _voiding(session: Session, code: VoidedCode) -> Voiding:
    title = session.execute(select(Round.title).where(Round.id == code.round.id)).scalar_one()
    return Voiding(subject=title, commitment=code.commitment.hex(), spare=code.spare.hex() if code.spare else "")


@dataclass(frozen=True, kw_only=True)
class Restoring(Shown):
    """How a vote would go on whose database was put back: since when ballots may be missing (ISO, UTC).

    `waiting` codes of the pool that somebody may have would be void; so many others `remain` to be drawn. Where the box
    was shut before, it `is_shut`: then nothing is missing.
    """

    since: str
    waiting: int
    remain: int
    is_shut: bool


def last_alive(session: Session, round_: Round) -> datetime:
    """Return the last moment at which this database is known to be alive: what came after it may be missing."""
    minute = session.scalar(select(Pulse.minute).where(Pulse.round_id == round_.id))
    opened = session.execute(select(Round.opened_at).where(Round.id == round_.id)).scalar_one()
    assert opened is not None
    return moment_of(minute) if minute else opened


def _restoring(session: Session, round_: Round) -> Restoring:
    anchors = _keys(session).anchors(round_.id)
    parts = select(PoolCode.part, func.count()).where(PoolCode.round_id == round_.id).group_by(PoolCode.part)
    waiting = {part: number for part, number in session.execute(parts)}  # noqa: C416
    title, opened = session.execute(select(Round.title, Round.opened_at).where(Round.id == round_.id)).one()
    return Restoring(
        subject=title,
        since=last_alive(session, round_).isoformat() if opened else "",
        waiting=sum(number for part, number in waiting.items() if part <= anchors.epoch),
        remain=waiting.get(anchors.epoch + 1, 0),
        is_shut=anchors.closed is not None,
    )


def _keys(session: Session) -> KeyStore:
    return KeyStore(site_keys(session).directory)


RESTORE = declare_round_act(
    RoundAct.RESTORE,
    to_do=_l("verder te gaan na een reservekopie"),
    title=_l("%(subject)s: ga verder na een reservekopie"),
    shown=_restoring,
    is_possible=lambda session, round_, _now: (
        round_.opened_at is not None
        and round_.closed_at is None
        and is_put_back(session, round_.id, keys=_keys(session))
    ),
    path=lambda round_: f"/werkplek/rondes/{round_.slug}/teruggezet",
)
VOID_CODE = declare(
    Act[VoidedCode](
        name="void_code",
        to_do=_l("een stemcode te laten vervallen"),
        title=_l("%(subject)s: laat een stemcode vervallen"),
        people_known=ORGANISERS,
        key=_code_key,
        about=lambda code: about(code.round),  # never which code: as long as it is not void it may vote
        find=_find_codes,
        lock=_lock_code,
        shown=_voiding,
        is_possible=lambda _session, code, _now: code.round.closed_at is None,
        may_ask=lambda by, code: may_manage(by, code.round),
        may_confirm=lambda by, code: may_manage(by, code.round),
        people=lambda session, code: coordinators_of(session, code.round.owner),
        path=lambda code: f"/werkplek/rondes/{code.round.slug}/codes/vervallen",
    )
)
