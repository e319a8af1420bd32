"""The public pages of the log: the list with its filters, an entry with its hashes, and what was signed."""

import base64
from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot.acts import ANYONE
from buurtbegroot.audit.actions.signing import cosign as keep_cosignatures
from buurtbegroot.audit.domain.keys import site_keys
from buurtbegroot.audit.forms import CosignForm, read_filter, read_sizes
from buurtbegroot.audit.models import AuditCheckpoint, AuditEntry
from buurtbegroot.audit.queries import checkpoints as select_checkpoints
from buurtbegroot.audit.queries import entries_matching, entries_since, growth
from buurtbegroot.audit.queries.verification import entry_of
from buurtbegroot.audit.words import sentence
from buurtbegroot.core.audit_chain import entry_bytes
from buurtbegroot.core.signing import parse_verifier
from buurtbegroot.extensions import db
from buurtbegroot.limits import asking as limits
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.downloads import attachment
from buurtbegroot.web.locale import naming
from buurtbegroot.web.pagination import page_number, paginate
from buurtbegroot.web.refusals import on_refusal, say_again
from buurtbegroot.web.register import register

bp = Blueprint("audit", __name__, url_prefix="/logboek")
COSIGNING = "20 per minute; 200 per day"  # notes of witnesses, by one network


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
        rooms=list(register().log_titles.items()),
        roles=[(role, str(words).capitalize()) for role, words in register().role_words.items()],
    )


@bp.get("/<int:seq>")
@admits(Audience.EVERYONE)
def show(seq: int) -> ResponseReturnValue:
    """Show one entry and how to recompute its hash."""
    return _page(_entry_or_404(seq))


@bp.get("/checkpoints")
@admits(Audience.EVERYONE)
def checkpoints() -> ResponseReturnValue:
    """List what was signed of the log, newest first, and the key that signs it."""
    found = paginate(db.session(), select_checkpoints(), number=page_number(), size=25)
    keys = site_keys(db.session())
    return render_template("audit/checkpoints.html", checkpoints=found, key=str(keys.verifier) if found.rows else "")


@bp.get("/laatste.note")
@admits(Audience.EVERYONE)
def latest_note() -> ResponseReturnValue:
    """Offer the newest checkpoint, with the signatures of witnesses that it has by now."""
    return _note(db.session.scalar(select_checkpoints().limit(1)))


@bp.get("/<int:size>.note")
@admits(Audience.EVERYONE)
def note_file(size: int) -> ResponseReturnValue:
    """Offer one checkpoint."""
    return _note(db.session.get(AuditCheckpoint, size) if size < 2**63 else None)


@bp.get("/bewijs")
@admits(Audience.EVERYONE)
def proof() -> ResponseReturnValue:
    """Offer the hashes that prove the log to have only grown between two signed sizes, in base64, one on a line."""
    sizes = read_sizes(request.args)
    found = growth(db.session(), *sizes) if sizes else None
    if found is None:
        abort(404)
    lines = "".join(f"{base64.b64encode(each).decode()}\n" for each in found)
    return attachment(lines, "bewijs.txt", "text/plain")


@bp.route("/meetekenen", methods=["GET", "POST"])
@admits(Audience.EVERYONE)
def cosign() -> ResponseReturnValue:
    """Take the signature of a witness under a checkpoint."""
    form = CosignForm()

    def page() -> str:
        return render_template("audit/cosign.html", form=form)

    if request.method == "POST":
        limits.count_failure(limits.of_network("cosign", rates=COSIGNING))
    if form.validate_on_submit():
        on_refusal(say_again(page))
        witnesses = [parse_verifier(key) for key in current_app.config["WITNESSES"]]
        keep_cosignatures(db.session(), form.text, witnesses=witnesses, by=ANYONE)
        flash(_("De handtekening staat nu onder het meetpunt."), "success")
        return redirect(url_for("audit.checkpoints"), 303)
    return page(), 422 if form.errors else 200


def _note(found: AuditCheckpoint | None) -> Response:
    return attachment(found.cosigned, f"logboek-{found.size}.note", "text/plain") if found else abort(404)


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
