"""The command `buurtbegroot`: flask's own commands, the database, and those of each capability."""

import sys

import click
from flask.cli import FlaskGroup, with_appcontext

from buurtbegroot import migrating, serving
from buurtbegroot.accounts import commands as accounts
from buurtbegroot.akkoord import commands as akkoord
from buurtbegroot.app import create_app
from buurtbegroot.areas import commands as areas
from buurtbegroot.audit import commands as audit
from buurtbegroot.counting import commands as counting
from buurtbegroot.demo import commands as demo
from buurtbegroot.extensions import db
from buurtbegroot.mail import commands as mail
from buurtbegroot.tally import commands as tally
from buurtbegroot.voting import commands as voting
from buurtbegroot.work import commands as work


@click.group(cls=FlaskGroup, create_app=create_app, add_version_option=False)
def main() -> None:
    """Participatory budgeting for neighbourhoods."""


@main.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=5000, show_default=True)
@click.option("--processes", type=click.IntRange(1), default=1, show_default=True, help="Processes that answer.")
@click.option("--threads", type=click.IntRange(1), default=4, show_default=True, help="Threads in each of them.")
def serve(host: str, port: int, *, processes: int, threads: int) -> None:
    """Serve the site with granian and do the background work beside it, until stopped.

    Every other option of granian is taken from its GRANIAN_* in the environment.
    """
    sys.exit(serving.serve(host=host, port=port, processes=processes, threads=threads))


@main.group("db")
def database() -> None:
    """The tables of the database."""


@database.command("upgrade")
@with_appcontext
def upgrade() -> None:
    """Bring the database to this version; safe to run again."""
    migrating.upgrade(db.engine)
    accounts.seal_secrets()


@database.command("downgrade")
@click.argument("revision")
@with_appcontext
def downgrade(revision: str) -> None:
    """Take the database back to an earlier REVISION, or to `base`: empty."""
    migrating.downgrade(db.engine, revision)


@database.command("check")
@with_appcontext
def check() -> None:
    """Exit with 1 when the database is not at this version."""
    if not migrating.is_current(db.engine):
        raise click.ClickException("the database is behind: run `buurtbegroot db upgrade`")
    click.echo("the database is at this version")


for room in (areas, akkoord, accounts, audit, mail, tally, demo):
    main.add_command(room.group)
for group in (voting.codes, voting.votes):
    main.add_command(group)
main.add_command(work.command)
main.add_command(counting.command)  # here for the list of commands: `__main__` runs it without an app
