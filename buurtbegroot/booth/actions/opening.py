"""Opening the vote by two people: what is fixed from then on; codes are made in the registry."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import Fault, insist, require
from buurtbegroot.audit.actions import record
from buurtbegroot.booth.dual_acts import OPEN
from buurtbegroot.booth.events import BoxOpened
from buurtbegroot.booth.queries.opening import missing_for_opening
from buurtbegroot.box.actions.sealing import prepare_booth
from buurtbegroot.box.domain.anchors import anchor_manifest
from buurtbegroot.box.domain.keys import KeyStore, RoundKeys
from buurtbegroot.box.domain.manifest import (
    ListedPlan,
    manifest_hash,
    registry_of_list,
    round_name,
    utc_text,
    write_manifest,
)
from buurtbegroot.box.models import Booth
from buurtbegroot.core.closing import registry_list
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.tally.ties import commitment as lot_commitment
from buurtbegroot.dual_control.actions import confirm_act
from buurtbegroot.owner_files import replace as replace_file
from buurtbegroot.proposals.queries import ballot_plans, plans_on_ballot
from buurtbegroot.registry.queries import registry_of
from buurtbegroot.rounds.actions import freeze
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.rounds.queries import about, lock_round, rules_of, window_of


class OpeningFault(Fault):
    """Why a vote is not opened; the fact `missing` lists everything that is lacking."""

    NOT_READY = "not_ready"


def open_vote(session: Session, round_: Round, *, seen: str, keys: KeyStore, by: User, now: datetime) -> Booth:
    """Open the vote on the word of a second person: fix manifest, rules and registry, in the database and beside it.

    Votes count from the begin of the voting window. `seen` is the fingerprint of what this person was shown. Raises
    RefusedError: with an OpeningFault when something is lacking, a DualFault when nobody else asked for just this.
    """
    require(may_manage(by, round_), hidden=True)
    locked = lock_round(session, round_.id)
    missing = missing_for_opening(session, locked, keys=keys, now=now)
    insist(not missing, OpeningFault.NOT_READY, missing=tuple(missing))
    confirm_act(session, OPEN, locked, seen=seen, by=by, now=now)
    own, booth = keys.load(locked.id), prepare_booth(session, locked, keys=keys, by=by)
    rules = replace(rules_of(locked), lot_commitment=lot_commitment(own.lot_seed))
    codes = registry_list(registry_of(session, locked.id))
    registry = registry_of_list(codes)
    booth.manifest = write_manifest(
        _round_facts(locked),
        rules=rules,
        plans=_listed(session, locked),
        keys=_public_keys(own),
        registry=registry,
    )
    booth.manifest_hash = manifest_hash(booth.manifest)
    fingerprint = booth.manifest_hash.hex()
    freeze(session, locked, rules=rules, fingerprint=fingerprint, by=by, now=now)
    may_vote = registry.letter + registry.pool
    opened = BoxOpened(**about(locked), manifest=fingerprint, registry=registry.root.hex(), codes=may_vote)
    record(session, opened, by=by, now=now)
    # what casting and opening go by lies beside the keys; it is put there last, since a file is not rolled back
    replace_file(keys.folder(locked.id).registry, codes)
    anchor_manifest(keys.folder(locked.id), booth.manifest, now=now)
    return booth


def _listed(session: Session, round_: Round) -> list[ListedPlan]:
    shown = {row.id: row for row in plans_on_ballot(session, round_.id)}
    plans = ballot_plans(session, round_)
    return [ListedPlan(plan=plan, number=shown[plan.id].number, title=shown[plan.id].title) for plan in plans]


def _round_facts(round_: Round) -> dict[str, Any]:
    voting = window_of(round_, Phase.VOTING)
    assert voting is not None  # without one it was never time to open
    return {
        "id": round_name(round_.id).decode(),
        "slug": round_.slug,
        "title": round_.title,
        "areas": [area.code for area in round_.buurten],
        "accord": [point.number for point in round_.points],
        "voting": {"begins": utc_text(voting.begins_at), "ends": utc_text(voting.ends_at)},
    }


def _public_keys(own: RoundKeys) -> dict[str, str]:
    return {"salt": own.salt.hex(), "sealing": own.sealing_public.hex(), "signing": str(own.signer.verifier)}
