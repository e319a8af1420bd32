"""Which sample codes are still unused; only a demo, which kept its codes, can know."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.core.credentials import derive_key, format_code
from buurtbegroot.voting.keys import KeyStore
from buurtbegroot.voting.models import Booth, CodeBatch, SealedBallot
from buurtbegroot.voting.queries import receipt_secrets


def first_unused(session: Session, path: Path, *, keys: KeyStore, wanted: int) -> list[str]:
    """Return the first codes of the file that have no ballot in the box yet."""
    codes = path.read_text().split() if path.exists() else []
    return [format_code(code) for code in islice(_unused(session, codes, keys=keys), wanted)]


def _unused(session: Session, codes: list[str], *, keys: KeyStore) -> Iterator[str]:
    booth = session.scalar(
        select(Booth).join(CodeBatch, CodeBatch.round_id == Booth.round_id).order_by(CodeBatch.codes)
    )
    for code in codes if booth else ():
        assert booth is not None
        place = receipt_secrets(keys.load(booth.round_id).link_key, derive_key(code, booth.salt)).locator
        if session.get(SealedBallot, (booth.round_id, place)) is None:
            yield code
