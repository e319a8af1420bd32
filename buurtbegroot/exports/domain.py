"""Where files lie until they are fetched, and reading one part by part."""

from collections.abc import Iterator, Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

CHUNK = 131_072
"""Bytes of a file that are in memory at a time."""


def folder_of(config: Mapping[str, Any]) -> Path:
    """Return the folder of the files, which may not be there yet."""
    return Path(config["INSTANCE"]).resolve() / "exports"


def path_of(config: Mapping[str, Any], token: str) -> Path:
    """Return where the file with this token lies: in the folder, whatever stands for a token in the database."""
    return folder_of(config) / sha256(token.encode()).hexdigest()


def parts_of(path: Path) -> Iterator[bytes]:
    """Yield a file part by part; raises OSError."""
    with path.open("rb") as file:
        yield from iter(partial(file.read, CHUNK), b"")
