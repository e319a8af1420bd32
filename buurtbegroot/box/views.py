"""The public page of a ballot box, and its files byte for byte."""

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from buurtbegroot.booth.queries import voting_round
from buurtbegroot.box.models import Booth, Checkpoint
from buurtbegroot.box.queries import booth_of, checkpoints_of, log_leaves
from buurtbegroot.extensions import db
from buurtbegroot.registry.queries import pool_of, void_codes, void_counts
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.downloads import attachment

bp = Blueprint("box", __name__)


@bp.get("/rondes/<slug>/stembus")
@admits(Audience.EVERYONE)
def show(slug: str) -> ResponseReturnValue:
    """Show what anyone may know of the ballot box: registry, manifest and signed checkpoints."""
    booth = _public_booth(slug)
    return render_template(
        "box/show.html",
        round=booth.round,
        booth=booth,
        notes=checkpoints_of(db.session(), booth.round_id),
        voids=void_counts(db.session(), booth.round_id),
        pool=pool_of(db.session(), booth.round_id),
        facts=_facts(booth),
    )


@bp.get("/rondes/<slug>/stembus/manifest.json")
@admits(Audience.EVERYONE)
def manifest_file(slug: str) -> ResponseReturnValue:
    """Offer the manifest byte for byte as it was hashed."""
    booth = _public_booth(slug)
    return attachment(booth.manifest, f"{slug}-manifest.json", "application/json")


@bp.get("/rondes/<slug>/stembus/codes.note")
@admits(Audience.EVERYONE)
def codes_file(slug: str) -> ResponseReturnValue:
    """Offer the signed root of all codes, as it was when the vote was opened."""
    return attachment(_public_booth(slug).codes_note, f"{slug}-codes.note", "text/plain")


@bp.get("/rondes/<slug>/stembus/void.txt")
@admits(Audience.EVERYONE)
def voids_file(slug: str) -> ResponseReturnValue:
    """Offer the commitments of all void codes in rising order, one in hexadecimal digits on each line."""
    codes = void_codes(db.session(), _public_booth(slug).round_id)
    return attachment("".join(f"{code.hex()}\n" for code in codes), f"{slug}-void.txt", "text/plain")


@bp.get("/rondes/<slug>/stembus/leaves.txt")
@admits(Audience.EVERYONE)
def leaves_file(slug: str) -> ResponseReturnValue:
    """Offer the leaves of the log in its order, one in hexadecimal digits on each line."""
    leaves = log_leaves(db.session(), _public_booth(slug).round_id)
    return attachment("".join(f"{leaf.hex()}\n" for leaf in leaves), f"{slug}-leaves.txt", "text/plain")


@bp.get("/rondes/<slug>/stembus/<int:size>.note")
@admits(Audience.EVERYONE)
def note_file(slug: str, size: int) -> ResponseReturnValue:
    """Offer one signed checkpoint."""
    found = db.session().get(Checkpoint, (_public_booth(slug).round_id, size)) or abort(404)
    return attachment(found.note, f"{slug}-{size}.note", "text/plain")


def _public_booth(slug: str) -> Booth:
    round_ = voting_round(db.session(), slug) or abort(404)
    booth = booth_of(db.session(), round_.id)
    return booth if booth is not None and booth.manifest else abort(404)


def _facts(booth: Booth) -> dict[str, object]:
    """Return what the manifest says of the registry, and the key of the log."""
    content = current_app.json.loads(booth.manifest)
    return {**content["registry"], "log": content["keys"]["log"]}
