"""The commands `buurtbegroot accounts …`."""

from datetime import UTC, datetime

import click
from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask.cli import with_appcontext

from buurtbegroot.accounts.actions import find_or_add_user, grant_role
from buurtbegroot.accounts.models import Role
from buurtbegroot.accounts.queries import areas_called
from buurtbegroot.acts import System
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.web.command_line import Commands

COMMAND = System("command accounts grant")


@click.group("accounts", cls=Commands)
def group() -> None:
    """People and their roles."""


@group.command("grant")
@click.argument("email")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.argument("area")
@with_appcontext
def grant(email: str, role: str, area: str) -> None:
    """Give EMAIL the ROLE in AREA (a code or a name; 0363 is the whole city), with an account if there is none."""
    try:
        address = validate_email(email, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise click.BadParameter(str(error), param_hint="EMAIL") from error
    with writing():
        found = areas_called(db.session(), area)
        if len(found) != 1:
            raise click.BadParameter(f"{len(found)} areas are called {area!r}; give a code", param_hint="AREA")
        moment = datetime.now(UTC)
        language = current_app.config["LANGUAGES"][0]
        normalised = (address.ascii_email or address.normalized).lower()
        user = find_or_add_user(db.session(), normalised, language=language, by=COMMAND, now=moment)
        where, task = found[0], Role(role)
        grant_role(db.session(), user, seen=user.version, role=task, area=where, by=COMMAND, now=moment)
        db.session.commit()
    click.echo(f"{normalised} is {role} in {found[0].name}")
