"""Files that only their owner can read, on disk before a function returns; what is in them is known elsewhere."""

import fcntl
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

OWNER_ONLY, OWNER_FOLDER = 0o600, 0o700
_DRAFT_BYTES = 8  # of the random name under which a file is written first


class OwnerFileError(Exception):
    """A file that is missing, unreadable or open to others; the message says which and what to do."""


def status_of(path: Path) -> os.stat_result:
    """Return what the file system says of a file; raises OwnerFileError when it is missing or others can read it."""
    try:
        status = path.stat()
    except OSError:
        raise OwnerFileError(f"{path} is missing or damaged; put it back from where keys are kept") from None
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise OwnerFileError(f"{path} can be read by others; run chmod 600 on it")
    return status


def read_owned(path: Path) -> str:
    """Return the text of a file; raises OwnerFileError when others can read it, or nobody can."""
    status_of(path)
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise OwnerFileError(f"{path} is missing or damaged; put it back from where keys are kept") from None


def write_new(path: Path, content: str | bytes) -> None:
    """Write a file that is not there yet, in place; raises FileExistsError and other OSErrors."""
    _write(path, [content])
    _sync_folder(path.parent)


def put_new(path: Path, content: str | bytes) -> None:
    """Let a file appear whole or not at all, in a folder made when missing; raises FileExistsError."""
    path.parent.mkdir(mode=OWNER_FOLDER, parents=True, exist_ok=True)
    draft = _draft(path, [content])
    try:
        os.link(draft, path)  # unlike a rename, this refuses to replace a file
    finally:
        draft.unlink()
    _sync_folder(path.parent)


def replace(path: Path, content: str | bytes | Iterable[bytes]) -> None:
    """Replace a file whole, in a folder made when missing; whoever reads it meanwhile finds the old one or the new."""
    path.parent.mkdir(mode=OWNER_FOLDER, parents=True, exist_ok=True)
    draft = _draft(path, [content] if isinstance(content, str | bytes) else content)
    try:
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)  # of a disk that refused
    _sync_folder(path.parent)


def append(path: Path, line: bytes) -> None:
    """Add a line to a file, which is made when missing; what a crash left of a line before it is cut off first."""
    path.parent.mkdir(mode=OWNER_FOLDER, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
    with os.fdopen(descriptor, "r+b") as file:
        whole = file.read()
        file.truncate(whole.rfind(b"\n") + 1)
        file.seek(0, os.SEEK_END)
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(path.parent)


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Let one process at a time change what is in a folder, of all on this machine; the folder is made when missing."""
    folder.mkdir(mode=OWNER_FOLDER, parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def destroy(path: Path) -> None:
    """Overwrite a file and remove it."""
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    _sync_folder(path.parent)


def drafts_of(path: Path) -> list[Path]:
    """Return what crashes left of a file that was being written, or is being written now."""
    return sorted(path.parent.glob(f".{path.name}.{'[0-9a-f]' * 2 * _DRAFT_BYTES}"))


def _draft(path: Path, pieces: Iterable[str | bytes]) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(_DRAFT_BYTES)}")
    try:
        _write(draft, pieces)
    except BaseException:
        draft.unlink(missing_ok=True)  # a disk that is full gets its room back
        raise
    return draft


def _write(path: Path, pieces: Iterable[str | bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        for piece in pieces:
            file.write(piece.encode() if isinstance(piece, str) else piece)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
