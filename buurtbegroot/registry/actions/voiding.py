"""Making the code of a lost letter void: one organiser asks, another one does it, and both enter the code.

The request holds only the commitments of the codes, and what is done touches the registry alone: a ballot that was
cast with the code stays in the box, unseen, and is left out when the box is opened.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from nacl.secret import SecretBox
from sqlalchemy import update
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import Fault, RefusedError, insist, require
from buurtbegroot.audit.actions import record
from buurtbegroot.box.domain.anchors import KeysFault, anchor
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import round_name
from buurtbegroot.box.queries import is_put_back
from buurtbegroot.core.credentials import commitment, nullifier
from buurtbegroot.dual_control.actions import DualFault, confirm_act, request_act, require_consent, withdraw_request
from buurtbegroot.dual_control.models import DualRequest, State
from buurtbegroot.dual_control.queries import current_fingerprint
from buurtbegroot.registry.dual_acts import VOID_CODE, VoidedCode
from buurtbegroot.registry.events import CodeVoided
from buurtbegroot.registry.models import CodeStatus, CodeVoid, RegisteredCode, VoidReason
from buurtbegroot.registry.queries import code_status, told_of, voids_in
from buurtbegroot.rounds.dual_acts import RoundAct
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.rounds.queries import about, lock_round, round_key


@dataclass(frozen=True)
class Letters:
    """The key of the code in a lost letter, and that of the spare letter in its place, if any."""

    lost: bytes = field(repr=False)
    spare: bytes | None = field(default=None, repr=False)


class VoidFault(Fault):
    """Why a code is not made void."""

    CLOSED = "closed"
    UNKNOWN = "unknown"
    IS_SPARE = "is_spare"
    ALREADY_VOID = "already_void"
    NOT_A_SPARE = "not_a_spare"
    OTHER_SPARE = "other_spare"


_MAY_NOT = {None: VoidFault.UNKNOWN, CodeStatus.SPARE: VoidFault.IS_SPARE, CodeStatus.VOID: VoidFault.ALREADY_VOID}


def request_void(
    session: Session, round_: Round, letters: Letters, *, reason: VoidReason, keys: KeyStore, by: User, now: datetime
) -> CodeVoid:
    """Ask to make the code of a lost letter void; raises RefusedError with a VoidFault or a DualFault."""
    code = _code(_lock_open(session, round_, keys=keys, by=by), letters)
    _require_kinds(session, code)
    request = request_act(session, VOID_CODE, code, by=by, now=now, reason=reason.value)
    asked = CodeVoid(request=request, round_id=code.round.id, commitment=code.commitment, spare=code.spare)
    session.add(asked)
    session.flush()
    return asked


def withdraw_void(session: Session, round_: Round, *, c: bytes, by: User, now: datetime) -> None:
    """Take an unconfirmed request for a commitment of this round back; raises RefusedError with a DualFault."""
    require(may_manage(by, round_), hidden=True)
    known = session.scalar(voids_in(round_.id).where(CodeVoid.commitment == c).limit(1))
    insist(known is not None, DualFault.NOT_REQUESTED)
    withdraw_request(session, VOID_CODE, VoidedCode(round=round_, commitment=c, spare=None), by=by, now=now)


def confirm_void(
    session: Session, round_: Round, letters: Letters, *, keys: KeyStore, by: User, now: datetime
) -> CodeVoid:
    """Make the code void as the second person: it can vote no more, and a ballot of it does not count.

    Casting must not lock the code itself: PostgreSQL would keep, in the rows, that the same transaction touched this
    code and that ballot. Raises RefusedError with a VoidFault or a DualFault.
    """
    code = _code(_lock_open(session, round_, keys=keys, by=by), letters)
    _require_kinds(session, code)
    asked = _asked(session, code)
    request = confirm_act(session, VOID_CODE, code, seen=_entered(session, code, asked), by=by, now=now)
    # the database lets the codes change from here on, in this order
    _set_status(session, code.round.id, code.commitment, status=CodeStatus.VOID)
    if code.spare is not None:
        _set_status(session, code.round.id, code.spare, status=CodeStatus.ACTIVE)
    event = CodeVoided(
        **about(code.round), code=code.commitment.hex(), reason=request.reason, spare=code.spare is not None
    )
    record(session, event, by=by, now=now)
    _keep(code, reason=request.reason, keys=keys)
    return session.get_one(CodeVoid, request.id)


def void_again(session: Session, round_: Round, *, keys: KeyStore, by: User, now: datetime) -> int:
    """Make void, after a backup was put back, what was void before, and let the spares take their places again.

    What the log lacks of it comes in the log. Returns how many codes were valid. Raises RefusedError unless two people
    agreed how the vote goes on.
    """
    require(may_manage(by, round_), hidden=True)
    require_consent(session, RoundAct.RESTORE, round_key(round_))
    valid, told = 0, {each["code"] for each in told_of(session, round_, CodeVoided)}
    for each in _kept_voids(keys, round_.id):
        if code_status(session, round_.id, each.code) is CodeStatus.ACTIVE:
            _set_status(session, round_.id, each.code, status=CodeStatus.VOID)
            valid += 1
        if each.spare is not None and code_status(session, round_.id, each.spare) is CodeStatus.SPARE:
            _set_status(session, round_.id, each.spare, status=CodeStatus.ACTIVE)
        if each.code.hex() not in told:
            record(session, each.event(round_), by=by, now=now)
    return valid


class KeptVoid(NamedTuple):
    """A void among the trusted values; the spare is None where none was given, and once the link key is gone."""

    code: bytes
    spare: bytes | None
    reason: str
    is_replaced: bool

    def event(self, round_: Round) -> CodeVoided:
        """Return what the log says of it."""
        return CodeVoided(**about(round_), code=self.code.hex(), reason=self.reason, spare=self.is_replaced)


def _kept_voids(keys: KeyStore, round_id: int) -> Sequence[KeptVoid]:
    """Return what two people made void of a vote, of each code the last time that they did."""
    own, found = keys.load(round_id), dict[str, KeptVoid]()
    for line in keys.anchors(round_id).all("voided"):
        is_replaced = bool(line["replaced"])
        spare = None
        if own.link_key and is_replaced:
            spare = SecretBox(own.void_key).decrypt(bytes.fromhex(line["spare"]))
        found[line["code"]] = KeptVoid(bytes.fromhex(line["code"]), spare, line["reason"], is_replaced)
    return list(found.values())


def _keep(code: VoidedCode, *, reason: str, keys: KeyStore) -> None:
    """Put what is void among the trusted values, so that no backup makes it valid; the spare is there for us alone.

    It comes before COMMIT: where that fails, a later backup may make void what two people wanted void.
    """
    hidden = SecretBox(keys.load(code.round.id).void_key).encrypt(code.spare or bytes(32))
    anchor(
        keys.folder(code.round.id),
        "voided",
        code=code.commitment.hex(),
        reason=reason,
        replaced=code.spare is not None,
        spare=hidden.hex(),
    )


def _lock_open(session: Session, round_: Round, *, keys: KeyStore, by: User) -> Round:
    require(may_manage(by, round_), hidden=True)
    locked = lock_round(session, round_.id)
    insist(locked.closed_at is None, VoidFault.CLOSED)
    insist(not is_put_back(session, locked.id, keys=keys), KeysFault.PUT_BACK)
    # a backup can be older than the closing: the key that it destroyed stays destroyed
    insist(bool(keys.load(locked.id).link_key), VoidFault.CLOSED)
    return locked


def _code(round_: Round, letters: Letters) -> VoidedCode:
    name = round_name(round_.id)
    spare = commitment(name, nullifier(letters.spare)) if letters.spare else None
    return VoidedCode(round=round_, commitment=commitment(name, nullifier(letters.lost)), spare=spare)


def _require_kinds(session: Session, code: VoidedCode) -> None:
    status = code_status(session, code.round.id, code.commitment)
    if status is not CodeStatus.ACTIVE:
        raise RefusedError(_MAY_NOT[status])
    is_free = code.spare is None or code_status(session, code.round.id, code.spare) is CodeStatus.SPARE
    insist(is_free, VoidFault.NOT_A_SPARE)


def _asked(session: Session, code: VoidedCode) -> CodeVoid | None:
    """Return what waits to be confirmed about this code, if anything; raises RefusedError if it names another spare."""
    rows = voids_in(code.round.id).where(CodeVoid.commitment == code.commitment, DualRequest.state == State.OPEN)
    found = session.scalars(rows).one_or_none()
    insist(found is None or found.spare == code.spare, VoidFault.OTHER_SPARE)
    return found


def _entered(session: Session, code: VoidedCode, asked: CodeVoid | None) -> str:
    """Return the fingerprint of what the second person entered, which stands for what others read on their page."""
    shown, reason = VOID_CODE.shown(session, code), asked.request.reason if asked else ""
    return current_fingerprint(VOID_CODE, code, shown=shown, reason=reason)


def _set_status(session: Session, round_id: int, c: bytes, *, status: CodeStatus) -> None:
    mine = (RegisteredCode.round_id == round_id, RegisteredCode.commitment == c)
    session.execute(update(RegisteredCode).where(*mine).values(status=status))
