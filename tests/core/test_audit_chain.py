"""No entry of the audit log can be changed, dropped, moved or cut off unseen; details can be erased."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import Any

import pytest

from buurtbegroot.core.audit_chain import (
    GENESIS,
    ChainProblem,
    Entry,
    Fault,
    Payload,
    Record,
    entry_bytes,
    entry_hash,
    payload_commitment,
    utc_minute,
    verify_chain,
)
from buurtbegroot.core.canonical import digest
from buurtbegroot.core.merkle import merkle_root
from buurtbegroot.core.transparency_log import Checkpoint

LENGTH = 40


def chained(values: Sequence[object]) -> list[Record]:
    """A log with these payloads, as the application writes it."""
    records: list[Record] = []
    for seq, value in enumerate(values, 1):
        payload = Payload(seq.to_bytes(16, "big"), value)
        entry = Entry(
            seq=seq,
            minute=f"2026-11-21T23:{seq % 60:02}Z",
            actor="ab12",
            action="round.opened",
            object=f"round:{seq}",
            accord=("1.4", "2.10"),
            payload=payload_commitment(payload.salt, value),
            prev=records[-1].hash if records else GENESIS,
        )
        records.append(Record(entry, entry_hash(entry), payload))
    return records


LOG = chained([{"title": f"Buurt {number}"} for number in range(LENGTH)])
END = Checkpoint("stem.example/log", LENGTH, merkle_root([record.hash for record in LOG]))


def changed(place: int, change: Callable[[Record], Record]) -> list[Record]:
    return [change(record) if i == place else record for i, record in enumerate(LOG)]


def test_an_untouched_log_has_no_problems() -> None:
    assert verify_chain(LOG, [END]) == []
    assert verify_chain([], []) == []


def test_erased_payloads_still_verify() -> None:
    assert verify_chain([replace(record, payload=None) for record in LOG], [END]) == []


CHANGES: dict[str, Any] = {
    "seq": 99,
    "minute": "2026-11-21T22:00Z",
    "actor": "cd34",
    "action": "round.closed",
    "object": "round:0",
    "accord": ("1.4",),
    "payload": bytes(32),
    "prev": bytes([1]) * 32,
    "state": bytes([2]) * 32,
}


@pytest.mark.parametrize("field", CHANGES)
def test_a_changed_field_is_found_at_its_place(field: str) -> None:
    for place in range(LENGTH):
        entry = replace(LOG[place].entry, **{field: CHANGES[field]})
        problems = verify_chain(changed(place, partial(replace, entry=entry)))
        assert ChainProblem(place + 1, Fault.WRONG_HASH) in problems
        assert {problem.place for problem in problems} == {place + 1}


def test_a_changed_entry_with_its_hash_redone_breaks_the_next_link_or_the_checkpoint() -> None:
    def redo(record: Record) -> Record:
        entry = replace(record.entry, action="round.closed")
        return replace(record, entry=entry, hash=entry_hash(entry))

    for place in range(LENGTH - 1):
        assert ChainProblem(place + 2, Fault.BROKEN_LINK) in verify_chain(changed(place, redo))
    assert verify_chain(changed(LENGTH - 1, redo), [END]) == [ChainProblem(LENGTH, Fault.REWRITTEN)]


def test_a_changed_payload_is_found() -> None:
    for other in ({"title": "iets anders"}, 1.5, "\ud800"):
        forged = changed(4, partial(replace, payload=Payload(bytes(16), other)))
        assert verify_chain(forged) == [ChainProblem(5, Fault.WRONG_PAYLOAD)]
    short = changed(4, partial(replace, payload=Payload(b"", {})))
    assert verify_chain(short) == [ChainProblem(5, Fault.WRONG_PAYLOAD)]


def test_an_entry_without_canonical_form_is_a_problem_not_a_crash() -> None:
    changes: tuple[dict[str, Any], ...] = ({"minute": "gisteren"}, {"object": "\ud800"})
    for change in changes:
        forged = changed(4, partial(replace, entry=replace(LOG[4].entry, **change)))
        assert verify_chain(forged) == [ChainProblem(5, Fault.WRONG_HASH)]


@pytest.mark.slow
def test_every_flipped_bit_of_a_hash_is_found() -> None:
    for place in range(0, LENGTH, 13):
        stored = int.from_bytes(LOG[place].hash, "big")
        for bit in range(256):
            flipped = (stored ^ 1 << bit).to_bytes(32, "big")
            problems = verify_chain(changed(place, partial(replace, hash=flipped)))
            assert ChainProblem(place + 1, Fault.WRONG_HASH) in problems


def test_every_deleted_entry_is_found() -> None:
    for place in range(LENGTH):
        assert verify_chain(LOG[:place] + LOG[place + 1 :], [END])
    for place in range(LENGTH - 1):
        assert verify_chain(LOG[:place] + LOG[place + 1 :])


@pytest.mark.slow
def test_every_two_swapped_entries_are_found() -> None:
    for one in range(LENGTH):
        for other in range(one):
            swapped = list(LOG)
            swapped[one], swapped[other] = LOG[other], LOG[one]
            assert verify_chain(swapped)


def test_a_log_cut_off_or_rewritten_to_its_end_shows_against_a_checkpoint() -> None:
    for size in range(LENGTH):
        assert verify_chain(LOG[:size]) == []
        assert verify_chain(LOG[:size], [END]) == [ChainProblem(LENGTH, Fault.TRUNCATED)]
    rewritten = chained([{"title": "iets anders"}] * (LENGTH + 5))
    assert verify_chain(rewritten, [END]) == [ChainProblem(LENGTH, Fault.REWRITTEN)]


def test_an_inserted_or_repeated_entry_is_found() -> None:
    for place in range(LENGTH):
        assert verify_chain([*LOG[: place + 1], LOG[place], *LOG[place + 1 :]])


def test_an_entry_is_published_as_canonical_json() -> None:
    entry = replace(LOG[0].entry, payload=bytes(32))
    assert (
        entry_bytes(entry)
        == (
            '{"accord":["1.4","2.10"],"action":"round.opened","actor":"ab12","minute":"2026-11-21T23:01Z",'
            f'"object":"round:1","payload":"{"00" * 32}","prev":"{"00" * 32}","seq":1,"state":""}}'
        ).encode()
    )
    assert entry_hash(entry) == digest("v2/audit-entry", entry_bytes(entry))
    with pytest.raises(ValueError, match="minute"):
        entry_hash(replace(entry, minute="2026-11-21T23:53:07Z"))


def test_a_commitment_needs_its_salt() -> None:
    value = {"e-mail": "bewoner@example.org"}
    assert payload_commitment(bytes(16), value) != payload_commitment(bytes([1] * 16), value)
    with pytest.raises(ValueError, match="16 bytes"):
        payload_commitment(b"", value)
    with pytest.raises(TypeError):
        payload_commitment(bytes(16), {"euro": 1.5})


def test_the_minute_is_in_utc() -> None:
    summer = timezone(timedelta(hours=2))
    assert utc_minute(datetime(2026, 7, 1, 1, 30, 59, tzinfo=summer)) == "2026-06-30T23:30Z"
    assert utc_minute(datetime(2026, 7, 1, tzinfo=UTC)) == "2026-07-01T00:00Z"
    with pytest.raises(ValueError, match="time zone"):
        utc_minute(datetime(2026, 7, 1))  # noqa: DTZ001 (the naive moment is the point)
