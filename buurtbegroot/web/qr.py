"""Pictures of a text that a phone can read."""

import re

import zxingcpp
from markupsafe import Markup

DARK = re.compile(rb"\x00+")
POINTS = 5  # a side of one square, where the page does not say how wide the picture is


def qr_code(text: str, *, level: str = "M", css: str = "") -> Markup:
    """Return a QR code as an SVG without styles or scripts; dark on light in every colour scheme.

    `level` is how much of it may be damaged: L, M, Q or H; `css` a class that sets the width. Raises ValueError for
    a text that is too long for any QR code, or with signs beyond ASCII, which scanners read each in their way.
    """
    text.encode("ascii")
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    squares = memoryview(made.to_image(scale=1, add_quiet_zones=True))  # type: ignore[arg-type]
    side, drawn = len(squares), bytes(squares)
    rows = (drawn[at : at + side] for at in range(0, len(drawn), side))
    runs = (f"M{run.start()} {y}.5h{len(run[0])}" for y, row in enumerate(rows) for run in DARK.finditer(row))
    size = Markup('class="{}"').format(css) if css else Markup('width="{0}" height="{0}"').format(side * POINTS)
    picture = Markup('<svg xmlns="http://www.w3.org/2000/svg" {0} viewBox="0 0 {1} {1}">{2}{3}</svg>')
    ground = Markup('<path fill="#fff" d="M0 0h{0}v{0}H0z"/>').format(side)
    return picture.format(size, side, ground, Markup('<path stroke="#000" d="{}"/>').format("".join(runs)))
