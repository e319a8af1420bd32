"""The command `buurtbegroot`: flask's own commands, the database, and those of each room."""

from pkgutil import resolve_name

import click
from flask import Flask
from flask.cli import FlaskGroup, with_appcontext

from buurtbegroot import migrating
from buurtbegroot.app import create_app
from buurtbegroot.counting import commands as counting
from buurtbegroot.demo.errands import start_errands
from buurtbegroot.extensions import db
from buurtbegroot.web.register import rooms_of


def commanded_app() -> Flask:
    """Return the app with the commands of its rooms."""
    return add_commands(create_app())


def add_commands(app: Flask) -> Flask:
    """Let the command line of an app know what its rooms can do, and return the app."""
    for room in rooms_of(app):
        for path in room.commands:
            app.cli.add_command(resolve_name(path))
    return app


def demo_app() -> Flask:
    """Return the app of the demo with its errands, in the process that serves it.

    A thread that ran before the server forks could leave the server a lock on SQLite that nobody ever lifts.
    """
    app = create_app()
    start_errands(app)
    return app


@click.group(cls=FlaskGroup, create_app=commanded_app, add_version_option=False)
def main() -> None:
    """Participatory budgeting for neighbourhoods."""


@main.group("db")
def database() -> None:
    """The tables of the database."""


@database.command("upgrade")
@with_appcontext
def upgrade() -> None:
    """Bring the database to this version; safe to run again."""
    migrating.upgrade(db.engine)


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


main.add_command(counting.command)  # here for the list of commands: `__main__` runs it without an app
