"""Opening the vote by two people, which fixes what is on the ballot, and taking a plan off it while it is open.

Ballots that were cast with such a plan stay as they are and stay valid; what they say of it buys nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import Fault, insist, require
from buurtbegroot.audit.actions import record
from buurtbegroot.audit.domain.keys import site_keys
from buurtbegroot.audit.queries import SIGN_LOG
from buurtbegroot.booth.dual_acts import OPEN, WITHDRAW
from buurtbegroot.booth.events import BoxOpened
from buurtbegroot.booth.queries import missing_for_opening
from buurtbegroot.box.actions.sealing import prepare_booth, tell_withdrawn
from buurtbegroot.box.domain.anchors import Anchors, anchor_opening, anchor_withdrawal
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
from buurtbegroot.core.plan_texts import PlanTexts, plans_json
from buurtbegroot.core.rule_problems import problems
from buurtbegroot.core.tally.ties import commitment as lot_commitment
from buurtbegroot.dual_control.actions import confirm_act, request_act
from buurtbegroot.dual_control.models import DualRequest
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.proposals.queries import ballot_plans, plans_on_ballot, typed_texts
from buurtbegroot.registry.queries import registry_of
from buurtbegroot.rounds.actions import freeze
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.rounds.queries import about, lock_round, rules_of, window_of
from buurtbegroot.timezone import local_date
from buurtbegroot.work.queue import enqueue


class OpeningFault(Fault):
    """Why a vote is not opened; the fact `missing` lists everything that is lacking."""

    NOT_READY = "not_ready"


def open_vote(
    session: Session,
    round_: Round,
    *,
    seen: str,
    keys: KeyStore,
    witnesses: Sequence[str] = (),
    by: User,
    now: datetime,
) -> Booth:
    """Open the vote on the word of a second person: fix manifest, rules and registry, in the database and beside it.

    Votes count from the begin of the voting window. `seen` is the fingerprint of what this person was shown,
    `witnesses` are the keys of those who are asked to sign the log along. Raises RefusedError: with an OpeningFault
    when something is lacking, a DualFault when nobody else asked for just this.
    """
    require(may_manage(by, round_), hidden=True)
    locked = lock_round(session, round_.id)
    missing = missing_for_opening(session, locked, keys=keys, now=now)
    insist(not missing, OpeningFault.NOT_READY, missing=tuple(missing))
    confirm_act(session, OPEN, locked, seen=seen, by=by, now=now)
    own, booth = keys.load(locked.id), prepare_booth(session, locked, keys=keys, by=by)
    rules = replace(rules_of(locked), lot_commitment=lot_commitment(own.lot_seed))
    texts = _texts(session, locked, own)
    codes = registry_list(registry_of(session, locked.id))
    registry = registry_of_list(codes)
    booth.manifest = write_manifest(
        _round_facts(locked),
        rules=rules,
        plans=_listed(session, locked, texts),
        keys=_public_keys(own) | {"site": str(site_keys(session).verifier), "witnesses": list(witnesses)},
        registry=registry,
    )
    booth.manifest_hash = manifest_hash(booth.manifest)
    fingerprint = booth.manifest_hash.hex()
    freeze(session, locked, rules=rules, fingerprint=fingerprint, by=by, now=now)
    may_vote = registry.letter + registry.pool
    opened = BoxOpened(**about(locked), manifest=fingerprint, registry=registry.root.hex(), codes=may_vote)
    record(session, opened, by=by, now=now)
    # what casting and opening go by lies beside the keys; it is put there last, since a file is not rolled back
    anchor_opening(keys.folder(locked.id), booth.manifest, registry=codes, plans=plans_json(texts), now=now)
    enqueue(session, SIGN_LOG, now=now)
    return booth


def _texts(session: Session, round_: Round, own: RoundKeys) -> dict[int, PlanTexts]:
    """Return what each plan on the ballot says, hidden or not, by its id, with its salt."""
    told = ("title", "summary", "body", "language")
    typed = {row.id: typed_texts(row) for row in plans_on_ballot(session, round_.id)}
    return {
        plan: PlanTexts(own.texts_salt(plan), {name: texts[name] for name in told}) for plan, texts in typed.items()
    }


def _listed(session: Session, round_: Round, texts: Mapping[int, PlanTexts]) -> list[ListedPlan]:
    numbers = {row.id: row.number for row in plans_on_ballot(session, round_.id)}
    plans = ballot_plans(session, round_)
    return [ListedPlan(plan=plan, number=numbers[plan.id], texts=texts[plan.id].commitment) for plan in plans]


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
        "date_begin": local_date(voting.begins_at).isoformat(),
        "date_end": local_date(voting.ends_at).isoformat(),
    }


def _public_keys(own: RoundKeys) -> dict[str, object]:
    return {"salt": own.salt.hex(), "sealing": own.sealing_public.hex(), "signing": str(own.signer.verifier)}


class WithdrawFault(Fault):
    """Why a plan stays on the ballot.

    NO_REASON: nobody said why. ALREADY: it was taken off before. TOO_FEW: with what is left nobody could fill in a
    valid ballot. SHUT: the box was shut, whatever became of the database since.
    """

    NO_REASON = "no_reason"
    ALREADY = "already"
    TOO_FEW = "too_few"
    SHUT = "shut"


def request_withdrawal(
    session: Session, proposal: Proposal, *, reason: str, keys: KeyStore, by: User, now: datetime
) -> DualRequest:
    """Ask to take a plan off the open ballot; everyone will read the reason. Raises RefusedError."""
    require(may_manage(by, proposal.round), hidden=True)
    insist(bool(reason.strip()), WithdrawFault.NO_REASON)
    anchors = keys.anchors(proposal.round_id)
    insist(anchors.closed is None, WithdrawFault.SHUT)
    insist(proposal.id not in anchors.withdrawn, WithdrawFault.ALREADY)
    insist(not anchors.is_opened or _can_go(anchors, proposal), WithdrawFault.TOO_FEW)
    return request_act(session, WITHDRAW, proposal, by=by, now=now, reason=reason.strip())


def withdraw_plan(session: Session, proposal: Proposal, *, seen: str, keys: KeyStore, by: User, now: datetime) -> None:
    """Take a plan off the open ballot as a second person, for everyone to see from this moment on.

    The round is locked, so that no ballot comes in meanwhile. When this cannot be committed, it can be confirmed again;
    the trusted values hold it already, so the log is told at the latest when the box is sealed or shut. Raises
    RefusedError.
    """
    require(may_manage(by, proposal.round), hidden=True)
    request = confirm_act(session, WITHDRAW, proposal, seen=seen, by=by, now=now)
    anchors = keys.anchors(proposal.round_id)
    anchors.require_opened()
    insist(anchors.closed is None, WithdrawFault.SHUT)
    insist(_can_go(anchors, proposal), WithdrawFault.TOO_FEW)
    anchor_withdrawal(keys.folder(proposal.round_id), proposal.id, reason=request.reason)
    tell_withdrawn(session, proposal.round, keys=keys, by=by, now=now)
    enqueue(session, SIGN_LOG, now=now)


def _can_go(anchors: Anchors, proposal: Proposal) -> bool:
    """Tell whether voters can still fill in a valid ballot without this plan and those that went before."""
    paper, gone = anchors.paper, {proposal.id, *anchors.withdrawn}
    left = [each for each in paper.plans if each.id not in gone]
    found = problems(paper.rules, paper.rules.budget_cents, left)
    return bool(left) and not any(each.field.startswith("ballot.") for each in found)
