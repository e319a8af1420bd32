"""Going on with a vote after its database was put back from a backup: two people say so, and nobody gets two codes."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.audit.actions import record
from buurtbegroot.audit.queries import SIGN_LOG
from buurtbegroot.box.actions.sealing import tell_withdrawn
from buurtbegroot.box.domain.anchors import Anchors, Line, anchor
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import utc_text
from buurtbegroot.box.domain.published import minute_of
from buurtbegroot.box.models import Pulse
from buurtbegroot.dual_control.actions import confirm_act, request_act
from buurtbegroot.dual_control.models import DualRequest
from buurtbegroot.registry.actions.pool import void_parts
from buurtbegroot.registry.actions.voiding import void_again
from buurtbegroot.registry.dual_acts import RESTORE, last_alive
from buurtbegroot.registry.events import VoteRestored
from buurtbegroot.registry.queries import told_of
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import about
from buurtbegroot.work.queue import enqueue


def request_restore(session: Session, round_: Round, *, seen: str, by: User, now: datetime) -> DualRequest:
    """Ask to go on with a vote whose database was put back; raises RefusedError, also when it was not."""
    return request_act(session, RESTORE, round_, seen=seen, by=by, now=now)


def confirm_restore(session: Session, round_: Round, *, seen: str, keys: KeyStore, by: User, now: datetime) -> None:
    """Go on as the second person: what was void is void again, codes that somebody may have are drawn by nobody.

    From COMMIT on the box takes votes again, in the next epoch. A box that was shut before stays shut: then no ballot
    is missing, and two people close the vote once more. Raises RefusedError and KeyFileError.
    """
    request = confirm_act(session, RESTORE, round_, seen=seen, by=by, now=now)
    anchors, since = keys.anchors(round_.id), last_alive(session, round_)
    void = void_again(session, round_, keys=keys, by=by, now=now)
    line: Line = {"since": "", "until": "", "void": void, "waiting": 0}
    if anchors.closed is None:
        waiting = void_parts(session, round_, epoch=anchors.epoch + 1, keys=keys, by=by)
        line = {"since": utc_text(since), "until": utc_text(now), "void": void, "waiting": waiting}
    _revive(session, round_, request, minute=max(keys.pulse(round_.id), minute_of(now)))
    for event in _untold(session, round_, anchors, line=line):
        record(session, event, by=by, now=now)
    tell_withdrawn(session, round_, keys=keys, by=by, now=now)
    enqueue(session, SIGN_LOG, now=now)
    if anchors.closed is None:
        anchor(keys.folder(round_.id), "restored", **line)


def _untold(session: Session, round_: Round, anchors: Anchors, *, line: Line) -> Iterator[VoteRestored]:
    """Yield what the log has to tell: of earlier times as well, where the backup is older than what it told of them."""
    told, before = told_of(session, round_, VoteRestored), anchors.all("restored")
    known = {int(each["epoch"]) for each in told if each["since"]}
    for epoch, each in enumerate([*before, line] if line["since"] else before, start=1):
        if epoch not in known:
            yield VoteRestored(**about(round_), epoch=epoch, **{name: each[name] for name in line})
    if not line["since"]:
        yield VoteRestored(**about(round_), epoch=anchors.epoch, **line)


def _revive(session: Session, round_: Round, request: DualRequest, *, minute: int) -> None:
    """Let the database be the one that goes on; from here on no code changes by this request."""
    pulse = session.get(Pulse, round_.id) or Pulse(round_id=round_.id)
    pulse.minute, pulse.request_id = minute, request.id
    session.add(pulse)
    session.flush()
