"""The commands `buurtbegroot audit …`."""

import click
from flask.cli import with_appcontext

from buurtbegroot.audit.queries.verification import Verification, verify_log
from buurtbegroot.database import snapshot
from buurtbegroot.extensions import db
from buurtbegroot.web.command_line import Commands


@click.group("audit", cls=Commands)
def group() -> None:
    """The public log."""


@group.command("verify")
@with_appcontext
def verify() -> None:
    """Recompute every hash of the log and look at all that it vouches for; exit with 1 at what is wrong."""
    with snapshot(db.session()):
        found = verify_log(db.session())
    if faults := _faults(found):
        raise click.ClickException("\n".join(faults))
    click.echo(f"{found.entries} entries, all in order; {found.erased} erased payloads")


def _faults(found: Verification) -> list[str]:
    if found.problem:
        return [f"entry {found.problem.place}: {found.problem.fault.value.replace('_', ' ')}"]
    said = ("is not as entry {} left it" if seq else "has no entry" for seq in found.otherwise.values())
    return [f"{name} {words.format(seq)}" for (name, seq), words in zip(found.otherwise.items(), said, strict=True)]
