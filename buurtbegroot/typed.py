"""What people type, read in one way wherever it comes in: one line, more lines, and numbers; no Flask, no texts."""

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

JOINERS = "\u200c\u200d"  # within words of some languages, and within emoji
BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0\U0001d159"  # letters, but empty
NO_SIGNS = {0x2065, *range(0xFDD0, 0xFDF0), *range(0xFFF0, 0xFFF9)}  # shown as nothing, and no XML may hold some
MOST_MARKS = 4  # accents on one letter: more is no language, and runs through the lines around it
LONGEST_NUMBER = 40
SPACES = " \u00a0\u202f"

_LOOSE_JOINERS = re.compile(rf"(?<!\S)[{JOINERS}]+|[{JOINERS}]+(?!\S)|(?<=[{JOINERS}])[{JOINERS}]+")
_SEEN = frozenset("LNPS")  # letters, numbers, punctuation, symbols
_AMOUNT = re.compile(r"(?:€|eur|euro)?\s*(-?)(.*?)\s*(?:[.,][-–—]{1,2})?\s*(?:€|eur|euro)?", re.IGNORECASE)


def one_line(text: str) -> str:
    """Return a text as one line of what can be seen: NFC, single spaces, no controls, no marks that turn it around."""
    return _if_seen(" ".join(_plain(" ".join(text.split())).split()))


def more_lines(text: str) -> str:
    """Return a text of more lines, cleaned like one line; line ends are \\n, and spaces within a line stay."""
    return _if_seen("\n".join(_plain(line).rstrip() for line in text.splitlines()).strip())


def _plain(line: str) -> str:
    if line.isascii() and line.isprintable():
        return line
    kept, marks = [], 0
    for sign in line:
        kind = unicodedata.category(sign)
        if sign.isspace():
            kept.append(sign if kind == "Zs" else " ")
            marks = 0
        elif sign in JOINERS:  # begins no new letter, nor does what is left out
            kept.append(sign)
        elif _has_shape(sign, kind):
            marks = marks + 1 if kind in {"Mn", "Me"} else 0
            kept += [sign] if marks <= MOST_MARKS else []
    return unicodedata.normalize("NFC", _LOOSE_JOINERS.sub("", "".join(kept)))


def _has_shape(sign: str, kind: str) -> bool:
    """Tell whether a sign looks like anything: no control, no blank, and no code without a meaning that all share."""
    code = ord(sign)
    is_open = code & 0xFFFE == 0xFFFE or code in NO_SIGNS or (code >= 0xE0000 and kind != "Mn")
    return not is_open and kind not in {"Cc", "Cf", "Cs"} and sign not in BLANKS


def _if_seen(text: str) -> str:
    return text if any(unicodedata.category(sign)[0] in _SEEN for sign in text) else ""


class Marks(NamedTuple):
    """How a language writes numbers: what parts thousands, and what stands before decimals."""

    group: str
    decimal: str


def whole_number(text: str, marks: Marks) -> int:
    """Read '1500' or, with the marks of the language, '1.500'; raise ValueError for what could be another number."""
    return int(decimal_number(text, marks, places=0))


def cents(text: str, marks: Marks) -> int:
    """Read '1500,50', '€ 1.500' or '-12,-' as euro cents; raise ValueError for all that could be another amount."""
    bare = _AMOUNT.fullmatch(text.strip())
    sign, figures = bare.groups() if bare else ("", "")
    return int(decimal_number(figures, marks, places=2) * (-100 if sign else 100))


def decimal_number(text: str, marks: Marks, *, places: int) -> Decimal:
    """Read a number that is not negative, with at most so many decimals; raise ValueError for what could be another.

    Thousands are parted by the mark of the language or a space, everywhere or nowhere. The other mark is understood
    where it can mean one thing only: before one or two last figures, and once.
    """
    group, point = map(re.escape, marks)
    thousands = (rf"[1-9]\d{{0,2}}(?:{mark}\d{{3}})+" for mark in (group, f"[{SPACES}]"))
    whole = "|".join((r"\d+", *thousands))
    decimals = rf"(?:{point}(\d{{1,{places}}}))?" if places else "()"
    plain = text.strip() if len(text) <= LONGEST_NUMBER else ""
    found = re.fullmatch(f"({whole}){decimals}", plain, re.ASCII)
    if found is None and places:
        found = re.fullmatch(rf"(\d+)[.,](\d{{1,{min(places, 2)}}})", plain, re.ASCII)
    if found is None:
        raise ValueError("no number, or one that could be another")
    return Decimal(f"{re.sub('[^0-9]', '', found[1])}.{found[2] or 0}")
