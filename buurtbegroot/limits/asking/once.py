"""One form is done once, however often it is sent: whoever sends it again is led to what came of it the first time."""

import hashlib
import secrets
from typing import Any

from flask import Flask, Response, abort, current_app, flash, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from buurtbegroot.extensions import db
from buurtbegroot.limits.domain import KEPT
from buurtbegroot.limits.models import SentForm
from buurtbegroot.web.addresses import LONGEST
from buurtbegroot.web.choice import page_of_request
from buurtbegroot.web.clock import now
from buurtbegroot.web.fields import ONCE
from buurtbegroot.web.transaction import before_settling, is_repeatable

KEY = "sent_form"
NOT_CONTENT = {"csrf_token", "bewijs", "bevestiging"}
_INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def init_app(app: Flask) -> None:
    """Look at each form that is sent; comes last, when it is known that the view will run."""
    app.before_request(_claim)
    before_settling(app, _note)


def _claim() -> ResponseReturnValue | None:
    """Note that this form is being done; whoever sends it at the same time waits here for what comes of it."""
    g.pop(KEY, None)
    if request.method != "POST" or not request.form.get(ONCE) or is_repeatable(current_app, request.endpoint):
        return None
    key, mine = _key(), f"?{secrets.token_hex(16)}"  # no path: what comes of it is not known yet
    if not _is_first(key, mine):
        return _lead_on(key)
    setattr(g, KEY, (key, mine))
    return None


def claim_again() -> None:
    """Note the form anew, first of all in the new transaction of a view that let go of its first one."""
    key, mine = g.get(KEY, ("", ""))
    if key and not _is_first(key, mine):
        abort(_lead_on(key))  # type: ignore[arg-type]  # an answer ends the request too


def lead_on_if_done() -> ResponseReturnValue | None:
    """Lead whoever sends a form that was done before to what came of it; None when it was not."""
    key = _key()
    done = db.session.scalar(select(SentForm.path).where(SentForm.key == key))
    return None if done is None else _lead_on(key)


def _note(response: Response) -> ResponseReturnValue | None:
    """Keep where the form led to; a form that only showed its page again may be sent once more."""
    key, mine = g.pop(KEY, ("", ""))
    claim = (SentForm.key == key, SentForm.path == mine)
    if not key:
        return None
    if response.location is None and "Content-Disposition" not in response.headers:
        db.session.execute(delete(SentForm).where(*claim))
        return None
    path = response.location or ""
    path = path if len(path) <= LONGEST else ""
    kept = update(SentForm).where(*claim).values(path=path).returning(SentForm.key)
    if db.session.execute(kept).first() or _is_first(key, path):  # lost when a view let go of its transaction
        return None
    return _lead_on(key)


def _is_first(key: str, path: str) -> bool:
    insert = _INSERT[db.session.get_bind().dialect.name](SentForm)
    row = insert.values(key=key, path=path, expires_at=now() + KEPT)
    return db.session.execute(row.on_conflict_do_nothing().returning(SentForm.key)).first() is not None


def _lead_on(key: str) -> ResponseReturnValue:
    db.session.rollback()
    path = db.session.scalar(select(SentForm.path).where(SentForm.key == key)) or ""
    flash(_("U stuurde dit al. Wij deden het één keer."), "info")
    return redirect(path if path.startswith("/") else page_of_request(), 303)


def _key() -> str:
    """Return what tells this form, with what is in it, from all others; nothing can be read from it."""
    digest = hashlib.sha256(request.path.encode())
    for name, value in request.form.items(multi=True):
        if name not in NOT_CONTENT:
            digest.update(f"\n{len(name)} {len(value)} {name}{value}".encode(errors="surrogatepass"))
    for name, file in request.files.items(multi=True):
        digest.update(f"\n{name}".encode())
        digest.update(hashlib.file_digest(file.stream, "sha256").digest())  # type: ignore[arg-type]  # a seekable file
        file.stream.seek(0)
    return digest.hexdigest()
