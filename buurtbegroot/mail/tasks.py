"""What the worker does for the outbox."""

from collections import Counter
from datetime import timedelta

from flask import current_app

from buurtbegroot.acts import System
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.mail.delivery import deliver_due
from buurtbegroot.mail.outbox import forget_old_mail, is_any_due, take_up_again, unsent
from buurtbegroot.mail.transport import can_leave
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.web.clock import now
from buurtbegroot.work.register import Task

NO_SERVER = "no_server"
NO_ANSWER = ("TimeoutError", "ConnectionRefusedError", "SMTPServerDisconnected", "SMTPConnectError", "gaierror")


def _deliver(_by: System) -> None:
    deliver_due()


def _has_mail() -> bool:
    return can_leave(current_app.config) and is_any_due(db.session(), now=now())


def _undelivered() -> Counter[str]:
    if can_leave(current_app.config):
        return unsent(db.session(), given_up=True)
    return +Counter({NO_SERVER: unsent(db.session(), given_up=False).total()})


def _take_up() -> None:
    take_up_again(db.session(), now=now())


def _forget(_by: System) -> None:
    with writing():
        forget_old_mail(db.session(), now=now())
        db.session.commit()


TASKS = (
    Task(
        name="mail.deliver",
        title=_l("Mail bezorgen"),
        run=_deliver,
        every=timedelta(seconds=2),
        has_work=_has_mail,
        reasons={
            NO_SERVER: _l("Er is geen mailserver ingesteld (SMTP_HOST)."),
            "SMTPRecipientsRefused": _l("De mailserver kent dit adres niet."),
            "SMTPAuthenticationError": _l("De mailserver weigert de naam of het wachtwoord (SMTP_USER)."),
            "SSLCertVerificationError": _l(
                "Het certificaat van de mailserver is van een andere naam (SMTP_HOST) of niet vertrouwd."
            ),
            "SMTPNotSupportedError": _l(
                "De mailserver kan dit niet: versleutelen (SMTP_STARTTLS) of aanmelden (SMTP_USER)."
            ),
            **dict.fromkeys(NO_ANSWER, _l("De mailserver antwoordt niet.")),
        },
        given_up=_undelivered,
        take_up=_take_up,
    ),
    Task(name="mail.forget", title=_l("Oude mail wissen"), run=_forget, every=timedelta(hours=1)),
)
