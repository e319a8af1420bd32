"""The lists of codes as text: letters for whoever prints them, and commitments from an issuer on another computer."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from buurtbegroot.acts import Fault, RefusedError
from buurtbegroot.core.credentials import format_code
from buurtbegroot.registry.domain.codes import DrawnCode

FORMAT = "bb-codes/v1"
BYTE_ORDER_MARK = "\ufeff"  # without it a spreadsheet program guesses the encoding
MOST_CODES = 1_000_000
LAST_BATCH = 9_999
SALT = "[0-9a-f]{32}"
_HEAD = {
    "round": r"[1-9][0-9]{0,17}",
    "salt": SALT,
    "batch": r"[1-9][0-9]{0,3}",
    "codes": r"[0-9]{1,7}",
    "spares": r"[0-9]{1,7}",
}
_CODE = re.compile(r"(code|spare) ([0-9a-f]{64})")


class ListFault(Fault):
    """Why a list of commitments is not taken."""

    NOT_A_LIST = "not_a_list"
    BAD_LINE = "bad_line"
    OTHER_ROUND = "other_round"
    OTHER_SALT = "other_salt"
    BATCH_TAKEN = "batch_taken"
    UNSORTED = "unsorted"
    REPEATED = "repeated"
    WRONG_NUMBER = "wrong_number"
    REGISTERED = "registered"


class ListError(RefusedError):
    """A list that is not taken at all: `fault` says why and `line`, from 1, where."""

    def __init__(self, fault: ListFault, *, line: int) -> None:
        super().__init__(fault, line=line)
        self.line = line


@dataclass(frozen=True, kw_only=True)
class CodeList:
    """What an issuer made: for which round, under which salt, and each commitment with whether it is a spare."""

    LINE_OF_ROUND: ClassVar[int] = 2
    LINE_OF_SALT: ClassVar[int] = 3
    LINE_OF_BATCH: ClassVar[int] = 4
    LINE_OF_CODES: ClassVar[int] = 5
    LINE_OF_FIRST: ClassVar[int] = 7

    round_id: int
    salt: bytes
    batch: int
    codes: tuple[tuple[bytes, bool], ...]

    def require(self, *, round_id: int, salt: bytes) -> None:
        """Raise ListError when the list was made for another round or under another salt."""
        if self.round_id != round_id:
            raise ListError(ListFault.OTHER_ROUND, line=self.LINE_OF_ROUND)
        if self.salt != salt:
            raise ListError(ListFault.OTHER_SALT, line=self.LINE_OF_SALT)


def code_list(drawn: Sequence[DrawnCode], *, round_id: int, spares: int, batch: int, site: str) -> str:
    """Return a CSV text the Dutch way: number, kind, code and the address behind the letter's QR code.

    The last `spares` codes are spares. The code stands behind a `#`, so a browser never sends it along. The number,
    such as P2-17, is in the letter too: it is unique in the round, a spreadsheet takes it for text, and without this
    list it leads nowhere.
    """
    file, address = io.StringIO(), f"{site.rstrip('/')}/stem/{round_id}"
    file.write(BYTE_ORDER_MARK)
    rows = csv.writer(file, delimiter=";")
    rows.writerow(["nummer", "soort", "stemcode", "adres"])
    votes = len(drawn) - spares
    for number, each in enumerate(drawn, start=1):
        kind = "stemcode" if number <= votes else "reserve"
        rows.writerow([f"P{batch}-{number}", kind, format_code(each.code), f"{address}#{each.code}"])
    return file.getvalue()


def issuer_command(round_id: int, *, salt: bytes, batch: int, site: str) -> str:
    """Return what an issuer types to make this batch of a round elsewhere; the numbers are examples."""
    made_for = f"--round {round_id} --salt {salt.hex()} --batch {batch} --site {site}"
    made = "--count 10000 --spares 200 --letters letters.csv --commitments codes.txt"
    return f"buurtbegroot codes offline {made_for} {made}"


def write_list(listed: CodeList) -> str:
    """Return the list as text, in rising order of the commitments, which tells nothing about the letters."""
    spares = sum(is_spare for _, is_spare in listed.codes)
    head = {
        "round": listed.round_id,
        "salt": listed.salt.hex(),
        "batch": listed.batch,
        "codes": len(listed.codes) - spares,
        "spares": spares,
    }
    lines = [FORMAT, *(f"{name}: {value}" for name, value in head.items())]
    lines += [f"{'spare' if is_spare else 'code'} {c.hex()}" for c, is_spare in sorted(listed.codes)]
    return "\n".join(lines) + "\n"


def read_list(text: str) -> CodeList:
    """Read a list, whatever its line ends; raises ListError naming the first line that is wrong."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").removesuffix("\n").split("\n")
    if lines[0] != FORMAT:
        raise ListError(ListFault.NOT_A_LIST, line=1)
    head = {name: _head_line(lines, place, name) for place, name in enumerate(_HEAD, start=1)}
    codes = tuple(_code_line(line, number) for number, line in enumerate(lines[6:], start=CodeList.LINE_OF_FIRST))
    _require_rising(codes)
    spares = sum(is_spare for _, is_spare in codes)
    if (int(head["codes"]), int(head["spares"])) != (len(codes) - spares, spares):
        raise ListError(ListFault.WRONG_NUMBER, line=len(lines))
    if not 0 < len(codes) - spares <= MOST_CODES - spares:
        raise ListError(ListFault.WRONG_NUMBER, line=CodeList.LINE_OF_CODES)
    return CodeList(
        round_id=int(head["round"]), salt=bytes.fromhex(head["salt"]), batch=int(head["batch"]), codes=codes
    )


def _head_line(lines: list[str], place: int, name: str) -> str:
    line = lines[place] if place < len(lines) else ""
    found = re.fullmatch(f"{name}: ({_HEAD[name]})", line)
    if found is None:
        raise ListError(ListFault.BAD_LINE, line=place + 1)
    return found[1]


def _code_line(line: str, number: int) -> tuple[bytes, bool]:
    found = _CODE.fullmatch(line)
    if found is None:
        raise ListError(ListFault.BAD_LINE, line=number)
    return bytes.fromhex(found[2]), found[1] == "spare"


def _require_rising(codes: tuple[tuple[bytes, bool], ...]) -> None:
    """Any other order could be that of the letters, which the server must not know."""
    for place in range(1, len(codes)):
        before, here = codes[place - 1][0], codes[place][0]
        if here <= before:
            fault = ListFault.REPEATED if here == before else ListFault.UNSORTED
            raise ListError(fault, line=CodeList.LINE_OF_FIRST + place)
