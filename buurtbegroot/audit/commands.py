"""The commands `buurtbegroot audit …`."""

import re
from http.cookiejar import CookieJar
from typing import TextIO
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import click
from flask.cli import with_appcontext

from buurtbegroot.acts import System
from buurtbegroot.audit.actions.signing import put_back
from buurtbegroot.audit.domain.keys import site_keys
from buurtbegroot.audit.domain.witness import watch
from buurtbegroot.audit.queries.verification import Verification, verify_log
from buurtbegroot.core.log_file import FileError, check_file
from buurtbegroot.core.signing import NoteError, parse_verifier
from buurtbegroot.core.transparency_log import LogForkError, open_checkpoint
from buurtbegroot.database import snapshot, writing
from buurtbegroot.extensions import db
from buurtbegroot.web.clock import now
from buurtbegroot.web.command_line import Commands

PUT_BACK = System("command audit put-back")
COSIGN = "/logboek/meetekenen"
MOST_BYTES, SECONDS = 1_000_000, 20
_FIELDS = re.compile(r'name="(csrf_token|eenmalig)"[^>]*value="([^"]+)"')


@click.group("audit", cls=Commands)
def group() -> None:
    """The public log."""


@group.command("verify")
@with_appcontext
def verify() -> None:
    """Recompute every hash of the log and look at all that it vouches for; exit with 1 at what is wrong."""
    with snapshot(db.session()):
        found = verify_log(db.session())
    if faults := _faults(found):
        raise click.ClickException("\n".join(faults))
    click.echo(f"{found.entries} entries, all in order; {found.erased} erased payloads; signed up to {found.signed}")


@group.command("check")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option("--note", type=click.File("r", encoding="utf-8"), help="A signed checkpoint of that log, of /logboek.")
@click.option("--key", default="", help="The public key of that site; needed with --note.")
def check(file: TextIO, *, note: TextIO | None, key: str) -> None:
    """Verify the whole log at home, from FILE: the logboek.jsonl of any site; needs no server and no database.

    Recomputes every hash and the commitment of every payload that is public. Exit with 1 at what is wrong.
    """
    try:
        checkpoint = open_checkpoint(note.read(), parse_verifier(key)) if note else None
        found = check_file(file, checkpoint)
    except (FileError, NoteError) as error:
        raise click.ClickException(str(error)) from None
    if found.problem:
        raise click.ClickException(f"entry {found.problem.place}: {found.problem.fault.value.replace('_', ' ')}")
    signed = f"; the signed checkpoint of {checkpoint.size} entries fits" if checkpoint else ""
    click.echo(f"{found.entries} entries, all in order; {found.unread} payloads are not public{signed}")


@group.command("put-back")
@with_appcontext
def restore() -> None:
    """Put signed entries that a restored backup lacks back in the log; without them nothing is recorded."""
    with writing():
        count = put_back(db.session(), by=PUT_BACK, now=now())
        db.session.commit()
    click.echo(f"{count} entries put back")


@group.command("key")
@with_appcontext
def key() -> None:
    """Print the public key that signs the log of this site, for witnesses."""
    click.echo(site_keys(db.session()).verifier)


@group.command("witness")
@click.argument("url")
@click.option("--key", default="", help="Key of that log, as its page of checkpoints shows it; needed the first time.")
@click.option("--send", is_flag=True, help="Bring the signature to that site, which must have our key in WITNESSES.")
@with_appcontext
def witness(url: str, *, key: str, send: bool) -> None:
    """Look whether the log at URL only grew since the last time, then sign its newest checkpoint with our key."""
    if not url.startswith(("https://", "http://")):
        raise click.BadParameter("an address such as https://begroot.example.nl")
    site, opener = url.rstrip("/"), build_opener(HTTPCookieProcessor(CookieJar()))
    try:
        note = watch(site, fetch=lambda path: _fetch(opener, site + path), keys=site_keys(db.session()), key=key)
        if send:
            fields = dict(_FIELDS.findall(_fetch(opener, site + COSIGN)))
            _fetch(opener, site + COSIGN, {**fields, "note": note})
    except LogForkError as error:
        raise click.ClickException(f"DO NOT TRUST THIS LOG: {error}") from None
    except (NoteError, URLError, TimeoutError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(note, nl=False)


def _fetch(opener: OpenerDirector, address: str, form: dict[str, str] | None = None) -> str:
    sent = urlencode(form).encode() if form else None
    request = Request(address, sent, {"Referer": address})  # noqa: S310 - http only, see above
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            return str(answer.read(MOST_BYTES).decode("utf-8", "replace"))
    except HTTPError as error:
        error.close()
        if error.code != 404 or sent:
            raise
        return ""  # no note and no proof: what that means is for whoever asks


def _faults(found: Verification) -> list[str]:
    if found.problem:
        return [f"entry {found.problem.place}: {found.problem.fault.value.replace('_', ' ')}"]
    said = ("is not as entry {} left it" if seq else "has no entry" for seq in found.otherwise.values())
    return [f"{name} {words.format(seq)}" for (name, seq), words in zip(found.otherwise.items(), said, strict=True)]
