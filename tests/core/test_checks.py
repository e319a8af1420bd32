"""An honest bundle holds, and whatever is changed in it afterwards is named."""

import json
import re
from collections.abc import Callable, Sequence

import pytest

from buurtbegroot.core.methods import Method
from buurtbegroot.core.plan_texts import plans_json
from buurtbegroot.core.receipts import receipt_text
from buurtbegroot.core.signing import NoteSigner
from buurtbegroot.core.verifying.checks import Report, Trust, check, key_fingerprint
from buurtbegroot.core.verifying.reading import Bundle
from tests.core.bundles import SIGNER, Vote, counted, small_vote, whole_vote

VOTE, FILES = whole_vote()
OTHER_SIGNER = NoteSigner(SIGNER.name, bytes(32))
Files = dict[str, bytes]


def report(files: Files, **trust: object) -> Report:
    return check(Bundle(files), Trust(**trust))  # type: ignore[arg-type]


def faults(files: Files, **trust: object) -> set[str]:
    return {f"{each.check} {each.fault}" for each in report(files, **trust).findings}


def test_an_honest_bundle_holds() -> None:
    found = report(FILES)
    assert (found.findings, found.anchors, found.gone) == ((), (), ())
    assert found.witnesses == {"getuige.example": 3}
    assert len(Bundle(FILES).ballots) == 5
    assert Bundle(FILES).strangers == {"unreadable": 2}


def test_it_says_by_what_it_is_held() -> None:
    vote = Vote()
    receipt = receipt_text(vote.cast(0, [1]).receipt)
    saved = vote.sign("audit-1.note")
    files = vote.finish()
    found = report(files, key=key_fingerprint(SIGNER.verifier.key), receipts=(receipt,), saved=(saved,))
    assert (found.findings, found.anchors) == ((), ("key", "receipt", "saved"))
    assert report(files, key=key_fingerprint(SIGNER.verifier.key).lower().replace("-", " ")).anchors == ("key",)
    assert faults(files, key="0000-0000-0000-0000") == {"V1 other_key"}
    assert faults(files, key="-") == {"V1 other_key"}
    other = Vote()
    stolen = receipt_text(other.cast(0, [1]).receipt)
    assert faults(files, receipts=(stolen,)) == {"V1 receipt_lost"}
    assert faults(files, receipts=("x",)) == {"V1 no_receipt"}
    forged = receipt.replace("revision: 001", "revision: 002")
    assert faults(files, receipts=(forged,)) == {"V1 receipt_not_signed"}


def test_it_says_what_became_of_the_ballot_of_a_receipt() -> None:
    vote = Vote()
    replaced, void, counted = vote.cast(0, [1]), vote.cast(1, [2]), vote.cast(0, [3], rev=2)
    vote.void(1)
    texts = tuple(receipt_text(each.receipt) for each in (counted, replaced, void))
    fates = report(vote.finish(), receipts=texts).fates
    assert [(each.fate, each.choices) for each in fates] == [("counted", "[3]"), ("superseded", ""), ("superseded", "")]
    assert [each.tracker for each in fates] == [each.receipt.tracker for each in (counted, replaced, void)]


def test_a_saved_closing_note_holds_the_bundle() -> None:
    other = Vote()
    other.cast(0, [1])
    assert report(FILES, saved=(FILES["closing.note"].decode(),)).anchors == ("saved",)
    assert faults(FILES, saved=(other.finish()["closing.note"].decode(),)) == {"V10 other_closing"}


def test_a_sealed_envelope_that_went_is_listed() -> None:
    vote = Vote()
    vote.cast(0, [1])
    vote.cast(1, [2])
    vote.night()
    gone = vote.envelopes.pop()
    files = vote.finish()
    found = report(files)
    assert found.findings == ()
    assert len(found.gone) == 1
    assert gone not in vote.envelopes


def test_a_vote_that_was_restored_holds_and_a_receipt_of_before_is_told_by_its_epoch() -> None:
    vote = Vote()
    vote.night()
    lost = vote.cast(0, [1]).receipt
    vote.envelopes.clear()
    vote.void(2, spare=True)
    vote.log("voting.restored", epoch=1, since="2026-11-20T21:00Z", until="2026-11-21T09:00Z")
    vote.log("voting.code_voided", code=vote.code(2).hex(), spare=True)  # the same void, applied again
    again = vote.cast(0, [2], epoch=1).receipt
    vote.cast(6, [3], epoch=1)
    other = vote.cast(1, [3], epoch=1).receipt
    vote.envelopes.pop()
    files = vote.finish()
    found = report(files, receipts=(receipt_text(again),))
    assert (found.findings, found.fates[0].fate) == ((), "counted")
    assert found.restored == ((1, "2026-11-20T21:00Z", "2026-11-21T09:00Z"),)
    assert faults(files, receipts=(receipt_text(lost),)) == {"V1 receipt_of_lost_time"}
    assert faults(files, receipts=(receipt_text(other),)) == {"V1 receipt_lost"}
    assert faults(files | {"audit.jsonl": files["audit.jsonl"].replace(b'"epoch":1', b'"epoch":[]')}) >= {
        "V11 unreadable"
    }


def test_what_was_done_again_after_a_backup_is_told_twice() -> None:
    """Opening and closing are told once more when a backup lacked them; a second one that differs is found."""
    vote = Vote(drawn=0)
    vote.cast(0, [1])
    opened = vote.entries[0]["details"]["payload"]
    vote.log("voting.opened", **opened)
    vote.log("voting.closed", envelopes=1, drawn=0)
    assert faults(vote.finish()) == set()
    vote = Vote(drawn=0)
    vote.cast(0, [1])
    vote.log("voting.closed", envelopes=2, drawn=0)
    assert faults(vote.finish()) == {"V6 other_number_closed"}
    vote = Vote()
    vote.log("voting.opened", **(opened | {"registry": "00"}))
    assert faults(vote.finish()) == {"V2 opened_otherwise"}
    vote = Vote()
    vote.log("voting.counted_from", closing="00")
    vote.sign("early.note")
    assert faults(vote.finish()) == {"V3 closing_not_in_log"}


def test_texts_may_be_left_out_and_of_which_plans_is_said() -> None:
    kept = {plan: texts for plan, texts in VOTE.texts.items() if plan != 3}
    found = report(FILES | {"plans.json": plans_json(kept)})
    assert (found.findings, found.unread) == ((), (3,))
    assert report(FILES).unread == ()
    alone = {name: content for name, content in FILES.items() if name != "plans.json"}
    assert (report(alone).findings, report(alone).unread) == ((), (1, 2, 3, 4, 5))


@pytest.mark.parametrize("method", [each for each in Method if each is not Method.MAJORITY_JUDGMENT])
def test_each_method_that_a_round_can_use_is_counted_again(method: Method) -> None:
    files = small_vote(method)
    assert faults(files) == set()
    assert "V9 other_result" in faults(
        files | {"result.json": FILES["result.json"].replace(b'"votes":2', b'"votes":3')}
    )


def lines(name: str, change: Callable[[list[bytes]], list[bytes]]) -> Files:
    found = FILES[name].splitlines(keepends=True)
    return FILES | {name: b"".join(change(found))}


def swapped(name: str, old: bytes, new: bytes) -> Files:
    assert old in FILES[name]
    return FILES | {name: FILES[name].replace(old, new, 1)}


def entry(change: Callable[[list[dict[str, object]]], object]) -> Files:
    found = [json.loads(line) for line in FILES["audit.jsonl"].splitlines()]
    change(found)
    text = b"".join(
        json.dumps(each, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n" for each in found
    )
    return FILES | {"audit.jsonl": text}


SPARE, POOL = (6, 7), (8, 9, 10)  # voters by the kind of their code


def by(voters: Sequence[int], *, replaced: int = 0, drawn: int = 0) -> Files:
    """Return a vote in which these cast, so many spares took the place of a void code, and so many codes were drawn."""
    vote = Vote(drawn=drawn)
    for voter in range(replaced + 1):
        vote.void(voter, spare=voter < replaced)
    for voter in voters:
        vote.cast(voter, [1])
    return vote.finish()


def test_as_many_spares_and_drawn_codes_as_were_given_may_count() -> None:
    assert faults(by(SPARE, replaced=2)) == set()
    assert faults(by(POOL[:2], drawn=2)) == set()


@pytest.mark.parametrize("voter", [0, SPARE[0], POOL[0]])
def test_each_kind_of_code_may_be_made_void_when_the_log_says_so(voter: int) -> None:
    vote = Vote()
    vote.cast(1, [1])
    vote.void(voter)
    assert faults(vote.finish()) == set()
    vote.voids.clear()
    assert faults(vote.finish()) >= {"V4 void_unsaid"}, "told, but not in the list"


@pytest.mark.parametrize("replaced", range(2))
def test_no_more_spares_count_than_took_the_place_of_a_void_code(replaced: int) -> None:
    assert faults(by(SPARE, replaced=replaced)) == {"V4 spares_beyond_voids"}


@pytest.mark.parametrize("drawn", range(3))
def test_no_more_codes_of_the_pool_count_than_were_drawn(drawn: int) -> None:
    assert faults(by(POOL, drawn=drawn)) == {"V4 pool_beyond_drawn"}


@pytest.mark.parametrize(("drawn", "found"), [(1, set()), (2, {"V4 void_beyond_waiting"})])
def test_no_more_codes_of_the_pool_are_void_than_nobody_drew(drawn: int, found: set[str]) -> None:
    """Somebody who writes the database takes the ballot of a drawn code out of the count."""
    vote = Vote(drawn=drawn)
    vote.cast(8, [1])
    vote.voids += [vote.code(voter) for voter in POOL[1:]]
    assert faults(vote.finish()) == found


def test_a_closing_that_is_told_twice_names_one_number_of_drawn_codes() -> None:
    vote = Vote(drawn=1)
    vote.log("voting.closed", envelopes=0, drawn=3)
    assert faults(vote.finish()) == {"V4 other_number_drawn"}


def test_nights_without_a_seal_are_told_and_end_nothing() -> None:
    vote = Vote()
    for night in range(2, 28):
        vote.night(f"2026-11-{night:02}")
    found = report(vote.finish())
    assert (found.findings, found.unsealed) == ((), ("2026-11-28",))
    assert len(report(Vote().finish()).unsealed) == 27, "also where there is no seal at all"


@pytest.mark.parametrize(("opened", "first"), [("2026-11-20T01:59Z", 20), ("2026-11-20T02:01Z", 21)])
def test_no_night_before_the_opening_is_missing(opened: str, first: int) -> None:
    assert report(Vote(opened=opened).finish()).unsealed == tuple(f"2026-11-{night}" for night in range(first, 29))


MUTATIONS: dict[str, tuple[Files, str]] = {
    "a ballot goes": (lines("ballots.jsonl", lambda each: each[1:]), "V3 other_list"),
    "a ballot twice": (lines("ballots.jsonl", lambda each: [each[0], *each]), "V5 tracker_twice"),
    "another choice": (swapped("ballots.jsonl", b"[1]", b"[2]"), "V5 leaf_not_listed"),
    "an illegal choice": (swapped("ballots.jsonl", b"[1]", b"[9]"), "V8 not_legal"),
    "a choice written otherwise": (swapped("ballots.jsonl", b"[4,5]", b"[5,4]"), "V8 not_legal"),
    "a leaf goes": (lines("leaves.txt", lambda each: each[1:]), "V6 leaf_unaccounted"),
    "a leaf more": (lines("leaves.txt", lambda each: [*each, b"f" * 64 + b"\n"]), "V6 leaf_unaccounted"),
    "a superseded leaf goes": (lines("superseded.txt", lambda each: each[1:]), "V6 leaf_unaccounted"),
    "a nullifier goes": (lines("nullifiers.txt", lambda each: each[1:]), "V7 ballots_beyond_codes"),
    "a nullifier twice": (lines("nullifiers.txt", lambda each: [each[0], *each]), "V4 nullifier_twice"),
    "a nullifier of nobody": (lines("nullifiers.txt", lambda each: [b"a" * 64 + b"\n", *each]), "V4 not_registered"),
    "a void code less": (FILES | {"void.txt": b""}, "V4 void_unsaid"),
    "a void code more": (
        FILES | {"void.txt": FILES["void.txt"] + VOTE.code(0).hex().encode() + b"\n"},
        "V4 void_code_counted",
    ),
    "a code more": (FILES | {"registry.txt": FILES["registry.txt"] + b"f" * 64 + b" letter\n"}, "V2 other_registry"),
    "a code of another kind": (swapped("registry.txt", b" spare", b" letter"), "V2 other_registry"),
    "an envelope goes": (lines("envelopes.txt", lambda each: each[1:]), "V6 envelopes_unaccounted"),
    "a stranger more": (FILES | {"strangers.txt": b"unreadable 3\n"}, "V6 envelopes_unaccounted"),
    "a ballot refused": (
        FILES | {"refused.txt": FILES["leaves.txt"].splitlines()[0] + b" illegal\n"},
        "V6 leaf_unaccounted",
    ),
    "other costs": (swapped("manifest.json", b'"cost_cents":10000', b'"cost_cents":10001'), "V2 opened_otherwise"),
    "other rules": (swapped("manifest.json", b'"max_choices":3', b'"max_choices":4'), "V2 opened_otherwise"),
    "another key": (
        swapped("manifest.json", str(SIGNER.verifier).encode(), str(OTHER_SIGNER.verifier).encode()),
        "V1 unreadable",
    ),
    "another closing note": (swapped("closing.note", b"leaves.txt 7", b"leaves.txt 6"), "V1 unreadable"),
    "an entry goes": (entry(lambda each: each.pop(1)), "V10 wrong_seq"),
    "the last entry goes": (entry(lambda each: each.pop()), "V10 truncated"),
    "another actor": (entry(lambda each: each[1]["entry"].update(actor="x")), "V10 wrong_hash"),  # type: ignore[attr-defined]
    "other details": (entry(lambda each: each[0]["details"]["payload"].update(manifest="00")), "V10 wrong_payload"),  # type: ignore[index]
    "details go": (entry(lambda each: each[0].pop("details")), "V2 opened_otherwise"),
    "a note goes": ({name: text for name, text in FILES.items() if name != "notes/opening.note"}, "V2 unreadable"),
    "the last signed size goes": (
        {name: text for name, text in FILES.items() if name != "notes/closing-log.note"},
        "V10 counting_not_signed",
    ),
    "a seal goes": (
        FILES | {"seals.json": b'{"envelopes":[],"seals":[]}'},
        "V11 seal_broken",
    ),
    "another night": (swapped("seals.json", b'"night":"2026-11-02"', b'"night":"2026-11-03"'), "V11 seals_otherwise"),
    "a seal in capitals": (
        FILES | {"seals.json": re.sub(rb"[0-9a-f]{64}", lambda one: one[0].upper(), FILES["seals.json"])},
        "V11 seals_otherwise",
    ),
    "another winner": (
        swapped("result.json", b'"verdict":"funded"', b'"verdict":"does_not_fit"'),
        "V9 other_result",
    ),
    "a cent more": (swapped("result.json", b'"awarded_cents":10000', b'"awarded_cents":10001'), "V9 other_result"),
    "a vote less": (swapped("result.json", b'"valid_ballots":5', b'"valid_ballots":4'), "V9 other_result"),
    "another rank": (swapped("result.json", b'"rank":2', b'"rank":3'), "V9 other_result"),
    "more left": (swapped("result.json", b'"left_cents":', b'"left_cents":1'), "V9 other_result"),
    "another lot": (swapped("result.json", b'"lot":[', b'"lot":[1,'), "V9 other_result"),
    "another method": (swapped("result.json", b'"most_votes"', b'"phragmen"'), "V9 other_result"),
    "a field more": (swapped("result.json", b'{"count":{', b'{"count":{"a":1,'), "V9 other_result"),
    "a result written otherwise": (FILES | {"result.json": FILES["result.json"] + b" "}, "V9 unreadable"),
    "no result": (FILES | {"result.json": b"{}"}, "V9 unreadable"),
    "another seed": (FILES | counted(FILES, seed=bytes(32)), "V9 other_lot"),
    "a vote in the Pabulib file": (swapped("votes.pb", b"4;3\n", b"4;2\n"), "V9 other_votes_file"),
    "another text": (swapped("plans.json", b'"Plan 3"', b'"Plan 4"'), "V2 other_texts"),
    "another salt": (swapped("plans.json", b"03" * 16, b"04" * 16), "V2 other_texts"),
    "texts of no plan": (swapped("plans.json", b'"id":5', b'"id":6'), "V2 other_texts"),
    "plans written otherwise": (FILES | {"plans.json": FILES["plans.json"] + b" "}, "V2 unreadable"),
    "no canonical manifest": (FILES | {"manifest.json": FILES["manifest.json"] + b" "}, "V1 unreadable"),
    "no hexadecimal": (lines("leaves.txt", lambda each: [b"x\n", *each]), "V5 unreadable"),
    "a broken last line": (FILES | {"leaves.txt": FILES["leaves.txt"][:-1]}, "V5 unreadable"),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_what_is_changed_is_named(name: str) -> None:
    files, expected = MUTATIONS[name]
    assert expected in faults(files)
