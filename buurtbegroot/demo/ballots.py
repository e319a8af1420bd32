"""Holding a vote of the past again: ballots with exactly the real totals, sealed, opened, counted and certified."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import System
from buurtbegroot.audit.actions.signing import sign_log
from buurtbegroot.box.domain.ballots import Form, seal_ballot
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import round_name
from buurtbegroot.box.models import SealedBallot
from buurtbegroot.box.opener import open_box
from buurtbegroot.core.credentials import FORM_BYTES, KEY_BYTES, commitment, nullifier
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
from buurtbegroot.tally.actions.opening import make_bundle, take_in
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
    sealed = (
        seal_ballot(round_id=round_.id, k=k, choices=ballot, form=Form(secrets.token_bytes(FORM_BYTES)), keys=keys)
        for k, ballot in zip(ks, ballots, strict=True)
    )
    rows = [
        {
            "round_id": round_.id,
            "locator": made.locator,
            "rev": made.receipt.rev,
            "mark": made.mark,
            "sealed": made.sealed,
            "receipt_ct": made.receipt_ct,
        }
        for made in sealed
    ]
    session.execute(insert(SealedBallot), rows)


def count_vote(session: Session, round_: Round, *, keys: KeyStore, two: tuple[User, User], now: datetime) -> None:
    """Close, open every envelope and count, each step by the people it needs."""
    first, second = two
    asked = request_close(session, round_, by=first, now=now)
    confirm_close(session, round_, seen=asked.fingerprint, by=second, keys=keys, now=now)
    keys.destroy_link(round_.id)
    open_box(keys.folder(round_.id).path, now=now)
    take_in(session, round_, keys=keys, by=DEMO, now=now)
    count_round(session, round_, counted(session, round_, keys=keys), now=now, by=first)
    session.commit()  # what is signed can no longer be undone
    sign_log(session, by=DEMO, now=now)
    make_bundle(session, round_, keys=keys, by=DEMO)
    for _explained in explain_losses(session, round_, by=DEMO, now=now):
        session.flush()


def certify_vote(session: Session, round_: Round, *, keys: KeyStore, two: tuple[User, User], now: datetime) -> None:
    """Make the outcome final by two people."""
    first, second = two
    asked = request_certify(session, round_, by=first, now=now)
    certify(session, round_, seen=asked.fingerprint, keys=keys, by=second, now=now)
