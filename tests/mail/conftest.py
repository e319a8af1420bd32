"""An app on a database of its own, with real commits, and an SMTP server that keeps what it gets."""

import itertools
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask

from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.mail.actions import enqueue_mail
from tests.conftest import Clock
from tests.live import live

PORTS = itertools.count(20_000 + hash(datetime.now(UTC)) % 12_000)  # under those that systems give out by themselves


def unused_port() -> int:
    """Return the next port on which nobody listens."""
    for port in PORTS:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise AssertionError


class Postbox:
    """What aiosmtpd calls for each mail: keeps it, or does what `answers` says first."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.rcpt_answers: dict[str, str] = {}
        self.data_answers: list[str] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, *_: Any) -> str:  # noqa: N802
        if answer := self.rcpt_answers.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        answer = self.data_answers.pop(0) if self.data_answers else "250 OK"
        if answer == "hang up":
            server.transport.close()
        elif answer.startswith("250"):
            message = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.mails.append(message)
        return answer


@pytest.fixture
def live_app(tmp_path: Path) -> Iterator[Flask]:
    with live(tmp_path, CLOCK=Clock()) as app:
        yield app


@pytest.fixture
def postbox(live_app: Flask) -> Iterator[Postbox]:
    box = Postbox()
    server = Controller(box, hostname="127.0.0.1", port=unused_port())
    server.start()
    live_app.config.update(SMTP_HOST="127.0.0.1", SMTP_PORT=server.port)
    yield box
    server.stop()


@pytest.fixture
def enqueue(live_app: Flask) -> Callable[..., None]:
    def put(recipient: str = "mens@example.org", **changes: Any) -> None:
        values = {"template": "sign_in", "values": {"link": "http://localhost/x", "minutes": 15}, "language": "nl"}
        with live_app.app_context(), writing():
            enqueue_mail(db.session(), recipient=recipient, now=live_app.config["CLOCK"](), **(values | changes))
            db.session.commit()

    return put
