"""The commands `buurtbegroot mail …`."""

import click
from flask import current_app
from flask.cli import with_appcontext

from buurtbegroot.mail.delivery import deliver_due
from buurtbegroot.mail.transport import can_leave
from buurtbegroot.web.command_line import Commands


@click.group("mail", cls=Commands)
def group() -> None:
    """The outbox."""


@group.command("send")
@with_appcontext
def send() -> None:
    """Send all mail that is due, as the worker does every two seconds."""
    if not can_leave(current_app.config):
        raise click.ClickException("SMTP_HOST is not set, so mail cannot leave; it stays in the outbox")
    click.echo(f"{deliver_due()} sent")
