"""The commands `buurtbegroot tally …`: the long and the careful steps of a count."""

from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import with_appcontext

from buurtbegroot.acts import System
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import round_by_slug
from buurtbegroot.tally import actions
from buurtbegroot.tally.actions.opening import begin_again
from buurtbegroot.tally.queries import unexplained_rounds
from buurtbegroot.tally.queries.counting import counted
from buurtbegroot.tally.tasks import bundling, explaining, forget, opening
from buurtbegroot.web.command_line import Commands

COMMAND = System("command tally")


@click.group("tally", cls=Commands)
def group() -> None:
    """Opening, counting and counting again. ROUND is the last part of a round's address."""


@group.command("open")
@click.argument("round_slug", metavar="ROUND")
@with_appcontext
def open_box(round_slug: str) -> None:
    """Open the envelopes of a closed ROUND; safe to stop and to run again."""
    _open(_round(round_slug).id)


@group.command("again")
@click.argument("round_slug", metavar="ROUND")
@with_appcontext
def again(round_slug: str) -> None:
    """Let go of all that was opened and counted of a closed ROUND, and open its box again from the file.

    The way on when the database holds anything else than what was signed. Count and certify as before.
    """
    with writing():
        round_ = _round(round_slug)
        round_id = round_.id
        begin_again(db.session(), round_, keys=_keys(), by=COMMAND, now=datetime.now(UTC))
        db.session.commit()
    _open(round_id)


@group.command("count")
@click.argument("round_slug", metavar="ROUND")
@with_appcontext
def count(round_slug: str) -> None:
    """Count the opened ballots of a ROUND; the outcome stays hidden until two people certify it.

    Once it is stored, the worker works out what would have been enough for the plans that lost.
    """
    with writing():
        round_ = _round(round_slug)
        counted_now = counted(db.session(), round_, keys=_keys())
        tally = actions.count_round(db.session(), round_, counted_now, by=COMMAND, now=datetime.now(UTC))
        click.echo(f"{tally.valid_ballots} ballots, trace {tally.trace_hash}")
        db.session.commit()


@group.command("keys-copied")
@click.argument("round_slug", metavar="ROUND")
@click.argument("holder")
@with_appcontext
def keys_copied(round_slug: str, holder: str) -> None:
    """Tell everyone that HOLDER has a copy of the keys of a ROUND: a place and a task, not the name of a person."""
    with writing():
        round_, now = _round(round_slug), datetime.now(UTC)
        copy = actions.note_key_copy(db.session(), round_, holder=holder.strip(), by=COMMAND, now=now)
        click.echo(f"copy {copy} is in the log")
        db.session.commit()


@group.command("copy-destroyed")
@click.argument("round_slug", metavar="ROUND")
@click.argument("copy", type=click.IntRange(1))
@with_appcontext
def copy_destroyed(round_slug: str, copy: int) -> None:
    """Tell everyone that the COPYth copy of the keys of a ROUND is gone."""
    with writing():
        actions.note_key_copy_gone(db.session(), _round(round_slug), copy=copy, by=COMMAND, now=datetime.now(UTC))
        db.session.commit()


@group.command("bundle")
@click.argument("round_slug", metavar="ROUND")
@with_appcontext
def bundle(round_slug: str) -> None:
    """Make and check the bundle of a counted ROUND; exit with 1 when a check finds something."""
    round_id = _round(round_slug).id
    db.session.rollback()
    tally = bundling(round_id, by=COMMAND)
    if tally.faults:
        raise click.ClickException("; ".join(" ".join(fault) for fault in tally.faults))
    click.echo(f"bundle {tally.bundle}")


@group.command("explain")
@click.argument("round_slug", metavar="[ROUND]", required=False)
@with_appcontext
def explain(round_slug: str | None) -> None:
    """Work out what would have been enough for the plans that lost; safe to stop and to run again.

    Without ROUND for all counted rounds of which any is not worked out yet.
    """
    slugs = [round_slug] if round_slug else [round_.slug for round_ in unexplained_rounds(db.session())]
    db.session.rollback()
    for slug in slugs:
        _explain(slug)


@group.command("recount")
@click.argument("round_slug", metavar="ROUND")
@with_appcontext
def recount(round_slug: str) -> None:
    """Count a ROUND again from its ballots and compare with what is stored; exit with 1 when anything differs."""
    with writing():
        found = actions.record_recount(
            db.session(), _round(round_slug), keys=_keys(), by=COMMAND, now=datetime.now(UTC)
        )
        db.session.commit()
    if not found.is_same:
        raise click.ClickException(f"{round_slug}: another outcome; differs in {', '.join(found.differences)}")
    click.echo(f"the same outcome, trace {found.trace_hash}")


def _open(round_id: int) -> None:
    db.session.rollback()
    forget(round_id, by=COMMAND)
    for opened, envelopes in opening(round_id, by=COMMAND):
        click.echo(f"{opened} of {envelopes} opened")


def _explain(slug: str) -> None:
    for progress in explaining(_round(slug).id, by=COMMAND):
        click.echo(f"{progress.done} of {progress.losers} plans that lost explained")


def _keys() -> KeyStore:
    return KeyStore.from_config(current_app.config)


def _round(slug: str) -> Round:
    found = round_by_slug(db.session(), slug)
    if found is None:
        raise click.ClickException(f"there is no round {slug}")
    return found
