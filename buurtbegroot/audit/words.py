"""How the log tells an entry, in the words of the room that it is about."""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from buurtbegroot.audit.domain.keys import LogFault
from buurtbegroot.audit.events import EntriesPutBack, PayloadErased
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.rooms import EventWords, FaultWords, Payload, Register
from buurtbegroot.texts import Text
from buurtbegroot.texts import gettext as _
from buurtbegroot.texts import lazy_gettext as _l

log = logging.getLogger(__name__)
Told = TypeVar("Told")

EVENT_WORDS: EventWords = {
    EntriesPutBack: _l(
        "De regels %(first)s tot en met %(last)s ontbraken en zijn teruggezet."
        " Alleen van regels over stemmen zijn er nog gegevens."
    ),
    PayloadErased: _l("De gegevens van regel %(seq)s zijn gewist. Reden: %(reason)s"),
}

REFUSALS: FaultWords = {
    LogFault.NO_KEY: _l("De sleutel van deze site ontbreekt of is beschadigd. De beheerder moet dit oplossen."),
    LogFault.NOT_OURS: _l("Regel %(entry)s van het logboek is niet door dit programma geschreven, of later veranderd."),
    LogFault.CHANGED: _l("Regel %(entry)s van het logboek is veranderd nadat die was getekend."),
    LogFault.CUT: _l("Regel %(entry)s van het logboek is getekend en staat er niet meer."),
    LogFault.OTHER_CHECKPOINT: _l("Meetpunt %(size)s van het logboek is niet dat wat getekend is."),
    LogFault.NO_WITNESS: _l("Hier staat geen geldige handtekening van een getuige die wij kennen."),
    LogFault.FORKED: _l("Meetpunt %(size)s is niet van ons logboek, of anders dan wij het tekenden."),
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


def points_in_words(names: Sequence[str]) -> str:
    """Return points by their numbers with the edition behind them, such as "3, 16 (2019)"."""
    editions: dict[str, list[str]] = {}
    for name in names:
        edition, _between, number = str(name).rpartition("_")
        editions.setdefault(edition, []).append(number)
    return "; ".join(f"{', '.join(numbers)} ({edition})" for edition, numbers in editions.items())


class _Gone(dict[str, object]):
    """A payload of which nothing is left."""

    def __missing__(self, _name: str) -> str:
        return "…"


def gist(entry: AuditEntry, register: Register) -> str:
    """Return what an entry says, with gaps where its payload is gone."""
    words = register.event_words.get(entry.action)
    if entry.public_payload is not None or words is None:
        return sentence(entry, register)
    try:
        return words % _Gone() if isinstance(words, Text) else words(_Gone())
    except Exception:  # words that compute with what is gone
        return f"{entry.action} …"


def sentence(entry: AuditEntry, register: Register) -> str:
    """Return what an entry says; the bare name of its event and its fields where nobody has words for them by now."""
    payload = entry.public_payload
    if entry.withheld:
        return _("De gegevens van deze regel zijn verborgen, omdat er verborgen woorden in staan.")
    if payload is None:
        return _("De gegevens van deze regel zijn gewist.")
    words = register.event_words.get(entry.action)
    tell = words.__mod__ if isinstance(words, Text) else words
    if tell is not None and (said := told(entry, tell)) is not None:
        return said
    known = ", ".join(f"{name}: {value}" for name, value in sorted(payload.items()))
    return f"{entry.action} ({known})" if known else entry.action
