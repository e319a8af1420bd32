"""The files of a vote beside each other in one folder, and its trusted values among them; no Flask, no database.

The trusted values are lines that are only ever added.

Casting, opening and certifying take what they need from here and never from the database. Each line is canonical JSON
with its `kind`: `opened` has the manifest, `withdrawn` a plan that can no longer win and why, `sealed` a night and its
seal, `closed` what lay in the box when it was shut, `opening` which box the secret key opens, `counted_from` the
SHA-256 of the closing note, `bundle` that of the bundle. `voided` has a code that two people made void, with the spare
hidden, and `restored` tells of each time that the vote went on from a backup.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from buurtbegroot.acts import Fault, RefusedError
from buurtbegroot.box.domain.manifest import BallotPaper, manifest_hash, read_paper, registry_of_list
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.signing import NoteVerifier, parse_verifier
from buurtbegroot.owner_files import OwnerFileError, append, exclusive, replace, status_of


class KeysFault(Fault):
    """Why nothing is done with the files of a vote: they are of no use, or something differs from what they say.

    PUT_BACK: the database is older than these files, and two people did not yet say how the vote goes on.
    """

    NO_KEYS = "no_keys"
    DIFFERS = "differs"
    PUT_BACK = "put_back"


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
    def pulse(self) -> Path:
        """The minute in which the database was last alive for this vote."""
        return self.path / "pulse"

    @property
    def seals(self) -> Path:
        """The list of night seals."""
        return self.path / "seals.json"

    @property
    def registry(self) -> Path:
        """The list of codes, as it was when the vote was opened."""
        return self.path / "registry.txt"

    @property
    def plans(self) -> Path:
        """What the plans on the ballot say, as far as that was not erased."""
        return self.path / "plans.json"

    @property
    def bundle(self) -> Path:
        """All that anybody needs to check the vote at home, in one zip."""
        return self.path / "bundle.zip"

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

    def exclusive(self) -> AbstractContextManager[None]:
        """Let one process at a time change these files, of all on this machine."""
        return exclusive(self.path)


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
        return status_of(path)
    except OwnerFileError as error:
        raise KeyFileError(str(error)) from None


ONCE = ("opening", "counted_from")

Line = Mapping[str, Any]


@dataclass(frozen=True)
class Anchors:
    """The lines of one vote, in their order."""

    lines: Sequence[Line]

    def all(self, kind: str) -> list[Line]:
        """Return the lines of a kind."""
        return [line for line in self.lines if line["kind"] == kind]

    def one(self, kind: str) -> Line | None:
        """Return the last line of a kind, if there is any."""
        return next(reversed(self.all(kind)), None)

    @property
    def is_opened(self) -> bool:
        """Whether the vote was opened."""
        return self.one("opened") is not None

    def require_opened(self) -> Line:
        """Return the line of the opening; raises KeyFileError where there is none, not yet or not on this machine."""
        opened = self.one("opened")
        if opened is None:
            raise KeyFileError("the trusted values hold no manifest: this vote was never opened here")
        return opened

    @cached_property
    def manifest(self) -> str:
        """The manifest, byte for byte; raises KeyFileError before the vote was opened."""
        return str(self.require_opened()["manifest"])

    @cached_property
    def fingerprint(self) -> bytes:
        """The fingerprint of the manifest, 32 bytes."""
        return manifest_hash(self.manifest)

    @cached_property
    def _content(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads(self.manifest)
        return found

    @property
    def round_id(self) -> bytes:
        """The round's identifier in everything that is hashed."""
        return str(self._content["round"]["id"]).encode("ascii")

    def has_registry(self, registry: bytes) -> bool:
        """Tell whether a list of codes is the one that the vote was opened with."""
        return bool(registry_of_list(registry).root.hex() == self._content["registry"]["root"])

    @cached_property
    def paper(self) -> BallotPaper:
        """What a voter may choose from."""
        return read_paper(self.manifest)

    @cached_property
    def withdrawn(self) -> Mapping[int, str]:
        """The plans that were taken off the open ballot, by id in the order in which that was done, and why."""
        return {line["plan"]: line["reason"] for line in self.all("withdrawn")}

    @cached_property
    def begins(self) -> datetime:
        """When voting begins."""
        return datetime.fromisoformat(self._content["round"]["voting"]["begins"])

    @cached_property
    def ends(self) -> datetime:
        """When voting ends."""
        return datetime.fromisoformat(self._content["round"]["voting"]["ends"])

    @property
    def least_ballots(self) -> int:
        """How many valid ballots there must be for any ballot to be published."""
        return int(self._content["least_ballots"])

    @property
    def closed(self) -> Line | None:
        """What lay in the box when it was shut, if it was."""
        return self.one("closed")

    @cached_property
    def signer(self) -> NoteVerifier:
        """The key that signs receipts and the closing note."""
        return parse_verifier(self._content["keys"]["signing"])

    @property
    def epoch(self) -> int:
        """How often the vote was restored from a backup."""
        return len(self.all("restored"))


def anchored(folder: Folder) -> Anchors:
    """Return the trusted values of a vote, none before it was opened; raises KeyFileError for a damaged file."""
    try:
        status = folder.anchors.stat()
    except FileNotFoundError:
        return Anchors(())
    version = (status.st_ino, status.st_mtime_ns, status.st_size)
    found = _cache.get(folder)
    if found is None or found[0] != version:
        found = _cache[folder] = version, Anchors(tuple(_read(folder)))
    return found[1]


def anchor(folder: Folder, kind: str, **values: object) -> None:
    """Add a line, on disk before this returns. The same line twice is one.

    Raises DiffersError for another line of a kind that comes once.
    """
    with folder.exclusive():
        line = {"kind": kind, **values}
        before = anchored(folder)
        if before.one(kind) == line:
            return
        if kind in ONCE and before.one(kind) is not None:
            raise DiffersError(kind)
        append(folder.anchors, canonical_json(line) + b"\n")


def anchor_opening(folder: Folder, manifest: str, *, registry: bytes, plans: bytes, now: datetime) -> None:
    """Add the manifest under which a vote is opened, once the lists that it binds lie beside it.

    When that could not be committed, another one can take its place as long as voting has not begun, so that nobody
    has a receipt under the first; else this raises DiffersError and changes nothing.
    """
    before = anchored(folder)
    if before.is_opened and before.manifest != manifest and now >= before.begins:
        raise DiffersError("manifest")
    replace(folder.registry, registry)
    replace(folder.plans, plans)
    anchor(folder, "opened", manifest=manifest)


def anchor_withdrawal(folder: Folder, plan: int, *, reason: str) -> None:
    """Add that a plan, by its id, can no longer win. It is said once: the first reason stands.

    Raises DiffersError for a plan that is not on the ballot, and once the box was shut.
    """
    before = anchored(folder)
    if plan not in before.paper.by_id:
        raise DiffersError("plans")
    if before.closed is not None:
        raise DiffersError("the box was shut")
    if plan not in before.withdrawn:
        anchor(folder, "withdrawn", plan=plan, reason=reason)


def anchor_closing(folder: Folder, *, box: str, envelopes: int, drawn: int, void: bytes) -> None:
    """Add what was in the box when it was shut (SHA-256, number), how many codes of the pool were drawn, and the list
    of void codes, which is put beside it.

    A closing that could not be committed can be done again with the same box, and with codes that became void since,
    as long as the box was not opened; else this raises DiffersError and changes nothing.
    """
    before = anchored(folder)
    said = {"box": box, "envelopes": envelopes, "drawn": drawn, "void": hashlib.sha256(void).hexdigest()}
    last = before.closed
    if last is not None and (last["box"] != box or (before.one("opening") and last != {"kind": "closed", **said})):
        raise DiffersError("box" if last["box"] != box else "void.txt")
    replace(folder.voids, void)
    anchor(folder, "closed", **said)


def voids_of(folder: Folder) -> set[bytes]:
    """Return the codes that were void when the box was shut, none before."""
    if anchored(folder).closed is None:
        return set()
    return {bytes.fromhex(line) for line in folder.voids.read_text("ascii").splitlines()}


def _read(folder: Folder) -> Sequence[Line]:
    *whole, _torn = folder.anchors.read_bytes().split(b"\n")  # what a crash left of a line was never acted on
    try:
        lines = [json.loads(line) for line in whole]
    except ValueError:
        raise KeyFileError(f"{folder.anchors} is damaged") from None
    if not all(isinstance(line, dict) and isinstance(line.get("kind"), str) for line in lines):
        raise KeyFileError(f"{folder.anchors} is damaged")
    return lines


_cache: dict[Folder, tuple[tuple[int, int, int], Anchors]] = {}
