"""Turning a mail of the outbox into a message with a plain and an HTML part, in the language of its reader."""

from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from flask import current_app
from flask_babel import force_locale
from jinja2 import StrictUndefined, Template

from buurtbegroot.mail.models import OutboxMail


def compose(mail: OutboxMail) -> EmailMessage:
    """Write the message; it has the same Message-ID at every attempt, so that a receiver can tell a repetition.

    Raises ValueError when a header would hold a line break, and jinja2.TemplateError when the template is faulty.
    """
    sender = current_app.config["SENDER"]
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.recipient
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = (
        f"<outbox.{mail.id}.{int(mail.created_at.timestamp())}@{parseaddr(sender)[1].split('@')[-1]}>"
    )
    message["Auto-Submitted"] = "auto-generated"
    with force_locale(mail.language):
        plain, html = (_template(mail, ending) for ending in ("txt", "html"))
        values = {**mail.values, **_around(mail)}
        message["Subject"] = _subject(plain, values)
        message.set_content(plain.render(values))
        message.add_alternative(html.render(values), subtype="html")
    return message


def _template(mail: OutboxMail, ending: str) -> Template:
    strict = current_app.jinja_env.overlay(undefined=StrictUndefined)  # a mail with a gap in it must not leave
    return strict.get_template(f"mail/{mail.template}.{ending}")


def _around(mail: OutboxMail) -> dict[str, str]:
    names = ("SITE_NAME", "SITE_URL", "MUNICIPALITY", "CONTACT_PHONE", "CONTACT_EMAIL")
    return {name.lower(): current_app.config[name] for name in names} | {"language": mail.language}


def _subject(template: Template, values: dict[str, object]) -> str:
    """Return the block "subject" of the plain template on one line."""
    block = template.blocks["subject"]
    return " ".join("".join(block(template.new_context(values))).split())
