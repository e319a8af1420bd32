"""The commands `buurtbegroot votes …`."""

import click
from flask.cli import with_appcontext

from buurtbegroot.acts import System
from buurtbegroot.box.tasks import publish_due
from buurtbegroot.web.command_line import Commands

VOTES = System("command votes")


@click.group("votes", cls=Commands)
def votes() -> None:
    """The ballot boxes."""


@votes.command("flush")
@with_appcontext
def flush() -> None:
    """Publish waiting leaves in shuffled batches of at least 25 and sign the logs, as the worker does."""
    click.echo(f"{publish_due(VOTES)} leaves published")
