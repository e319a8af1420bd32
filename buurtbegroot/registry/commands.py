"""The commands `buurtbegroot codes …`, `buurtbegroot receipt check` and `buurtbegroot db restored`."""

import json
import re
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from buurtbegroot.acts import RefusedError, System
from buurtbegroot.audit.actions.signing import put_back
from buurtbegroot.audit.words import gist
from buurtbegroot.box.actions.sealing import mark_put_back, prepare_booth
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import manifest_hash
from buurtbegroot.core.code_keys import derive_key
from buurtbegroot.core.credentials import normalise_code
from buurtbegroot.core.envelope import is_own_receipt
from buurtbegroot.core.receipts import parse_receipt, verify_receipt
from buurtbegroot.core.signing import parse_verifier
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.owner_files import write_new
from buurtbegroot.registry.actions.issuing import load_codes, register_codes
from buurtbegroot.registry.actions.pool import RESERVES, fill_pool
from buurtbegroot.registry.domain.codes import DrawnCode, draw_codes
from buurtbegroot.registry.domain.lists import (
    LAST_BATCH,
    MOST_CODES,
    SALT,
    CodeList,
    code_list,
    issuer_command,
    write_list,
)
from buurtbegroot.registry.queries import next_batch, to_do_again
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import lock_round, round_by_slug
from buurtbegroot.web.clock import now
from buurtbegroot.web.command_line import Commands
from buurtbegroot.web.register import register

CODES, RESTORED = System("command codes"), System("command db restored")
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
OLD_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _salt(_context: click.Context, _option: click.Parameter, text: str) -> bytes:
    if re.fullmatch(SALT, text) is None:
        raise click.BadParameter("32 digits 0-9 and a-f, as the page of the round shows it")
    return bytes.fromhex(text)


@click.group("codes", cls=Commands)
def codes() -> None:
    """Voting codes."""


@codes.command("issue")
@click.argument("slug", metavar="ROUND")
@click.option("--count", type=click.IntRange(1, MOST_CODES), required=True, help="How many codes may vote.")
@click.option("--spares", type=click.IntRange(0, MOST_CODES), default=0, help="How many more wait as spares.")
@click.option("--out", type=NEW_FILE, required=True, help="The new CSV file.")
@with_appcontext
def issue(slug: str, count: int, *, spares: int, out: Path) -> None:
    """Make voting codes for ROUND and write them to a file: the only place where they ever are."""
    drawn = _draw(slug, count + spares, keys=KeyStore.from_config(current_app.config))
    _write_and_register(slug, drawn, spares=spares, out=out)
    click.echo(f"{count} codes and {spares} spares are in {out}; print the letters and then destroy the file")


@codes.command("prepare")
@click.argument("slug", metavar="ROUND")
@with_appcontext
def prepare(slug: str) -> None:
    """Show what an issuer on another computer needs to make codes for ROUND."""
    with writing():
        round_ = _round(slug)
        booth = prepare_booth(db.session(), round_, keys=KeyStore.from_config(current_app.config), by=CODES)
        batch = next_batch(db.session(), round_.id)
        said = issuer_command(round_.id, salt=booth.salt, batch=batch, site=current_app.config["SITE_URL"])
        db.session.commit()
    click.echo(said)


@codes.command("offline")
@click.option("--round", "round_id", type=click.IntRange(1), required=True, help="The number of the round.")
@click.option("--salt", callback=_salt, required=True, help="The salt of the round.")
@click.option("--batch", type=click.IntRange(1, LAST_BATCH), required=True, help="The number of this batch.")
@click.option("--site", required=True, help="The address of the site, for the QR codes.")
@click.option("--count", type=click.IntRange(1, MOST_CODES), required=True, help="How many codes may vote.")
@click.option("--spares", type=click.IntRange(0, MOST_CODES), default=0, help="How many more wait as spares.")
@click.option("--letters", type=NEW_FILE, required=True, help="The new CSV file for whoever prints the letters.")
@click.option("--commitments", type=NEW_FILE, required=True, help="The new text file for the server.")
def offline(*, round_id: int, salt: bytes, batch: int, site: str, count: int, spares: int, **files: Path) -> None:
    """Make voting codes on a computer that is not the server; needs no network, database or settings.

    The server gets the file of commitments alone, with `codes load` or on the page of the round.
    """
    letters, commitments = files["letters"], files["commitments"]
    drawn = _draw_with_bar(count + spares, round_id=round_id, salt=salt)
    _write_new(letters, code_list(drawn, round_id=round_id, spares=spares, batch=batch, site=site))
    listed = tuple((each.commitment, place >= count) for place, each in enumerate(drawn))
    try:
        _write_new(commitments, write_list(CodeList(round_id=round_id, salt=salt, batch=batch, codes=listed)))
    except click.ClickException:
        letters.unlink()
        raise
    click.echo(f"{letters} is for the printer, {commitments} for the server; the first must never come there")


@codes.command("load")
@click.argument("slug", metavar="ROUND")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def load(slug: str, file: Path) -> None:
    """Register the codes in FILE, the commitments that an issuer made elsewhere for ROUND: all of them or none."""
    text = file.read_text(encoding="utf-8", errors="replace")
    with writing():
        batch = load_codes(db.session(), _round(slug), text, by=CODES, now=now())
        said = f"{batch.codes} codes and {batch.spares} spares are registered"
        db.session.commit()
    click.echo(said)


@codes.command("pool")
@click.argument("slug", metavar="ROUND")
@click.option("--count", type=click.IntRange(1, MOST_CODES), required=True, help="How many people can draw one.")
@with_appcontext
def fill(slug: str, count: int) -> None:
    """Make voting codes for ROUND that wait, encrypted, until people with an account draw them.

    For each there are two more, of which one can be drawn each time that the vote is restored from a backup.
    """
    keys = KeyStore.from_config(current_app.config)
    reserve = count * RESERVES
    drawn = _draw(slug, count + reserve, keys=keys)
    with writing():
        pool = fill_pool(db.session(), _round(slug), drawn, reserve=reserve, keys=keys, by=CODES, now=now())
        total = pool.codes - pool.reserve
        db.session.commit()
    click.echo(f"{total} codes wait for people with an account")


@click.group("receipt", cls=Commands)
def receipt() -> None:
    """Receipts of voters, on a voter's own computer."""


@receipt.command("check")
@click.argument("file", metavar="RECEIPT", type=OLD_FILE)
@click.argument("manifest", type=OLD_FILE)
@click.option("--code", prompt="Your voting code", hide_input=True, help="Asked for when it is left out.")
def check_receipt(file: Path, manifest: Path, code: str) -> None:
    """Tell whether a RECEIPT was made for the voter with this code and for nobody else.

    MANIFEST is what was fixed when the vote was opened, from the page of the ballot box. Needs no network, database or
    settings. Whether the ballot was counted, verify.py tells.
    """
    try:
        held, told = parse_receipt(file.read_text("ascii")), manifest.read_text("utf-8")
        keys = json.loads(told)["keys"]
        k = derive_key(normalise_code(code), bytes.fromhex(keys["salt"]))
        is_signed = verify_receipt(held, parse_verifier(keys["signing"]).key)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise click.ClickException(f"this cannot be read: {error or type(error).__name__}") from None
    if held.manifest != manifest_hash(told):
        raise click.ClickException("the receipt is of another vote than this manifest")
    if not is_signed:
        raise click.ClickException("the ballot box did not sign this receipt")
    if not is_own_receipt(held, k):
        raise click.ClickException("the receipt was not made for this code")
    click.echo("the receipt is signed by the ballot box, and was made for this code and for nobody else")


@click.command("restored")
@click.argument("slug", metavar="ROUND")
@with_appcontext
def restored(slug: str) -> None:
    """Say that this database was put back from a backup while ROUND was open for votes.

    Puts what was signed back in the log, lists what people must do again, and stops the vote until two organisers
    confirm on the page that is named how it goes on.
    """
    keys, session = KeyStore.from_config(current_app.config), db.session()
    with writing():
        click.echo(f"{put_back(session, by=RESTORED, now=now())} entries of the log put back")
        db.session.commit()
    round_ = _round(slug)
    for entry in to_do_again(session, round_):
        click.echo(f"to do again: {entry.minute:%Y-%m-%d %H:%M} {entry.object}: {gist(entry, register())}")
    if round_.opened_at is None or round_.closed_at is not None:
        click.echo("this round takes no votes: nothing else has to be confirmed")
        return
    mark_put_back(session, round_, keys=keys, by=RESTORED)
    page = f"{current_app.config['SITE_URL'].rstrip('/')}/werkplek/rondes/{slug}/teruggezet"
    click.echo(f"no votes are taken until two organisers confirm on {page}")


def _draw(slug: str, count: int, *, keys: KeyStore) -> list[DrawnCode]:
    """Prepare the booth of a round and make codes for it, with a bar that shows how far it is."""
    with writing():
        round_ = _round(slug)
        round_id, salt = round_.id, prepare_booth(db.session(), round_, keys=keys, by=CODES).salt
        db.session.commit()
    return _draw_with_bar(count, round_id=round_id, salt=salt)


def _draw_with_bar(count: int, *, round_id: int, salt: bytes) -> list[DrawnCode]:
    with click.progressbar(length=count, label="making codes") as bar:
        return draw_codes(count, round_id=round_id, salt=salt, progress=lambda _done: bar.update(1))


def _round(slug: str) -> Round:
    found = round_by_slug(db.session(), slug)
    if found is None:
        raise click.ClickException(f"there is no round {slug}")
    return found


def _write_and_register(slug: str, drawn: list[DrawnCode], *, spares: int, out: Path) -> None:
    """Write the list first: a code that is registered and in no list could be in nobody's letter."""
    with writing():
        round_ = lock_round(db.session(), _round(slug).id)  # else the batch could get another number than its list
        batch = next_batch(db.session(), round_.id)
        made_for = {"round_id": round_.id, "spares": spares, "batch": batch}
        _write_new(out, code_list(drawn, **made_for, site=current_app.config["SITE_URL"]))
        try:
            register_codes(db.session(), round_, drawn, spares=spares, by=CODES, now=now())
        except RefusedError:
            out.unlink()
            raise
        db.session.commit()


def _write_new(path: Path, text: str) -> None:
    """Write a file that only its owner can read, on disk before this returns; an existing one is never replaced."""
    try:
        write_new(path, text)
    except FileExistsError:
        raise click.ClickException(f"{path} is there already") from None
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None
