"""The test vectors of docs/voting-protocol.md, made again of what that page says and nothing of ours."""

import base64
import hashlib
import hmac
import json
import re
from functools import cache
from pathlib import Path

import pytest
from nacl.pwhash import argon2id
from nacl.signing import SigningKey

from buurtbegroot.core import (
    audit_chain,
    ballots,
    canonical,
    code_keys,
    credentials,
    envelope,
    receipts,
    seals,
    signing,
)
from buurtbegroot.core.merkle import merkle_root
from buurtbegroot.core.plan_texts import PlanTexts
from buurtbegroot.core.transparency_log import Checkpoint, sign_checkpoint
from buurtbegroot.core.verifying.checks import key_fingerprint

PAGE = Path(__file__).parents[2] / "docs" / "voting-protocol.md"
BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@cache
def told() -> dict[str, str]:
    """Return what the page gives and derives, by name; a text of more lines has the name on each of them."""
    found: dict[str, str] = {}
    section = PAGE.read_text(encoding="utf-8").split("\n## Test vectors\n")[1].split("\n## ")[0]
    for name, value in re.findall(r"^    (\S.*?) += (.*)$", section, re.MULTILINE):
        found[name] = f"{found[name]}{value}\n" if name in found else f"{value}\n"
    return {name: value if value.count("\n") > 1 else value[:-1] for name, value in found.items()}


def raw(name: str) -> bytes:
    return bytes.fromhex(told()[name])


def text(name: str) -> bytes:
    return told()[name].encode()


def lp(field: bytes) -> bytes:
    return len(field).to_bytes(8, "big") + field


def digest(label: str, *fields: bytes) -> bytes:
    return hashlib.sha256(b"".join(map(lp, [f"bb/{label}".encode(), *fields]))).digest()


def mac(key: bytes, label: str, *fields: bytes) -> bytes:
    return hmac.new(key, digest(label, *fields), hashlib.sha256).digest()


def two_leaves(first: bytes, second: bytes) -> bytes:
    """RFC 6962, for a tree of two."""
    left, right = (hashlib.sha256(b"\0" + leaf).digest() for leaf in (first, second))
    return hashlib.sha256(b"\1" + left + right).digest()


def base32(data: bytes, symbols: int) -> str:
    bits = int.from_bytes(data, "big") >> (len(data) * 8 - symbols * 5)
    plain = "".join(BASE32[bits >> 5 * place & 31] for place in reversed(range(symbols)))
    return "-".join(re.findall("....", plain))


def signed_note(note: str, name: str, seed: bytes) -> str:
    key = SigningKey(seed)
    key_id = hashlib.sha256(f"{name}\n".encode() + b"\1" + bytes(key.verify_key)).digest()[:4]
    return f"— {name} {base64.b64encode(key_id + key.sign(note.encode()).signature).decode()}"


def _of_a_code() -> dict[str, str]:
    round_, form, choices = text("round"), raw("form"), text("choices")
    k = argon2id.kdf(32, text("code").replace(b"-", b""), raw("salt"), opslimit=2, memlimit=19 * 2**20)
    linked, n = mac(raw("link key"), "v2/link", k), mac(k, "v2/nullifier")
    mark = mac(linked, "v2/form", form)[:16] + mac(linked, "v2/form-body", form, choices)[:16]
    found = {"k": k, "n": n, "c": digest("v2/registry", round_, n), "tag": mac(k, "v2/voter-tag"), "k'": linked}
    found |= {"locator": mac(linked, "v2/locator"), "rk": mac(linked, "v2/receipt", form), "mark": mark}
    return {name: value.hex() for name, value in found.items()}


def _of_a_ballot() -> dict[str, str]:
    manifest, rev = digest("v2/manifest", text("manifest text")), int(told()["revision"])
    tag = bytes.fromhex(_of_a_code()["tag"])
    tracker = digest("v2/tracker", text("round"), tag, raw("s"), rev.to_bytes(8, "big"))[:16]
    leaf = digest("v2/ballot", text("round"), manifest, tracker, text("choices"), raw("blind"))
    key = SigningKey(raw("seed"))
    body = (
        f"bb-receipt/v2\nround: {told()['round']}\nmanifest: {manifest.hex()}\ntracker: {tracker.hex()}\n"
        f"s: {told()['s']}\nepoch: {int(told()['epoch']):05}\nrevision: {rev:03}\nleaf: {leaf.hex()}\n"
    )
    return {
        "manifest": manifest.hex(),
        "tracker": tracker.hex(),
        "leaf": leaf.hex(),
        "public key": bytes(key.verify_key).hex(),
        "key on the letter": base32(digest("v2/key", bytes(key.verify_key)), 16),
        "signature": key.sign(body.encode()).signature.hex(),
        "short code": base32(tracker, 8),
    }


def _of_lists() -> dict[str, str]:
    first, second = (line.encode() for line in told()["registry line"].splitlines())
    root = two_leaves(*(bytes.fromhex(line) for line in told()["envelope"].splitlines()))
    return {
        "registry root": two_leaves(first, second).hex(),
        "seal root": root.hex(),
        "seal": digest("v2/seal", raw("seal salt"), (2).to_bytes(8, "big"), root).hex(),
        "texts": digest("v2/plan-texts", raw("texts salt"), text("plan texts")).hex(),
    }


def _of_the_log() -> dict[str, str]:
    payload = digest("v2/audit-payload", raw("payload salt"), text("details")).hex()
    entry = text("entry")
    assert f'"payload":"{payload}"'.encode() in entry
    hash_ = digest("v2/audit-entry", entry)
    root = hashlib.sha256(b"\0" + hash_).digest()
    note = f"{told()['log']}\n1\n{base64.b64encode(root).decode()}\n"
    return {
        "payload": payload,
        "entry hash": hash_.hex(),
        "checkpoint": note,
        "signature line": signed_note(note, told()["log"], raw("seed")),
    }


DERIVATIONS = (_of_a_code, _of_a_ballot, _of_lists, _of_the_log)


@pytest.mark.parametrize("derive", DERIVATIONS)
def test_what_the_page_says_gives_its_vectors(derive: object) -> None:
    found = derive()  # type: ignore[operator]
    assert {name: told()[name] for name in found} == found


def test_the_program_gives_them_too() -> None:
    round_, k, form = text("round"), raw("k"), raw("form")
    receipt = receipts.Receipt(
        round_, raw("manifest"), raw("tracker"), raw("s"), int(told()["epoch"]), int(told()["revision"]), raw("leaf")
    )
    entry = audit_chain.entry_of_content(json.loads(told()["entry"]))
    envelopes = [bytes.fromhex(line) for line in told()["envelope"].splitlines()]
    seal = seals.SealList().sealed(envelopes, salt=raw("seal salt")).seals[0]
    texts = PlanTexts(raw("texts salt"), json.loads(told()["plan texts"]))
    point = Checkpoint(told()["log"], 1, merkle_root([audit_chain.entry_hash(entry)]))
    tracker = envelope.make_tracker(raw("tag"), round_id=round_, s=raw("s"), rev=int(told()["revision"]))
    mark = credentials.form_mark(raw("link key"), k, form=form, choices=text("choices"))
    leaf = ballots.ballot_leaf(raw("tracker"), text("choices"), raw("blind"), round_id=round_, manifest=raw("manifest"))
    found = {
        "k": code_keys.derive_key(told()["code"], raw("salt")).hex(),
        "n": credentials.nullifier(k).hex(),
        "c": credentials.commitment(round_, raw("n")).hex(),
        "tag": credentials.voter_tag(k).hex(),
        "locator": credentials.locator(raw("link key"), k).hex(),
        "rk": credentials.receipt_key(raw("link key"), k, form).hex(),
        "mark": mark.hex(),
        "manifest": canonical.digest("v2/manifest", text("manifest text")).hex(),
        "tracker": tracker.hex(),
        "leaf": leaf.hex(),
        "key on the letter": key_fingerprint(raw("public key")),
        "signature": receipts.sign_receipt(receipt, raw("seed")).signature.hex(),
        "short code": receipts.short_code(raw("tracker")),
        "registry root": merkle_root([line.encode() for line in told()["registry line"].splitlines()]).hex(),
        "seal root": seal.root.hex(),
        "seal": seal.commitment.hex(),
        "texts": texts.commitment.hex(),
        "entry": audit_chain.entry_bytes(entry).decode(),
        "entry hash": audit_chain.entry_hash(entry).hex(),
        "payload": audit_chain.payload_commitment(raw("payload salt"), json.loads(told()["details"])).hex(),
        "signature line": sign_checkpoint(point, signing.NoteSigner(told()["log"], raw("seed"))).splitlines()[-1],
    }
    assert {name: told()[name] for name in found} == found
