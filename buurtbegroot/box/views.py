"""The public page of a ballot box, and its files byte for byte."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from buurtbegroot.booth.queries import voting_round
from buurtbegroot.box.domain.anchors import Folder
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.models import Booth
from buurtbegroot.box.queries import booth_of, is_put_back, published_plans
from buurtbegroot.core.closing import LISTS, hash_list
from buurtbegroot.core.signing import parse_verifier
from buurtbegroot.core.verifying.checks import key_fingerprint
from buurtbegroot.core.verifying.words import CHECKS
from buurtbegroot.extensions import db
from buurtbegroot.paths import STATIC
from buurtbegroot.proposals.queries import named_plans
from buurtbegroot.registry.queries import code_lists, key_copies, pool_of, void_codes, void_counts
from buurtbegroot.rounds.queries import standing_of
from buurtbegroot.tally.queries import has_public_ballots, tally_of
from buurtbegroot.texts import number
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now
from buurtbegroot.web.downloads import attachment

bp = Blueprint("box", __name__)
LOOKED_UP = ("ballots.jsonl", "superseded.txt", "refused.txt")  # what the page of a receipt reads, in this order
VERIFIER = STATIC / "dist" / "verify.py.txt"  # which the build makes of the sources that check here


@bp.get("/rondes/<slug>/stembus")
@admits(Audience.EVERYONE)
def show(slug: str) -> ResponseReturnValue:
    """Show what anyone may know of the ballot box: registry, manifest, night seals and, afterwards, its lists."""
    booth = _public_booth(slug)
    keys = KeyStore.from_config(current_app.config)
    anchors = keys.anchors(booth.round_id)
    return render_template(
        "box/show.html",
        round=booth.round,
        booth=booth,
        nights=[(date.fromisoformat(each["night"]), each["seal"]) for each in reversed(anchors.all("sealed"))],
        restored=[_times(each["since"], each["until"]) for each in anchors.all("restored")],
        takes_votes=standing_of(booth.round, now()).takes_votes,
        is_put_back=booth.round.closed_at is None and is_put_back(db.session(), booth.round_id, keys=keys),
        lists=LISTS,
        voids=void_counts(db.session(), booth.round),
        pool=pool_of(db.session(), booth.round_id),
        code_lists=code_lists(db.session(), booth.round),
        copies=key_copies(db.session(), booth.round),
        tally=tally_of(db.session(), booth.round_id) if booth.round.certified_at else None,
        facts=_facts(booth),
    )


@bp.get("/rondes/<slug>/stembus/ontvangstbewijs")
@admits(Audience.EVERYONE)
def check_receipt(slug: str) -> ResponseReturnValue:
    """Let voters look up their own ballot; a script does it on their device, so nothing of a receipt comes here."""
    booth = _public_booth(slug)
    folder, ids = _folder(slug), [plan["id"] for plan in current_app.json.loads(booth.manifest)["plans"]]
    anchors, plans = KeyStore.from_config(current_app.config).anchors(booth.round_id), named_plans(db.session(), ids)
    return render_template(
        "box/check_receipt.html",
        round=booth.round,
        booth=booth,
        tally=tally_of(db.session(), booth.round_id),
        is_public=has_public_ballots(db.session(), booth.round_id),
        lists=LOOKED_UP,
        size=sum(map(_size, map(folder.list, LOOKED_UP))),
        plans=sorted(plans.items()),
        withdrawn=[plan for id_, plan in sorted(plans.items()) if id_ in anchors.withdrawn],
        restored=[_times(each["since"], each["until"]) for each in anchors.all("restored")],
        facts=_facts(booth),
    )


@bp.get("/rondes/<slug>/stembus/telling")
@admits(Audience.EVERYONE)
def check_count(slug: str) -> ResponseReturnValue:
    """Show what the site checked when the outcome became final, on which file, and how to check it at home."""
    booth = _public_booth(slug)
    certified = KeyStore.from_config(current_app.config).anchors(booth.round_id).one("bundle")
    is_public = has_public_ballots(db.session(), booth.round_id)
    return render_template(
        "box/check_count.html",
        round=booth.round,
        sha256=certified["sha256"] if certified and is_public else "",
        size=_size(_folder(slug).bundle),
        tally=tally_of(db.session(), booth.round_id),
        checks=CHECKS,
        facts=_facts(booth),
    )


@bp.get("/rondes/<slug>/stembus/manifest.json")
@admits(Audience.EVERYONE)
def manifest_file(slug: str) -> ResponseReturnValue:
    """Offer the manifest byte for byte as it was hashed."""
    booth = _public_booth(slug)
    return attachment(booth.manifest, f"{slug}-manifest.json", "application/json")


@bp.get("/rondes/<slug>/stembus/plans.json")
@admits(Audience.EVERYONE)
def plans_file(slug: str) -> ResponseReturnValue:
    """Offer the texts of the plans to which the manifest commits, but for those that are hidden now."""
    folder = _folder(slug)
    try:
        return attachment(published_plans(db.session(), folder), f"{slug}-plans.json", "application/json")
    except FileNotFoundError:
        abort(404)


@bp.get("/rondes/<slug>/stembus/registry.txt")
@admits(Audience.EVERYONE)
def registry_file(slug: str) -> ResponseReturnValue:
    """Offer the commitments of all codes in rising order, each with its kind, as they were when the vote was opened."""
    return _file(slug, _folder(slug).registry, "registry.txt")


@bp.get("/rondes/<slug>/stembus/anchors.txt")
@admits(Audience.EVERYONE)
def anchors_file(slug: str) -> ResponseReturnValue:
    """Offer the trusted values of the vote so far: whoever keeps them sees when an earlier line is another later."""
    return _file(slug, _folder(slug).anchors, "anchors.txt")


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


def _size(path: Path) -> int:
    """Return how many bytes a file has, 0 when it is not there."""
    return path.stat().st_size if path.exists() else 0


@bp.app_template_filter("megabytes")
def _megabytes(size: int) -> str:
    """Write a number of bytes in megabytes, rounded up to a tenth."""
    return number(Decimal(-(-size // 100_000)) / 10)


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


def _times(since: str, until: str) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(since), datetime.fromisoformat(until)


def _facts(booth: Booth) -> dict[str, object]:
    """Return what the manifest says of the registry, and the key that signs."""
    content = current_app.json.loads(booth.manifest)
    signing = content["keys"]["signing"]
    key = parse_verifier(signing).key
    return {**content["registry"], "signing": signing, "key": key_fingerprint(key), "public": key.hex()}
