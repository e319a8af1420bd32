"""The public pages of the log: the list with its filters, one entry with its hashes, and erasing what one says."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from buurtbegroot.audit.actions import ErasedError, erase_payload
from buurtbegroot.audit.forms import EraseForm, read_filter
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.audit.queries import entries_matching
from buurtbegroot.audit.verification import entry_of
from buurtbegroot.core.audit_chain import entry_bytes
from buurtbegroot.extensions import db
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now
from buurtbegroot.web.pagination import page_number, paginate

bp = Blueprint("audit", __name__, url_prefix="/logboek")
ROOMS = ("rounds", "proposals", "voting", "tally", "akkoord", "areas", "accounts", "audit")
ROLES = ("resident", "coordinator", "staff", "administrator", "system")


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
        rooms=ROOMS,
        roles=ROLES,
    )


@bp.get("/<int:seq>")
@admits(Audience.EVERYONE)
def show(seq: int) -> ResponseReturnValue:
    """Show one entry and how to recompute its hash."""
    return _page(_entry_or_404(seq))


@bp.route("/<int:seq>/wissen", methods=["GET", "POST"])
@admits(Audience.ADMINISTRATOR)
def erase(seq: int) -> ResponseReturnValue:
    """Ask why, then erase the details of one entry."""
    entry, form = _entry_or_404(seq), EraseForm()
    if entry.details is None:
        return redirect(url_for("audit.show", seq=seq), 303)
    if form.validate_on_submit():
        try:
            erase_payload(db.session(), entry, reason=form.reason.data or "", actor=current_user.actor, now=now())
        except ErasedError:
            abort(409)
        flash(_("De gegevens zijn gewist. Dat staat nu ook in het logboek."), "success")
        return redirect(url_for("audit.show", seq=seq), 303)
    page = render_template("audit/erase.html", entry=entry, form=form)
    return page, 422 if form.errors else 200


def _entry_or_404(seq: int) -> AuditEntry:
    entry = db.session.get(AuditEntry, seq) if 0 < seq < 2**63 else None
    if entry is None:
        abort(404)
    return entry


def _page(entry: AuditEntry) -> ResponseReturnValue:
    details = entry.details
    is_public = details is not None and entry.public_payload == details.payload
    return render_template(
        "audit/show.html",
        entry=entry,
        salt=details.salt if details and is_public else "",
        hashed=entry_bytes(entry_of(entry)).decode(),
        is_last=db.session.get(AuditEntry, entry.seq + 1) is None,
    )
