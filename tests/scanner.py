"""What a scanner reads in the QR codes of a page."""

import re
from typing import Any

import numpy as np
import zxingcpp

POINTS = 4
"""A side of one square in a painted picture."""
_RUN = re.compile(r"M(\d+) (\d+)\.5h(\d+)")


def scanned(drawn: str) -> str:
    """Return the text of the one QR code that is drawn."""
    found = zxingcpp.read_barcodes(painted(drawn))
    assert len(found) == 1, "a scanner sees no code"
    return found[0].text


def painted(drawn: str) -> Any:
    """Return a drawn QR code as grey values, 0 is dark."""
    side = int(re.findall(r'viewBox="0 0 (\d+) \1"', drawn)[0])
    picture = np.full((side, side), 255, dtype=np.uint8)
    for left, top, length in re.findall(_RUN, drawn):
        picture[int(top), int(left) : int(left) + int(length)] = 0
    return picture.repeat(POINTS, axis=0).repeat(POINTS, axis=1)
