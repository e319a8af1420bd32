"""The commands `buurtbegroot areas …`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from buurtbegroot.acts import System
from buurtbegroot.areas.actions import load_areas, load_postcodes
from buurtbegroot.areas.domain import package_data
from buurtbegroot.areas.domain.geojson import AreaFileError, read_features
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.web.command_line import Commands

COMMAND = System("command areas load")


@click.group("areas", cls=Commands)
def group() -> None:
    """Stadsdelen, gebieden, wijken and buurten."""


@group.command("load")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def load(file: Path | None) -> None:
    """Load the areas from a GeoJSON FILE of buurten, or those of Amsterdam that come with the program."""
    features = _features(file)
    with writing():
        try:
            loaded = load_areas(db.session(), features, by=COMMAND, now=datetime.now(UTC))
        except AreaFileError as error:
            raise click.ClickException(f"{file or 'package data'}: {error}; nothing was changed") from error
        postcodes = load_postcodes(db.session(), package_data.postcodes(), by=COMMAND)
        db.session.commit()
    click.echo(f"{len(loaded.added)} added, {len(loaded.changed)} changed, {postcodes} postcodes")
    for code in loaded.vanished:
        click.echo(f"no longer in the file, kept but off the map: {code}")


def _features(file: Path | None) -> list[dict[str, Any]]:
    try:
        return read_features(file.read_text(encoding="utf-8")) if file else package_data.buurten()
    except (AreaFileError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file}: {error}; nothing was changed") from error
