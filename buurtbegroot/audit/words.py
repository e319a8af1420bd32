"""How the log tells an entry, in the words of the room that it is about."""

import logging

from buurtbegroot.audit.events import PayloadErased
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.rooms import EventWords, Register
from buurtbegroot.texts import Text
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l

log = logging.getLogger(__name__)

EVENT_WORDS: EventWords = {
    PayloadErased: _l("De gegevens van regel %(seq)s zijn gewist. Reden: %(reason)s"),
}


def sentence(entry: AuditEntry, register: Register) -> str:
    """Return what an entry says; the bare name of its event and its fields where nobody has words for them by now."""
    payload = entry.public_payload
    if payload is None:
        return _("De gegevens van deze regel zijn gewist.")
    words = register.event_words.get(entry.action)
    try:
        if words is not None:
            return words % payload if isinstance(words, Text) else words(payload)
    except Exception:  # whatever the words make of fields of before or by hand, the log must stay readable
        log.info("entry %s has another payload than the words of %s", entry.seq, entry.action)
    known = ", ".join(f"{name}: {value}" for name, value in sorted(payload.items()))
    return f"{entry.action} ({known})" if known else entry.action
