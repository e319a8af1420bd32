"""The data set of the log: the whole chain, so that anybody can verify it at home."""

from sqlalchemy import case, select

from buurtbegroot.audit.events import PERSONAL
from buurtbegroot.audit.models import AuditEntry, AuditPayload, AuditWithheld
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.datasets.domain.description import Absent, DataSet, Named, column
from buurtbegroot.tables.columns import Kind
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.texts import ngettext

PUBLIC = (
    case((AuditWithheld.seq.is_(None), AuditPayload.payload)),
    case((AuditWithheld.seq.is_(None), AuditPayload.salt)),
)


def _told(payload: object, _salt: str | None) -> str | None:
    """Return what everyone may read of a payload, as canonical JSON."""
    if isinstance(payload, dict):
        payload = {key: value for key, value in payload.items() if key != PERSONAL}
    return None if payload is None else canonical_json(payload).decode()


def _salt(payload: object, salt: str | None) -> str | None:
    """Return the salt where the whole payload is public, so that its commitment can be computed."""
    return None if isinstance(payload, dict) and PERSONAL in payload else salt


DATA_SET = DataSet(
    name="logboek",
    order=90,
    title=_l("Logboek"),
    short=_l("Alle regels, om thuis na te rekenen"),
    about=_l(
        "Het hele openbare logboek: wat er gebeurde, in welke rol, en de controlecodes die alles aan elkaar rijgen."
    ),
    counted=lambda number: ngettext("%(num)s regel", "%(num)s regels", number),
    source=select(AuditEntry.seq)
    .outerjoin(AuditPayload, AuditPayload.seq == AuditEntry.seq)
    .outerjoin(AuditWithheld, AuditWithheld.seq == AuditEntry.seq)
    .order_by(AuditEntry.seq),
    first=("regel", "minuut", "rol", "handeling", "over"),
    absent=(
        (Absent.PERSONAL, _l("Namen. Iemand heeft in het logboek een schuilnaam.")),
        (Absent.NOT_PUBLIC, _l("Gegevens die zijn gewist of verborgen. De code ervan blijft, zodat de rij heel is.")),
    ),
    fields=(
        column("regel", Kind.NUMBER, AuditEntry.seq, head=_l("Regel"), about=_l("Het nummer van de regel, vanaf 1.")),
        column("minuut", Kind.MOMENT, AuditEntry.minute, head=_l("Wanneer"), about=_l("Op de minuut.")),
        column("rol", Kind.CODE, AuditEntry.role, head=_l("Rol"), about=_l("In welke rol iemand dit deed.")),
        column("schuilnaam", Kind.CODE, AuditEntry.actor, head=_l("Schuilnaam"), about=_l("Wie dit deed.")),
        column("handeling", Kind.CODE, AuditEntry.action, head=_l("Handeling"), about=_l("Wat er gebeurde.")),
        column("over", Kind.CODE, AuditEntry.object, head=_l("Waarover"), about=_l("Waarmee het gebeurde.")),
        column(
            "akkoordpunten",
            Kind.CODES,
            AuditEntry.points,
            made=tuple,
            named=Named.POINT,
            head=_l("Akkoordpunten"),
            about=_l("De punten van het akkoord waarover het gaat."),
        ),
        column(
            "gegevens",
            Kind.TEXT,
            *PUBLIC,
            made=_told,
            head=_l("Gegevens"),
            about=_l("Als JSON. Leeg als ze gewist zijn."),
        ),
        column(
            "toevalsgetal",
            Kind.CODE,
            *PUBLIC,
            made=_salt,
            head=_l("Toevalsgetal"),
            about=_l("Waarmee de code van de gegevens is gemaakt. Leeg als een deel ervan persoonlijk is."),
        ),
        column(
            "gegevensHash",
            Kind.CODE,
            AuditEntry.payload_commitment,
            head=_l("Code van de gegevens"),
            about=_l("Blijft staan als de gegevens zelf zijn gewist."),
        ),
        column(
            "vorigeHash", Kind.CODE, AuditEntry.prev, head=_l("Vorige code"), about=_l("De code van de regel ervoor.")
        ),
        column(
            "standHash",
            Kind.CODE,
            AuditEntry.state,
            head=_l("Code van de stand"),
            about=_l("Van wat de regel achterliet."),
        ),
        column("hash", Kind.CODE, AuditEntry.hash, head=_l("Controlecode"), about=_l("De SHA-256 van deze regel.")),
    ),
)
