"""A whole vote in memory, from codes to its bundle, by the core alone; each part can be exchanged by a test."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from buurtbegroot.core.audit_chain import GENESIS, Entry, entry_bytes, entry_hash, payload_commitment
from buurtbegroot.core.ballots import invalidities
from buurtbegroot.core.box_file import fingerprint
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.closing import LISTS, Closing, listed, opened_lists, registry_list, sign_closing
from buurtbegroot.core.credentials import commitment, nullifier
from buurtbegroot.core.envelope import CastContext, CastMaterial, cast_material, choices_capacity, generate_sealing_keys
from buurtbegroot.core.merkle import merkle_root
from buurtbegroot.core.methods import EqualShares, Method
from buurtbegroot.core.opening import Opener, Register, settle
from buurtbegroot.core.plan_texts import PlanTexts, plans_json
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import BallotRules, CountingRules, Limits, Pot, Ruleset, to_json
from buurtbegroot.core.seals import SealList
from buurtbegroot.core.signing import NoteSigner, sign_note
from buurtbegroot.core.tally.document import document_of, trace_of
from buurtbegroot.core.tally.ties import commitment as lot_commitment
from buurtbegroot.core.transparency_log import Checkpoint, sign_checkpoint
from buurtbegroot.core.verifying.checks import is_legal
from buurtbegroot.core.verifying.reading import Bundle, Manifest
from buurtbegroot.core.verifying.recount import cast_ballots, votes_of, votes_pb

ROUND, SLUG = b"7", "noord"
SIGNER = NoteSigner("stad.example/rondes/7", bytes(range(32)))
SITE = NoteSigner("stad.example/logboek", bytes(range(1, 33)))
WITNESS = NoteSigner("getuige.example", bytes(range(2, 34)))
LINK_KEY = bytes(range(3, 35))
SEED = bytes(range(4, 36))
RULES = Ruleset(
    ballot=BallotRules(whole=Limits(min_choices=1, max_choices=3)),
    pots=(Pot(id="alles", name="Alles", cents=90_000),),
    lot_commitment=lot_commitment(SEED),
)
PLANS = tuple(Plan(id=number, cost_cents=number * 10_000) for number in range(1, 6))
SEALING = generate_sealing_keys()


@dataclass
class Vote:
    """A vote under way: `kinds` says of each voter, by number, what kind of code it has.

    `drawn` is how many codes of the pool somebody drew, None for all of them.
    """

    kinds: Sequence[str] = ("letter",) * 6 + ("spare",) * 2 + ("pool",) * 3
    rules: Ruleset = RULES
    plans: Sequence[Plan] = PLANS
    envelopes: list[bytes] = field(default_factory=list)
    seals: SealList = field(default_factory=SealList)
    nights: list[str] = field(default_factory=list)
    voids: list[bytes] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    notes: dict[str, bytes] = field(default_factory=dict)
    forms: Any = field(default_factory=count)
    drawn: int | None = None
    opened: str = "2026-11-01T09:00Z"

    def __post_init__(self) -> None:
        self.texts = {
            plan.id: PlanTexts(bytes([plan.id]) * 16, {"title": f"Plan {plan.id}", "summary": "…"})
            for plan in self.plans
        }
        self.registry = registry_list({self.code(voter): kind for voter, kind in enumerate(self.kinds)})
        numbers = {kind: list(self.kinds).count(kind) for kind in ("letter", "spare", "pool")}
        keys = {"signing": str(SIGNER.verifier), "site": str(SITE.verifier), "witnesses": [str(WITNESS.verifier)]}
        content = {
            "format": "bb-manifest/v2",
            "round": {"id": ROUND.decode(), "slug": SLUG, "date_begin": "2026-11-01", "date_end": "2026-11-29"},
            "keys": keys | {"sealing": SEALING.public.hex()},
            "registry": {"root": merkle_root(self.registry.split(b"\n")[:-1]).hex(), **numbers},
            "rules": _plain(to_json(self.rules)),
            "plans": [
                {"id": plan.id, "cost_cents": plan.cost_cents, "theme": plan.theme, "area": plan.area}
                | {"texts": self.texts[plan.id].commitment.hex()}
                for plan in self.plans
            ],
        }
        self.manifest = Manifest(canonical_json(content), content)
        opened = {"manifest": self.manifest.fingerprint.hex(), "registry": content["registry"]["root"]}
        self.log("voting.opened", minute=self.opened, **opened)
        self.sign("opening.note")

    @staticmethod
    def key(voter: int) -> bytes:
        return hashlib.sha256(b"%d" % voter).digest()

    def code(self, voter: int) -> bytes:
        return commitment(ROUND, nullifier(self.key(voter)))

    def cast(self, voter: int, choices: Sequence[int], rev: int = 1, epoch: int = 0) -> CastMaterial:
        context = CastContext(
            round_id=ROUND,
            manifest=self.manifest.fingerprint,
            epoch=epoch,
            capacity=choices_capacity(3),
            sealing_key=SEALING.public,
            link_key=LINK_KEY,
            signing_seed=SIGNER.seed,
        )
        form = next(self.forms).to_bytes(16, "big")
        made = cast_material(self.key(voter), canonical_json(choices), rev, form=form, context=context)
        self.envelopes.append(made.sealed)
        return made

    def void(self, voter: int, *, spare: bool = False) -> None:
        self.voids.append(self.code(voter))
        self.log("voting.code_voided", code=self.code(voter).hex(), spare=spare)

    def withdraw(self, plan: int) -> None:
        self.log("voting.plan_withdrawn", plan=plan, number=plan, reason="Niet te koop.")

    def night(self, night: str = "2026-11-02") -> None:
        salt = hashlib.sha256(b"salt %d" % len(self.seals.seals)).digest()
        self.seals = self.seals.sealed(list(map(fingerprint, self.envelopes)), salt=salt)
        self.nights.append(night)
        self.log("voting.sealed", night=night, seal=self.seals.seals[-1].commitment.hex())

    def log(
        self, action: str, *, about: str = f"round:{SLUG}", minute: str = "2026-11-29T12:00Z", **payload: Any
    ) -> None:
        salt = hashlib.sha256(b"%d" % len(self.entries)).digest()[:16]
        entry = Entry(
            seq=len(self.entries) + 1,
            minute=minute,
            actor="coordinator:3f2a",
            action=action,
            object=about,
            accord=("3",),
            payload=payload_commitment(salt, payload),
            prev=bytes.fromhex(self.entries[-1]["hash"]) if self.entries else GENESIS,
        )
        details = {"details": {"salt": salt.hex(), "payload": payload}} if about == f"round:{SLUG}" else {}
        self.entries.append({"entry": _plain(entry_bytes(entry)), "hash": entry_hash(entry).hex(), **details})

    def sign(self, name: str) -> str:
        leaves = [bytes.fromhex(each["hash"]) for each in self.entries]
        note = sign_checkpoint(Checkpoint(SITE.name, len(leaves), merkle_root(leaves)), SITE)
        text = note.rpartition("\n\n")[0] + "\n"
        cosigned = note + sign_checkpoint_as(text, WITNESS)
        self.notes[f"notes/{name}"] = cosigned.encode()
        return cosigned

    def is_legal(self, written: bytes) -> bool:
        return is_legal(written, lambda chosen: invalidities(chosen, self.rules.ballot, self.plans))

    def lists(self) -> tuple[dict[str, bytes], int]:
        """Open the envelopes: return the lists, and how many envelopes there are."""
        envelopes = sorted(set(self.envelopes), key=fingerprint)
        register = Register(
            round_id=ROUND,
            codes={self.code(voter) for voter in range(len(self.kinds))},
            voids=set(self.voids),
            is_legal=self.is_legal,
        )
        opener = Opener(
            round_id=ROUND,
            manifest=self.manifest.fingerprint,
            signer=SIGNER.verifier.key,
            secret=SEALING.secret,
        )
        lists = opened_lists(settle(opener.look(envelopes), register), register, list(map(fingerprint, envelopes)))
        return {name: b"".join(lines) for name, lines in lists.items()}, len(envelopes)

    def finish(self) -> dict[str, bytes]:
        """Close, open and count: return the files of the bundle."""
        lists, envelopes = self.lists()
        drawn = list(self.kinds).count("pool") if self.drawn is None else self.drawn
        self.log("voting.closed", envelopes=envelopes, drawn=drawn)
        lists["registry.txt"] = self.registry
        bound = {name: listed(lists[name]) for name in LISTS}
        closing = Closing(origin=SIGNER.name, manifest=self.manifest.fingerprint, lists=bound)
        note = sign_closing(closing, SIGNER).encode()
        self.log("voting.counted_from", closing=hashlib.sha256(note).hexdigest())
        self.sign("closing-log.note")
        files = {
            **lists,
            **self.notes,
            "manifest.json": self.manifest.text,
            "closing.note": note,
            "seals.json": self.seals.file(self.nights),
            "audit.jsonl": b"".join(canonical_json(each) + b"\n" for each in self.entries),
            "paper.txt": b"",
            "plans.json": plans_json(self.texts),
        }
        return files | counted(files)


def counted(files: dict[str, bytes], seed: bytes = SEED) -> dict[str, bytes]:
    """Return the files of the count that follow from the others."""
    bundle = Bundle(files)
    ballots = cast_ballots(bundle)
    document = document_of(votes_of(bundle, ballots, seed))
    result = trace_of(document, bundle.manifest.rules).encode()
    return {"result.json": result, "votes.pb": votes_pb(bundle, document, ballots)}


def sign_checkpoint_as(text: str, signer: NoteSigner) -> str:
    """Return the signature line of a witness under a text."""
    return sign_note(text, signer).rpartition("\n\n")[2]


def whole_vote() -> tuple[Vote, dict[str, bytes]]:
    """Return a vote with everything in it: replaced, void, spare, drawn and refused ballots, two nights, a copy."""
    vote = Vote()
    vote.log("proposals.decided", about="proposal:3")
    for voter, choices in enumerate(([1], [1, 2], [3], [2, 5])):
        vote.cast(voter, choices)
    vote.night()
    vote.cast(1, [4, 5], rev=2)
    vote.void(2, spare=True)
    vote.cast(6, [3])
    vote.cast(8, [2])
    vote.sign("audit-5.note")
    vote.night()
    vote.envelopes += [vote.envelopes[0], bytes(250), vote.envelopes[1][:-1]]
    return vote, vote.finish()


def small_vote(method: Method) -> dict[str, bytes]:
    """Return the files of a vote that is counted by this method."""
    needs_shares = method in {Method.EQUAL_SHARES, Method.EXACT_EQUAL_SHARES}
    counting = CountingRules(method=method, equal_shares=EqualShares() if needs_shares else None)
    vote = Vote(rules=replace(RULES, counting=counting))
    for voter, choices in enumerate(([1], [1, 2], [3], [2, 5])):
        vote.cast(voter, choices)
    return vote.finish()


def _plain(content: bytes) -> Any:
    return json.loads(content)
