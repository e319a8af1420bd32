"""Putting on record what no program can know: that lists from letter to code are gone, who has a copy of the keys."""

from datetime import datetime

from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import System, insist, require
from buurtbegroot.audit.actions import record
from buurtbegroot.dual_control.actions import confirm_act, request_act
from buurtbegroot.dual_control.models import DualRequest
from buurtbegroot.registry.events import CodeListsDestroyed, KeyCopyDestroyed, KeysCopied
from buurtbegroot.registry.queries import key_copies
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import about, lock_round
from buurtbegroot.tally.dual_acts import CODE_LISTS
from buurtbegroot.tally.policy import TallyFault, may_note_copies


def request_code_lists_gone(session: Session, round_: Round, *, by: User, now: datetime) -> DualRequest:
    """Ask to put on record that the lists from letter to code are gone; raises RefusedError."""
    return request_act(session, CODE_LISTS, round_, by=by, now=now)


def note_code_lists_gone(session: Session, round_: Round, *, seen: str, by: User, now: datetime) -> None:
    """Put on record, as a second person, that nobody has a list any more from letter to code; raises RefusedError."""
    confirm_act(session, CODE_LISTS, round_, seen=seen, by=by, now=now)
    record(session, CodeListsDestroyed(**about(round_)), by=by, now=now)


def note_key_copy(session: Session, round_: Round, *, holder: str, by: System, now: datetime) -> int:
    """Put on record, for everyone to read, who has a copy of the keys of a vote; returns the number of the copy."""
    require(may_note_copies(by), hidden=True)
    number = len(key_copies(session, lock_round(session, round_.id))) + 1
    record(session, KeysCopied(**about(round_), copy=number, holder=holder), by=by, now=now)
    return number


def note_key_copy_gone(session: Session, round_: Round, *, copy: int, by: System, now: datetime) -> None:
    """Put on record that a copy of the keys was destroyed; raises RefusedError when no such copy is left."""
    require(may_note_copies(by), hidden=True)
    left = {one.number for one in key_copies(session, lock_round(session, round_.id)) if one.gone_at is None}
    insist(copy in left, TallyFault.NO_SUCH_COPY)
    record(session, KeyCopyDestroyed(**about(round_), copy=copy), by=by, now=now)
