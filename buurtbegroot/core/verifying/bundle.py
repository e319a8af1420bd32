"""The bundle of a vote: one zip, the same bytes whoever makes it of the same files; what they mean is in checks."""

import hashlib
import io
import re
import zipfile
from collections.abc import Collection, Mapping

SUMS = "SHA256SUMS"
REQUIRED = (
    "audit.jsonl", "ballots.jsonl", "closing.note", "envelopes.txt", "leaves.txt", "manifest.json", "nullifiers.txt",
    "paper.txt", "refused.txt", "registry.txt", "result.json", "seals.json", "strangers.txt",
    "superseded.txt", "void.txt", "votes.pb",
)  # fmt: skip
MOST_FILES = 5_000
MOST_BYTES = 2**30
LONGEST_ENTRY = 200  # bytes of the zip's list of files

_NAME = re.compile(r"[a-z0-9]+\.(?:json|jsonl|txt|note|pb)|notes/[a-z0-9-]{1,80}\.note", re.ASCII)
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest moment that a zip can name


class BundleError(ValueError):
    """Bytes that are no bundle; the message says why."""


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return the zip: files by name, stored as they are, with SHA256SUMS last.

    Nothing is compressed, since another version of a compressor would give other bytes. Raises BundleError for a name
    that no bundle has, and when a required file lacks.
    """
    _check_names(files.keys())
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in [*sorted(files.items()), (SUMS, _sums(files))]:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            archive.writestr(entry, content)
    return target.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """Return the files of a bundle without SHA256SUMS; raises BundleError unless `pack` gives exactly these bytes."""
    _check_end(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > min(MOST_BYTES, len(data)):
                raise BundleError("more than a bundle can hold")
            files = {entry.filename: archive.read(entry) for entry in entries if not entry.flag_bits & 1}
    except Exception as error:  # zipfile has many ways to say that it cannot read a file
        raise BundleError(f"no readable zip: {error}") from error
    sums = files.pop(SUMS, None)
    if sums != _sums(files):
        raise BundleError(f"{SUMS} is not that of the files")
    if pack(files) != data:
        raise BundleError("a zip of these files, but not the one that a bundle is")
    return files


def _check_end(data: bytes) -> None:
    """Look at the end of a zip before its list of files is read, which could be of millions."""
    end = data[-22:]
    if len(end) < 22 or not end.startswith(b"PK\x05\x06") or data[-42:-38] == b"PK\x06\x07":
        raise BundleError("no readable zip: its end is not that of a bundle")
    if int.from_bytes(end[12:16], "little") > MOST_FILES * LONGEST_ENTRY:
        raise BundleError("more than a bundle can hold")


def _sums(files: Mapping[str, bytes]) -> bytes:
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    return "".join(lines).encode()


def _check_names(names: Collection[str]) -> None:
    given = set(names)
    if odd := sorted(name for name in given if not _NAME.fullmatch(name)):
        raise BundleError(f"no file of a bundle: {odd[0]!r:.80}")
    if lacking := sorted(set(REQUIRED) - given):
        raise BundleError(f"{lacking[0]} is not there")
