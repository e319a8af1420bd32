"""The commands `buurtbegroot rounds …`: what is done with whole rounds."""

from datetime import UTC, datetime
from typing import BinaryIO

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.accounts.queries import areas_called, user_by_email
from buurtbegroot.archive.actions import MOST_TITLE, Place, bring_in
from buurtbegroot.archive.domain import MOST_BYTES, Archive, ArchiveError, read_archive
from buurtbegroot.archive.queries import buurten_in
from buurtbegroot.areas.models import Area, Level
from buurtbegroot.counting.output import printable, unpacked
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.web.command_line import Commands


@click.group("rounds", cls=Commands)
def group() -> None:
    """Whole rounds."""


@group.command("import")
@click.argument("file", type=click.File("rb"), metavar="FILE.pb")
@click.option("--by", "email", required=True, metavar="EMAIL", help="The administrator who does it; the log says so.")
@click.option("--title", required=True, metavar="TITLE", help="What the round is called.")
@click.option("--area", required=True, metavar="AREA", help="Whose it was: a stadsdeel, or 0363 for the whole city.")
@click.option("--buurten", "inside", metavar="AREA", help="Where it was, if that is a part: a gebied, wijk or buurt.")
@click.option("--beside", type=click.File("rb"), metavar="FILE.json", help="What the .pb cannot say: the whole rules.")
@with_appcontext
def bring_in_file(
    file: BinaryIO, *, email: str, title: str, area: str, inside: str | None, beside: BinaryIO | None
) -> None:
    """Make a round of the past of a Pabulib FILE.pb (.gz too), with the winners that the file names.

    Plans, costs and ballots come along, nothing of voters. The winners are counted again by the rule of the file; where
    that cannot be, or gives others, the round has those of the file and says so. Such a round never changes.
    """
    archive = _archive(file, beside)
    with writing():
        session = db.session()
        owner, by = _owner(session, area), _administrator(session, email)
        where = _area(session, inside, "--buurten") if inside else owner
        place = Place(title=_title(title), owner=owner, buurten=tuple(buurten_in(session, where)))
        try:
            found = bring_in(session, archive, place, by=by, now=datetime.now(UTC))
        except ArchiveError as error:
            raise click.ClickException(f"{file.name}: {error}") from error
        session.commit()
        slug = found.round.slug
    said = "its winners were counted again" if found.counted else "its winners are those of the file, not counted again"
    click.echo(f"/rondes/{slug}: {len(archive.projects)} plans, {sum(archive.ballots.values())} ballots; {said}")


def _archive(file: BinaryIO, beside: BinaryIO | None) -> Archive:
    """Read both files; leave with a message that names the file, and the line or the field."""
    try:
        data = unpacked(file, most=MOST_BYTES)
    except ValueError as error:
        raise click.ClickException(f"{file.name}: {error}") from error
    try:
        return read_archive(data, unpacked(beside, most=MOST_BYTES) if beside else None)
    except ValueError as error:
        raise click.ClickException(printable(f"{file.name}: {error}")) from error


def _title(text: str) -> str:
    """Return a title on one line, of a length that a page can show."""
    title = " ".join(printable(text).split())
    if not 1 <= len(title) <= MOST_TITLE:
        raise click.BadParameter(f"expected 1 to {MOST_TITLE} characters", param_hint="--title")
    return title


def _owner(session: Session, text: str) -> Area:
    owner = _area(session, text, "--area")
    if owner.level not in (Level.DISTRICT, Level.CITY):
        raise click.BadParameter(f"{owner.name} is no stadsdeel and not the city", param_hint="--area")
    return owner


def _area(session: Session, text: str, option: str) -> Area:
    found = areas_called(session, text)
    if len(found) != 1:
        raise click.BadParameter(f"{len(found)} areas are called {text!r}; give a code", param_hint=option)
    return found[0]


def _administrator(session: Session, email: str) -> User:
    """Return whose account it is; that they may do this is for the act to say."""
    user = user_by_email(session, email.strip().lower())
    if user is None:
        raise click.BadParameter("nobody has an account with this address", param_hint="--by")
    return user
