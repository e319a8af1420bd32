"""What a count reads and writes: a terminal that a file cannot steer, and files that are there whole or not at all."""

import os
import re
import sys
import zlib
from collections.abc import Iterable, Mapping
from gzip import GzipFile
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import click

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")
"""Control characters, line ends of another kind and what turns the direction of text: no name needs them."""


STDOUT = Path("-")
PACKED = b"\x1f\x8b"
"""How a file begins that gzip made; no text does."""
MOST_BYTES = 2**30
"""More than any file of votes, unpacked: a small file could unpack to what fills the memory."""


class TargetError(ValueError):
    """A file that cannot be written, or not without spoiling another; the text says which."""


def unpacked(file: BinaryIO, *, most: int | None = None) -> bytes:
    """Read a file, also one that gzip made smaller. Raises ValueError for one that cannot be read or is too large."""
    most = most or MOST_BYTES
    try:
        data = file.read(most + 1)
        if data.startswith(PACKED) and len(data) <= most:
            data = GzipFile(fileobj=BytesIO(data)).read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(getattr(error, "strerror", None) or f"not whole: {error}") from error
    if len(data) > most:
        raise ValueError(f"has more than {most} bytes, unpacked")
    return data


def printable(text: str) -> str:
    """Return the text with a mark instead of each character that would steer a terminal or spoil a page."""
    return _UNSEEN.sub("\ufffd", text)


def tell(lines: Iterable[str], *, err: bool = False) -> None:
    """Print lines, as far as the terminal's own encoding goes. Raises TargetError if that fails."""
    encoding = (sys.stderr if err else sys.stdout).encoding or "utf-8"
    for line in lines:
        safe = " ".join(re.split(r"[\t\r\n]", printable(line)))
        try:
            click.echo(safe.encode(encoding, "replace").decode(encoding), err=err)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise TargetError(f"the output: {error.strerror}") from error


def _pour(data: bytes) -> None:
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise TargetError(f"the output: {error.strerror}") from error


def check_targets(targets: Mapping[str, Path], *, sources: Iterable[str]) -> None:
    """Raise TargetError, which names the option, for a file that could not be written or that is read or named too."""
    taken = {Path(one).resolve() for one in sources}
    if list(targets.values()).count(STDOUT) > 1:
        raise TargetError("-: two files cannot both go to the output")
    for option, target in targets.items():
        if target == STDOUT:
            continue
        if target.exists() and not target.is_file():
            continue
        if target.resolve() in taken:
            raise TargetError(f"{option} {target}: this file is read, or named twice")
        taken.add(target.resolve())
        if not os.access(target.resolve().parent, os.W_OK):
            raise TargetError(f"{option} {target}: there is no folder here in which a file can be written")


def write(target: Path, data: bytes) -> None:
    """Write a file at once, so that what stops halfway leaves what was there; - is the output. Raises TargetError."""
    if target == STDOUT:
        _pour(data)
        return
    half = target.resolve().with_name(f".{target.name}.{os.getpid()}")
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)
            return
        try:
            half.write_bytes(data)
            half.replace(target.resolve())
        finally:
            half.unlink(missing_ok=True)
    except OSError as error:
        raise TargetError(f"{target}: {error.strerror}") from error
