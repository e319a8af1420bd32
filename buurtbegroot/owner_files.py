"""Files that only their owner can read, on disk before a function returns; what is in them is known elsewhere."""

import os
import secrets
import stat
from pathlib import Path

OWNER_ONLY, OWNER_FOLDER = 0o600, 0o700


class OwnerFileError(Exception):
    """A file that is missing, unreadable or open to others; the message says which and what to do."""


def read_owned(path: Path) -> str:
    """Return the text of a file; raises OwnerFileError when others can read it, or nobody can."""
    try:
        mode, text = path.stat().st_mode, path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise OwnerFileError(f"{path} is missing or damaged; put it back from where keys are kept") from None
    if stat.S_IMODE(mode) & 0o077:
        raise OwnerFileError(f"{path} can be read by others; run chmod 600 on it")
    return text


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet, in place; raises FileExistsError and other OSErrors."""
    _write(path, text)
    _sync_folder(path.parent)


def put_new(path: Path, text: str) -> None:
    """Let a file appear whole or not at all, in a folder made when missing; raises FileExistsError."""
    path.parent.mkdir(mode=OWNER_FOLDER, parents=True, exist_ok=True)
    draft = _draft(path, text)
    try:
        os.link(draft, path)  # unlike a rename, this refuses to replace a file
    finally:
        draft.unlink()
    _sync_folder(path.parent)


def replace(path: Path, text: str) -> None:
    """Replace a file whole; whoever reads it meanwhile finds the old text or the new."""
    _draft(path, text).replace(path)
    _sync_folder(path.parent)


def destroy(path: Path) -> None:
    """Overwrite a file and remove it."""
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
    _sync_folder(path.parent)


def _draft(path: Path, text: str) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    _write(draft, text)
    return draft


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
