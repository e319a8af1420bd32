"""The commands `buurtbegroot audit …`."""

import click
from flask.cli import with_appcontext

from buurtbegroot.audit.queries.verification import verify_log
from buurtbegroot.extensions import db
from buurtbegroot.web.command_line import Commands


@click.group("audit", cls=Commands)
def group() -> None:
    """The public log."""


@group.command("verify")
@with_appcontext
def verify() -> None:
    """Recompute every hash of the log; exit with 1 at the first fault."""
    found = verify_log(db.session())
    if found.problem:
        raise click.ClickException(f"entry {found.problem.place}: {found.problem.fault.value.replace('_', ' ')}")
    click.echo(f"{found.entries} entries, all in order; {found.erased} erased payloads")
