"""Holding a vote of the past again: ballots with exactly the real totals, sealed, opened, counted and certified."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import System
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import round_name
from buurtbegroot.box.models import SealedBallot
from buurtbegroot.box.queries import booth_of, paper_of
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.credentials import KEY_BYTES, commitment, nullifier
from buurtbegroot.core.envelope import CastContext, cast_material
from buurtbegroot.demo.reconstruct import Limits, Plan, reconstruct
from buurtbegroot.demo.votes import RealVote
from buurtbegroot.registry.actions.issuing import register_codes
from buurtbegroot.registry.domain.codes import DrawnCode
from buurtbegroot.rounds.models import Round
from buurtbegroot.tally.actions import (
    certify,
    confirm_close,
    count_round,
    explain_losses,
    request_certify,
    request_close,
)
from buurtbegroot.tally.actions.opening import open_envelopes
from buurtbegroot.tally.queries.counting import counted

DEMO = System("command demo seed")
SEED = 2022


def register_voters(session: Session, round_: Round, voters: int, *, by: User, now: datetime) -> list[bytes]:
    """Register one code for each ballot that was cast, and return the keys that such codes would give.

    The codes themselves never existed, so the slow step from code to key is left out.
    """
    ks = [secrets.token_bytes(KEY_BYTES) for _ in range(voters)]
    drawn = [DrawnCode("", commitment(round_name(round_.id), nullifier(k))) for k in ks]
    register_codes(session, round_, drawn, by=by, now=now)
    return ks


def ballots_for(vote: RealVote, *, numbers: Mapping[int, int]) -> list[tuple[int, ...]]:
    """Return legal ballots whose totals are the published ones; `numbers` gives our id for each id of the vote."""
    rules = vote.ruleset.ballot
    limits = Limits(
        min_choices=rules.whole.min_choices,
        max_choices=rules.whole.max_choices,
        max_cost_cents=rules.whole.max_cost_cents,
        group_max_cost_cents={
            group: limit.max_cost_cents for group, limit in rules.per_group.items() if limit.max_cost_cents is not None
        },
    )
    plans = [Plan(plan.id, plan.cost_cents, vote.totals[plan.id], plan.theme or "") for plan in vote.plans]
    found = reconstruct(plans, voters=vote.voters, limits=limits, seed=SEED)
    return [tuple(sorted(numbers[plan] for plan in ballot)) for ballot in found]


def hold_vote(
    session: Session, round_: Round, ballots: Sequence[tuple[int, ...]], *, ks: Sequence[bytes], keys: KeyStore
) -> None:
    """Seal each ballot and put them in the box at once, as the actions for casting do one by one."""
    session.execute(insert(SealedBallot), list(_sealed(session, round_, ballots, ks=ks, keys=keys)))


def finish_vote(session: Session, round_: Round, *, keys: KeyStore, two: tuple[User, User], now: datetime) -> None:
    """Close, open every envelope, count and certify, each step by the people it needs."""
    first, second = two
    asked = request_close(session, round_, by=first, now=now)
    confirm_close(session, round_, seen=asked.fingerprint, by=second, keys=keys, now=now)
    for _progress in open_envelopes(session, round_, keys=keys, by=DEMO, now=now):
        session.flush()
    count_round(session, round_, counted(session, round_), now=now, by=first)
    for _explained in explain_losses(session, round_, by=DEMO, now=now):
        session.flush()
    asked = request_certify(session, round_, by=first, now=now)
    certify(session, round_, seen=asked.fingerprint, by=second, now=now)


def _sealed(
    session: Session, round_: Round, ballots: Sequence[tuple[int, ...]], *, ks: Sequence[bytes], keys: KeyStore
) -> Iterator[dict[str, object]]:
    booth, own = booth_of(session, round_.id), keys.load(round_.id)
    assert booth is not None, "the vote was opened"
    context = CastContext(
        round_id=round_name(round_.id),
        manifest=booth.manifest_hash,
        capacity=paper_of(session, round_.id, booth.manifest_hash).capacity,
        sealing_key=own.sealing.public,
        link_key=own.link_key,
        signing_seed=own.signing_seed,
    )
    for k, ballot in zip(ks, ballots, strict=True):
        material = cast_material(k, canonical_json(ballot), 1, context=context)
        yield {
            "round_id": round_.id,
            "locator": material.locator,
            "leaf": material.leaf,
            "rev": 1,
            "nonce_hash": secrets.token_bytes(32),
            "sealed": material.sealed,
            "receipt_ct": material.receipt_ct,
            "published": False,
        }
