"""The opener: a process of its own, without database, that opens the box of a vote and writes what leaves it.

It takes everything from the folder of the vote, refuses unless the trusted values allow it, keeps all in memory, and
writes lists that are sorted by their own bytes. Run again after a crash it writes the same bytes.
"""

import ctypes
import hashlib
import resource
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from buurtbegroot.acts import RefusedError
from buurtbegroot.box.domain.anchors import (
    Anchors,
    DiffersError,
    Folder,
    KeyFileError,
    Line,
    anchor,
    anchored,
    checked,
    owned,
)
from buurtbegroot.box.domain.keys import load_keys
from buurtbegroot.core.ballots import invalidities
from buurtbegroot.core.box_file import BoxFileError, fingerprint, read_box
from buurtbegroot.core.closing import LISTS, Closing, Lines, listed, opened_lists, sign_closing
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
    closed = _shut(here, anchors, now=now)
    secret = bytes.fromhex(owned(here.secret).decode("ascii"))
    anchor(here, "opening", box=closed["box"])
    keys = load_keys(here)
    register = _register(here, anchors)
    opener = Opener(round_id=register.round_id, manifest=anchors.fingerprint, signer=keys.signing_public, secret=secret)
    names: list[bytes] = []
    looks = opener.look(_noted(_envelopes(here, anchors), names))
    opened = settle(_told(looks, say, closed["envelopes"]), register)
    lists: dict[str, bytes | Lines] = {
        **opened_lists(opened, register, names),
        "registry.txt": here.registry.read_bytes(),
    }
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


def _shut(here: Folder, anchors: Anchors, *, now: datetime) -> Line:
    """Return what was in the box when it was shut, if it lies here and may be opened at all."""
    ends, closed = anchors.ends, anchors.one("closed")
    if closed is None or now < ends:
        raise DiffersError("voting is not over")
    if here.link.exists():
        raise DiffersError("the key that joins codes to places in the box is still there")
    checked(here.box)
    with here.box.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != closed["box"]:
            raise DiffersError("box")
    return closed


def _envelopes(here: Folder, anchors: Anchors) -> Iterator[bytes]:
    """Yield the envelopes one by one: a million of them need not lie in memory beside what is in them."""
    with here.box.open("rb") as file:
        try:
            yield from read_box(file, round_id=anchors.round_id)
        except BoxFileError as error:
            raise KeyFileError(f"{here.box}: {error}") from None


def _noted(envelopes: Iterable[bytes], names: list[bytes]) -> Iterator[bytes]:
    for envelope in envelopes:
        names.append(fingerprint(envelope))
        yield envelope


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


def _keep(here: Folder, lists: Mapping[str, bytes | Lines], note: str) -> None:
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
