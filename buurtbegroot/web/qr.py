"""Pictures of an address that a phone can read."""

import segno
from markupsafe import Markup


def qr_code(text: str) -> Markup:
    """Return a QR code as an SVG without styles or scripts; dark on light in every colour scheme."""
    drawn = segno.make(text, error="m").svg_inline(
        scale=5, border=4, dark="#000", light="#fff", svgclass=None, lineclass=None
    )
    return Markup(drawn)  # noqa: S704 - drawn here, and the text is in it as squares only
