"""The slow step between a voting code and its key, when codes are drawn and when one is entered; nothing is stored."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import BoundedSemaphore

from buurtbegroot.acts import Fault, RefusedError
from buurtbegroot.box.domain.manifest import round_name
from buurtbegroot.core.code_keys import derive_key
from buurtbegroot.core.credentials import commitment, generate_code, normalise_code, nullifier

Derive = Callable[[str, bytes], bytes]
Progress = Callable[[int], None]

PROCESSORS = os.cpu_count() or 1
LONGEST_WAIT = 10  # seconds for a turn; a visitor who waits longer is better off trying again

_turns = BoundedSemaphore(PROCESSORS)


class CodesFault(Fault):
    """Why no key is worked out of a code."""

    BUSY = "busy"


class BusyError(RefusedError):
    """Too many codes are being entered at this moment."""

    status = 503

    def __init__(self) -> None:
        super().__init__(CodesFault.BUSY)


@dataclass(frozen=True)
class DrawnCode:
    """A new code, to be shown once, and its commitment for the registry."""

    code: str = field(repr=False)
    commitment: bytes


def draw_codes(
    count: int, *, round_id: int, salt: bytes, derive: Derive = derive_key, progress: Progress | None = None
) -> list[DrawnCode]:
    """Draw so many codes, about 20 ms of work each, spread over the processors; `progress` hears how many are done.

    Takes no database: call it outside any transaction when `count` is large.
    """

    def finish(code: str) -> DrawnCode:
        return DrawnCode(code, commitment(round_name(round_id), nullifier(derive(code, salt))))

    drawn = []
    with ThreadPoolExecutor(PROCESSORS) as pool:  # Argon2id runs outside the interpreter's lock
        for done, each in enumerate(pool.map(finish, [generate_code() for _ in range(count)]), start=1):
            drawn.append(each)
            if progress:
                progress(done)
    return drawn


def key_of(typed: str, salt: bytes, *, derive: Derive = derive_key) -> bytes:
    """Return `k` of a code as somebody typed it; at most one derivation per processor runs at once.

    Raises CodeError for a text that is no code, at once, and BusyError when no turn came in time.
    """
    code = normalise_code(typed)
    if not _turns.acquire(timeout=LONGEST_WAIT):
        raise BusyError
    try:
        return derive(code, salt)
    finally:
        _turns.release()
