"""The opener: a process of its own, without database, that opens the box of a vote and writes what leaves it.

It takes everything from the folder of the vote, refuses unless the trusted values allow it, keeps all in memory, and
writes lists that are sorted by their own bytes. Run again after a crash it writes the same bytes.
"""

import ctypes
import hashlib
import resource
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from buurtbegroot.acts import RefusedError
from buurtbegroot.box.domain.anchors import Anchors, DiffersError, Folder, KeyFileError, anchor, anchored, owned
from buurtbegroot.box.domain.keys import load_keys
from buurtbegroot.core.ballots import invalidities
from buurtbegroot.core.box_file import BoxFileError, read_box
from buurtbegroot.core.closing import LISTS, Closing, listed, opened_lists, sign_closing
from buurtbegroot.core.envelope import Stranger
from buurtbegroot.core.opening import Opener, Register, Signed, settle
from buurtbegroot.core.verifying.checks import is_legal
from buurtbegroot.owner_files import replace

DIFFERS, BROKEN, NO_KEYS = 1, 2, 3  # how the process ends when it opens nothing
EVERY = 1_000  # envelopes, after which the process says how far it is
_NO_DUMP, _LOCK_ALL = 4, 3  # PR_SET_DUMPABLE; MCL_CURRENT and MCL_FUTURE

Say = Callable[[int, int], object]


def open_box(folder: Path, *, now: datetime, say: Say = lambda _done, _all: None) -> None:
    """Open the box of a vote and write the lists and the closing note beside it; `say` hears how many are open.

    Raises KeyFileError and DiffersError: when voting is not over by this clock, the box file is not the one that was
    shut, the key that joins codes to places is still there, or this key opened another box or signed another outcome.
    """
    here = Folder(folder)
    anchors = anchored(here)
    envelopes, closed = _envelopes(here, anchors, now=now)
    secret = bytes.fromhex(owned(here.secret).decode("ascii"))
    anchor(here, "opening", box=closed)
    keys = load_keys(here)
    register = _register(here, anchors)
    opener = Opener(round_id=register.round_id, manifest=anchors.fingerprint, signer=keys.signing_public, secret=secret)
    opened = settle(_told(opener.look(envelopes), say, len(envelopes)), register)
    lists = opened_lists(opened, register, envelopes) | {"registry.txt": here.registry.read_bytes()}
    bound = {name: listed(lists[name]) for name in LISTS}
    closing = Closing(origin=keys.origin, manifest=anchors.fingerprint, lists=bound)
    note = sign_closing(closing, keys.signer)
    _keep(here, lists, note)


def main(arguments: list[str]) -> int:
    """Open the box in the folder that is named; each line of output has how many are open, of how many."""
    _hide_memory()
    try:
        open_box(Path(arguments[0]), now=datetime.now(UTC), say=_report)
    except RefusedError as refusal:
        sys.stderr.write(f"{refusal}\n")
        return NO_KEYS if isinstance(refusal, KeyFileError) else DIFFERS
    except Exception as error:
        sys.stderr.write(f"{type(error).__name__}\n")
        return BROKEN
    return 0


def _envelopes(here: Folder, anchors: Anchors, *, now: datetime) -> tuple[list[bytes], str]:
    """Return the envelopes and the SHA-256 of their file, if they may be opened at all."""
    ends, closed = anchors.ends, anchors.one("closed")
    if closed is None or now < ends:
        raise DiffersError("voting is not over")
    if here.link.exists():
        raise DiffersError("the key that joins codes to places in the box is still there")
    content = owned(here.box)
    if hashlib.sha256(content).hexdigest() != closed["box"]:
        raise DiffersError("box")
    try:
        return read_box(content, round_id=anchors.round_id), closed["box"]
    except BoxFileError as error:
        raise KeyFileError(f"{here.box}: {error}") from None


def _register(here: Folder, anchors: Anchors) -> Register:
    """Return whose ballots count, from lists that are the ones that the trusted values tell of."""
    closed = anchors.one("closed")
    registry, void = here.registry.read_bytes(), here.voids.read_bytes()
    if closed is None or hashlib.sha256(void).hexdigest() != closed["void"]:
        raise DiffersError("void.txt")
    if not anchors.has_registry(registry):
        raise DiffersError("registry.txt")
    paper = anchors.paper

    @cache
    def legal(choices: bytes) -> bool:
        return is_legal(choices, lambda chosen: invalidities(chosen, paper.rules.ballot, paper.plans))

    return Register(
        round_id=anchors.round_id,
        codes={bytes.fromhex(line[:64].decode("ascii")) for line in registry.split(b"\n")[:-1]},
        voids={bytes.fromhex(line.decode("ascii")) for line in void.split(b"\n")[:-1]},
        is_legal=legal,
    )


def _keep(here: Folder, lists: dict[str, bytes], note: str) -> None:
    """Write each list whole, and the note last; another outcome than the one signed before is never signed."""
    fingerprint = hashlib.sha256(note.encode()).hexdigest()
    before = anchored(here).one("counted_from")
    if before is not None and before["closing"] != fingerprint:
        raise DiffersError("closing.note")
    for name, content in sorted(lists.items()):
        replace(here.list(name), content)
    anchor(here, "counted_from", closing=fingerprint)
    replace(here.note, note)


def _told(looks: Iterable[Signed | Stranger], say: Say, total: int) -> Iterator[Signed | Stranger]:
    for done, look in enumerate(looks, 1):
        if done % EVERY == 0 or done == total:
            say(done, total)
        yield look


def _report(done: int, envelopes: int) -> None:
    sys.stdout.write(f"{done} {envelopes}\n")
    sys.stdout.flush()


def _hide_memory() -> None:
    """Keep what is in memory out of core dumps and, where this process may, out of swap."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(_NO_DUMP, 0, 0, 0, 0)
    if resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY:
        library.mlockall(_LOCK_ALL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
