"""How the log tells an entry, in the words of the room that it is about."""

import logging
from collections.abc import Callable
from typing import TypeVar

from buurtbegroot.audit.events import PayloadErased
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.rooms import EventWords, Payload, Register
from buurtbegroot.texts import Text
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l

log = logging.getLogger(__name__)
Told = TypeVar("Told")

EVENT_WORDS: EventWords = {
    PayloadErased: _l("De gegevens van regel %(seq)s zijn gewist. Reden: %(reason)s"),
}


def told(entry: AuditEntry, tell: Callable[[Payload], Told]) -> Told | None:
    """Return what is made of what everyone may read of an entry, or None when its payload is gone or of another shape.

    Payloads of before, or written by hand, may lack any field: no page that tells of the log may fall over them.
    """
    payload = entry.public_payload
    try:
        return None if payload is None else tell(payload)
    except Exception:
        log.info("entry %s has another payload than %s should have", entry.seq, entry.action)
        return None


def sentence(entry: AuditEntry, register: Register) -> str:
    """Return what an entry says; the bare name of its event and its fields where nobody has words for them by now."""
    payload = entry.public_payload
    if payload is None:
        return _("De gegevens van deze regel zijn gewist.")
    words = register.event_words.get(entry.action)
    tell = words.__mod__ if isinstance(words, Text) else words
    if tell is not None and (said := told(entry, tell)) is not None:
        return said
    known = ", ".join(f"{name}: {value}" for name, value in sorted(payload.items()))
    return f"{entry.action} ({known})" if known else entry.action
