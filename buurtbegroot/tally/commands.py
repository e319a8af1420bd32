"""The commands `buurtbegroot tally …`: the long and the careful steps of a count."""

from datetime import UTC, datetime

import click
from flask.cli import with_appcontext

from buurtbegroot.core.ledger import LogForkError
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import round_by_slug
from buurtbegroot.tally import actions
from buurtbegroot.tally.faults import TallyRefusedError
from buurtbegroot.tally.queries import unexplained_rounds
from buurtbegroot.tally.tasks import explaining, opening
from buurtbegroot.voting.keys import KeyFileError


@click.group("tally")
def group() -> None:
    """Opening, counting and counting again. ROUND is the last part of a round's address."""


@group.command("open")
@click.argument("round_slug", metavar="ROUND")
@with_appcontext
def open_box(round_slug: str) -> None:
    """Open the envelopes of a closed ROUND; safe to stop and to run again."""
    try:
        for progress in opening(_round(round_slug).id):
            click.echo(f"{progress.opened} of {progress.envelopes} opened, {progress.defects} defects")
    except (TallyRefusedError, KeyFileError, LogForkError) as refusal:
        raise click.ClickException(f"{round_slug}: {refusal}") from refusal


@group.command("count")
@click.argument("round_slug", metavar="ROUND")
@with_appcontext
def count(round_slug: str) -> None:
    """Count the opened ballots of a ROUND; the outcome stays hidden until two people certify it.

    Once it is stored, the worker works out what would have been enough for the plans that lost.
    """
    with writing():
        try:
            tally = actions.count_round(db.session(), _round(round_slug), now=datetime.now(UTC))
        except TallyRefusedError as refusal:
            raise click.ClickException(f"{round_slug}: {refusal}") from refusal
        click.echo(f"{tally.valid_ballots} ballots, trace {tally.trace_hash}")
        db.session.commit()


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
        try:
            found = actions.record_recount(db.session(), _round(round_slug), now=datetime.now(UTC))
        except TallyRefusedError as refusal:
            raise click.ClickException(f"{round_slug}: {refusal}") from refusal
        db.session.commit()
    if not found.is_same:
        raise click.ClickException(f"{round_slug}: another outcome; differs in {', '.join(found.differences)}")
    click.echo(f"the same outcome, trace {found.trace_hash}")


def _explain(slug: str) -> None:
    try:
        for progress in explaining(_round(slug).id):
            click.echo(f"{progress.done} of {progress.losers} plans that lost explained")
    except TallyRefusedError as refusal:
        raise click.ClickException(f"{slug}: {refusal}") from refusal


def _round(slug: str) -> Round:
    found = round_by_slug(db.session(), slug)
    if found is None:
        raise click.ClickException(f"there is no round {slug}")
    return found
