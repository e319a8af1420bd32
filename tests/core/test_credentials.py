"""Codes survive every way of typing them, no single slip passes, and no derived value tells too much."""

import unicodedata
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.pwhash import argon2id

from buurtbegroot.core.canonical import digest
from buurtbegroot.core.code_keys import ARGON2_MEMORY, ARGON2_PASSES, derive_key
from buurtbegroot.core.credentials import (
    ALPHABET,
    CODE_SYMBOLS,
    LONGEST_INPUT,
    CodeError,
    CodeProblem,
    commitment,
    form_mark,
    format_code,
    generate_code,
    locator,
    mac,
    normalise_code,
    nullifier,
    receipt_key,
    voter_tag,
)

CHEAP = {"passes": argon2id.OPSLIMIT_MIN, "memory": argon2id.MEMLIMIT_MIN}
SALT = b"salt of a round."
K, LINK_KEY = bytes(range(32)), bytes(range(32, 64))
FORM = bytes(range(16))
FIRST = "0123456789ABCDE4"

codes = st.binary(min_size=15, max_size=15).map(lambda seed: generate_code(lambda size: seed[:size]))
keys = st.binary(min_size=32, max_size=32)


def problem_with(text: str) -> CodeError:
    with pytest.raises(CodeError) as caught:
        normalise_code(text)
    return caught.value


@given(codes)
def test_a_code_reads_back_in_every_spelling(code: str) -> None:
    spellings = [
        code,
        format_code(code),
        format_code(code).lower(),
        f"  {format_code(code)}\r\n",
        " ".join(code),
        "\N{NO-BREAK SPACE}\N{EN DASH}".join(code),
        format_code(code).replace("-", "\N{MINUS SIGN}"),
        "\N{ZERO WIDTH SPACE}" + format_code(code).replace("-", "_"),
        code.replace("0", "O").replace("1", "I"),
        code.lower().replace("0", "o").replace("1", "l"),
    ]
    assert {normalise_code(spelling) for spelling in spellings} == {code}


@given(codes)
def test_a_code_is_sixteen_symbols_in_four_groups(code: str) -> None:
    assert len(code) == CODE_SYMBOLS
    assert set(code) <= set(ALPHABET)
    assert [len(group) for group in format_code(code).split("-")] == [4, 4, 4, 4]


# The check is linear, so that a slip passes for one code exactly if it passes for all: one code would do.
@pytest.mark.parametrize("fill", [0, 31, 0b10101, 7])
def test_every_wrong_symbol_is_noticed(fill: int) -> None:
    code = generate_code(lambda size: bytes((fill + 5 * i) % 256 for i in range(size)))
    for place in range(CODE_SYMBOLS):
        for symbol in set(ALPHABET) - {code[place]}:
            assert problem_with(code[:place] + symbol + code[place + 1 :]).problem == CodeProblem.CHECK_FAILED


@pytest.mark.slow
def test_every_exchange_of_two_symbols_is_noticed() -> None:
    for first, second in combinations(range(CODE_SYMBOLS), 2):
        for one, other in combinations(range(32), 2):
            code = code_with({first: one, second: other})
            swapped = list(code)
            swapped[first], swapped[second] = code[second], code[first]
            assert swapped == list(code) or problem_with("".join(swapped)).problem == CodeProblem.CHECK_FAILED


def code_with(values: dict[int, int]) -> str:
    """A code with the given values at the given places, other symbols equal; the last symbol follows."""
    return generate_code(lambda size: bytes(values.get(place, 9) for place in range(size)))


@pytest.mark.parametrize("text", ["", "   ", "- - -", "\t\r\n", "\N{SOFT HYPHEN}"])
def test_nothing_is_called_empty(text: str) -> None:
    assert problem_with(text).problem == CodeProblem.EMPTY


def test_a_short_or_long_code_is_counted() -> None:
    for length in (1, 15, 17, 32):
        error = problem_with("-".join("7" * length))
        assert (error.problem, error.length) == (CodeProblem.WRONG_LENGTH, length)
    assert problem_with("7" * (LONGEST_INPUT + 1)).problem == CodeProblem.WRONG_LENGTH


@pytest.mark.parametrize("symbol", ["U", "u", "?", ".", "é", "٣", "１", "<", "\N{SNOWMAN}"])
def test_a_symbol_that_no_code_has_is_named(symbol: str) -> None:
    error = problem_with("7K3M-9Q" + symbol)
    assert (error.problem, error.symbol) == (CodeProblem.BAD_SYMBOL, symbol)


@given(st.text(max_size=40))
def test_any_text_is_a_code_or_has_a_problem(text: str) -> None:
    told: tuple[str, str] | None = None
    try:
        code = normalise_code(text)
    except CodeError as error:
        told = str(error), error.problem
    else:
        assert normalise_code(code) == code
    assert told is None or told[0] == told[1], "the text must not reach a log"


def test_no_letter_outside_ascii_counts_as_a_symbol() -> None:
    letters = (chr(point) for point in range(128, 0x3000))
    for letter in letters:
        if unicodedata.category(letter).startswith(("L", "N")):
            assert problem_with(letter).problem == CodeProblem.BAD_SYMBOL


def test_codes_are_drawn_evenly_and_never_twice() -> None:
    drawn = [generate_code() for _ in range(4_000)]
    assert len(set(drawn)) == len(drawn)
    counts = {symbol: sum(code.count(symbol) for code in drawn) for symbol in ALPHABET}
    assert all(1_700 < times < 2_300 for times in counts.values())  # 2,000 expected, deviation 44


def test_key_derivation_has_the_promised_cost() -> None:
    assert (ARGON2_PASSES, ARGON2_MEMORY) == (2, 19 * 2**20)
    code = generate_code(bytes)
    expected = argon2id.kdf(32, code.encode(), SALT, opslimit=2, memlimit=19 * 2**20)
    assert derive_key(format_code(code).lower(), SALT) == expected


def test_no_key_from_something_else_than_a_code() -> None:
    with pytest.raises(CodeError):
        derive_key("7K3M-9QX2", SALT, **CHEAP)


@given(codes, codes)
def test_keys_differ_by_code_and_by_round(code: str, other: str) -> None:
    k = derive_key(code, SALT, **CHEAP)
    assert (k == derive_key(other, SALT, **CHEAP)) == (code == other)
    assert k != derive_key(code, SALT[::-1], **CHEAP)


@given(keys, keys, keys)
def test_locators_of_one_voter_have_nothing_in_common_under_other_link_keys(
    k: bytes, link_key: bytes, other: bytes
) -> None:
    assert (locator(link_key, k) == locator(other, k)) == (link_key == other)
    assert (receipt_key(link_key, k, FORM) == receipt_key(other, k, FORM)) == (link_key == other)


@given(keys, keys)
def test_no_two_derivations_of_one_key_agree(k: bytes, link_key: bytes) -> None:
    n = nullifier(k)
    derived = [
        k,
        n,
        voter_tag(k),
        locator(link_key, k),
        receipt_key(link_key, k, FORM),
        form_mark(link_key, k, form=FORM, choices=b"[]"),
    ]
    derived += [commitment(b"round-1", n), commitment(b"round-2", n)]
    assert len(set(derived)) == len(derived)
    assert {len(value) for value in derived} == {32}


def test_derivations_follow_the_published_formulas() -> None:
    assert commitment(b"round", b"n") == digest("v2/registry", b"round", b"n")
    assert nullifier(K) == mac(K, "v2/nullifier")
    assert voter_tag(K) == mac(K, "v2/voter-tag")
    assert locator(LINK_KEY, K) == mac(mac(LINK_KEY, "v2/link", K), "v2/locator")
    assert receipt_key(LINK_KEY, K, FORM) == mac(mac(LINK_KEY, "v2/link", K), "v2/receipt", FORM)
    linked = mac(LINK_KEY, "v2/link", K)
    halves = mac(linked, "v2/form", FORM)[:16], mac(linked, "v2/form-body", FORM, b"[3]")[:16]
    assert form_mark(LINK_KEY, K, form=FORM, choices=b"[3]") == b"".join(halves)


def test_derivations_never_change() -> None:
    """Values worked out once: a change here would orphan every ballot and letter of a running round."""
    assert generate_code(lambda size: bytes(range(size))) == FIRST
    assert derive_key(FIRST, SALT).hex()[:16] == "67c8a706ed946950"
    assert nullifier(K).hex()[:16] == "d6e8a6091c864f9a"
    assert locator(LINK_KEY, K).hex()[:16] == "069f3a8d6f820a35"


@pytest.mark.parametrize("key", [b"", b"short", bytes(33)])
def test_a_key_of_another_size_is_refused(key: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        mac(key, "v2/nullifier")
