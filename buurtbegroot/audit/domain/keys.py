"""The site's key and what it signed, in files outside the database and its backups; no Flask and no tables.

The key marks every entry that the program writes and signs the log. It outlives all rounds and is never replaced.
"""

import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from buurtbegroot.acts import Fault, RefusedError
from buurtbegroot.core.audit_chain import Entry, Payload, entry_content, entry_of_content
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.credentials import KEY_BYTES, mac
from buurtbegroot.core.signing import NoteSigner, NoteVerifier, generate_seed
from buurtbegroot.core.transparency_log import Checkpoint, open_checkpoint
from buurtbegroot.owner_files import OwnerFileError, append, exclusive, put_new, read_owned

FORMAT = "bb-site-key/v1"
SITE_KEYS = "site_keys"
KEY_FILE, ANCHORS_FILE = "logboek.json", "logboek.anchors"
TAIL_BYTES = 100
_SIZE = re.compile(rb'"size":([0-9]{1,18})}\n\Z')


class LogFault(Fault):
    """Why the log is not signed, and why a witness is not heard."""

    NO_KEY = "no_key"
    NOT_OURS = "not_ours"
    CHANGED = "changed"
    CUT = "cut"
    OTHER_CHECKPOINT = "other_checkpoint"
    NO_WITNESS = "no_witness"
    FORKED = "forked"


class SiteKeyError(RefusedError):
    """The key, or what was signed with it, that is missing, damaged or open to others; the fact says which file."""

    status = 503

    def __init__(self, trouble: str) -> None:
        super().__init__(LogFault.NO_KEY, trouble=trouble)


@dataclass(frozen=True)
class SiteKey:
    """What signs the log, under the log's own name, and what marks the entries that the program wrote."""

    signer: NoteSigner
    marking: bytes = field(repr=False)

    def mark(self, entry_hash: bytes) -> str:
        """Return the mark of an entry, 64 hexadecimal digits."""
        return mac(self.marking, "v2/audit-mark", entry_hash).hex()


@dataclass(frozen=True)
class Anchored:
    """All that was ever signed: every entry under it in order, and each note with its checkpoint.

    `details` has by number what entries about votes say.
    """

    entries: Sequence[Entry] = ()
    notes: Sequence[tuple[Checkpoint, str]] = ()
    details: Mapping[int, Payload] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many entries were signed."""
        return self.last.size if self.last else 0

    @property
    def last(self) -> Checkpoint | None:
        """The newest checkpoint."""
        return self.notes[-1][0] if self.notes else None


class SiteKeys:
    """The files of one site; made by whoever needs them first, cached as long as they stay the same."""

    def __init__(self, directory: Path | str, *, site: str = "localhost") -> None:
        self._directory = Path(directory)
        self._name = f"{site}/logboek"
        self._cached: tuple[tuple[int, int], SiteKey] | None = None

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "SiteKeys":
        """Return the files that the settings KEY_DIRECTORY and SITE_URL name."""
        return cls(config["KEY_DIRECTORY"], site=urlsplit(config["SITE_URL"]).netloc)

    @property
    def directory(self) -> Path:
        """The folder of all keys."""
        return self._directory

    @property
    def exists(self) -> bool:
        """Whether this machine has the key by now."""
        return self._path.exists()

    @property
    def verifier(self) -> NoteVerifier:
        """What anyone needs to check the checkpoints of the log; stands in the manifest of each vote."""
        return self.load().signer.verifier

    def load(self) -> SiteKey:
        """Return the key, made when there is none yet. Raises SiteKeyError, also when a key was lost that signed."""
        if not self._path.exists():
            self._create()
        status = self._path.stat()
        version = (status.st_ino, status.st_mtime_ns)
        if self._cached is None or self._cached[0] != version:
            self._cached = version, _key_in(self._path)
        return self._cached[1]

    def anchored(self) -> Anchored:
        """Return all that was signed. Raises SiteKeyError when the file was damaged."""
        try:
            return _anchored_in(read_owned(self._anchors), self.verifier) if self._anchors.exists() else Anchored()
        except OwnerFileError as error:
            raise SiteKeyError(str(error)) from None
        except (ValueError, KeyError, TypeError):
            raise SiteKeyError(f"{self._anchors} is damaged") from None

    @property
    def signed_size(self) -> int:
        """How many entries were signed; a shorter log was put back from a backup, or cut."""
        try:
            with self._anchors.open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES))
                found = _SIZE.findall(file.read())
        except FileNotFoundError:
            return 0
        return int(found[-1]) if found else self.anchored().size

    def anchor(
        self, entries: Sequence[Entry], checkpoint: Checkpoint, *, note: str, details: Mapping[int, Payload]
    ) -> None:
        """Keep what is about to be signed, with the entries since the last time, on disk before this returns."""
        line = {
            "details": [[seq, payload.salt.hex(), payload.value] for seq, payload in sorted(details.items())],
            "entries": [entry_content(entry) for entry in entries],
            "note": note,
            "root": checkpoint.root.hex(),
            "size": checkpoint.size,
        }
        append(self._anchors, canonical_json(line) + b"\n")

    @contextmanager
    def one_signer(self) -> Iterator[None]:
        """Let one sign at a time, over all processes of this machine."""
        self.load()
        with exclusive(self._directory):
            yield

    def _create(self) -> None:
        if self._anchors.exists():
            raise SiteKeyError(f"{self._path} is missing; put it back from where keys are kept")
        made = {"name": self._name, "signing_seed": generate_seed().hex(), "marking": secrets.token_hex(KEY_BYTES)}
        with suppress(FileExistsError):  # another process made one in this very moment
            put_new(self._path, json.dumps({"format": FORMAT, **made}))

    @property
    def _path(self) -> Path:
        return self._directory / KEY_FILE

    @property
    def _anchors(self) -> Path:
        return self._directory / ANCHORS_FILE


def site_keys(session: Session) -> SiteKeys:
    """Return the keys of the site whose database this is; the app gives them to its engine."""
    found: SiteKeys = session.get_bind().get_execution_options()[SITE_KEYS]
    return found


def _key_in(path: Path) -> SiteKey:
    try:
        content = json.loads(read_owned(path))
        if content["format"] != FORMAT:
            raise ValueError
        marking = bytes.fromhex(content["marking"])
        mac(marking, "v2/audit-mark")
        signer = NoteSigner(content["name"], bytes.fromhex(content["signing_seed"]))
        str(signer.verifier)
        return SiteKey(signer, marking)
    except OwnerFileError as error:
        raise SiteKeyError(str(error)) from None
    except (ValueError, KeyError, TypeError):
        raise SiteKeyError(f"{path} is damaged; put it back from where keys are kept") from None


def _anchored_in(text: str, verifier: NoteVerifier) -> Anchored:
    entries, notes, details = list[Entry](), list[tuple[Checkpoint, str]](), dict[int, Payload]()
    for line in text.split("\n")[:-1]:  # a line that breaks off was never signed
        content = json.loads(line)
        entries += map(entry_of_content, content["entries"])
        details |= {seq: Payload(bytes.fromhex(salt), said) for seq, salt, said in content["details"]}
        checkpoint = open_checkpoint(content["note"], verifier)
        if checkpoint.size != len(entries):
            raise ValueError("lines are missing")
        notes.append((checkpoint, content["note"]))
    return Anchored(entries, notes, details)
