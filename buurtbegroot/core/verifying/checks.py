"""The checks V1 to V11 on a bundle, and by which value from outside it is held; what V9 counts is in recount.

What is wrong is named, with its check; no check keeps another from being made.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from buurtbegroot.core.audit_chain import verify_chain
from buurtbegroot.core.ballots import ballot_leaf, canonical_choices, invalidities
from buurtbegroot.core.canonical import canonical_json, digest
from buurtbegroot.core.closing import LISTS, Closing, listed, open_closing
from buurtbegroot.core.credentials import ALPHABET, commitment, grouped
from buurtbegroot.core.merkle import merkle_root
from buurtbegroot.core.receipts import Receipt, ReceiptError, parse_receipt, verify_receipt
from buurtbegroot.core.seals import broken_seals
from buurtbegroot.core.signing import Note, NoteError, open_note
from buurtbegroot.core.transparency_log import Checkpoint, parse_checkpoint
from buurtbegroot.core.verifying.reading import Bundle
from buurtbegroot.core.verifying.recount import result_faults

KEY_SYMBOLS = 16  # 80 bits, which a letter has room for


class Finding(NamedTuple):
    """Something wrong: the check, a short name for it, and what it is about."""

    check: str
    fault: str
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class Trust:
    """What the reader brings along: the fingerprint of the key on the letter, receipts, and notes saved earlier."""

    key: str = ""
    receipts: tuple[str, ...] = ()
    saved: tuple[str, ...] = ()


class Restored(NamedTuple):
    """The vote went on from a backup, as its `epoch`; ballots of between two moments (ISO, UTC) may be missing."""

    epoch: int
    since: str
    until: str


class Fate(NamedTuple):
    """What became of the ballot of a receipt: counted with these choices, superseded, or refused."""

    tracker: bytes
    fate: str
    choices: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was found wrong, what the bundle was held against, and what is good to know.

    `witnesses` tells of each witness how many notes it signed; `gone` are envelopes, by SHA-256, that were sealed one
    night and were not in the box at closing, `unsealed` the nights (ISO) of the vote that have no seal; `unread` are
    the plans of which no texts were given, `restored` tells when ballots may have gone missing with a backup, `fates`
    of the receipts that were brought along.
    """

    findings: tuple[Finding, ...]
    anchors: tuple[str, ...]
    witnesses: Mapping[str, int]
    gone: tuple[str, ...]
    unsealed: tuple[str, ...]
    unread: tuple[int, ...]
    restored: tuple[Restored, ...]
    fates: tuple[Fate, ...]


def key_fingerprint(key: bytes) -> str:
    """Return how a letter names a public key of 32 bytes: 16 symbols of base32 in groups of four."""
    bits = KEY_SYMBOLS * 5
    start = int.from_bytes(digest("v2/key", key)[: bits // 8], "big")
    return grouped("".join(ALPHABET[start >> shift & 31] for shift in range(bits - 5, -1, -5)))


def check(bundle: Bundle, trust: Trust) -> Report:
    """Make every check; a file that cannot be read is a finding of each check that needs it."""
    checking = _Checking(bundle, trust)
    findings = tuple(finding for name, make in _CHECKS.items() for finding in _made(checking, name, make))
    return Report(
        findings=findings,
        anchors=tuple(dict.fromkeys(checking.anchors)),
        witnesses=dict(checking.witnesses),
        gone=tuple(checking.gone),
        unsealed=tuple(checking.unsealed),
        unread=tuple(checking.unread),
        restored=tuple(checking.restored),
        fates=tuple(checking.fates),
    )


class _Checking:
    """One run of the checks, with what several of them need."""

    def __init__(self, bundle: Bundle, trust: Trust) -> None:
        self.bundle, self.trust = bundle, trust
        self.anchors: list[str] = []
        self.witnesses: Counter[str] = Counter()
        self.gone: list[str] = []
        self.unsealed: list[str] = []
        self.unread: list[int] = []
        self.restored: list[Restored] = []
        self.fates: list[Fate] = []

    @cached_property
    def closing(self) -> Closing:
        return open_closing(self.bundle.files["closing.note"].decode(), self.bundle.manifest.signer)

    @cached_property
    def leaves(self) -> set[bytes]:
        return set(self.bundle.hashes("leaves.txt"))

    @cached_property
    def counted(self) -> list[bytes]:
        """The leaves of the ballots, as they follow from what is published of them."""
        own = {"round_id": self.bundle.manifest.round_id, "manifest": self.bundle.manifest.fingerprint}
        return [ballot_leaf(each.tracker, each.choices, each.blind, **own) for each in self.bundle.ballots]

    @cached_property
    def checkpoints(self) -> dict[str, tuple[Note, Checkpoint]]:
        """The signed sizes of the log among the notes, by name."""
        known = [self.bundle.manifest.site, *self.bundle.manifest.witnesses]
        found = {}
        for name, text in self.bundle.notes().items():
            note = open_note(text, known)
            if self.bundle.manifest.site not in note.signed_by:
                raise NoteError(f"{name} is not signed by the site")
            found[name] = note, parse_checkpoint(note.text)
        return found


def _made(checking: _Checking, name: str, make: Callable[[_Checking], Iterator[tuple[str, str]]]) -> Iterator[Finding]:
    try:
        yield from (Finding(name, fault, about) for fault, about in make(checking))
    except Exception as error:  # whatever a file of strangers leads to, it is not what was said of it
        yield Finding(name, "unreadable", f"{type(error).__name__}: {error!s:.200}")


def _signatures(checking: _Checking) -> Iterator[tuple[str, str]]:
    """V1: signatures hold, and what the reader brought along is of this vote."""
    manifest, trust = checking.bundle.manifest, checking.trust
    if checking.closing.manifest != manifest.fingerprint:
        yield "other_manifest", "closing.note"
    for note, _point in checking.checkpoints.values():
        checking.witnesses.update(each.name for each in note.signed_by if each != manifest.site)
    if trust.key:
        if _typed(trust.key) == _typed(key_fingerprint(manifest.signer.key)):
            checking.anchors.append("key")
        else:
            yield "other_key", key_fingerprint(manifest.signer.key)
    for text in trust.receipts:
        yield from _receipt(checking, text)


def _typed(key: str) -> str:
    """A key of a letter, however its groups and its zeros and ones were typed."""
    return "".join(filter(str.isalnum, key.upper())).translate(str.maketrans("OIL", "011"))


def _receipt(checking: _Checking, text: str) -> Iterator[tuple[str, str]]:
    manifest = checking.bundle.manifest
    try:
        receipt = parse_receipt(text)
    except ReceiptError as error:
        yield "no_receipt", str(error)
        return
    if (receipt.round, receipt.manifest) != (manifest.round_id, manifest.fingerprint):
        yield "receipt_of_another_vote", receipt.round.decode("ascii")
    elif not verify_receipt(receipt, manifest.signer.key):
        yield "receipt_not_signed", receipt.tracker.hex()
    elif receipt.leaf not in checking.leaves:
        lost = receipt.epoch < max((each.epoch for each in _restored(checking.bundle)), default=0)
        yield "receipt_of_lost_time" if lost else "receipt_lost", receipt.tracker.hex()
    else:
        checking.anchors.append("receipt")
        checking.fates.append(_fate(checking, receipt))


def _restored(bundle: Bundle) -> list[Restored]:
    """What the log tells of backups that the vote went on from."""
    told = bundle.details("voting.restored")
    return [Restored(int(each["epoch"]), str(each["since"]), str(each["until"])) for each in told]


def _fate(checking: _Checking, receipt: Receipt) -> Fate:
    for leaf, ballot in zip(checking.counted, checking.bundle.ballots, strict=True):
        if leaf == receipt.leaf:
            return Fate(receipt.tracker, "counted", ballot.choices.decode("ascii"))
    superseded = receipt.leaf in checking.bundle.hashes("superseded.txt")
    return Fate(receipt.tracker, "superseded" if superseded else "refused")


def _opening(checking: _Checking) -> Iterator[tuple[str, str]]:
    """V2: manifest and registry are those that the log told of when the vote opened, under a signed size of it."""
    manifest = checking.bundle.manifest
    lines = checking.bundle.files["registry.txt"].split(b"\n")[:-1]
    root, said = merkle_root(lines).hex(), manifest.content["registry"]
    if lines != sorted(set(lines)) or len({line[:64] for line in lines}) < len(lines):
        yield "registry_not_sorted", "registry.txt"
    kinds = Counter(each.kind for each in checking.bundle.registry)
    if root != said["root"] or any(kinds[kind] != said[kind] for kind in ("letter", "spare", "pool")):
        yield "other_registry", "registry.txt"
    opened = checking.bundle.details("voting.opened")
    if {(each["manifest"], each["registry"]) for each in opened} != {(manifest.fingerprint.hex(), root)}:
        yield "opened_otherwise", "audit.jsonl"
    _note, point = checking.checkpoints["opening.note"]
    at = next((each.entry.seq for each in checking.bundle.audit if each.entry.action == "voting.opened"), 0)
    if not 0 < at <= point.size:
        yield "opening_not_signed", "opening.note"
    yield from _texts(checking)
    yield from _withdrawn(checking)


def _withdrawn(checking: _Checking) -> Iterator[tuple[str, str]]:
    """V2: plans that can no longer win were on the ballot; the log told of each, once, before the box was shut."""
    bundle, on_ballot = checking.bundle, {plan.id for plan in checking.bundle.manifest.plans}
    entries = bundle.entries("voting.plan_withdrawn")
    told = Counter(each["plan"] for each in bundle.details("voting.plan_withdrawn"))
    yield from (("withdrawn_not_on_ballot", str(plan)) for plan in told if plan not in on_ballot)
    yield from (("withdrawn_twice", str(plan)) for plan, times in told.items() if times > 1)
    if told.total() < len(entries):
        yield "withdrawn_erased", "audit.jsonl"
    closed = min(each.entry.seq for each in bundle.entries("voting.closed"))
    yield from (("withdrawn_late", str(each.entry.seq)) for each in entries if each.entry.seq > closed)


def _texts(checking: _Checking) -> Iterator[tuple[str, str]]:
    """V2: the texts of plans that were given are those that the manifest had in mind."""
    committed, known = checking.bundle.manifest.text_commitments, checking.bundle.texts
    checking.unread += sorted(committed.keys() - known.keys())
    for plan, texts in known.items():
        if texts.commitment.hex() != committed.get(plan):
            yield "other_texts", str(plan)


def _files(checking: _Checking) -> Iterator[tuple[str, str]]:
    """V3: every list is the one that the closing note binds, and the log names that note."""
    for name in LISTS:
        if listed(checking.bundle.files[name]) != checking.closing.lists[name]:
            yield "other_list", name
    note = hashlib.sha256(checking.bundle.files["closing.note"]).hexdigest()
    if {each["closing"] for each in checking.bundle.details("voting.counted_from")} != {note}:
        yield "closing_not_in_log", "closing.note"


def _codes(checking: _Checking) -> Iterator[tuple[str, str]]:
    """V4: every ballot came from a code that could vote, once; spares and drawn codes are no more than were given."""
    bundle, round_id = checking.bundle, checking.bundle.manifest.round_id
    nullifiers, voids = bundle.hashes("nullifiers.txt"), set(bundle.hashes("void.txt"))
    kinds = {each.code: each.kind for each in bundle.registry}
    used = [commitment(round_id, each) for each in nullifiers]
    yield from (("nullifier_twice", each.hex()) for each, times in Counter(nullifiers).items() if times > 1)
    yield from (("not_registered", code.hex()) for code in used if code not in kinds)
    yield from (("void_code_counted", code.hex()) for code in used if code in voids)
    told = {str(each["code"]): bool(each["spare"]) for each in bundle.details("voting.code_voided")}
    drawn = [each["drawn"] for each in bundle.details("voting.closed")]
    yield from _voids(kinds, voids, told=told.keys(), drawn=drawn)
    counted = Counter(kinds.get(code) for code in used)
    if counted["spare"] > sum(told.values()):
        yield "spares_beyond_voids", str(counted["spare"])
    if counted["pool"] > min(drawn):
        yield "pool_beyond_drawn", str(counted["pool"])


def _voids(
    kinds: Mapping[bytes, str], voids: Set[bytes], *, told: Set[str], drawn: Sequence[int]
) -> Iterator[tuple[str, str]]:
    """V4: the void codes are those that the log tells of and, of the pool, no more beside them than nobody drew."""
    yield from (("void_not_registered", code.hex()) for code in voids if code not in kinds)
    never_drawn = {code.hex() for code in voids if kinds.get(code) == "pool"} - told
    unsaid = ({code.hex() for code in voids} - never_drawn) ^ told
    yield from (("void_unsaid", code) for code in sorted(unsaid))
    if len(set(drawn)) > 1:
        yield "other_number_drawn", ", ".join(map(str, drawn))
    waited = list(kinds.values()).count("pool") - max(drawn)
    if len(never_drawn) > waited:
        yield "void_beyond_waiting", str(len(never_drawn) - waited)


def _leaves(checking: _Checking) -> Iterator[tuple[str, str]]:
    """V5: each ballot gives a leaf that was listed, and no two have one name."""
    for leaf, ballot in zip(checking.counted, checking.bundle.ballots, strict=True):
        if leaf not in checking.leaves:
            yield "leaf_not_listed", ballot.tracker.hex()
    trackers = Counter(each.tracker for each in checking.bundle.ballots)
    yield from (("tracker_twice", tracker.hex()) for tracker, times in trackers.items() if times > 1)


def _accounted(checking: _Checking) -> Iterator[tuple[str, str]]:
    """V6: each leaf stands in exactly one list, and each envelope held one of them or was none of the server's."""
    bundle = checking.bundle
    lists = [checking.counted, bundle.hashes("superseded.txt"), [leaf for leaf, _reason in bundle.refused]]
    times = Counter(leaf for each in lists for leaf in each)
    times.subtract(bundle.hashes("leaves.txt"))
    yield from (("leaf_unaccounted", leaf.hex()) for leaf, number in times.items() if number)
    envelopes = bundle.hashes("envelopes.txt")
    if len(set(envelopes)) != len(envelopes) or len(envelopes) != len(checking.leaves) + sum(bundle.strangers.values()):
        yield "envelopes_unaccounted", str(len(envelopes))
    if {each["envelopes"] for each in bundle.details("voting.closed")} != {len(envelopes)}:
        yield "other_number_closed", str(len(envelopes))


def _one_each(checking: _Checking) -> Iterator[tuple[str, str]]:
    """V7: there are as many ballots as codes that were used, and paper."""
    ballots, codes = len(checking.bundle.ballots), len(checking.bundle.hashes("nullifiers.txt"))
    if ballots != codes + len(checking.bundle.hashes("paper.txt")):
        yield "ballots_beyond_codes", str(ballots - codes)


def _legal(checking: _Checking) -> Iterator[tuple[str, str]]:
    """V8: each ballot is one that the rules allow, written in its one form."""
    manifest = checking.bundle.manifest
    rules, plans, seen = manifest.rules.ballot, manifest.plans, dict[bytes, bool]()
    for ballot in checking.bundle.ballots:
        if ballot.choices not in seen:
            seen[ballot.choices] = is_legal(ballot.choices, lambda chosen: invalidities(chosen, rules, plans))
        if not seen[ballot.choices]:
            yield "not_legal", ballot.tracker.hex()


def is_legal(written: bytes, faults: Callable[[Sequence[int]], Sequence[object]]) -> bool:
    """Whether choices as they were sealed are a valid ballot, in canonical form."""
    try:
        found = json.loads(written)
        if not isinstance(found, list) or any(type(item) is not int for item in found):
            return False
        return canonical_json(canonical_choices(found)) == written and not faults(found)
    except ValueError:
        return False


def _log(checking: _Checking) -> Iterator[tuple[str, str]]:
    """V10: the log is whole, and each size that was signed or saved is a beginning; a saved closing is this one."""
    points = [point for _note, point in checking.checkpoints.values()]
    for text in checking.trust.saved:
        manifest = checking.bundle.manifest
        note = open_note(text, [manifest.site, manifest.signer])
        checking.anchors.append("saved")
        if manifest.site in note.signed_by:
            points.append(parse_checkpoint(note.text))
        elif not checking.bundle.files["closing.note"].decode().startswith(f"{note.text}\n"):
            yield "other_closing", "closing.note"
    for problem in verify_chain(checking.bundle.audit, points):
        yield problem.fault.value, str(problem.place)
    signed = max((point.size for _note, point in checking.checkpoints.values()), default=0)
    for each in checking.bundle.audit[signed:]:
        if each.entry.action == "voting.counted_from":
            yield "counting_not_signed", str(each.entry.seq)


def _seals(checking: _Checking) -> Iterator[tuple[str, str]]:
    """V11: every night seal that the log told of opens, and each is a beginning of the next."""
    found, told = checking.bundle.seals, checking.bundle.details("voting.sealed")
    broken = broken_seals(found, [bytes.fromhex(each["seal"]) for each in told])
    yield from (("seal_broken", str(number)) for number in broken)
    if not broken and checking.bundle.files["seals.json"] != found.file([each.get("night") for each in told]):
        yield "seals_otherwise", "seals.json"
    checking.gone += [each.hex() for each in found.missing(checking.bundle.hashes("envelopes.txt"))]
    checking.unsealed += checking.bundle.unsealed_nights
    checking.restored += _restored(checking.bundle)


_CHECKS: dict[str, Callable[[_Checking], Iterator[tuple[str, str]]]] = {
    "V1": _signatures,
    "V2": _opening,
    "V3": _files,
    "V4": _codes,
    "V5": _leaves,
    "V6": _accounted,
    "V7": _one_each,
    "V8": _legal,
    "V9": lambda checking: result_faults(checking.bundle),
    "V10": _log,
    "V11": _seals,
}
