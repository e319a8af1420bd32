"""Everything before the first ballot: keys, codes and the opening by two people; casting lives in actions."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.audit.actions import record
from buurtbegroot.audit.events import Actor
from buurtbegroot.core.credentials import derive_key
from buurtbegroot.core.ledger import Checkpoint as LogCheckpoint
from buurtbegroot.core.ledger import registry_root, sign_checkpoint
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.rule_problems import problems
from buurtbegroot.core.signing import NoteSigner
from buurtbegroot.core.tally.ties import commitment as lot_commitment
from buurtbegroot.proposals.queries import ballot_plans, plans_on_ballot
from buurtbegroot.rounds.actions import confirm_step, freeze
from buurtbegroot.rounds.models import DoubleStep, Round
from buurtbegroot.rounds.queries import is_time_for, lock_round, rules_of, rules_or_none, window_of
from buurtbegroot.voting.actions import sign_log
from buurtbegroot.voting.codes import Derive, DrawnCode, Progress, draw_codes
from buurtbegroot.voting.events import BoxOpened, CodesIssued
from buurtbegroot.voting.keys import KeyFileError, KeyStore, RoundKeys
from buurtbegroot.voting.manifest import ListedPlan, Registry, manifest_hash, utc_text, write_manifest
from buurtbegroot.voting.models import Booth, CodeBatch, CodeStatus, RegisteredCode
from buurtbegroot.voting.queries import booth_of, code_counts, pool_of, registry_of, round_name

LEAST_PLANS = 2
MOST_CODES = 1_000_000


class IssueFault(StrEnum):
    """Why no codes are issued."""

    ALREADY_OPEN = "already_open"
    NO_BOOTH = "no_booth"
    NUMBER = "number"


class IssueError(Exception):
    """Codes that cannot be issued; `fault` says why."""

    def __init__(self, fault: IssueFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class Missing(StrEnum):
    """What a round still lacks before its vote can be opened."""

    RULES = "rules"
    SOUND_RULES = "sound_rules"
    PLANS = "plans"
    CODES = "codes"
    KEYS = "keys"
    FEASIBILITY_ENDED = "feasibility_ended"
    RIGHT_TIME = "right_time"
    STILL_CLOSED = "still_closed"


class NotReadyError(Exception):
    """The vote cannot be opened yet; `missing` lists everything that is lacking."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__(", ".join(missing))
        self.missing = tuple(missing)


def prepare_booth(session: Session, round_: Round, *, keys: KeyStore) -> Booth:
    """Return the booth of the round, making its keys when there are none; after a rollback the keys are the same."""
    lock_round(session, round_.id)
    booth = booth_of(session, round_.id)
    if booth is None:
        own = keys.load(round_.id) if keys.exists(round_.id) else keys.create(round_.id)
        booth = Booth(
            round_id=round_.id,
            salt=own.salt,
            sealing_public=own.sealing.public,
            signing_public=own.signing_public,
        )
        session.add(booth)
        session.flush()
    return booth


def issue_codes(
    session: Session,
    round_: Round,
    *,
    count: int,
    spares: int = 0,
    actor: Actor,
    now: datetime,
    derive: Derive = derive_key,
    progress: Progress | None = None,
) -> list[str]:
    """Make a batch of codes and return them, the only time that anyone sees them: `count` codes, then the spares.

    Takes 20 ms a code; for large batches call `draw_codes` outside a transaction and then `register_codes`.
    The booth must be prepared. Raises IssueError, also once the vote is opened.
    """
    booth = booth_of(session, round_.id)
    if booth is None:
        raise IssueError(IssueFault.NO_BOOTH)
    drawn = draw_codes(count + spares, round_id=round_.id, salt=booth.salt, derive=derive, progress=progress)
    register_codes(session, round_, drawn, spares=spares, actor=actor, now=now)
    return [each.code for each in drawn]


def register_codes(
    session: Session, round_: Round, drawn: Sequence[DrawnCode], *, spares: int = 0, actor: Actor, now: datetime
) -> CodeBatch:
    """Add drawn codes to the registry, in an order that tells nothing; the last `spares` cannot vote yet.

    Raises IssueError once the vote is opened and for a number that is not possible.
    """
    locked = lock_round(session, round_.id)
    if locked.opened_at is not None:
        raise IssueError(IssueFault.ALREADY_OPEN)
    if not 0 <= spares < len(drawn) <= MOST_CODES:
        raise IssueError(IssueFault.NUMBER)
    votes = len(drawn) - spares
    rows = [
        {
            "round_id": round_.id,
            "commitment": each.commitment,
            "status": CodeStatus.ACTIVE if place < votes else CodeStatus.SPARE,
        }
        for place, each in enumerate(drawn)
    ]
    session.execute(insert(RegisteredCode), sorted(rows, key=lambda row: row["commitment"]))
    batch = CodeBatch(
        round_id=round_.id, number=_last_batch(session, round_.id) + 1, codes=votes, spares=spares, issued_at=now
    )
    session.add(batch)
    session.flush()
    event = CodesIssued(**_about(locked), batch=batch.number, codes=votes, spares=spares)
    record(session, event, actor=actor, now=now)
    return batch


def missing_for_opening(session: Session, round_: Round, *, keys: KeyStore, now: datetime) -> list[Missing]:
    """Return everything that keeps the vote from being opened at this moment, in the order of the checklist."""
    plans, rules = ballot_plans(session, round_), rules_or_none(round_)
    feasibility = window_of(round_, Phase.FEASIBILITY)
    held = {
        Missing.RULES: rules is not None,
        Missing.SOUND_RULES: rules is not None and not problems(rules, round_.budget_cents, plans),
        Missing.PLANS: len(plans) >= LEAST_PLANS,
        Missing.CODES: code_counts(session, round_.id).active > 0,
        Missing.KEYS: _has_keys(session, round_, keys),
        Missing.FEASIBILITY_ENDED: feasibility is None or feasibility.ends_at <= now,
        Missing.RIGHT_TIME: round_.opened_at is not None or is_time_for(round_, DoubleStep.OPEN, now),
        Missing.STILL_CLOSED: round_.opened_at is None,
    }
    return [lacking for lacking, is_there in held.items() if not is_there]


def open_vote(session: Session, round_: Round, *, keys: KeyStore, by: User, now: datetime) -> Booth:
    """Open the vote on the word of a second person: fix manifest, rules and registry and sign the empty log.

    Votes count from the begin of the voting window. Raises NotReadyError, and StepRefusedError when nobody else asked.
    """
    locked = lock_round(session, round_.id)
    missing = missing_for_opening(session, locked, keys=keys, now=now)
    if missing:
        raise NotReadyError(missing)
    confirm_step(session, locked, DoubleStep.OPEN, by=by, now=now)
    own, booth = keys.load(locked.id), prepare_booth(session, locked, keys=keys)
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
    sign_log(session, locked, keys=keys, now=now)  # the empty log is always the same, so a rollback does no harm
    opened = BoxOpened(**_about(locked), manifest=fingerprint, registry_root=registry.root.hex(), codes=registry.codes)
    record(session, opened, actor=by.actor, now=now)
    return booth


def _last_batch(session: Session, round_id: int) -> int:
    return session.scalar(select(func.max(CodeBatch.number)).where(CodeBatch.round_id == round_id)) or 0


def _has_keys(session: Session, round_: Round, keys: KeyStore) -> bool:
    booth = booth_of(session, round_.id)
    try:
        return booth is not None and keys.load(round_.id).sealing.public == booth.sealing_public
    except KeyFileError:
        return False


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


def _about(round_: Round) -> dict[str, Any]:
    return {"object": f"round:{round_.slug}", "points": tuple(point.number for point in round_.points)}
