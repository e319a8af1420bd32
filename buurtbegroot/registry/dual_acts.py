"""What two people do together about a code: making that of a lost letter void."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.dual_acts import ORGANISERS
from buurtbegroot.accounts.queries import coordinators_of
from buurtbegroot.dual_control.domain import Shown
from buurtbegroot.dual_control.models import DualRequest, State
from buurtbegroot.dual_control.policy import Act, declare
from buurtbegroot.registry.models import CodeVoid
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
    wanted = (DualRequest.object.in_(keys), DualRequest.act == "void_code", DualRequest.state == State.OPEN)
    rows = select(CodeVoid, Round).join(Round, Round.id == CodeVoid.round_id).join(CodeVoid.request).where(*wanted)
    found = [VoidedCode(round=one, commitment=void.commitment, spare=void.spare) for void, one in session.execute(rows)]
    return {_code_key(code): code for code in found}


def _lock_code(session: Session, code: VoidedCode) -> VoidedCode:
    lock_round(session, code.round.id)
    return code


def _voiding(session: Session, code: VoidedCode) -> Voiding:
    title = session.execute(select(Round.title).where(Round.id == code.round.id)).scalar_one()
    return Voiding(subject=title, commitment=code.commitment.hex(), spare=code.spare.hex() if code.spare else "")


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
