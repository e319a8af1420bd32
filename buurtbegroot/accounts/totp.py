"""The second factor as arithmetic: secrets, codes and the half minutes they hold for (RFC 6238); no storage."""

from datetime import datetime

import pyotp

STEPS_AROUND = (0, -1, 1)  # a clock that runs half a minute off is still good


def new_secret() -> str:
    """Return a secret of 160 bits in base32, as authenticators read it."""
    return pyotp.random_base32()


def enrolment_address(secret: str, *, email: str, site: str) -> str:
    """Return the otpauth address that the QR code holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=site)


def step_of(secret: str, code: str, *, now: datetime) -> int | None:
    """Return the half minute, counted from 1970, that the code is good for; None when the code is wrong now."""
    totp = pyotp.TOTP(secret)
    typed = "".join(code.split())
    current = totp.timecode(now)
    good = [
        current + offset
        for offset in STEPS_AROUND
        if pyotp.utils.strings_equal(typed, totp.generate_otp(current + offset))
    ]
    return max(good, default=None)
