"""The account pool: codes that wait, encrypted, until somebody with an account draws one; no Flask.

A waiting code is a row of bytes without order or time. Drawing takes it away and notes, under a keyed hash of the
mailbox, that some account drew a code that day: no row leads from the one to the other. docs/voting-protocol.md says
what this does not protect against.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from nacl.secret import SecretBox
from sqlalchemy import ColumnElement, Delete, Update, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import ChangedSinceError, Fault, RefusedError, System, insist, require
from buurtbegroot.audit.actions import record
from buurtbegroot.box.domain.anchors import voids_of
from buurtbegroot.box.domain.keys import KeyStore, RoundKeys
from buurtbegroot.box.queries import open_box
from buurtbegroot.core.credentials import CODE_SYMBOLS
from buurtbegroot.dual_control.actions import require_consent
from buurtbegroot.mail.actions import enqueue_mail
from buurtbegroot.registry.domain.codes import DrawnCode
from buurtbegroot.registry.events import PoolEmptied, PoolFilled, PoolShut
from buurtbegroot.registry.models import CodeKind, CodePool, CodeStatus, PoolCode, PoolDraw, RegisteredCode
from buurtbegroot.registry.policy import may_draw_code, may_issue_codes
from buurtbegroot.registry.queries import has_drawn
from buurtbegroot.rounds.dual_acts import RoundAct
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.rounds.queries import about, lock_round, round_key

RESERVES = 2
"""How often a vote can be restored before its pool is empty: for each time it has a part that nobody draws from yet."""


class PoolFault(Fault):
    """Why the pool does nothing."""

    ALREADY_OPEN = "already_open"
    CLOSED = "closed"
    OFF = "off"
    DRAWN = "drawn"
    EMPTY = "empty"


def fill_pool(
    session: Session,
    round_: Round,
    drawn: Sequence[DrawnCode],
    *,
    reserve: int = 0,
    keys: KeyStore,
    by: User | System,
    now: datetime,
) -> CodePool:
    """Register codes and let them wait in the pool, which exists from then on; the booth must be prepared.

    The last `reserve` of them cannot be drawn until the vote is restored. Raises RefusedError once the vote is open.
    """
    require(may_issue_codes(by, round_), hidden=True)
    locked = _lock_unopened(session, round_)
    box = SecretBox(keys.load(locked.id).pool_key)
    registered = _rows(locked.id, "commitment", [each.commitment for each in drawn], kind=CodeKind.POOL)
    session.execute(insert(RegisteredCode), registered)
    for part in range(RESERVES + 1):
        codes = drawn[: len(drawn) - reserve] if part == 0 else drawn[len(drawn) - reserve :][part - 1 :: RESERVES]
        if codes:
            waiting = [box.encrypt(_plain(each)) for each in codes]
            session.execute(insert(PoolCode), _rows(locked.id, "sealed", waiting, part=part))
    pool = session.get(CodePool, locked.id)
    if pool is None:
        pool = CodePool(round_id=locked.id, codes=0, reserve=0)
        session.add(pool)
    pool.codes, pool.reserve = pool.codes + len(drawn), pool.reserve + reserve
    session.flush()
    event = PoolFilled(
        **about(locked), codes=len(drawn) - reserve, total=pool.codes - pool.reserve, reserve=pool.reserve
    )
    record(session, event, by=by, now=now)
    return pool


def empty_pool(session: Session, round_: Round, *, seen: int, keys: KeyStore, by: User | System, now: datetime) -> None:
    """Take the pool and all its codes away again; raises RefusedError once the vote is open or when there is none.

    Raises ChangedSinceError when it does not hold as many codes as were seen.
    """
    require(may_issue_codes(by, round_), hidden=True)
    locked = _lock_unopened(session, round_)
    pool = session.get(CodePool, locked.id, populate_existing=True)
    if pool is None:
        raise RefusedError(PoolFault.OFF)
    if pool.codes != seen:
        raise ChangedSinceError
    _each_waiting(session, locked.id, delete(RegisteredCode), keys=keys.load(locked.id))
    session.delete(pool)
    session.flush()
    record(session, PoolEmptied(**about(locked), codes=pool.codes), by=by, now=now)


def draw_code(session: Session, *, round_id: int, keys: KeyStore, by: User, now: datetime) -> str:
    """Take a random code out of the pool for the owner of a verified address and return it, the only time ever.

    The address gets mail that a code was drawn, without the code, so that nobody draws one in somebody's name unseen.
    Show it after COMMIT only. Raises RefusedError: closed, put back, off, drawn before, or empty; roll back then.
    """
    require(may_draw_code(by))
    insist(open_box(session, round_id, now, keys=keys) is not None, PoolFault.CLOSED)  # closing waits from here on
    pool = session.get(CodePool, round_id, with_for_update=True)  # others who draw wait here
    insist(pool is not None, PoolFault.OFF)
    own = keys.load(round_id)
    mark = own.account_mark(by.email)
    insist(not has_drawn(session, round_id, mark), PoolFault.DRAWN)
    session.add(PoolDraw(round_id=round_id, account=mark, day=now.date()))
    sealed = _take_any(session, round_id, part=keys.anchors(round_id).epoch)
    _tell_owner(session, round_id, by=by, now=now)
    return SecretBox(own.pool_key).decrypt(sealed)[:CODE_SYMBOLS].decode()


def shut_pool(session: Session, round_: Round, *, keys: KeyStore, by: User, now: datetime) -> int:
    """At the closing of the box: void the codes that nobody drew, and destroy them with the notes of who drew one.

    Returns how many were drawn, 0 without a pool. A ballot that somebody cast with another one all the same does not
    count. The closing must be confirmed by two people, else this raises RefusedError: the database lets these codes
    change only then, and only before `drawn` is known. Where the box was shut before a backup was put back, the files
    beside the keys say which codes they were.
    """
    require(may_manage(by, round_), hidden=True)
    require_consent(session, RoundAct.CLOSE, round_key(round_))
    pool = session.get(CodePool, round_.id, with_for_update=True)
    if pool is None:
        return 0
    before = keys.anchors(round_.id).closed
    if before is None:
        left, drawn = _void_waiting(session, round_.id, keys=keys.load(round_.id)), _drawn(session, round_.id)
    else:
        left, drawn = _void_as_before(session, round_.id, keys=keys), before["drawn"]
    pool.drawn = drawn
    for table in (PoolCode, PoolDraw):
        session.execute(delete(table).where(table.round_id == round_.id))
    session.flush()
    record(session, PoolShut(**about(round_), codes=pool.codes, drawn=pool.drawn, left=left), by=by, now=now)
    return pool.drawn


def _tell_owner(session: Session, round_id: int, *, by: User, now: datetime) -> None:
    round_ = session.get_one(Round, round_id)
    values = {"round": round_.title, "slug": round_.slug}
    enqueue_mail(
        session, recipient=by.email, template="registry_code_drawn", values=values, language=by.language, now=now
    )


def void_parts(session: Session, round_: Round, *, epoch: int, keys: KeyStore, by: User) -> int:
    """Void the codes that wait in the parts of the pool before this one, and return how many there were.

    After a backup was put back nobody can tell which of them were drawn since. Raises RefusedError unless two people
    agreed how the vote goes on.
    """
    require(may_manage(by, round_), hidden=True)
    require_consent(session, RoundAct.RESTORE, round_key(round_))
    return _void_waiting(session, round_.id, PoolCode.part < epoch, keys=keys.load(round_.id))


def _void_waiting(session: Session, round_id: int, *which: ColumnElement[bool], keys: RoundKeys) -> int:
    return _each_waiting(session, round_id, update(RegisteredCode).values(status=CodeStatus.VOID), *which, keys=keys)


def _void_as_before(session: Session, round_id: int, *, keys: KeyStore) -> int:
    mine = (RegisteredCode.round_id == round_id, RegisteredCode.kind == CodeKind.POOL)
    found = set(session.scalars(select(RegisteredCode.commitment).where(*mine))) & voids_of(keys.folder(round_id))
    one = update(RegisteredCode).where(*mine, RegisteredCode.commitment == bindparam("waiting"))
    if found:
        void = one.values(status=CodeStatus.VOID)
        session.connection().execute(void, [{"waiting": each} for each in sorted(found)])
    return len(found)


def _drawn(session: Session, round_id: int) -> int:
    draws = select(func.count()).select_from(PoolDraw).where(PoolDraw.round_id == round_id)
    return session.scalar(draws) or 0


def _lock_unopened(session: Session, round_: Round) -> Round:
    locked = lock_round(session, round_.id)
    insist(locked.opened_at is None, PoolFault.ALREADY_OPEN)
    return locked


def _rows(round_id: int, column: str, values: Sequence[bytes], **same: object) -> list[dict[str, Any]]:
    """Return rows in the order of their values, so that the order in which they were made is nowhere."""
    return [{"round_id": round_id, column: value, **same} for value in sorted(values)]


def _plain(drawn: DrawnCode) -> bytes:
    """Write what a waiting code must give back: itself, and without the slow step also its commitment."""
    return drawn.code.encode() + drawn.commitment


def _each_waiting(
    session: Session, round_id: int, change: Update | Delete, *which: ColumnElement[bool], keys: RoundKeys
) -> int:
    """Change the registration of every code that waits, destroy what waited, and return how many there were."""
    box, waits = SecretBox(keys.pool_key), (PoolCode.round_id == round_id, *which)
    found = session.scalars(select(PoolCode.sealed).where(*waits)).all()
    one = change.where(RegisteredCode.round_id == round_id, RegisteredCode.commitment == bindparam("waiting"))
    waiting = [{"waiting": box.decrypt(sealed)[CODE_SYMBOLS:]} for sealed in found]
    if waiting:
        session.connection().execute(one, waiting)
    session.execute(delete(PoolCode).where(*waits))
    return len(found)


def _take_any(session: Session, round_id: int, *, part: int) -> bytes:
    """Delete a waiting row and return it: the first from a random place on, so that no order of drawing shows."""
    mine = (PoolCode.round_id == round_id, PoolCode.part == part)
    rows = select(PoolCode.sealed).where(*mine).order_by(PoolCode.sealed).limit(1)
    onward = rows.where(PoolCode.sealed >= secrets.token_bytes(SecretBox.NONCE_SIZE))
    sealed = session.scalar(onward) or session.scalar(rows)
    if sealed is None:
        raise RefusedError(PoolFault.EMPTY)
    session.execute(delete(PoolCode).where(PoolCode.round_id == round_id, PoolCode.sealed == sealed))
    return sealed
