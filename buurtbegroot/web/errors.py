"""What people see when something goes wrong: a reason and a next step, never a bare status."""

import errno
import logging
import secrets
import sqlite3
from collections.abc import Callable

from flask import Flask, Response, current_app, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from werkzeug.exceptions import HTTPException, InternalServerError, NotFound, ServiceUnavailable

from buurtbegroot.extensions import db
from buurtbegroot.web.addresses import address_meant, phone_link
from buurtbegroot.web.choice import carried, page_of_request
from buurtbegroot.web.locale import SCHEMES, SOURCE, direction, language_of_device, scheme, untranslated

log = logging.getLogger(__name__)
PAGES = {400, 403, 404, 405, 409, 410, 413, 429, 500, 503}
KEEPS = {409, 429, 500, 503}  # said after the token of the form was seen to be good
RETRY_SECONDS = "5"
DISK = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS}


def init_app(app: Flask) -> None:
    """Register the handlers, the most specific last."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, expired_form)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(NoConnectionError, _no_connection)
    app.register_error_handler(OSError, _disk)
    app.register_error_handler(InternalServerError, _crash)


def error_page(status: int, *, reason: Callable[[], str] = str, **details: object) -> Response:
    """Render the page of a status; unknown statuses share one page. `reason` is asked in the language of the page.

    Whatever broke may be the frame, the database or a catalog, so none of them is needed: not even context processors,
    which ask who is signed in.
    """
    template = current_app.jinja_env.get_template(f"errors/{status if status in PAGES else 'other'}.html")
    language = language_of_device()
    try:
        with force_locale(language):
            page = template.render(_around(language), reason=reason(), kept=_kept(status), **details)
    except Exception:  # of a damaged catalog anything may come
        log.exception("no error page can be made in %s", language)
        with untranslated():
            page = template.render(_around(SOURCE), kept=_kept(status), **details)
    return make_response(page, status)


def _kept(status: int) -> list[tuple[str, str]]:
    """Return what was typed, where the page gives it back; never to whom another site may have sent."""
    is_own = request.headers.get("Sec-Fetch-Site") == "same-origin"
    return carried() if status in KEEPS or (status == 400 and is_own) else []


def _around(language: str) -> dict[str, str]:
    settings = current_app.config
    return {
        "language": language,
        "direction": direction(language),
        "scheme_class": SCHEMES[scheme()],
        "site_name": settings["SITE_NAME"],
        "municipality": settings["MUNICIPALITY"],
        "phone": phone_link(settings["CONTACT_PHONE"]),
        "form_page": page_of_request(),
    }


def _http(error: HTTPException) -> ResponseReturnValue:
    db.session.rollback()
    if error.code is None or error.code < 400:
        return error.get_response()
    if error.code == NotFound.code and (meant := address_meant()):
        return redirect(meant, 301)
    response = error_page(error.code)
    for name, value in error.get_headers():
        if name.lower() in {"retry-after", "allow"}:
            response.headers[name] = value
    return response


def expired_form(_error: CSRFError) -> ResponseReturnValue:
    """Say that the form was open for too long, or came from elsewhere."""
    db.session.rollback()
    return error_page(400, expired=True)


def _database(error: DBAPIError) -> ResponseReturnValue:
    """Locked, full, gone or behind on migrations: try again soon; anything else is a crash."""
    db.session.rollback()
    if not _passes_by(error):
        return _crash(InternalServerError(original_exception=error))
    log.warning("the database cannot serve now: %s", error.orig)
    return _later(outcome_is_unknown=_broke_at_commit(error))


def _no_connection(error: NoConnectionError) -> ResponseReturnValue:
    log.warning("the database cannot serve now: %s", error)
    return _later(outcome_is_unknown=False)


def _disk(error: OSError) -> ResponseReturnValue:
    """Say of a disk that is full or broken to try again later; anything else is a crash."""
    db.session.rollback()
    if error.errno not in DISK:
        return _crash(InternalServerError(original_exception=error))
    log.warning("the disk cannot serve now: %s", error)
    return _later(outcome_is_unknown=False)


def _later(*, outcome_is_unknown: bool) -> Response:
    response = error_page(ServiceUnavailable.code, outcome_is_unknown=outcome_is_unknown)
    response.headers["Retry-After"] = RETRY_SECONDS
    return response


def _passes_by(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.OperationalError):
        return True
    state = getattr(error.orig, "sqlstate", None) or ""
    lost = error.connection_invalidated or (not state and type(error.orig).__name__ == "OperationalError")
    # connection, serialisation, resources, operator intervention, lock; undefined table or column: a migration is due
    return lost or state[:2] in {"08", "40", "53", "57", "55"} or state in {"42P01", "42703"}


def _broke_at_commit(error: DBAPIError) -> bool:
    """Tell whether the answer to COMMIT never came: then only the database knows what became of the transaction."""
    return error.connection_invalidated and error.statement is None


def _crash(error: InternalServerError) -> ResponseReturnValue:
    db.session.rollback()
    number = secrets.token_hex(4)
    log.error("error %s", number, exc_info=error.original_exception or error)
    return error_page(500, number=number)
