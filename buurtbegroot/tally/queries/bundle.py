"""The bundle of a counted vote: all that anybody needs to check it at home; nothing here writes."""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from buurtbegroot.acts import insist
from buurtbegroot.audit.events import OF_A_VOTE
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.audit.queries import checkpoint_over, entries_up_to, last_seq
from buurtbegroot.audit.queries.verification import entry_of
from buurtbegroot.booth.events import BoxOpened
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.published import BundleFault, opened_box, seals_of
from buurtbegroot.box.events import EnvelopesOpened
from buurtbegroot.core.audit_chain import entry_bytes
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.closing import LISTS
from buurtbegroot.core.tally.document import document_from
from buurtbegroot.core.verifying.reading import Bundle
from buurtbegroot.core.verifying.recount import cast_ballots, votes_pb
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import round_key
from buurtbegroot.tally.models import Tally


def bundle_files(session: Session, round_: Round, tally: Tally, *, keys: KeyStore) -> dict[str, bytes]:
    """Return the files by name, of what was signed and of the count that is stored.

    Raises RefusedError as long as the log was not signed since the opening and the count, and DiffersError when a file
    beside the keys is not what was signed.
    """
    folder, anchors = keys.folder(round_.id), keys.anchors(round_.id)
    box, about = opened_box(folder), round_key(round_)
    opening = checkpoint_over(session, last_seq(session, about, BoxOpened.name))
    counting = checkpoint_over(session, last_seq(session, about, EnvelopesOpened.name))
    insist(opening is not None and counting is not None, BundleFault.NOT_SIGNED)
    assert opening is not None
    assert counting is not None
    files = {
        **{name: box.text(name).encode() for name in LISTS},
        "manifest.json": anchors.manifest.encode(),
        "closing.note": box.note.encode(),
        "seals.json": seals_of(folder),
        "paper.txt": b"",
        "audit.jsonl": b"".join(_lines(session, counting.size, about=about)),
        "notes/opening.note": opening.cosigned.encode(),
        "notes/counting.note": counting.cosigned.encode(),
        "result.json": tally.trace.encode(),
    }
    bundle = Bundle(files)
    files["votes.pb"] = votes_pb(bundle, document_from(tally.trace), cast_ballots(bundle))
    return files


def _lines(session: Session, size: int, *, about: str) -> Iterator[bytes]:
    for row in entries_up_to(session, size):
        plain: dict[str, Any] = {"entry": json.loads(entry_bytes(entry_of(row))), "hash": row.hash}
        if _is_told(row, about):
            assert row.details is not None
            plain["details"] = {"salt": row.details.salt, "payload": row.details.payload}
        yield canonical_json(plain) + b"\n"


def _is_told(row: AuditEntry, about: str) -> bool:
    return row.is_public and row.object == about and row.action.startswith(OF_A_VOTE)
