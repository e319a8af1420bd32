"""Ways for a message to leave: an SMTP server, or the console of a demo; nothing is decided or stored here."""

import logging
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage

from flask import Config

SECONDS = 20  # for each answer of the server
Transport = Callable[[EmailMessage], None]
log = logging.getLogger(__name__)


def transport_for(config: Config) -> Transport:
    """Return how the settings say that mail leaves: by SMTP_HOST, or onto the console when there is none."""
    return (lambda message: send_by_smtp(message, config)) if config["SMTP_HOST"] else show_on_console


def can_leave(config: Config) -> bool:
    """Tell whether there is a way out for mail; without a server only a demo has one."""
    return bool(config["SMTP_HOST"] or config["DEMO"])


def send_by_smtp(message: EmailMessage, config: Config) -> None:
    """Hand the message to the server; raises smtplib.SMTPException or OSError when it did not take it."""
    with smtplib.SMTP(config["SMTP_HOST"], config["SMTP_PORT"], timeout=SECONDS) as server:
        if config["SMTP_STARTTLS"]:
            server.starttls(context=ssl.create_default_context())
        if config["SMTP_USER"]:
            server.login(config["SMTP_USER"], config["SMTP_PASSWORD"])
        server.send_message(message)


def show_on_console(message: EmailMessage) -> None:
    """Log the plain part, for a demo where nobody has a mailbox."""
    body = message.get_body(("plain",))
    log.warning("mail to %s: %s\n%s", message["To"], message["Subject"], body.get_content() if body else "")


def is_refused_for_good(error: Exception) -> bool:
    """Tell whether the server said that this recipient will never do (a 5xx answer to RCPT)."""
    refusals = error.recipients.values() if isinstance(error, smtplib.SMTPRecipientsRefused) else ()
    return bool(refusals) and all(code >= 500 for code, _text in refusals)
