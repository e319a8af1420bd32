"""Watching the log of another site: it may only grow since we last looked, and then we sign along; no database."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from buurtbegroot.audit.domain.keys import SiteKeyError, SiteKeys
from buurtbegroot.core.signing import NoteError, NoteVerifier, decode_base64, parse_verifier, sign_note
from buurtbegroot.core.transparency_log import Checkpoint, check_growth, checkpoint_text, open_checkpoint
from buurtbegroot.owner_files import OwnerFileError, read_owned, replace

LATEST, PROOF = "/logboek/laatste.note", "/logboek/bewijs?van={}&tot={}"
Fetch = Callable[[str], str]
"""Return what lies at a path of the other site."""


@dataclass(frozen=True)
class View:
    """What we last saw of a log: its key, and the note that this key signed."""

    key: NoteVerifier
    note: str = ""

    @property
    def checkpoint(self) -> Checkpoint | None:
        """What the note says; None before the first."""
        return open_checkpoint(self.note, self.key) if self.note else None


class NoViewError(NoteError):
    """A log of which we know no key yet."""


def watch(site: str, *, fetch: Fetch, keys: SiteKeys, key: str = "") -> str:
    """Return the newest checkpoint of a site as a note signed by us; what we saw is on disk before it leaves.

    `key` is that of its log, needed the first time. Raises LogForkError when the log did not only grow, NoteError for
    what is no note of this log, and SiteKeyError as the keys do.
    """
    path = keys.directory / f"getuige-{re.sub(r'[^a-z0-9.-]', '_', urlsplit(site).netloc.lower())}.json"
    with keys.one_signer():
        view = _view_in(path, key)
        note = fetch(LATEST)
        checkpoint, last = open_checkpoint(note, view.key), view.checkpoint
        if last is not None:
            check_growth(last, checkpoint, _proof(fetch, last, checkpoint))
        if checkpoint != last:
            _keep(path, View(view.key, note))
        return sign_note(checkpoint_text(checkpoint), keys.load().signer)


def _proof(fetch: Fetch, last: Checkpoint, checkpoint: Checkpoint) -> list[bytes]:
    if not 0 < last.size < checkpoint.size:
        return []
    return [decode_base64(line) for line in fetch(PROOF.format(last.size, checkpoint.size)).split()]


def _view_in(path: Path, key: str) -> View:
    if not path.exists():
        if not key:
            raise NoViewError("the key of a log is needed the first time that it is watched")
        return View(parse_verifier(key))
    try:
        content = json.loads(read_owned(path))
        view = View(parse_verifier(content["key"]), content["note"])
    except (OwnerFileError, ValueError, KeyError, TypeError):
        raise SiteKeyError(f"{path} is damaged or open to others") from None
    if key and parse_verifier(key) != view.key:
        raise NoteError("this log had another key when it was watched before")
    return view


def _keep(path: Path, view: View) -> None:
    replace(path, json.dumps({"key": str(view.key), "note": view.note}))
