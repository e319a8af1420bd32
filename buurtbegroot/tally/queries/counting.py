"""Counting the opened ballots, and again to compare; the bundle of a count, for who checks it at home."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from buurtbegroot.acts import RefusedError, insist
from buurtbegroot.audit.events import OF_A_VOTE
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.audit.queries import checkpoint_over, entries_up_to, last_seq
from buurtbegroot.audit.queries.verification import entry_of
from buurtbegroot.booth.events import BoxOpened
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.published import BundleFault, opened_box, seals_of
from buurtbegroot.box.events import EnvelopesOpened
from buurtbegroot.core.audit_chain import entry_bytes
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.closing import LISTS, hash_list, listed
from buurtbegroot.core.records import to_plain
from buurtbegroot.core.tally.document import document_from, document_of, trace_of
from buurtbegroot.core.tally.paths import other_path
from buurtbegroot.core.tally.ties import commitment
from buurtbegroot.core.tally.trace import Judgement
from buurtbegroot.core.verifying.reading import Bundle
from buurtbegroot.core.verifying.recount import cast_ballots, votes_pb
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import round_key
from buurtbegroot.tally.domain.counting import Count, Input, count, sha256_of
from buurtbegroot.tally.models import PlanResult, Tally
from buurtbegroot.tally.policy import TallyFault
from buurtbegroot.tally.queries import input_of, nullifiers_of, plan_results, tally_of


@dataclass(frozen=True, slots=True)
class Recount:
    """A second count: the SHA-256 of its trace and the names of whatever stored values it does not agree with."""

    trace_hash: str
    differences: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether everything that was stored came out again."""
        return not self.differences


def counted(session: Session, round_: Round, *, keys: KeyStore) -> Count:
    """Count the opened ballots, for `count_round` to store.

    Raises RefusedError unless all envelopes are open, when the ballots are not those that the closing note tells of,
    or when the seed of the lot is not the one that the rules committed to.
    """
    tally = tally_of(session, round_.id)
    insist(tally is not None and tally.opened_at is not None, TallyFault.NOT_OPENED)
    source = input_of(session, round_, withdrawn=keys.anchors(round_.id).withdrawn)
    signed = opened_box(keys.folder(round_.id)).closing.lists
    insist(source.ballots_sha256 == signed["ballots.jsonl"].sha256, TallyFault.BOX_CHANGED)
    insist(source.rules.lot_commitment == commitment(source.seed), TallyFault.SEED_DIFFERS)
    return count(source)


def recount(session: Session, round_: Round, *, keys: KeyStore) -> Recount:
    """Count again from the opened ballots by another path, and compare with what is stored and with what was signed.

    Raises RefusedError before a count, and once the ballots of a small vote are destroyed. Nothing was signed here of
    a round of the past; where its winners are those that a file names, there is no count.
    """
    tally = tally_of(session, round_.id)
    if tally is None or tally.counted_at is None or (round_.archive and document_from(tally.trace).reported):
        raise RefusedError(TallyFault.NOT_COUNTED)
    insist(not (tally.is_small and tally.destroyed_at), TallyFault.ALREADY_DESTROYED)
    source = input_of(session, round_, withdrawn=() if round_.archive else keys.anchors(round_.id).withdrawn)
    document = document_of(source, path=other_path())
    trace = trace_of(document, source.rules)
    signed = {} if round_.archive else _as_signed(session, round_, source, keys=keys)
    checks = {
        **signed,
        "trace": tally.trace == trace,
        "trace_hash": tally.trace_hash == sha256_of(trace),
        "valid_ballots": tally.valid_ballots == document.valid_ballots,
        "spent_cents": tally.spent_cents == document.spent_cents,
        "left_cents": tally.left_cents == document.left_cents,
        "plans": _stored(session, round_.id) == {one.plan: row_of(one) for one in document.judgements},
    }
    return Recount(sha256_of(trace), tuple(name for name, holds in checks.items() if not holds))


def _as_signed(session: Session, round_: Round, source: Input, *, keys: KeyStore) -> dict[str, bool]:
    """Return which lists are those that the closing note tells of, and whether it is known how small the vote was."""
    signed, tally = opened_box(keys.folder(round_.id)).closing.lists, tally_of(session, round_.id)
    is_small = source.election.valid_ballots < keys.anchors(round_.id).least_ballots
    return {
        "ballots": source.ballots_sha256 == signed["ballots.jsonl"].sha256,
        "nullifiers": listed(hash_list(nullifiers_of(session, round_.id))) == signed["nullifiers.txt"],
        "is_small": tally is not None and tally.is_small == is_small,
    }


def row_of(judgement: Judgement) -> tuple[int, int, str, int]:
    """Return what is stored of the judgement on a plan: votes, rank, verdict, cents awarded."""
    return judgement.votes, judgement.rank, judgement.verdict.value, judgement.awarded_cents


def kept_of(counted: Count) -> dict[str, Any]:
    """Return what the tally keeps of a count, by column."""
    document = counted.document
    return {
        "trace": counted.trace,
        "trace_hash": sha256_of(counted.trace),
        "valid_ballots": document.valid_ballots,
        "spent_cents": document.spent_cents,
        "left_cents": document.left_cents,
        "figures": counted.stored_figures(),
    }


def results_of(round_id: int, counted: Count) -> list[PlanResult]:
    """Return the rows of a count, one for each plan; of winners that a file names there is no why."""
    return [
        PlanResult(
            round_id=round_id,
            proposal_id=judgement.plan,
            votes=judgement.votes,
            rank=judgement.rank,
            verdict=judgement.verdict.value,
            awarded_cents=judgement.awarded_cents,
            why=to_plain(counted.why[judgement.plan]) if judgement.plan in counted.why else None,
        )
        for judgement in counted.document.judgements
    ]


def _stored(session: Session, round_id: int) -> dict[int, tuple[int, int, str, int]]:
    rows = plan_results(session, round_id).values()
    return {row.proposal_id: (row.votes, row.rank, row.verdict, row.awarded_cents) for row in rows}


def bundle_files(session: Session, round_: Round, tally: Tally, *, keys: KeyStore) -> dict[str, bytes]:
    """Return the files by name, of what was signed and of the count that is stored.

    Raises RefusedError as long as the log was not signed since the opening and the count, and DiffersError when a file
    beside the keys is not what was signed.
    """
    folder, anchors = keys.folder(round_.id), keys.anchors(round_.id)
    box, about = opened_box(folder), round_key(round_)
    opening = checkpoint_over(session, last_seq(session, about, BoxOpened.name))
    counting = checkpoint_over(session, last_seq(session, about, EnvelopesOpened.name))
    insist(opening is not None and counting is not None, BundleFault.NOT_SIGNED)
    assert opening is not None
    assert counting is not None
    files = {
        **{name: box.text(name).encode() for name in LISTS},
        "manifest.json": anchors.manifest.encode(),
        "closing.note": box.note.encode(),
        "seals.json": seals_of(folder),
        "paper.txt": b"",
        "audit.jsonl": b"".join(_lines(session, counting.size, about=about)),
        "notes/opening.note": opening.cosigned.encode(),
        "notes/counting.note": counting.cosigned.encode(),
        "result.json": tally.trace.encode(),
    }
    bundle = Bundle(files)
    files["votes.pb"] = votes_pb(bundle, document_from(tally.trace), cast_ballots(bundle))
    return files


def _lines(session: Session, size: int, *, about: str) -> Iterator[bytes]:
    for row in entries_up_to(session, size):
        plain: dict[str, Any] = {"entry": json.loads(entry_bytes(entry_of(row))), "hash": row.hash}
        if _is_told(row, about):
            assert row.details is not None
            plain["details"] = {"salt": row.details.salt, "payload": row.details.payload}
        yield canonical_json(plain) + b"\n"


def _is_told(row: AuditEntry, about: str) -> bool:
    return row.is_public and row.object == about and row.action.startswith(OF_A_VOTE)
