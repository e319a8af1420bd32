"""What administrators read of an act by two of them that is not what was asked for any more."""

from collections.abc import Iterable, Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from buurtbegroot.dual_control.domain import Difference
from buurtbegroot.dual_control.words import ChangedRow, Wording, changed_rows

ACT_LABELS: Mapping[str, LazyString] = {
    "subject": _l("Wie of wat"),
    "pseudonym": _l("Naam in het logboek"),
    "name": _l("Naam"),
    "email": _l("E-mailadres"),
    "roles": _l("Taken"),
    "has_authenticator": _l("Tweede stap ingesteld"),
    "seq": _l("Regel"),
    "action": _l("Gebeurtenis"),
    "object": _l("Waarover"),
    "payload_commitment": _l("Controlecode van de gegevens"),
    "is_erased": _l("Gewist"),
}


def act_changes(found: Iterable[Difference], *, object_: str) -> list[ChangedRow]:
    """Say what is different from when an administrator asked."""
    return changed_rows(found, Wording(labels=ACT_LABELS), object_=object_)
