"""Voting codes and every value derived from one but its key; what is done with those is decided elsewhere."""

import hmac
import secrets
import unicodedata
from collections.abc import Callable
from enum import StrEnum

from buurtbegroot.core.canonical import digest

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base32: no I, L, O and U
RANDOM_SYMBOLS = 15  # 75 bits
CODE_SYMBOLS = RANDOM_SYMBOLS + 1  # and one check symbol
GROUP_SYMBOLS = 4
LONGEST_INPUT = 200  # characters; spacing included, no code typed by a person comes near

KEY_BYTES = 32
FORM_BYTES = 16
MARK_BYTES = 32

_VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)}
_VALUES |= {symbol.lower(): value for symbol, value in _VALUES.items()}
_VALUES |= dict.fromkeys("Oo", 0) | dict.fromkeys("IiLl", 1)
# Spaces, invisible characters from copying, dashes and low lines: people and word processors add all of them.
_IGNORED_CATEGORIES = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Pd", "Pc"})
_MINUS_SIGN = "\N{MINUS SIGN}"


class CodeProblem(StrEnum):
    """Why a typed text is not a voting code."""

    EMPTY = "empty"
    WRONG_LENGTH = "wrong_length"
    BAD_SYMBOL = "bad_symbol"
    CHECK_FAILED = "check_failed"


class CodeError(ValueError):
    """A text that is not a voting code.

    `problem` says why, `length` is the number of symbols found and `symbol` the first one that no code
    contains. The text itself is left out on purpose, so that no code ends up in a log.
    """

    def __init__(self, problem: CodeProblem, *, length: int = 0, symbol: str = "") -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.length = length
        self.symbol = symbol


def generate_code(entropy: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """Draw a new voting code: 16 symbols without dashes, of which 75 bits are random."""
    # 256 is a multiple of 32, so the low five bits of a random byte are uniform.
    values = [byte & 31 for byte in entropy(RANDOM_SYMBOLS)]
    values.append(_times_alpha(_syndrome(values)))
    return "".join(ALPHABET[value] for value in values)


def normalise_code(text: str) -> str:
    """Return the 16 symbols meant by `text`, whatever the spacing, dashes and case; O is 0, I and L are 1.

    Raises CodeError when the text is no voting code. Passing says nothing about the code being registered.
    """
    if len(text) > LONGEST_INPUT:
        raise CodeError(CodeProblem.WRONG_LENGTH, length=len(text))
    symbols = [symbol for symbol in text if not _is_ignored(symbol)]
    if not symbols:
        raise CodeError(CodeProblem.EMPTY)
    values = _values_of(symbols)
    if len(values) != CODE_SYMBOLS:
        raise CodeError(CodeProblem.WRONG_LENGTH, length=len(values))
    if _syndrome(values):
        raise CodeError(CodeProblem.CHECK_FAILED, length=len(values))
    return "".join(ALPHABET[value] for value in values)


def format_code(code: str) -> str:
    """Write a code for people, in four groups of four: `7K3M-9QX2-…`. Raises CodeError when it is no code."""
    return grouped(normalise_code(code))


def grouped(symbols: str) -> str:
    """Write base32 symbols in groups of four, joined by dashes."""
    return "-".join(symbols[i : i + GROUP_SYMBOLS] for i in range(0, len(symbols), GROUP_SYMBOLS))


def mac(key: bytes, label: str, *fields: bytes) -> bytes:
    """Return HMAC-SHA256 under a 32-byte key over the labelled digest of the fields.

    Raises ValueError on another key size.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(key)}")
    return hmac.digest(key, digest(label, *fields), "sha256")


def nullifier(k: bytes) -> bytes:
    """Return `n`, published once per counted ballot: it shows that the code was registered."""
    return mac(k, "v2/nullifier")


def commitment(round_id: bytes, n: bytes) -> bytes:
    """Return `c`, what the registry holds of a code: follows from its nullifier, not the reverse."""
    return digest("v2/registry", round_id, n)


def voter_tag(k: bytes) -> bytes:
    """Return the voter's own part of a tracker, without which a server could give two voters the same one."""
    return mac(k, "v2/voter-tag")


def locator(link_key: bytes, k: bytes) -> bytes:
    """Return the place of a code in the ballot box; only the link key shows whose place it is."""
    return mac(_linked(link_key, k), "v2/locator")


def receipt_key(link_key: bytes, k: bytes, form: bytes) -> bytes:
    """Return the key, 32 bytes, under which the receipt of a ballot is stored.

    `form` is the review page's random value, 16 bytes, kept only by the browser: the code alone shows no receipt again.
    """
    return mac(_linked(link_key, k), "v2/receipt", form)


def form_mark(link_key: bytes, k: bytes, *, form: bytes, choices: bytes) -> bytes:
    """Return by what a form that is sent again is known, 32 bytes: the first half is of the form, the rest of it all.

    Without the link key and the code it tells nothing of form or choices.
    """
    linked, half = _linked(link_key, k), MARK_BYTES // 2
    return mac(linked, "v2/form", form)[:half] + mac(linked, "v2/form-body", form, choices)[:half]


def _linked(link_key: bytes, k: bytes) -> bytes:
    return mac(link_key, "v2/link", k)


def _is_ignored(symbol: str) -> bool:
    return symbol == _MINUS_SIGN or unicodedata.category(symbol) in _IGNORED_CATEGORIES


def _values_of(symbols: list[str]) -> list[int]:
    for symbol in symbols:
        if symbol not in _VALUES:
            raise CodeError(CodeProblem.BAD_SYMBOL, length=len(symbols), symbol=symbol)
    return [_VALUES[symbol] for symbol in symbols]


def _times_alpha(value: int) -> int:
    """Multiply by alpha in GF(32), the field of the primitive polynomial x^5 + x^2 + 1."""
    doubled = value << 1
    return doubled ^ 0b100101 if doubled & 32 else doubled


def _syndrome(values: list[int]) -> int:
    """Evaluate the symbols as a polynomial in alpha; a whole code gives 0.

    Alpha has order 31, so the sixteen positions have different non-zero weights: a wrong symbol and an
    exchange of two different symbols always leave a non-zero remainder.
    """
    remainder = 0
    for value in values:
        remainder = _times_alpha(remainder) ^ value
    return remainder
