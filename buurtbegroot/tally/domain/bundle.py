"""Checking the bundle of a vote as everybody can, before its outcome is final; no Flask, no database."""

import hashlib
from datetime import datetime

from buurtbegroot.acts import Fault, insist
from buurtbegroot.box.domain.anchors import Anchors, Folder, anchor, anchored
from buurtbegroot.core.verifying.bundle import BundleError, unpack
from buurtbegroot.core.verifying.checks import Finding, Report, Trust, check, key_fingerprint
from buurtbegroot.core.verifying.reading import Bundle


class BundleFault(Fault):
    """Why an outcome cannot be made final with this bundle."""

    NOT_SIGNED = "not_signed"
    NO_BUNDLE = "no_bundle"
    FAULTY = "faulty"
    OTHER = "other"


def checked_bundle(files: dict[str, bytes], anchors: Anchors) -> Report:
    """Make the published checks, held against the trusted values of the vote."""
    return check(Bundle(files), Trust(key=key_fingerprint(anchors.signer.key), saved=(files["closing.note"].decode(),)))


def hold_bundle(folder: Folder, *, sha256: str, now: datetime) -> list[Finding]:
    """Return what the published checks find wrong with the bundle as it lies there, byte for byte.

    Fixes its SHA-256 among the trusted values when that is nothing. Raises RefusedError for another bundle.
    """
    try:
        packed = folder.bundle.read_bytes()
        files = unpack(packed)
    except (OSError, BundleError):
        packed, files = b"", {}
    insist(hashlib.sha256(packed).hexdigest() == sha256, BundleFault.OTHER)
    found = list(checked_bundle(files, anchored(folder)).findings)
    if not found:
        anchor(folder, "bundle", sha256=sha256, at=now.isoformat())
    return found
