"""The command `buurtbegroot`: flask's own commands, the database, and those of each room."""

from collections.abc import Iterable
from pkgutil import resolve_name

import click
from flask import Flask
from flask.cli import FlaskGroup, NoAppException, with_appcontext

from buurtbegroot import migrating
from buurtbegroot.app import create_app
from buurtbegroot.counting import commands as counting
from buurtbegroot.demo.errands import start_errands
from buurtbegroot.extensions import db
from buurtbegroot.house import ROOMS
from buurtbegroot.rooms import Room
from buurtbegroot.settings import SettingsError


def demo_app() -> Flask:
    """Return the app of the demo with its errands, in the process that serves it.

    A thread that ran before the server forks could leave the server a lock on SQLite that nobody ever lifts.
    """
    app = create_app()
    start_errands(app)
    return app


class WrongSettings(NoAppException):
    """What a command that needs the app ends with, in one line; `--help` goes on without the app."""

    exit_code = 1
    show = click.ClickException.show  # no usage: the command was right


def _app() -> Flask:
    try:
        return create_app()
    except SettingsError as error:
        raise WrongSettings(str(error)) from None


@click.group(cls=FlaskGroup, create_app=_app, add_version_option=False)
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


def add_commands(group: click.Group, rooms: Iterable[Room]) -> None:
    """Let a group know what the rooms can do."""
    for room in rooms:
        for path in room.commands:
            group.add_command(resolve_name(path))


add_commands(main, ROOMS)
main.add_command(counting.command)  # here for the list of commands: `__main__` runs it without an app
