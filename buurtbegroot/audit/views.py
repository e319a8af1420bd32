"""The public pages of the log: the list with its filters, and one entry with its hashes."""

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from buurtbegroot.audit.forms import read_filter
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.audit.queries import entries_matching, entries_since
from buurtbegroot.audit.queries.verification import entry_of
from buurtbegroot.audit.words import sentence
from buurtbegroot.core.audit_chain import entry_bytes
from buurtbegroot.extensions import db
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.locale import naming
from buurtbegroot.web.pagination import page_number, paginate
from buurtbegroot.web.register import register

bp = Blueprint("audit", __name__, url_prefix="/logboek")


@bp.app_template_global()
def log_since(about: str, moment: datetime | None) -> Sequence[AuditEntry]:
    """Return what happened to an object since somebody looked at it, for the pages of all rooms that say so."""
    return entries_since(db.session(), about, moment) if moment else ()


@bp.get("")
@admits(Audience.EVERYONE)
def index() -> ResponseReturnValue:
    """List what happened, newest first."""
    wanted, unclear = read_filter(request.args)
    entries = paginate(db.session(), entries_matching(wanted), number=page_number(), size=25)
    return render_template(
        "audit/index.html",
        entries=entries,
        unclear=unclear,
        chosen={key: value for key, value in request.args.items() if value and key != "pagina"},
        rooms=[(room.name, room.title) for room in register().rooms if room.events],
        roles=[(role, str(words).capitalize()) for role, words in register().role_words.items()],
    )


@bp.get("/<int:seq>")
@admits(Audience.EVERYONE)
def show(seq: int) -> ResponseReturnValue:
    """Show one entry and how to recompute its hash."""
    return _page(_entry_or_404(seq))


def _entry_or_404(seq: int) -> AuditEntry:
    entry = db.session.get(AuditEntry, seq) if 0 < seq < 2**63 else None
    if entry is None:
        abort(404)
    return entry


def _page(entry: AuditEntry) -> ResponseReturnValue:
    details = entry.details
    return render_template(
        "audit/show.html",
        entry=entry,
        salt=details.salt if details and entry.is_public else "",
        hashed=entry_bytes(entry_of(entry)).decode(),
        is_last=db.session.get(AuditEntry, entry.seq + 1) is None,
    )


@bp.app_template_global()
def log_sentence(entry: AuditEntry) -> str:
    """Return what an entry says, in words, of which a title says in which language it is."""
    said, payload = sentence(entry, register()), entry.public_payload or {}
    title, language = payload.get("title"), payload.get("language")
    return naming(said, title, language) if title and language else said


@bp.app_template_global()
def object_name(object_: str) -> str:
    """Return what an entry is about, such as "ronde west-2027"."""
    kind, _colon, name = object_.partition(":")
    return f"{register().object_words.get(kind, kind)} {name}"


@bp.app_template_global()
def role_name(role: str) -> str:
    """Return how the role of an actor is called in a sentence."""
    return str(register().role_words.get(role, role))
