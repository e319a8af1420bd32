"""The lists of a vote: its night seals, what left the opener as its note vouches for it, and the bundle; no Flask."""

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from buurtbegroot.acts import Fault, insist
from buurtbegroot.box.domain.anchors import Anchors, DiffersError, Folder, KeyFileError, anchor, anchored
from buurtbegroot.box.domain.manifest import check_time
from buurtbegroot.core.closing import Closing, listed, open_closing
from buurtbegroot.core.seals import SealList
from buurtbegroot.core.signing import NoteError
from buurtbegroot.core.verifying.bundle import BundleError, unpack
from buurtbegroot.core.verifying.checks import Finding, Report, Trust, check, key_fingerprint
from buurtbegroot.core.verifying.reading import Bundle
from buurtbegroot.owner_files import replace
from buurtbegroot.timezone import AMSTERDAM

BEGINS = timedelta(hours=4)  # a day of voting begins at four in the night, when nobody votes


@dataclass(frozen=True)
class Nights:
    """The seals of a vote, with for each the day (ISO) that began after that night."""

    nights: tuple[str, ...] = ()
    list: SealList = field(default_factory=SealList)

    def sealed(self, night: date, box: Collection[bytes], *, salt: bytes) -> "Nights":
        """Return these with one more seal, of a box that holds these fingerprints."""
        return Nights((*self.nights, night.isoformat()), self.list.sealed(box, salt=salt))


def night_of(moment: datetime) -> date:
    """Return the day, which begins at four in the night in Amsterdam, in which a moment lies."""
    return (moment.astimezone(AMSTERDAM) - BEGINS).date()


def minute_of(moment: datetime) -> int:
    """Return the number of minutes from the beginning of 1970 to a moment, rounded down."""
    return int(moment.timestamp()) // 60


def moment_of(minute: int) -> datetime:
    """Return the moment at which a minute begins."""
    return datetime.fromtimestamp(minute * 60, UTC)


def read_nights(folder: Folder) -> Nights:
    """Return the seals of a vote, none before the first; raises KeyFileError for a damaged file."""
    try:
        plain = json.loads(folder.seals.read_bytes())
        return Nights(tuple(one["night"] for one in plain["seals"]), SealList.parse(plain))
    except FileNotFoundError:
        return Nights()
    except (KeyError, TypeError, ValueError):
        raise KeyFileError(f"{folder.seals} is damaged") from None


def seals_of(folder: Folder) -> bytes:
    """Return the file of seals as it is published."""
    return folder.seals.read_bytes() if folder.seals.exists() else SealList().file(())


def write_nights(folder: Folder, nights: Nights) -> None:
    """Keep the seals, in the form in which the bundle has them."""
    replace(folder.seals, nights.list.file(nights.nights))


class Ballot(NamedTuple):
    """A counted ballot, tied to no voter."""

    tracker: bytes
    choices: list[int]
    blind: bytes


@dataclass(frozen=True)
class OpenedBox:
    """The lists of one vote; each is read and compared with the note when it is asked for."""

    folder: Folder
    closing: Closing
    note: str

    @property
    def sha256(self) -> str:
        """The SHA-256 of the closing note, in hexadecimal."""
        return hashlib.sha256(self.note.encode()).hexdigest()

    def text(self, name: str) -> str:
        """Return a list; raises DiffersError unless it is the one that the note binds."""
        content = self.folder.list(name).read_bytes()
        if listed(content) != self.closing.lists[name]:
            raise DiffersError(name)
        return content.decode("ascii")

    def lines(self, name: str) -> Iterator[str]:
        """Yield a list line by line; raises DiffersError before the first unless the note binds it."""
        with self.folder.list(name).open("rb") as file:
            if listed(file) != self.closing.lists[name]:
                raise DiffersError(name)
            file.seek(0)
            for line in file:
                yield line.decode("ascii").rstrip("\n")

    def ballots(self) -> Iterator[Ballot]:
        """Yield the ballots by tracker."""
        for line in self.lines("ballots.jsonl"):
            plain = json.loads(line)
            yield Ballot(bytes.fromhex(plain["tracker"]), plain["choices"], bytes.fromhex(plain["blind"]))

    def nullifiers(self) -> Iterator[bytes]:
        """Yield the nullifiers in their order, which is that of nothing else."""
        return map(bytes.fromhex, self.lines("nullifiers.txt"))

    @cached_property
    def replaced(self) -> int:
        """How many ballots their voters replaced, or were cast with a code that is void."""
        return self.closing.lists["superseded.txt"].lines

    @cached_property
    def refused(self) -> list[tuple[str, str]]:
        """The leaves, in hexadecimal, of ballots that do not count although nobody replaced them, and why."""
        return [(line[:64], line[65:]) for line in self.lines("refused.txt")]

    @cached_property
    def strangers(self) -> dict[str, int]:
        """How many envelopes the server never made, by what is wrong with them."""
        lines = (line.split(" ") for line in self.lines("strangers.txt"))
        return {reason: int(number) for reason, number in lines}

    @cached_property
    def gone(self) -> list[str]:
        """The envelopes, by their SHA-256, that were sealed one night and were not in the box when it was shut."""
        box = set(map(bytes.fromhex, self.lines("envelopes.txt")))
        return [each.hex() for each in read_nights(self.folder).list.missing(box)]


def opened_box(folder: Folder) -> OpenedBox:
    """Return what left the opener; raises DiffersError unless its note is signed and the one that was anchored."""
    anchors = anchored(folder)
    said = anchors.one("counted_from")
    try:
        note = folder.note.read_text("utf-8")
        found = OpenedBox(folder, open_closing(note, anchors.signer), note)
    except (OSError, UnicodeDecodeError, NoteError):
        raise DiffersError("closing.note") from None
    if said is None or said["closing"] != found.sha256:
        raise DiffersError("closing.note")
    return found


class BundleFault(Fault):
    """Why an outcome cannot be made final with this bundle."""

    NOT_SIGNED = "not_signed"
    NO_BUNDLE = "no_bundle"
    FAULTY = "faulty"
    OTHER = "other"
    TOO_EARLY = "too_early"
    FINAL = "final"


def checked_bundle(files: dict[str, bytes], anchors: Anchors) -> Report:
    """Make the published checks, held against the trusted values of the vote."""
    return check(Bundle(files), Trust(key=key_fingerprint(anchors.signer.key), saved=(files["closing.note"].decode(),)))


def _opened_at(files: dict[str, bytes]) -> datetime:
    bundle = Bundle(files)
    told = bundle.entries("voting.counted_from")
    return datetime.fromisoformat(told[-1].entry.minute)


def hold_bundle(folder: Folder, *, sha256: str, now: datetime) -> list[Finding]:
    """Return what the published checks find wrong with the bundle as it lies there, byte for byte.

    Fixes its SHA-256 among the trusted values when that is nothing. Raises RefusedError for another bundle, and as
    long as the time to check lasts, which began when the log, as it was signed, told of the opening.
    """
    try:
        packed = folder.bundle.read_bytes()
        files = unpack(packed)
    except (OSError, BundleError):
        packed, files = b"", {}
    insist(hashlib.sha256(packed).hexdigest() == sha256, BundleFault.OTHER)
    anchors = anchored(folder)
    found = list(checked_bundle(files, anchors).findings)
    if not found:
        insist(now >= _opened_at(files) + check_time(anchors.manifest), BundleFault.TOO_EARLY)
        anchor(folder, "bundle", sha256=sha256, at=now.isoformat())
    return found
