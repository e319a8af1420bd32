"""What is asked of the mail server: encryption where it is set, and that it knows who sends."""

import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from flask import Flask
from sqlalchemy import select

from buurtbegroot.extensions import db
from buurtbegroot.mail.delivery import deliver_due
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.mail.tasks import TASKS
from tests.mail.conftest import Postbox, unused_port

Enqueue = Callable[..., None]
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # here, to look in
PASSWORD = "een lange zin"


def knows(_server: object, _session: object, _envelope: object, _mechanism: object, given: Any) -> AuthResult:
    same = isinstance(given, LoginPassword) and (given.login, given.password) == (b"bode", PASSWORD.encode())
    return AuthResult(success=same, handled=same)


@pytest.fixture
def strict(live_app: Flask) -> Iterator[Postbox]:
    """A server that takes mail only from whoever it knows."""
    box = Postbox()
    server = Controller(
        box, hostname="127.0.0.1", port=unused_port(), authenticator=knows, auth_required=True, auth_require_tls=False
    )
    server.start()
    live_app.config.update(SMTP_HOST="127.0.0.1", SMTP_PORT=server.port, SMTP_USER="bode", SMTP_PASSWORD=PASSWORD)
    yield box
    server.stop()


@pytest.fixture
def sealed(live_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postbox]:
    """A server that takes mail under TLS only, from whoever it knows; its certificate is of 127.0.0.1."""
    tool = shutil.which("openssl") or pytest.skip("no openssl on this machine, which makes the certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["-days", "2", "-subj", "/CN=mail", "-addext", "subjectAltName=IP:127.0.0.1", "-out", str(certificate)]
    new = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(key)]
    subprocess.run([tool, "req", *new, *made], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    box, port = Postbox(), unused_port()
    how: dict[str, Any] = {"tls_context": context, "require_starttls": True, "authenticator": knows}
    server = Controller(box, hostname="127.0.0.1", port=port, auth_required=True, **how)
    server.start()
    live_app.config.update(SMTP_HOST="127.0.0.1", SMTP_PORT=port, SMTP_STARTTLS=True)
    live_app.config.update(SMTP_USER="bode", SMTP_PASSWORD=PASSWORD)
    yield box
    server.stop()


def deliver(app: Flask) -> tuple[int, str]:
    """Return how many left, and what was the trouble with the last."""
    with app.app_context():
        return deliver_due(), db.session.scalars(select(OutboxMail.last_error)).all()[-1]


def test_nothing_leaves_in_the_clear_where_encryption_is_asked(
    live_app: Flask, postbox: Postbox, enqueue: Enqueue
) -> None:
    live_app.config["SMTP_STARTTLS"] = True
    enqueue()
    sent, trouble = deliver(live_app)
    assert (sent, postbox.mails) == (0, [])
    assert trouble.startswith("SMTPNotSupportedError")


def test_mail_goes_encrypted_to_a_server_that_wants_to_know_us(
    live_app: Flask, sealed: Postbox, enqueue: Enqueue
) -> None:
    enqueue()
    assert deliver(live_app) == (1, "")
    assert len(sealed.mails) == 1


@pytest.mark.parametrize(
    ("settings", "trouble"),
    [
        ({"SMTP_HOST": "localhost"}, "SSLCertVerificationError"),
        ({"SMTP_PASSWORD": "x"}, "SMTPAuthenticationError"),
        ({"SMTP_STARTTLS": False}, "SMTPNotSupportedError"),
    ],
)
def test_a_server_that_is_another_or_is_asked_otherwise_gets_nothing(
    live_app: Flask, sealed: Postbox, enqueue: Enqueue, settings: dict[str, object], trouble: str
) -> None:
    live_app.config.update(settings)
    enqueue()
    sent, said = deliver(live_app)
    assert (sent, sealed.mails, said.partition(":")[0]) == (0, [], trouble)
    assert str(TASKS[0].reasons[trouble]), "the workplace says it in words"


def test_the_server_is_told_who_sends(live_app: Flask, strict: Postbox, enqueue: Enqueue) -> None:
    enqueue()
    assert deliver(live_app) == (1, "")
    assert len(strict.mails) == 1


@pytest.mark.parametrize("wrong", [{"SMTP_PASSWORD": "x"}, {"SMTP_USER": "iemand"}, {"SMTP_USER": ""}])
def test_mail_waits_while_the_server_does_not_know_us(
    live_app: Flask, strict: Postbox, enqueue: Enqueue, wrong: dict[str, str]
) -> None:
    live_app.config.update(wrong)
    enqueue()
    sent, trouble = deliver(live_app)
    assert (sent, strict.mails) == (0, [])
    assert trouble.startswith("SMTP")
    assert PASSWORD not in trouble
