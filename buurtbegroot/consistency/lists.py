"""What binds a vote from its opening on: the order of its trusted values, keys, manifest, registry, voids and plans."""

import hashlib
import json
from collections.abc import Iterator
from itertools import pairwise

from sqlalchemy import func, select

from buurtbegroot.box.domain.anchors import ONCE, checked
from buurtbegroot.box.domain.keys import KeyStore, load_keys
from buurtbegroot.box.domain.manifest import registry_of_list, utc_text
from buurtbegroot.box.events import PlanWithdrawn
from buurtbegroot.box.models import Booth
from buurtbegroot.box.queries import is_put_back
from buurtbegroot.consistency.vote import Check, Vote
from buurtbegroot.core.closing import hash_list, registry_list
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.plan_texts import read_plans
from buurtbegroot.proposals.queries import ballot_plans
from buurtbegroot.registry.events import CodeVoided, VoteRestored
from buurtbegroot.registry.models import CodeKind, CodeStatus, RegisteredCode
from buurtbegroot.registry.queries import pool_of, registry_of, told_of, void_codes, void_counts
from buurtbegroot.rounds.queries import rules_of, window_of

STEPS = ("opened", "closed", "opening", "counted_from", "bundle")
"""In this order a vote comes to its end, and so do the trusted values that tell of it."""

TIMES = ("since", "until", "void", "waiting")
"""What trusted values and log say of each time that a vote went on from a backup."""


def _order(vote: Vote) -> Iterator[str]:
    kinds = [line["kind"] for line in vote.anchors.lines]
    for earlier, later in pairwise(STEPS):
        if later in kinds and earlier not in kinds[: kinds.index(later)]:
            yield f"{later} comes before {earlier}"
    yield from (f"{kind} comes twice" for kind in ONCE if kinds.count(kind) > 1)
    said = {"closed": vote.round.closed_at, "counted_from": vote.tally and vote.tally.opened_at}
    said["bundle"] = vote.round.certified_at
    yield from (
        f"the database is past {kind}, the trusted values are not" for kind in said if said[kind] and kind not in kinds
    )


def _keys(vote: Vote) -> Iterator[str]:
    if vote.is_destroyed:
        return
    own, public = load_keys(vote.folder), json.loads(vote.anchors.manifest)["keys"]
    if str(own.signer.verifier) != public["signing"] or own.sealing_public.hex() != public["sealing"]:
        yield "keys.json holds other keys than the manifest"
    if checked(vote.folder.secret).st_size != 2 * len(own.sealing_public):
        yield "sealing.key is damaged"
    if vote.anchors.one("closed") is None and len(own.link_key) != len(own.sealing_public):
        yield "link.key is missing, and nobody can vote"


def _manifest(vote: Vote) -> Iterator[str]:
    anchors, round_ = vote.anchors, vote.round
    booth = vote.session.get_one(Booth, round_.id, populate_existing=True)
    if (booth.manifest, booth.manifest_hash.hex()) != (anchors.manifest, anchors.fingerprint.hex()):
        yield "the database has another manifest than the trusted values"
    if round_.fingerprint != anchors.fingerprint.hex():
        yield "the round carries another fingerprint than the trusted values"
    if rules_of(round_) != anchors.paper.rules:
        yield "the round has other rules than the trusted values"
    window, said = window_of(round_, Phase.VOTING), json.loads(anchors.manifest)["round"]["voting"]
    if window is None or said != {"begins": utc_text(window.begins_at), "ends": utc_text(window.ends_at)}:
        yield "the round has another voting period than the trusted values"
    if ballot_plans(vote.session, round_) != anchors.paper.plans:
        yield "the database has other plans or costs than the trusted values"


def _registry(vote: Vote) -> Iterator[str]:
    content, number = vote.folder.registry.read_bytes(), json.loads(vote.anchors.manifest)["registry"]
    if not vote.anchors.has_registry(content):
        yield "registry.txt is not the list that the trusted values bind"
        return
    found = registry_of_list(content)
    yield from (
        f"{kind}: {getattr(found, kind)} codes, and {number[kind]} in the manifest"
        for kind in CodeKind
        if getattr(found, kind) != number[kind]
    )
    if registry_list(registry_of(vote.session, vote.round.id)) != content:
        yield "the database has other codes than registry.txt"


def _voids(vote: Vote) -> Iterator[str]:
    void, kinds = void_codes(vote.session, vote.round.id), registry_of(vote.session, vote.round.id)
    agreed = {bytes.fromhex(line["code"]) for line in vote.anchors.all("voided")}
    unsaid = sum(code not in agreed for code in void if kinds[code] is not CodeKind.POOL)
    if unsaid:
        yield f"{unsaid} codes are void that no two people made void"
    given, replaced = void_counts(vote.session, vote.round).replaced, vote.anchors.all("voided")
    if given > len({line["code"] for line in replaced if line["replaced"]}):
        yield f"{given} spare codes took the place of another, more than two people gave"
    yield from _pool(vote, agreed=sum(kinds.get(code) is CodeKind.POOL for code in agreed))
    closed = vote.anchors.one("closed")
    if closed is not None and vote.round.closed_at:
        listed = vote.folder.voids.read_bytes()
        if hashlib.sha256(listed).hexdigest() != closed["void"]:
            yield "void.txt is not the list that the trusted values bind"
        if hash_list(void) != listed:
            yield "the database has other void codes than void.txt"


def _pool(vote: Vote, *, agreed: int) -> Iterator[str]:
    """Of the pool, only codes that somebody drew can vote once the box is shut.

    Two people made so many of it void; before the box is shut, others go with a backup alone.
    """
    codes = (RegisteredCode.round_id == vote.round.id, RegisteredCode.kind == CodeKind.POOL)
    numbers = select(RegisteredCode.status, func.count()).where(*codes).group_by(RegisteredCode.status)
    number = {status: count for status, count in vote.session.execute(numbers)}  # noqa: C416
    pool = pool_of(vote.session, vote.round.id)
    if pool is None:
        return
    most = agreed + sum(line["waiting"] for line in vote.anchors.all("restored"))
    if pool.drawn is not None:
        most = agreed + pool.codes - pool.drawn
        if number.get(CodeStatus.ACTIVE, 0) > pool.drawn:
            yield f"{number[CodeStatus.ACTIVE]} codes of the pool may vote, and {pool.drawn} were drawn"
    if number.get(CodeStatus.VOID, 0) > most:
        yield f"{number[CodeStatus.VOID]} codes of the pool are void, and at most {most} can be"


def _plans(vote: Vote) -> Iterator[str]:
    bound = {plan["id"]: plan["texts"] for plan in json.loads(vote.anchors.manifest)["plans"]}
    known = read_plans(vote.folder.plans.read_bytes())
    yield from (
        f"plan {plan} in plans.json is not the one in the manifest"
        for plan, texts in known.items()
        if bound.get(plan) != texts.commitment.hex()
    )


def _told(vote: Vote) -> Iterator[str]:
    """Hold against the log what two people decided while the vote was open.

    The trusted values come first. What they have and the log lacks was not committed: it is told, of a withdrawn plan,
    in the night or when the box is shut, and of a backup when somebody goes on with the vote.
    """
    trusted = list(vote.anchors.withdrawn.items())
    logged = [(each["plan"], each["reason"]) for each in told_of(vote.session, vote.round, PlanWithdrawn)]
    if logged != trusted[: len(logged)]:
        yield "the log tells of other withdrawn plans than the trusted values"
    elif vote.round.closed_at and len(logged) < len(trusted):
        yield f"{len(trusted) - len(logged)} withdrawn plans of the trusted values are not in the log"
    yield from _voids_told(vote)
    yield from _restores_told(vote)


def _voids_told(vote: Vote) -> Iterator[str]:
    trusted = {(line["code"], line["reason"], line["replaced"]) for line in vote.anchors.all("voided")}
    told = {(each["code"], each["reason"], each["spare"]) for each in told_of(vote.session, vote.round, CodeVoided)}
    if told - trusted:
        yield f"{len(told - trusted)} void codes of the log are not those of the trusted values"
    void = {code.hex() for code in void_codes(vote.session, vote.round.id)}
    logged = {code for code, _, _ in told}
    if logged - void:
        yield f"{len(logged - void)} codes that the log calls void can vote"
    unsaid = void & {code for code, _, _ in trusted} - logged
    if unsaid:
        yield f"{len(unsaid)} void codes are not in the log"


def _restores_told(vote: Vote) -> Iterator[str]:
    lines = enumerate(vote.anchors.all("restored"), start=1)
    trusted = {epoch: {name: value for name, value in line.items() if name != "kind"} for epoch, line in lines}
    told = {
        each["epoch"]: {name: value for name, value in each.items() if name in TIMES}
        for each in told_of(vote.session, vote.round, VoteRestored)
        if each["since"]
    }
    if any(trusted.get(epoch) != each for epoch, each in told.items()):
        yield "the log tells of other backups that were put back than the trusted values"
    is_waiting = is_put_back(vote.session, vote.round.id, keys=KeyStore(vote.folder.path.parent))
    if trusted.keys() - told.keys() and not is_waiting:
        yield f"{len(trusted.keys() - told.keys())} backups that were put back are not in the log"


LIST_CHECKS: dict[str, Check] = {
    "anchors": _order,
    "keys": _keys,
    "manifest": _manifest,
    "registry": _registry,
    "voids": _voids,
    "plans": _plans,
    "told": _told,
}
