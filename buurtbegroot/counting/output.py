"""Where a count goes: a terminal that a file cannot steer, and files that are there whole or not at all."""

import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff]")
"""Control characters, line ends of another kind and what turns the direction of text: no name needs them."""


class TargetError(ValueError):
    """A file that cannot be written, or not without spoiling another; the text says which."""


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


def check_targets(targets: Mapping[str, Path], *, sources: Iterable[str]) -> None:
    """Raise TargetError, which names the option, for a file that could not be written or that is read or named too."""
    taken = {Path(one).resolve() for one in sources}
    for option, target in targets.items():
        if target.exists() and not target.is_file():
            continue
        if target.resolve() in taken:
            raise TargetError(f"{option} {target}: this file is read, or named twice")
        taken.add(target.resolve())
        if not os.access(target.resolve().parent, os.W_OK):
            raise TargetError(f"{option} {target}: there is no folder here in which a file can be written")


def write(target: Path, data: bytes) -> None:
    """Write a file at once, so that what stops halfway leaves what was there. Raises TargetError."""
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
