"""Opening the vote by two people: what is fixed from then on; codes are made in the registry."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import Fault, System, insist, require
from buurtbegroot.audit.actions import record
from buurtbegroot.booth.dual_acts import OPEN
from buurtbegroot.booth.events import BoxOpened
from buurtbegroot.booth.queries.opening import missing_for_opening
from buurtbegroot.box.actions.log import prepare_booth, sign_log
from buurtbegroot.box.domain.keys import KeyStore, RoundKeys
from buurtbegroot.box.domain.manifest import ListedPlan, Registry, manifest_hash, round_name, utc_text, write_manifest
from buurtbegroot.box.models import Booth
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.signing import NoteSigner
from buurtbegroot.core.tally.ties import commitment as lot_commitment
from buurtbegroot.core.transparency_log import Checkpoint as LogCheckpoint
from buurtbegroot.core.transparency_log import registry_root, sign_checkpoint
from buurtbegroot.dual_control.actions import confirm_act
from buurtbegroot.proposals.queries import ballot_plans, plans_on_ballot
from buurtbegroot.registry.queries import code_counts, pool_of, registry_of
from buurtbegroot.rounds.actions import freeze
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.rounds.queries import about, lock_round, rules_of, window_of

OPENING = System("opening of a vote")


class OpeningFault(Fault):
    """Why a vote is not opened; the fact `missing` lists everything that is lacking."""

    NOT_READY = "not_ready"


def open_vote(session: Session, round_: Round, *, seen: str, keys: KeyStore, by: User, now: datetime) -> Booth:
    """Open the vote on the word of a second person: fix manifest, rules and registry and sign the empty log.

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
    registry = _registry(session, locked.id)
    booth.manifest = write_manifest(
        _round_facts(locked),
        rules=rules,
        plans=_listed(session, locked),
        keys=_public_keys(booth, own),
        registry=registry,
    )
    booth.manifest_hash = manifest_hash(booth.manifest)
    booth.codes_note = _signed_registry(own, registry)
    fingerprint = booth.manifest_hash.hex()
    freeze(session, locked, rules=rules, fingerprint=fingerprint, by=by, now=now)
    # the empty log is always the same, so a rollback does no harm
    sign_log(session, locked, keys=keys, by=OPENING, now=now)
    opened = BoxOpened(**about(locked), manifest=fingerprint, registry_root=registry.root.hex(), codes=registry.codes)
    record(session, opened, by=by, now=now)
    return booth


def _registry(session: Session, round_id: int) -> Registry:
    counts, pool = code_counts(session, round_id), pool_of(session, round_id)
    return Registry(
        root=registry_root(registry_of(session, round_id)),
        codes=counts.active,
        spares=counts.spare,
        voids=counts.void,
        pool=pool.codes if pool else 0,
    )


def _signed_registry(own: RoundKeys, registry: Registry) -> str:
    """Sign the registry as a log of its own, so that whoever keeps the note sees every code that is added later."""
    name = f"{own.origin}/codes"
    checkpoint = LogCheckpoint(name, registry.size, registry.root)
    return sign_checkpoint(checkpoint, NoteSigner(name, own.signing_seed))


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


def _public_keys(booth: Booth, own: RoundKeys) -> dict[str, str]:
    return {"salt": booth.salt.hex(), "sealing": own.sealing.public.hex(), "log": str(own.log_verifier)}
