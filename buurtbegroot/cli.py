"""The command `buurtbegroot`: flask's own commands plus those of each capability."""

import click
from flask.cli import FlaskGroup

from buurtbegroot.app import create_app


@click.group(cls=FlaskGroup, create_app=create_app, add_version_option=False)
def main() -> None:
    """Participatory budgeting for neighbourhoods."""
