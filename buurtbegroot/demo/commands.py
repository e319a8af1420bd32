"""The commands `buurtbegroot demo …`: a whole city of one's own on one machine."""

import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from buurtbegroot import migrating, serving
from buurtbegroot.accounts.asking import demo_sign_in_path
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.database import writing
from buurtbegroot.demo.large import Size, enlarge
from buurtbegroot.demo.people import SIGN_INS, person_of
from buurtbegroot.demo.seed import is_seeded, seed_city
from buurtbegroot.demo.unused import first_unused, keep_codes
from buurtbegroot.extensions import db
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import standing_of
from buurtbegroot.settings import PREFIX
from buurtbegroot.web.command_line import Commands

CODES_FILE = "demo-codes.txt"


@click.group("demo", cls=Commands)
def group() -> None:
    """A sample city; never on a site that residents use."""


@group.command("seed")
@with_appcontext
def seed() -> None:
    """Migrate the database and fill it, unless there is a city already."""
    migrating.upgrade(db.engine)
    if is_seeded(db.session()):
        click.echo("De voorbeeldstad is er al; alles blijft zoals het is.")
        return
    began = monotonic()
    with writing(), click.progressbar(length=1, label="Voorbeeldstad maken") as bar:

        def say(done: int, steps: int) -> None:
            bar.length = steps
            bar.update(done - bar.pos)
            if not sys.stdout.isatty() and done * 4 // steps > (done - 1) * 4 // steps:
                click.echo(f"  {done * 100 // steps}%")

        db.session.rollback()
        codes = seed_city(db.session(), keys=_keys(), today=datetime.now(UTC), say=say)
        db.session.commit()
    keep_codes(_codes_path(), codes)
    click.echo(f"Klaar in {monotonic() - began:.0f} seconden.")


@group.command("enlarge")
@click.option("--plans", type=click.IntRange(1), default=Size.plans)
@click.option("--contributions", type=click.IntRange(0), default=Size.contributions)
@click.option("--at-one", type=click.IntRange(0), default=Size.at_one, help="Of those, about the first plan.")
@click.option("--supports", type=click.IntRange(0), default=Size.supports)
@with_appcontext
def make_large(**size: int) -> None:
    """Add made-up plans, contributions and support to the round that takes plans, to see how fast pages stay."""
    if not current_app.config["DEMO"]:
        raise click.ClickException("this site is no demo (setting DEMO); nothing was added")
    with writing():
        taking = [
            each for each in db.session.scalars(select(Round)) if standing_of(each, datetime.now(UTC)).takes_plans
        ]
        if not taking:
            raise click.ClickException("no round takes plans now; nothing was added")
        plan = enlarge(db.session(), taking[0], Size(**size), now=datetime.now(UTC))
        db.session.commit()
    click.echo(f"/plannen/{plan}")


@group.command("reset")
@with_appcontext
def reset() -> None:
    """Throw the sample city away, keys and all."""
    if not current_app.config["DEMO"]:
        raise click.ClickException("this site is no demo (setting DEMO); nothing was removed")
    for folder in (_instance(), current_app.config["KEY_DIRECTORY"]):
        shutil.rmtree(folder, ignore_errors=True)


@group.command("serve")
@click.option("--host", default="127.0.0.1")
@click.option("--port", type=click.IntRange(0, 65_535), default=5000)
@click.pass_context
def serve(context: click.Context, host: str, port: int) -> None:
    """Seed when needed, say where to look, and serve; links lead there, unless the settings say otherwise."""
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    for name, value in {"SITE_URL": address, "SESSION_COOKIE_SECURE": "false"}.items():
        os.environ.setdefault(PREFIX + name, value)  # before this process reads the settings, and the server its own
    context.invoke(_serve, context, host=host, port=port, address=address)


@with_appcontext
def _serve(context: click.Context, *, host: str, port: int, address: str) -> None:
    context.invoke(seed)
    _introduce(address)
    db.engine.dispose()
    sys.exit(serving.serve(host=host, port=port))


def _introduce(url: str) -> None:
    click.echo(f"\nDe voorbeeldstad staat op {url}")
    for title, codes in first_unused(db.session(), _codes_path(), keys=_keys(), wanted=5).items():
        click.echo(f"\nOngebruikte stemcodes voor {title}:")
        click.echo("".join(f"  {code}\n" for code in codes), nl=False)
    click.echo("\nInloggen met één klik:")
    for person in SIGN_INS:
        user = person_of(db.session(), person.key)
        where = f"{url}{demo_sign_in_path(user)}" if user else "dit account is verwijderd"
        click.echo(f"  {person.name:<20} {person.label:<26} {where}")
    click.echo("\nStoppen: Ctrl+C. Opnieuw beginnen: make demo-reset.\n")
    db.session.remove()


def _keys() -> KeyStore:
    return KeyStore.from_config(current_app.config)


def _instance() -> Path:
    return Path(current_app.config["INSTANCE"]).resolve()


def _codes_path() -> Path:
    return _instance() / CODES_FILE
