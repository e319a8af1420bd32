"""Canonical JSON and the labelled digest."""

import hashlib
from datetime import date

import pytest

from buurtbegroot.core.canonical import canonical_json, digest


def test_keys_are_sorted_and_nothing_is_padded() -> None:
    assert canonical_json({"b": [1, True, None], "a": "é"}) == '{"a":"é","b":[1,true,null]}'.encode()


def test_a_tuple_reads_as_a_list() -> None:
    assert canonical_json((1, (2,))) == canonical_json([1, [2]]) == b"[1,[2]]"


@pytest.mark.parametrize("value", [1.0, {"a": [0.5]}, {1: "a"}, b"raw", {1, 2}, date(2026, 1, 1)])
def test_values_without_one_spelling_are_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)


def test_the_refusal_says_where() -> None:
    with pytest.raises(TypeError, match=r"value\.plans\[1\]\.cost"):
        canonical_json({"plans": [{"cost": 1}, {"cost": 1.5}]})


def test_digest_is_length_prefixed_sha256() -> None:
    expected = hashlib.sha256(
        (8).to_bytes(8, "big") + b"bb/leaf!" + (2).to_bytes(8, "big") + b"ab" + (0).to_bytes(8, "big")
    ).digest()
    assert digest("leaf!", b"ab", b"") == expected


def test_moving_a_byte_between_fields_changes_the_digest() -> None:
    spread = [digest("v2/x", b"ab", b"c"), digest("v2/x", b"a", b"bc"), digest("v2/x", b"abc"), digest("v2/xa", b"bc")]
    assert len(set(spread)) == 4
