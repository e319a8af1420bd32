"""`buurtbegroot fsck`: nothing is wrong at any step of an honest vote, and everything that was changed is named."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from buurtbegroot.audit.events import Event
from buurtbegroot.audit.models import AuditEntry, AuditPayload
from buurtbegroot.booth.actions.opening import request_withdrawal, withdraw_plan
from buurtbegroot.booth.actions.restoring import confirm_restore, request_restore
from buurtbegroot.box.actions.sealing import mark_put_back, seal_box
from buurtbegroot.box.domain.anchors import Folder, anchor_withdrawal
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import Terms
from buurtbegroot.box.domain.published import night_of
from buurtbegroot.box.events import PlanWithdrawn
from buurtbegroot.box.models import Booth, SealedBallot, SupersededBallot
from buurtbegroot.consistency import Found, faults
from buurtbegroot.dual_control.queries import act_standing
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.registry.actions.voiding import Letters, confirm_void, request_void
from buurtbegroot.registry.dual_acts import RESTORE
from buurtbegroot.registry.events import CodeVoided, VoteRestored
from buurtbegroot.registry.models import CodeStatus, PoolDraw, RegisteredCode, VoidReason
from buurtbegroot.rounds.models import PhaseWindow, Round
from buurtbegroot.tally import actions
from buurtbegroot.tally.models import Nullifier, OpenedBallot, Tally
from buurtbegroot.work.models import Job, JobState
from tests.factories import PROGRAM
from tests.factories.areas import small_city
from tests.factories.consistency import found_wrong
from tests.factories.guards import unguarded
from tests.factories.tally import Vote, forget, open_vote

STEPS = ("cast", "seal", "close", "empty", "open", "count", "certify", "destroy")


@pytest.fixture
def vote(session: Session, now: datetime, tmp_path: Path) -> Vote:
    return open_vote(session, tmp_path, areas=small_city(session), now=now)


def found(vote: Vote) -> list[Found]:
    return found_wrong(vote.session, keys=vote.keys, now=vote.later if vote.round.closed_at else vote.now)


def come_to(vote: Vote, last: str) -> Vote:
    """Bring an honest vote as far as a step."""
    for step in STEPS[: STEPS.index(last) + 1]:
        _do(vote, step)
    return vote


def _do(vote: Vote, step: str) -> None:
    session, round_ = vote.session, vote.round
    if step == "cast":
        vote.cast_all([[0], [1], [2], [0, 2]])
        vote.cast(2, voter=vote.voters[-1])
        session.commit()
    elif step == "seal":
        seal_box(session, round_, night=night_of(vote.now), keys=vote.keys, by=PROGRAM, now=vote.now)
        session.commit()
        vote.cast_all([[1]])
    elif step == "empty":
        forget(session, round_, keys=vote.keys)
    elif step == "destroy":
        first, second = vote.people
        seen = actions.request_destroy(session, round_, by=first, now=vote.later).fingerprint
        actions.destroy_secrets(session, round_, seen=seen, by=second, keys=vote.keys, now=vote.later)
        session.commit()
    else:
        getattr(vote, step)()


def test_nothing_is_wrong_at_any_step_of_an_honest_vote(vote: Vote) -> None:
    assert found(vote) == []
    for step in STEPS:
        _do(vote, step)
        assert found(vote) == [], step


def test_of_a_small_vote_the_lists_go_with_the_secrets(session: Session, now: datetime, tmp_path: Path) -> None:
    small = open_vote(session, tmp_path, areas=small_city(session), now=now, terms=Terms(least_ballots=10))
    come_to(small, "destroy")
    assert found(small) == []
    written_again = small.keys.folder(small.round.id).list(".leaves.txt.0123456789abcdef")
    written_again.write_bytes(b"")
    assert {each.name for each in found(small)} == {"leftovers"}


def test_a_round_whose_dates_have_parts_of_seconds_is_as_good(session: Session, now: datetime, tmp_path: Path) -> None:
    odd = now + timedelta(microseconds=7)
    assert found(open_vote(session, tmp_path, areas=small_city(session), now=odd)) == []


def test_what_is_being_done_is_no_fault(vote: Vote) -> None:
    """A closing, an opening or a seal whose files are there and whose transaction was lost can be done again."""
    come_to(vote, "cast")
    for step in ("seal", "close", "empty", "open"):
        outer = vote.session.begin_nested()
        commit, vote.session.commit = vote.session.commit, vote.session.flush  # type: ignore[method-assign]
        _do(vote, step)
        vote.session.commit = commit  # type: ignore[method-assign]
        outer.rollback()
        assert found(vote) == [], step
        _do(vote, step)
        assert found(vote) == [], step


Change = Callable[[Vote, Folder], Any]


def written(name: str, change: Callable[[bytes], bytes]) -> Change:
    def act(_vote: Vote, folder: Folder) -> None:
        path = folder.path / name
        path.write_bytes(change(path.read_bytes()))

    return act


def gone(name: str) -> Change:
    return lambda _vote, folder: (folder.path / name).unlink()


def left(name: str) -> Change:
    def act(_vote: Vote, folder: Folder) -> None:
        (folder.path / name).write_bytes(b"00" * 32)
        (folder.path / name).chmod(0o600)

    return act


def run(statement: Callable[[Vote], Any]) -> Change:
    return lambda vote, _folder: vote.session.execute(statement(vote))


def without_line(kind: str) -> Change:
    def keep(content: bytes) -> bytes:
        return b"".join(line for line in content.splitlines(True) if json.loads(line)["kind"] != kind)

    return written("anchors", keep)


def in_anchor(kind: str, **values: object) -> Change:
    def change(content: bytes) -> bytes:
        lines = map(json.loads, content.splitlines())
        return b"".join(json.dumps(line | (values if line["kind"] == kind else {})).encode() + b"\n" for line in lines)

    return written("anchors", change)


def swapped(one: str, other: str) -> Callable[[bytes], bytes]:
    return lambda content: content.replace(one.encode(), other.encode(), 1)


def flipped(content: bytes) -> bytes:
    """Return content with its last digit or byte changed, before the line end if there is one."""
    body = content.rstrip(b"\n")
    return body[:-1] + (b"0" if body[-1:] != b"0" else b"1") + content[len(body) :]


def any_row(table: Any) -> Any:
    name = next(iter(table.__table__.primary_key.columns.values()[1:]))
    return name.in_(select(name).limit(1).scalar_subquery())


A_BALLOT: dict[str, Any] = {"tracker": bytes(16), "choices": [1], "blind": b""}
A_ROW: dict[str, Any] = {"locator": bytes(32), "rev": 1, "mark": bytes(32), "receipt_ct": b"r"}
CHANGES: dict[str, tuple[str, str, Change]] = {
    "anchors that no JSON is": ("cast", "anchors", written("anchors", lambda _: b"{\n")),
    "anchors without a manifest": ("cast", "anchors", without_line("opened")),
    "anchors with a manifest that is none": ("cast", "anchors", in_anchor("opened", manifest="{}")),
    "anchors without the closing": ("close", "anchors", without_line("closed")),
    "anchors without the opening": ("open", "anchors", without_line("opening")),
    "anchors without the closing note": ("open", "anchors", without_line("counted_from")),
    "anchors without the bundle": ("certify", "anchors", without_line("bundle")),
    "an opening twice": ("open", "anchors", written("anchors", lambda c: c + c.splitlines(True)[-2])),
    "no keys": ("cast", "keys", gone("keys.json")),
    "keys that others read": ("cast", "keys", lambda _vote, folder: folder.keys.chmod(0o644)),
    "the keys of another vote": (
        "cast", "keys",
        written("keys.json", lambda c: json.dumps({**json.loads(c), "signing_seed": "11" * 32}).encode()),
    ),
    "no link key": ("cast", "keys", gone("link.key")),
    "no key that opens": ("cast", "keys", gone("sealing.key")),
    "half a key that opens": ("cast", "keys", written("sealing.key", lambda c: c[:32])),
    "another manifest": ("cast", "manifest", run(lambda _: update(Booth).values(manifest="{}"))),
    "another fingerprint": ("cast", "manifest", run(lambda _: update(Round).values(fingerprint="00"))),
    "other rules": (
        "cast", "manifest", run(lambda vote: update(Round).values(rules=vote.round.rules.replace("100000", "100001"))),
    ),
    "another end": (
        "cast", "manifest",
        run(lambda vote: update(PhaseWindow).values(ends_at=vote.later + timedelta(days=99))),
    ),
    "a dearer plan": ("cast", "manifest", run(lambda _: update(Proposal).values(cost_cents=1))),
    "a round that never opened": ("cast", "round", run(lambda _: update(Round).values(fingerprint=""))),
    "another registry": ("cast", "registry", written("registry.txt", flipped)),
    "another code": (
        "cast", "registry",
        run(lambda vote: insert(RegisteredCode).values(round_id=vote.round.id, commitment=bytes(32))),
    ),
    "no registry": ("cast", "registry", gone("registry.txt")),
    "a void that nobody agreed on": (
        "cast", "voids",
        run(lambda _: update(RegisteredCode).where(any_row(RegisteredCode)).values(status=CodeStatus.VOID)),
    ),
    "a spare that took no place": (
        "cast", "voids", run(lambda _: update(RegisteredCode).where(any_row(RegisteredCode)).values(kind="spare")),
    ),
    "another list of voids": ("close", "voids", written("void.txt", lambda c: c + b"00" * 32 + b"\n")),
    "other texts of a plan": ("cast", "plans", written("plans.json", swapped('"title":"', '"title":"x'))),
    "a row that is shorter": (
        "cast", "rows", run(lambda _: update(SealedBallot).where(any_row(SealedBallot)).values(sealed=b"short")),
    ),
    "a revision that no form has": (
        "cast", "rows", run(lambda _: update(SealedBallot).where(any_row(SealedBallot)).values(rev=201)),
    ),
    "a replaced envelope that is gone": ("cast", "rows", run(lambda _: delete(SupersededBallot))),
    "a replaced envelope under another name": (
        "cast", "rows", run(lambda _: update(SupersededBallot).values(fingerprint=bytes(32))),
    ),
    "another seal": ("seal", "seals", in_anchor("sealed", seal="00" * 32)),
    "another list of seals": ("seal", "seals", written("seals.json", lambda c: c.replace(b'"size":5', b'"size":4'))),
    "seals that nobody signed, of another list": (
        "seal", "seals", lambda vote, folder: (
            without_line("sealed")(vote, folder),
            written("seals.json", lambda c: c.replace(b'"size":5', b'"size":4'))(vote, folder),
        ),
    ),
    "no seals": ("seal", "seals", gone("seals.json")),
    "a sealed envelope that is gone": ("seal", "seals", run(lambda _: delete(SupersededBallot))),
    "another box": ("close", "box", written("box", flipped)),
    "no box": ("close", "box", gone("box")),
    "another number of envelopes": ("close", "box", run(lambda _: update(Tally).values(envelopes=1))),
    "no count": ("close", "box", run(lambda _: delete(Tally))),
    "another number in the trusted values": ("close", "box", in_anchor("closed", envelopes=1)),
    "rows after closing": (
        "open", "leftovers",
        run(lambda vote: insert(SealedBallot).values(round_id=vote.round.id, sealed=b"s", **A_ROW)),
    ),
    "who drew, after closing": (
        "open", "leftovers",
        run(lambda vote: insert(PoolDraw).values(round_id=vote.round.id, account=b"a", day=vote.now.date())),
    ),
    "a link key after closing": ("open", "leftovers", left("link.key")),
    "half a link key after closing": ("open", "leftovers", left(".link.key.0123456789abcdef")),
    "a key after destroying": ("destroy", "leftovers", left("sealing.key")),
    "half a box after destroying": ("destroy", "leftovers", left(".box.0123456789abcdef")),
    "another list": ("open", "lists", written("lists/leaves.txt", flipped)),
    "no note": ("open", "lists", gone("closing.note")),
    "another note": ("open", "lists", run(lambda _: update(Tally).values(closing="00"))),
    "other ballots left out": ("open", "lists", run(lambda _: update(Tally).values(left_out={}))),
    "a ballot more": (
        "open", "ballots",
        run(lambda vote: insert(OpenedBallot).values(round_id=vote.round.id, **A_BALLOT)),
    ),
    "a nullifier less": ("open", "ballots", run(lambda _: delete(Nullifier).where(any_row(Nullifier)))),
    "another number of ballots": ("open", "ballots", run(lambda _: update(Tally).values(valid_ballots=1))),
    "ballots before the opening": (
        "close", "ballots", run(lambda vote: insert(Nullifier).values(round_id=vote.round.id, nullifier=bytes(32))),
    ),
    "another bundle": ("count", "bundle", written("bundle.zip", flipped)),
    "no bundle": ("count", "bundle", gone("bundle.zip")),
    "a bundle that was not certified": ("certify", "bundle", in_anchor("bundle", sha256="00")),
    "another outcome": ("count", "log", run(lambda _: update(Tally).values(spent_cents=1))),
    "a line of the log": ("cast", "log", run(lambda _: update(AuditEntry).values(action="other"))),
    "a job that failed": ("close", "job", run(lambda _: update(Job).values(state=JobState.FAILED, reason="no"))),
    "a job that nobody begins": (
        "close", "job",
        run(lambda vote: update(Job).values(due_at=vote.now - timedelta(days=1), state=JobState.WAITING)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_everything_that_was_changed_is_named(vote: Vote, step: str, tmp_path: Path) -> None:
    come_to(vote, step)
    changes = {what: (name, change) for what, (when, name, change) in CHANGES.items() if when == step}
    assert _missed(vote, changes, tmp_path / "kept") == {}


def _missed(vote: Vote, changes: dict[str, tuple[str, Change]], kept: Path) -> dict[str, set[str]]:
    """Make each change alone; return what was found instead, of each that was not found under its name."""
    folder, missed = vote.keys.folder(vote.round.id), {}
    shutil.copytree(folder.path, kept)
    with unguarded(vote.session):
        for what, (name, change) in changes.items():
            with vote.session.begin_nested() as changed:
                change(vote, folder)
                names = {each.name for each in found(vote)}
                changed.rollback()
            shutil.rmtree(folder.path)
            shutil.copytree(kept, folder.path)
            if name not in names:
                missed[what] = names
    return missed


def decided(vote: Vote) -> Vote:
    """Withdraw a plan, make a code void and go on from a backup, each as two people."""
    (first, second), plan, session = vote.people, vote.plans[1], vote.session
    how: dict[str, Any] = {"keys": vote.keys, "now": vote.now}
    asked = request_withdrawal(session, plan, reason="Weg.", by=first, **how)
    withdraw_plan(session, plan, seen=asked.fingerprint, by=second, **how)
    lost = Letters(vote.voters[0], None)
    request_void(session, vote.round, lost, reason=VoidReason.LOST, by=first, **how)
    confirm_void(session, vote.round, lost, by=second, **how)
    mark_put_back(session, vote.round, keys=vote.keys, by=PROGRAM)
    seen = act_standing(session, RESTORE, vote.round).fingerprint
    request_restore(session, vote.round, seen=seen, by=first, now=vote.now)
    confirm_restore(session, vote.round, seen=seen, by=second, **how)
    session.commit()
    return vote


def in_log(event: type[Event], **values: object) -> Change:
    def change(vote: Vote, _folder: Folder) -> None:
        (entry,) = vote.session.scalars(select(AuditEntry).where(AuditEntry.action == event.name))
        assert entry.details
        vote.session.execute(
            update(AuditPayload)
            .where(AuditPayload.seq == entry.seq)
            .values(payload={**entry.details.payload, **values})
        )
        vote.session.expire_all()

    return change


def not_in_log(event: type[Event]) -> Change:
    return run(lambda _: update(AuditEntry).where(AuditEntry.action == event.name).values(action="other"))


TOLD: dict[str, Change] = {
    "a withdrawal less among the trusted values": without_line("withdrawn"),
    "another reason to withdraw": in_anchor("withdrawn", reason="x"),
    "another withdrawn plan in the log": in_log(PlanWithdrawn, plan=0),
    "a void less among the trusted values": without_line("voided"),
    "another reason for a void": in_anchor("voided", reason="stolen"),
    "a void that no spare replaced": in_log(CodeVoided, spare=True),
    "a void less in the log": not_in_log(CodeVoided),
    "a void code that can vote": run(lambda _: update(RegisteredCode).values(status=CodeStatus.ACTIVE)),
    "a backup less among the trusted values": without_line("restored"),
    "another time of a backup": in_anchor("restored", until="2026-01-01T00:00:00Z"),
    "another number of voids of a backup": in_log(VoteRestored, void=7),
    "a backup less in the log": not_in_log(VoteRestored),
}


def test_what_was_decided_is_held_against_the_log(vote: Vote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("buurtbegroot.registry.dual_acts._keys", lambda _: vote.keys)
    decided(vote)
    assert found(vote) == []
    assert _missed(vote, {what: ("told", change) for what, change in TOLD.items()}, tmp_path / "kept") == {}


def test_a_withdrawal_that_the_log_lacks_is_told_until_the_box_is_shut(vote: Vote) -> None:
    come_to(vote, "cast")
    anchor_withdrawal(vote.keys.folder(vote.round.id), vote.plans[1].id, reason="Weg.")
    assert found(vote) == [], "it can be confirmed again"
    _do(vote, "close")
    assert found(vote) == []
    with unguarded(vote.session):
        not_in_log(PlanWithdrawn)(vote, vote.keys.folder(vote.round.id))
        assert "told" in {each.name for each in found(vote)}


def test_a_round_that_is_gone_is_named(vote: Vote) -> None:
    """Somebody puts back a database of before the round was made."""
    elsewhere = KeyStore(vote.keys.folder(vote.round.id).path.parent)
    folder = vote.keys.folder(vote.round.id).path
    folder.rename(folder.with_name("ronde-999"))
    assert {("ronde-999", "round"), (f"ronde-{vote.round.id}", "anchors")} == {
        each[:2] for each in faults(vote.session, keys=elsewhere, tasks={}, now=vote.now) if each.where != "log"
    }


def test_a_draft_goes_with_what_it_was_of(vote: Vote) -> None:
    come_to(vote, "close")
    folder = vote.keys.folder(vote.round.id)
    left(".link.key.0123456789abcdef")(vote, folder)
    vote.keys.destroy_link(vote.round.id)
    assert not [*folder.path.glob(".link*")]
    for step in ("open", "count", "certify"):
        _do(vote, step)
    for name in (".box.0123456789abcdef", ".keys.json.0123456789abcdef"):
        left(name)(vote, folder)
    _do(vote, "destroy")
    assert not [path for path in os.listdir(folder.path) if path.startswith(".")]
    assert found(vote) == []
