"""Emptying the outbox: claim a mail, send it, report: three transactions, so that no lock waits for a mail server."""

import logging
import smtplib

from babel import UnknownLocaleError
from flask import current_app
from jinja2 import TemplateError

from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.mail.messages import compose
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.mail.outbox import claim_due_mail, note_failure, note_sent
from buurtbegroot.mail.transport import Transport, is_refused_for_good, transport_for
from buurtbegroot.web.clock import now

log = logging.getLogger(__name__)
TROUBLE = (smtplib.SMTPException, OSError, TemplateError, ValueError, LookupError, UnknownLocaleError)


def deliver_due() -> int:
    """Send all mail that is due, within an app context, and return how many left; never raises for a single mail."""
    transport, sent = transport_for(current_app.config), 0
    while (mail_id := _claim()) is not None:
        sent += _deliver(mail_id, transport)
    return sent


def _claim() -> int | None:
    with writing():
        mail = claim_due_mail(db.session(), now=now())
        mail_id = mail.id if mail else None
        db.session.commit()
    return mail_id


def _deliver(mail_id: int, transport: Transport) -> bool:
    mail, trouble = db.session.get(OutboxMail, mail_id), None
    if mail is None:  # its account was deleted meanwhile
        return False
    try:
        message = compose(mail)
        db.session.rollback()  # no transaction stays open while the server thinks
        transport(message)
    except TROUBLE as error:
        log.warning("mail %s could not be sent: %s", mail_id, type(error).__name__)  # the rest names its reader
        trouble = error
    _report(mail_id, trouble)
    return trouble is None


def _report(mail_id: int, trouble: Exception | None) -> None:
    db.session.rollback()
    with writing():
        mail = db.session.get(OutboxMail, mail_id)
        if mail is not None:  # else its account was deleted meanwhile
            _note(mail, trouble)
        db.session.commit()


def _note(mail: OutboxMail, trouble: Exception | None) -> None:
    if trouble is None:
        note_sent(mail, now=now())
    else:
        reason = f"{type(trouble).__name__}: {trouble}"
        note_failure(mail, reason, for_good=is_refused_for_good(trouble), now=now())
