"""The commands `buurtbegroot akkoord …`."""

from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from buurtbegroot.acts import System
from buurtbegroot.akkoord.actions import load_accord
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.web.command_line import Commands


@click.group("akkoord", cls=Commands)
def group() -> None:
    """The Maatschappelijk akkoord."""


@group.command("load")
@with_appcontext
def load() -> None:
    """Load the editions and points that come with the program; what people wrote stays."""
    with writing():
        written = load_accord(db.session(), by=System("command akkoord load"), now=datetime.now(UTC))
        db.session.commit()
    click.echo(f"{written} rows written")
