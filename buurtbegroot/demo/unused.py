"""Which sample codes are still unused; only a demo, which kept its codes, can know."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.models import Booth, SealedBallot
from buurtbegroot.core.code_keys import derive_key
from buurtbegroot.core.credentials import format_code, locator
from buurtbegroot.owner_files import write_new
from buurtbegroot.rounds.models import Round


def keep_codes(path: Path, codes: dict[str, list[str]]) -> None:
    """Write the codes of each open vote, by slug, where only the owner can read them."""
    path.unlink(missing_ok=True)
    write_new(path, json.dumps(codes))


def first_unused(session: Session, path: Path, *, keys: KeyStore, wanted: int) -> dict[str, list[str]]:
    """Return by title of the round the first codes that have no ballot in the box yet."""
    kept: dict[str, list[str]] = json.loads(path.read_text()) if path.exists() else {}
    rounds = session.scalars(select(Round).where(Round.slug.in_(kept))).all()
    return {each.title: list(islice(_unused(session, each.id, kept[each.slug], keys=keys), wanted)) for each in rounds}


def _unused(session: Session, round_id: int, codes: list[str], *, keys: KeyStore) -> Iterator[str]:
    booth = session.get_one(Booth, round_id)
    for code in codes:
        place = locator(keys.load(round_id).link_key, derive_key(code, booth.salt))
        if session.get(SealedBallot, (round_id, place)) is None:
            yield format_code(code)
