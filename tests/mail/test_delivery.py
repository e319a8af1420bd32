"""The outbox against a real SMTP server: in order, once, and in spite of refusals and broken connections."""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import select

from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.mail import delivery, transport
from buurtbegroot.mail.commands import group
from buurtbegroot.mail.delivery import deliver_due
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.mail.outbox import MOST_TRIES
from buurtbegroot.mail.tasks import TASKS
from buurtbegroot.paths import TEMPLATES
from tests.mail.conftest import Postbox

TEMPLATE_NAMES = sorted({path.stem for path in (TEMPLATES / "mail").glob("*.txt")} - {"layout"})
DELIVER, FORGET = TASKS
Enqueue = Callable[..., None]


def html_of(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def deliver(app: Flask) -> int:
    with app.app_context():
        return deliver_due()


def forget(app: Flask) -> None:
    with app.app_context():
        FORGET.run(FORGET.by)


def outbox(app: Flask) -> list[OutboxMail]:
    with app.app_context():
        return list(db.session.scalars(select(OutboxMail).order_by(OutboxMail.id)))


def later(app: Flask, **passed: int) -> None:
    app.config["CLOCK"].now += timedelta(**passed)


def test_a_mail_is_whole_and_in_the_readers_language(live_app: Flask, postbox: Postbox, enqueue: Enqueue) -> None:
    enqueue("mens@example.org")
    assert deliver(live_app) == 1
    (mail,) = postbox.mails
    assert mail["To"] == "mens@example.org"
    assert mail["From"] == live_app.config["SENDER"]
    assert mail["Subject"] == "Uw link om in te loggen"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@buurtbegroot.invalid>")
    assert mail["Date"]
    plain, html = mail.iter_parts()
    assert [part.get_content_type() for part in (plain, html)] == ["text/plain", "text/html"]
    assert "\nhttp://localhost/x\n" in plain.get_content().replace("\r\n", "\n")
    assert "15 minuten" in plain.get_content()
    assert '<html lang="nl">' in html.get_content()
    assert 'href="http://localhost/x"' in html.get_content()


def test_each_mail_speaks_its_own_language(live_app: Flask, postbox: Postbox, enqueue: Enqueue) -> None:
    enqueue(language="en")
    enqueue(language="nl")
    deliver(live_app)
    assert ['lang="en"' in html_of(mail) for mail in postbox.mails] == [True, False]


def test_what_was_sent_is_not_sent_again_and_not_kept(live_app: Flask, postbox: Postbox, enqueue: Enqueue) -> None:
    enqueue()
    assert [deliver(live_app), deliver(live_app)] == [1, 0]
    (row,) = outbox(live_app)
    assert (row.values, row.tries, row.last_error) == ({}, 1, "")
    assert row.sent_at == live_app.config["CLOCK"].now
    later(live_app, days=7)
    forget(live_app)
    assert outbox(live_app) == []
    assert len(postbox.mails) == 1


def test_values_are_escaped_in_html_and_cannot_add_headers(live_app: Flask, postbox: Postbox, enqueue: Enqueue) -> None:
    enqueue(values={"link": "http://x/<script>alert(1)</script>\nBcc: other@example.org", "minutes": 1})
    deliver(live_app)
    (mail,) = postbox.mails
    assert "<script>" not in html_of(mail)
    assert mail["Bcc"] is None


@pytest.mark.parametrize("recipient", ["a@example.org\nBcc: other@example.org", "a@example.org\r\n\r\nhello"])
def test_a_recipient_with_a_line_break_never_leaves(
    live_app: Flask, postbox: Postbox, enqueue: Enqueue, recipient: str
) -> None:
    enqueue(recipient)
    enqueue("good@example.org")
    assert deliver(live_app) == 1
    assert [mail["To"] for mail in postbox.mails] == ["good@example.org"]
    assert "ValueError" in outbox(live_app)[0].last_error


@pytest.mark.parametrize("broken", [{"template": "not_there"}, {"values": {}}, {"language": "zz"}])
def test_a_faulty_mail_does_not_stop_the_others(
    live_app: Flask, postbox: Postbox, enqueue: Enqueue, broken: dict[str, object]
) -> None:
    enqueue("first@example.org", **broken)
    enqueue("second@example.org")
    assert deliver(live_app) == 1
    assert [mail["To"] for mail in postbox.mails] == ["second@example.org"]
    assert outbox(live_app)[0].last_error


@pytest.mark.parametrize("answer", ["451 try later", "554 no", "hang up"])
def test_a_refusal_or_broken_line_is_tried_again(
    live_app: Flask, postbox: Postbox, enqueue: Enqueue, answer: str
) -> None:
    postbox.data_answers = [answer]
    enqueue()
    assert deliver(live_app) == 0
    assert outbox(live_app)[0].last_error
    later(live_app, seconds=59)
    assert deliver(live_app) == 0
    later(live_app, seconds=1)
    assert deliver(live_app) == 1
    assert len(postbox.mails) == 1


def test_an_address_refused_for_good_is_not_tried_again(live_app: Flask, postbox: Postbox, enqueue: Enqueue) -> None:
    postbox.rcpt_answers = {"gone@example.org": "550 no such person", "busy@example.org": "450 mailbox busy"}
    enqueue("gone@example.org")
    enqueue("busy@example.org")
    deliver(live_app)
    assert [row.tries for row in outbox(live_app)] == [MOST_TRIES, 1]


def test_an_absent_server_is_tried_ever_more_slowly_and_not_for_ever(live_app: Flask, enqueue: Enqueue) -> None:
    live_app.config.update(SMTP_HOST="127.0.0.1", SMTP_PORT=9)
    enqueue()
    pauses = []
    for _ in range(MOST_TRIES):
        assert deliver(live_app) == 0
        (row,) = outbox(live_app)
        pauses.append(row.next_try_at - live_app.config["CLOCK"].now)
        live_app.config["CLOCK"].now = row.next_try_at
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=4), timedelta(minutes=16)]
    assert max(pauses) == pauses[-1] == timedelta(days=1)
    deliver(live_app)
    assert outbox(live_app)[0].tries == MOST_TRIES
    later(live_app, days=30)
    forget(live_app)
    assert outbox(live_app) == []


def test_mail_of_when_the_clock_was_ahead_goes_out(live_app: Flask, postbox: Postbox, enqueue: Enqueue) -> None:
    later(live_app, days=20)
    postbox.rcpt_answers = {"busy@example.org": "450 mailbox busy"}
    enqueue("busy@example.org")
    assert deliver(live_app) == 0
    postbox.rcpt_answers = {}
    later(live_app, days=-20)
    assert deliver(live_app) == 1


def test_a_sender_that_died_is_followed_by_another(
    live_app: Flask, postbox: Postbox, enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    enqueue()
    with monkeypatch.context() as patch:
        patch.setattr(delivery, "_deliver", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            deliver(live_app)
    assert deliver(live_app) == 0, "claimed"
    later(live_app, minutes=15)
    assert deliver(live_app) == 1


def test_mail_of_a_deleted_account_is_left_alone(
    live_app: Flask, postbox: Postbox, enqueue: Enqueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forget_meanwhile(message: object, config: object) -> None:
        with writing():
            for row in db.session.scalars(select(OutboxMail)):
                db.session.delete(row)
            db.session.commit()

    monkeypatch.setattr(transport, "send_by_smtp", forget_meanwhile)
    enqueue()
    assert deliver(live_app) == 1
    assert outbox(live_app) == []


@pytest.mark.race
def test_many_senders_deliver_each_mail_once(live_app: Flask, postbox: Postbox, enqueue: Enqueue) -> None:
    for number in range(40):
        enqueue(f"mens{number}@example.org")
    start, sent = threading.Barrier(4), []

    def send() -> None:
        start.wait()
        sent.append(deliver(live_app))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == 40
    assert Counter(mail["To"] for mail in postbox.mails) == {f"mens{number}@example.org": 1 for number in range(40)}


def test_without_a_mail_server_mail_of_a_demo_is_printed(
    live_app: Flask, enqueue: Enqueue, caplog: pytest.LogCaptureFixture
) -> None:
    enqueue()
    with caplog.at_level(logging.WARNING):
        assert deliver(live_app) == 1
    assert outbox(live_app)[0].sent_at
    assert "mail to mens@example.org: Uw link om in te loggen" in caplog.text
    assert "http://localhost/x" in caplog.text


def has_work(app: Flask) -> bool:
    with app.app_context():
        return DELIVER.has_work()


def given_up(app: Flask) -> Counter[str]:
    with app.app_context():
        return DELIVER.given_up()


def test_the_worker_delivers_when_mail_is_due(live_app: Flask, postbox: Postbox, enqueue: Enqueue) -> None:
    assert not has_work(live_app)
    enqueue()
    assert has_work(live_app)
    with live_app.app_context():
        DELIVER.run(DELIVER.by)
    assert not has_work(live_app)
    assert len(postbox.mails) == 1


def test_mail_that_cannot_leave_is_no_work_but_said(live_app: Flask, enqueue: Enqueue) -> None:
    assert given_up(live_app) == {}
    enqueue()
    assert not has_work(live_app)
    assert given_up(live_app) == {"no_server": 1}
    live_app.config["DEMO"] = True
    assert has_work(live_app)
    assert given_up(live_app) == {}


def test_no_log_names_whose_mail_was_refused(
    live_app: Flask, postbox: Postbox, enqueue: Enqueue, caplog: pytest.LogCaptureFixture
) -> None:
    postbox.rcpt_answers = {"gone@example.org": "550 gone@example.org: no such person"}
    enqueue("gone@example.org")
    deliver(live_app)
    assert "could not be sent: SMTPRecipientsRefused" in caplog.text
    assert "gone@" not in caplog.text


def test_mail_that_is_given_up_can_be_taken_up_again(live_app: Flask, postbox: Postbox, enqueue: Enqueue) -> None:
    postbox.rcpt_answers = {"gone@example.org": "550 no such person"}
    enqueue("gone@example.org")
    enqueue("here@example.org")
    deliver(live_app)
    assert given_up(live_app) == {"SMTPRecipientsRefused": 1}
    assert not has_work(live_app)
    with live_app.app_context(), writing():
        DELIVER.take_up()
        db.session.commit()
    assert has_work(live_app)
    postbox.rcpt_answers = {}
    assert deliver(live_app) == 1
    assert [mail["To"] for mail in postbox.mails] == ["here@example.org", "gone@example.org"]


@pytest.mark.parametrize(
    "template",
    sorted(path.stem for path in (TEMPLATES / "mail").glob("*.txt") if path.stem != "layout" and path.stem[0] != "_"),
)
def test_every_mail_has_a_subject_and_both_parts(live_app: Flask, template: str) -> None:
    environment = live_app.jinja_env
    for ending in ("txt", "html"):
        assert "body" in environment.get_template(f"mail/{template}.{ending}").blocks
    assert "subject" in environment.get_template(f"mail/{template}.txt").blocks


def test_the_command_sends_and_says_how_many(live_app: Flask, postbox: Postbox, enqueue: Enqueue) -> None:
    enqueue()
    assert "1 sent" in live_app.test_cli_runner().invoke(group, ["send"]).output


def test_the_command_wants_a_server(live_app: Flask) -> None:
    result = live_app.test_cli_runner().invoke(group, ["send"])
    assert result.exit_code == 1
    assert "SMTP_HOST" in result.output
