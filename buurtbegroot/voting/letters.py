"""The list of codes for whoever prints the letters, as text; it is made once and never stored."""

import csv
import io
from collections.abc import Sequence

from buurtbegroot.core.credentials import format_code
from buurtbegroot.voting.codes import DrawnCode

BYTE_ORDER_MARK = "\ufeff"  # without it a spreadsheet program guesses the encoding


def code_list(drawn: Sequence[DrawnCode], *, spares: int, batch: int, site: str) -> str:
    """Return a CSV text the Dutch way: number, kind, code and the address behind the letter's QR code.

    The last `spares` codes are spares. The code stands behind a `#`, so a browser never sends it along. The number,
    such as P2-17, is in the letter too: it is unique in the round, a spreadsheet takes it for text, and without this
    list it leads nowhere.
    """
    file = io.StringIO()
    file.write(BYTE_ORDER_MARK)
    rows = csv.writer(file, delimiter=";")
    rows.writerow(["nummer", "soort", "stemcode", "adres"])
    votes = len(drawn) - spares
    for number, each in enumerate(drawn, start=1):
        kind = "stemcode" if number <= votes else "reserve"
        rows.writerow([f"P{batch}-{number}", kind, format_code(each.code), f"{site.rstrip('/')}/stem#{each.code}"])
    return file.getvalue()
