"""The commands `buurtbegroot mail …`."""

import threading

import click
from flask import current_app
from flask.cli import with_appcontext

from buurtbegroot.mail.delivery import SECONDS_BETWEEN, deliver_due, watch_once
from buurtbegroot.web.command_line import Commands


@click.group("mail", cls=Commands)
def group() -> None:
    """The outbox."""


@group.command("send")
@click.option("--watch", is_flag=True, help="Go on until stopped, looking every two seconds.")
@with_appcontext
def send(watch: bool) -> None:
    """Send all mail that is due."""
    if not current_app.config["SMTP_HOST"] and not current_app.config["DEMO"]:
        raise click.ClickException("SMTP_HOST is not set, so mail cannot leave; it stays in the outbox")
    if not watch:
        click.echo(f"{deliver_due()} sent")
        return
    app, never = current_app._get_current_object(), threading.Event()  # type: ignore[attr-defined]
    while not never.wait(SECONDS_BETWEEN):
        watch_once(app)
