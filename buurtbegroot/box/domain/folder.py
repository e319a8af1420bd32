"""The files of a vote beside each other in one folder, outside the database and its backups; no Flask."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from buurtbegroot.acts import Fault, RefusedError


class KeysFault(Fault):
    """Why nothing is done with the files of a vote: they are of no use, or something differs from what they say."""

    NO_KEYS = "no_keys"
    DIFFERS = "differs"


class KeyFileError(RefusedError):
    """A file of a vote that is missing, readable by others, damaged, or there already; the message says which."""

    status = 503

    def __init__(self, trouble: str) -> None:
        super().__init__(KeysFault.NO_KEYS, trouble=trouble)


class DiffersError(RefusedError):
    """Something is not what the trusted values of the vote say; `what` names it."""

    def __init__(self, what: str) -> None:
        super().__init__(KeysFault.DIFFERS, what=what)


@dataclass(frozen=True)
class Folder:
    """Where each file of one vote lies.

    `keys` is what casting and signing need, `link` joins codes to places in the box until the closing, and `secret`
    opens the envelopes: no process that answers visitors ever reads that one. The others hold no secret.
    """

    path: Path

    @property
    def keys(self) -> Path:
        """Salt, signing seed, seed of the lot and the public sealing key."""
        return self.path / "keys.json"

    @property
    def link(self) -> Path:
        """The key that joins a code to its place in the box; destroyed at closing."""
        return self.path / "link.key"

    @property
    def secret(self) -> Path:
        """The secret half of the sealing key, for the opener alone."""
        return self.path / "sealing.key"

    @property
    def anchors(self) -> Path:
        """The trusted values."""
        return self.path / "anchors"

    @property
    def seals(self) -> Path:
        """The list of night seals."""
        return self.path / "seals.json"

    @property
    def registry(self) -> Path:
        """The list of codes, as it was when the vote was opened."""
        return self.path / "registry.txt"

    @property
    def voids(self) -> Path:
        """The list of void codes, as it was when the box was shut."""
        return self.path / "void.txt"

    @property
    def box(self) -> Path:
        """The envelopes, once the box is shut."""
        return self.path / "box"

    @property
    def note(self) -> Path:
        """The closing note."""
        return self.path / "closing.note"

    def list(self, name: str) -> Path:
        """Return the place of a list that leaves the opener."""
        return self.path / "lists" / name

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Let one process at a time change these files, of all on this machine."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def owned(path: Path) -> bytes:
    """Return what is in a secret file; raises KeyFileError when it is missing, damaged or open to others."""
    checked(path)
    try:
        return path.read_bytes()
    except OSError:
        raise KeyFileError(f"{path} cannot be read") from None


def checked(path: Path) -> os.stat_result:
    """Return what the file system says of a secret file; raises KeyFileError as `owned` does."""
    try:
        status = path.stat()
    except FileNotFoundError:
        raise KeyFileError(f"{path} is missing; was KEY_DIRECTORY moved, or was the file destroyed?") from None
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise KeyFileError(f"{path} can be read by others; run chmod 600 on it")
    return status
