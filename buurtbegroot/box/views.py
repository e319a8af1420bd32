"""The public page of a ballot box, and its files byte for byte."""

from datetime import date
from pathlib import Path

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from buurtbegroot.booth.queries import voting_round
from buurtbegroot.box.domain.anchors import Folder
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.models import Booth
from buurtbegroot.box.queries import booth_of
from buurtbegroot.core.closing import LISTS, hash_list
from buurtbegroot.core.signing import parse_verifier
from buurtbegroot.core.verifying.checks import key_fingerprint
from buurtbegroot.extensions import db
from buurtbegroot.paths import STATIC
from buurtbegroot.registry.queries import pool_of, void_codes, void_counts
from buurtbegroot.tally.queries import has_public_ballots, tally_of
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.downloads import attachment

bp = Blueprint("box", __name__)
VERIFIER = STATIC / "dist" / "verify.py.txt"  # which the build makes of the sources that check here


@bp.get("/rondes/<slug>/stembus")
@admits(Audience.EVERYONE)
def show(slug: str) -> ResponseReturnValue:
    """Show what anyone may know of the ballot box: registry, manifest, night seals and, afterwards, its lists."""
    booth = _public_booth(slug)
    anchors = KeyStore.from_config(current_app.config).anchors(booth.round_id)
    return render_template(
        "box/show.html",
        round=booth.round,
        booth=booth,
        nights=[(date.fromisoformat(each["night"]), each["seal"]) for each in reversed(anchors.all("sealed"))],
        lists=LISTS,
        voids=void_counts(db.session(), booth.round_id),
        pool=pool_of(db.session(), booth.round_id),
        tally=tally_of(db.session(), booth.round_id) if booth.round.certified_at else None,
        facts=_facts(booth),
    )


@bp.get("/rondes/<slug>/stembus/manifest.json")
@admits(Audience.EVERYONE)
def manifest_file(slug: str) -> ResponseReturnValue:
    """Offer the manifest byte for byte as it was hashed."""
    booth = _public_booth(slug)
    return attachment(booth.manifest, f"{slug}-manifest.json", "application/json")


@bp.get("/rondes/<slug>/stembus/registry.txt")
@admits(Audience.EVERYONE)
def registry_file(slug: str) -> ResponseReturnValue:
    """Offer the commitments of all codes in rising order, each with its kind, as they were when the vote was opened."""
    return _file(slug, _folder(slug).registry, "registry.txt")


@bp.get("/rondes/<slug>/stembus/void.txt")
@admits(Audience.EVERYONE)
def voids_file(slug: str) -> ResponseReturnValue:
    """Offer the commitments of all void codes in rising order, one in hexadecimal digits on each line."""
    codes = void_codes(db.session(), _public_booth(slug).round_id)
    return attachment(hash_list(codes), f"{slug}-void.txt", "text/plain")


@bp.get("/rondes/<slug>/stembus/closing.note")
@admits(Audience.EVERYONE)
def closing_file(slug: str) -> ResponseReturnValue:
    """Offer what was signed when the box was opened: the fingerprint of each list and what it holds."""
    return _file(slug, _folder(slug).note, "closing.note")


@bp.get("/rondes/<slug>/stembus/lijsten/<name>")
@admits(Audience.EVERYONE)
def list_file(slug: str, name: str) -> ResponseReturnValue:
    """Offer a list that left the opener, once the ballots are public."""
    if not has_public_ballots(db.session(), _public_booth(slug).round_id) or name not in LISTS:
        abort(404)
    return _file(slug, _folder(slug).list(name), name)


@bp.get("/rondes/<slug>/stembus/bundel.zip")
@admits(Audience.EVERYONE)
def bundle_file(slug: str) -> ResponseReturnValue:
    """Offer all that anybody needs to check the vote at home, once the ballots are public."""
    if not has_public_ballots(db.session(), _public_booth(slug).round_id):
        abort(404)
    return _file(slug, _folder(slug).bundle, "bundel.zip", kind="application/zip")


@bp.get("/verify.py")
@admits(Audience.EVERYONE)
def verifier_file() -> ResponseReturnValue:
    """Offer the program that checks a bundle, which needs Python alone."""
    return attachment(VERIFIER.read_bytes(), "verify.py", "text/x-python")


def _folder(slug: str) -> Folder:
    return KeyStore.from_config(current_app.config).folder(_public_booth(slug).round_id)


def _file(slug: str, path: Path, name: str, *, kind: str = "text/plain") -> ResponseReturnValue:
    try:
        return attachment(path.read_bytes(), f"{slug}-{name}", kind)
    except FileNotFoundError:
        abort(404)


def _public_booth(slug: str) -> Booth:
    round_ = voting_round(db.session(), slug) or abort(404)
    booth = booth_of(db.session(), round_.id)
    return booth if booth is not None and booth.manifest else abort(404)


def _facts(booth: Booth) -> dict[str, object]:
    """Return what the manifest says of the registry, and the key that signs."""
    content = current_app.json.loads(booth.manifest)
    signing = content["keys"]["signing"]
    return {**content["registry"], "signing": signing, "key": key_fingerprint(parse_verifier(signing).key)}
