"""The commands `buurtbegroot population …`."""

from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import with_appcontext

from buurtbegroot.acts import System
from buurtbegroot.areas.models import CITY, Area
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.population.actions import load_population
from buurtbegroot.population.domain.population_file import MOST_BYTES, MOST_TOLD, Problem, read_population
from buurtbegroot.population.queries import areas_within, version_of
from buurtbegroot.web.command_line import Commands

COMMAND = System("command population load")


@click.group("population", cls=Commands)
def group() -> None:
    """How many people live where."""


@group.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--area", "code", default=CITY, show_default=True, help="The code of a stadsdeel, or the city.")
@click.option("--source", required=True, help="Who counted.")
@click.option("--date", "day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="When the numbers were true.")
@with_appcontext
def load(*, file: Path, code: str, source: str, day: datetime) -> None:
    """Load the inhabitants and households of areas from a CSV FILE with the heads code, inwoners, huishoudens."""
    with writing(), file.open("rb") as content:
        area = db.session.get(Area, code)
        if area is None:
            raise click.ClickException(f"no area {code}; nothing was changed")
        found = read_population(content.read(MOST_BYTES + 1), areas=areas_within(db.session(), code))
        if found.problems:
            raise click.ClickException("\n".join(map(_told, found.problems[:MOST_TOLD])) + "\nnothing was changed")
        load_population(
            db.session(),
            area,
            found.rows,
            source=source[:300],
            counted_on=day.date(),
            seen=version_of(db.session(), code),
            by=COMMAND,
            now=datetime.now(UTC),
        )
        db.session.commit()
    click.echo(f"{len(found.rows)} areas")


def _told(problem: Problem) -> str:
    return f"line {problem.line}, {problem.column or 'file'}: {problem.wrong.value} {problem.shown}".strip()
