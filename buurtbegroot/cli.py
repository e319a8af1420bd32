"""The command `buurtbegroot`: flask's own commands, the database, and those of each room."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pkgutil import resolve_name

import click
from flask import Flask, current_app
from flask.cli import FlaskGroup, NoAppException, with_appcontext

from buurtbegroot import migrating, purging, serving
from buurtbegroot.app import create_app
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.consistency import Found, faults
from buurtbegroot.counting import commands as counting
from buurtbegroot.database import Model, snapshot
from buurtbegroot.durability import unsafe_settings
from buurtbegroot.extensions import db
from buurtbegroot.house import ROOMS
from buurtbegroot.registry.commands import restored
from buurtbegroot.rooms import Room
from buurtbegroot.settings import SettingsError
from buurtbegroot.web.clock import now
from buurtbegroot.web.command_line import Commands, told
from buurtbegroot.work.register import EXTENSION


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


@main.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65_535), default=5000, show_default=True)
@click.option("--processes", type=click.IntRange(1), default=1, show_default=True, help="Processes that answer.")
def serve(host: str, port: int, *, processes: int) -> None:
    """Serve the site with granian and do the background work beside it, until stopped.

    Every other option of granian is taken from its GRANIAN_* in the environment.
    """
    sys.exit(serving.serve(host=host, port=port, processes=processes))


@contextmanager
def _at_a_revision() -> Iterator[None]:
    try:
        yield
    except migrating.RevisionError as error:  # that of the database, or the one that was asked for
        raise click.ClickException(str(error)) from error


@main.group("db", cls=Commands)
def database() -> None:
    """The tables of the database."""


@database.command("upgrade")
@with_appcontext
def upgrade() -> None:
    """Bring the database to this version; safe to run again."""
    with _at_a_revision():
        migrating.upgrade(db.engine)


@database.command("downgrade")
@click.argument("revision")
@with_appcontext
def downgrade(revision: str) -> None:
    """Take the database back to an earlier REVISION, or to `base`: empty."""
    with _at_a_revision():
        migrating.downgrade(db.engine, revision)


@database.command("check")
@with_appcontext
def check() -> None:
    """Exit with 1 when the database is not at this version."""
    if not migrating.is_current(db.engine):
        raise click.ClickException("the database is behind: run `buurtbegroot db upgrade`")
    click.echo("the database is at this version")


@database.command("purge")
@with_appcontext
def purge() -> None:
    """Take what was erased off the disk now; the site waits while its tables are rewritten. Exit with 1 otherwise.

    The worker does so by itself after each erasure: for the tables concerned, within the hour.
    """
    tables = [table.name for table in Model.metadata.sorted_tables]
    try:
        purging.purge(db.engine, tables)
    except purging.InUseError as error:
        raise click.ClickException("somebody still reads what was there before: try again") from error
    click.echo(f"{len(tables)} tables and the journal hold nothing that was erased")


@main.command("fsck")
@with_appcontext
def fsck() -> None:
    """Check that database and files of every vote agree, and log and jobs; name what does not and exit with 1.

    Names settings of PostgreSQL too with which a ballot can be lost. Changes nothing, and can run beside the site: what
    is found is looked at a second time.
    """
    with told():
        found = _faults()
        if found:  # something that was being done just then is no fault
            again = _faults()
            found = [each for each in found if each in again]
    if found:
        raise click.ClickException("\n".join(map(str, found)))
    click.echo("database and files agree")


def _faults() -> list[Found]:
    db.session.rollback()
    tasks = {name: task.every for name, task in current_app.extensions[EXTENSION].items()}
    keys = KeyStore.from_config(current_app.config)
    with snapshot(db.session()):
        unsafe = [
            Found("database", name, "off: a ballot can be lost with the power")
            for name in unsafe_settings(db.session())
        ]
        return unsafe + list(faults(db.session(), keys=keys, tasks=tasks, now=now()))


def add_commands(group: click.Group, rooms: Iterable[Room]) -> None:
    """Let a group know what the rooms can do."""
    for room in rooms:
        for path in room.commands:
            group.add_command(resolve_name(path))


add_commands(main, ROOMS)
database.add_command(restored)
main.add_command(counting.command)  # here for the list of commands: `__main__` runs it without an app
