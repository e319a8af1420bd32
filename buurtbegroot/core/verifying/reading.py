"""The files of a bundle as values; each raises ValueError, with the file's name, for what no program of ours writes."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from buurtbegroot.core.audit_chain import Payload, Record, entry_of_content
from buurtbegroot.core.ballots import Ballot
from buurtbegroot.core.canonical import canonical_json, digest
from buurtbegroot.core.plan_texts import PlanTexts, read_plans
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import Ruleset, from_json
from buurtbegroot.core.seals import SealList
from buurtbegroot.core.signing import NoteVerifier, parse_verifier

Value = TypeVar("Value")
MOST_NIGHTS = 1_000
LARGEST_JSON = 2**27  # bytes: room for the seals of a million envelopes
MOST_PARTS = 4_000_000  # values in one JSON text, or lines in a file: what is read takes far more memory than the file
_HEX = re.compile(r"(?:[0-9a-f]{64})", re.ASCII)


class Registered(NamedTuple):
    """A line of registry.txt: a commitment and the kind of its code (letter, spare or pool)."""

    code: bytes
    kind: str


@dataclass(frozen=True)
class Manifest:
    """What the vote was about, under which rules and keys."""

    text: bytes
    content: Mapping[str, Any]

    @property
    def fingerprint(self) -> bytes:
        """What receipts and leaves carry, 32 bytes."""
        return digest("v2/manifest", self.text)

    @property
    def round_id(self) -> bytes:
        """The identifier of the round in all that is hashed."""
        return str(self.content["round"]["id"]).encode("ascii")

    @cached_property
    def signer(self) -> NoteVerifier:
        """The key that signs receipts and the closing note, under the name of the round."""
        return parse_verifier(self.content["keys"]["signing"])

    @cached_property
    def site(self) -> NoteVerifier:
        """The key that signs the audit log, under the name of that log."""
        return parse_verifier(self.content["keys"]["site"])

    @cached_property
    def witnesses(self) -> tuple[NoteVerifier, ...]:
        """The keys of those who were asked to sign along."""
        return tuple(map(parse_verifier, self.content["keys"]["witnesses"]))

    @cached_property
    def rules(self) -> Ruleset:
        """The rules of the ballot and the count."""
        return from_json(json.dumps(self.content["rules"]))

    @cached_property
    def plans(self) -> tuple[Plan, ...]:
        """What could be chosen from."""
        names = ("id", "cost_cents", "theme", "area")
        return tuple(Plan(**{name: plan[name] for name in names}) for plan in self.content["plans"])

    @cached_property
    def text_commitments(self) -> dict[int, str]:
        """By the id of a plan, in hexadecimal, what `PlanTexts.commitment` is of its texts."""
        return {plan["id"]: plan["texts"] for plan in self.content["plans"]}


class Bundle:
    """The files of a bundle, each read once, when it is asked for."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files

    @cached_property
    def manifest(self) -> Manifest:
        """manifest.json."""
        return Manifest(self.files["manifest.json"], self._canonical("manifest.json", self.files["manifest.json"]))

    @cached_property
    def texts(self) -> dict[int, PlanTexts]:
        """plans.json, which is published beside the bundle: the texts in it, by the id of their plan."""
        return read_plans(self.files["plans.json"]) if "plans.json" in self.files else {}

    @cached_property
    def registry(self) -> list[Registered]:
        """registry.txt."""
        return self._read("registry.txt", lambda line: Registered(_hex(line[:64]), line[65:]))

    @cached_property
    def ballots(self) -> list[Ballot]:
        """ballots.jsonl, with the choices as they were sealed."""
        return self._read("ballots.jsonl", _ballot)

    @cached_property
    def refused(self) -> list[tuple[bytes, str]]:
        """refused.txt: a leaf and why it is not counted."""
        return self._read("refused.txt", lambda line: (_hex(line[:64]), line[65:]))

    @cached_property
    def strangers(self) -> dict[str, int]:
        """strangers.txt: how many envelopes the server had not signed for, by reason."""
        return dict(self._read("strangers.txt", lambda line: (line.split(" ")[0], int(line.split(" ")[1]))))

    @cached_property
    def audit(self) -> list[Record]:
        """audit.jsonl: the log from its first entry on, with the details of what concerns this vote."""
        return self._read("audit.jsonl", _record)

    @cached_property
    def withdrawn(self) -> frozenset[int]:
        """The ids of the plans that were taken off the open ballot: the log is what tells of them."""
        return frozenset(each["plan"] for each in self.details("voting.plan_withdrawn"))

    @cached_property
    def seals(self) -> SealList:
        """seals.json."""
        return SealList.parse(self._canonical("seals.json", self.files["seals.json"]))

    @property
    def unsealed_nights(self) -> list[str]:
        """The nights (ISO) from the opening to the end of voting of which the log has no seal.

        A night is named by the day that begins after it. None where the log names no nights.
        """
        sealed = [each.get("night") for each in self.details("voting.sealed")]
        if None in sealed:
            return []
        about = self.manifest.content["round"]
        begins, ends = (date.fromisoformat(about[name]) for name in ("date_begin", "date_end"))
        # four in the night in Amsterdam is two or three by UTC
        since = max((each.entry.minute for each in self.entries("voting.opened")), default="")
        until = about["voting"]["ends"] if "voting" in about else f"{ends}T00:00:00Z"
        nights = (begins + timedelta(days=number) for number in range(1, min((ends - begins).days, MOST_NIGHTS) + 1))
        due = (str(night) for night in nights if since <= f"{night}T02:00Z" and f"{night}T03:00:00Z" <= until)
        return [night for night in due if night not in sealed]

    def hashes(self, name: str) -> list[bytes]:
        """Return a list of hashes, 32 bytes each, in the order of the file."""
        return self._read(name, _hex)

    def notes(self) -> dict[str, str]:
        """Return the notes by name, without the folder."""
        found = ((name.removeprefix("notes/"), name) for name in self.files if name.startswith("notes/"))
        return {short: self._text(name) for short, name in found}

    def details(self, action: str) -> list[Mapping[str, Any]]:
        """Return what the log says of this vote under a name, entry by entry; erased details are left out."""
        told = self.entries(action)
        return [each.payload.value for each in told if each.payload and isinstance(each.payload.value, dict)]

    def entries(self, action: str) -> list[Record]:
        """Return the entries of the log that are about this vote under a name."""
        here = f"round:{self.manifest.content['round']['slug']}"
        return [each for each in self.audit if each.entry.action == action and each.entry.object == here]

    def _text(self, name: str) -> str:
        try:
            return self.files[name].decode()
        except UnicodeDecodeError:
            raise ValueError(f"{name}: not UTF-8") from None

    def _read(self, name: str, read: Callable[[str], Value]) -> list[Value]:
        text = self._text(name)
        if text and not text.endswith("\n"):
            raise ValueError(f"{name}: the last line breaks off")
        if text.count("\n") > MOST_PARTS:
            raise ValueError(f"{name}: too many lines")
        found = []
        for number, line in enumerate(text[:-1].split("\n") if text else (), 1):
            try:
                found.append(read(line))
            except (ValueError, KeyError, TypeError, IndexError) as error:
                raise ValueError(f"{name}: line {number}: {error}") from None
        return found

    def _canonical(self, name: str, content: bytes) -> Any:
        try:
            return canonical(content)
        except (ValueError, TypeError) as error:
            raise ValueError(f"{name}: {error}") from None


def _hex(text: str) -> bytes:
    if not _HEX.fullmatch(text):
        raise ValueError("not 64 hexadecimal digits")
    return bytes.fromhex(text)


def canonical(content: bytes) -> Any:
    """Return the JSON value of a text in canonical form; raises ValueError for all else, and for what is absurd."""
    if len(content) > LARGEST_JSON or sum(map(content.count, (b",", b"[", b"{"))) > MOST_PARTS:
        raise ValueError("too large")
    plain = json.loads(content)
    if canonical_json(plain) != content:
        raise ValueError("no canonical JSON")
    return plain


def _ballot(line: str) -> Ballot:
    plain = canonical(line.encode())
    if plain.keys() != {"blind", "choices", "tracker"}:
        raise ValueError("a ballot has blind, choices and tracker")
    return Ballot(bytes.fromhex(plain["tracker"]), canonical_json(plain["choices"]), _hex(plain["blind"]))


def _record(line: str) -> Record:
    plain = canonical(line.encode())
    entry = entry_of_content(plain["entry"])
    details = plain.get("details")
    payload = Payload(bytes.fromhex(details["salt"]), details["payload"]) if details else None
    return Record(entry, _hex(plain["hash"]), payload)
