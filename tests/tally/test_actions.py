"""From the sealed box to the certified outcome: who may do what when, and that the numbers are those of the ballots."""

import random
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from buurtbegroot.acts import RefusedError
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.audit.queries.verification import verify_log
from buurtbegroot.box.actions import sealing
from buurtbegroot.box.actions.sealing import seal_box
from buurtbegroot.box.domain.anchors import DiffersError, KeyFileError
from buurtbegroot.box.domain.published import BundleFault, night_of
from buurtbegroot.box.models import SealedBallot, SupersededBallot
from buurtbegroot.box.opener import open_box
from buurtbegroot.core.box_file import fingerprint
from buurtbegroot.core.closing import LISTS
from buurtbegroot.core.phases import Phase
from buurtbegroot.dual_control.actions import DualFault
from buurtbegroot.dual_control.models import State
from buurtbegroot.rounds.models import PhaseWindow
from buurtbegroot.rounds.queries import round_key
from buurtbegroot.tally import actions
from buurtbegroot.tally.actions.opening import begin_again, take_in
from buurtbegroot.tally.models import Nullifier, OpenedBallot, PlanResult, Tally
from buurtbegroot.tally.policy import TallyFault
from buurtbegroot.tally.queries import plan_results, result_of_plan, tally_of
from buurtbegroot.tally.queries.counting import recount
from tests.factories import PROGRAM
from tests.factories.areas import small_city
from tests.factories.guards import unguarded
from tests.factories.tally import Vote, open_vote
from tests.factories.voids import mark_void


@pytest.fixture
def vote(session: Session, now: datetime, tmp_path: Path) -> Vote:
    return open_vote(session, tmp_path, areas=small_city(session), now=now)


def stored(vote: Vote) -> Tally:
    found = tally_of(vote.session, vote.round.id)
    assert found is not None
    return found


def left_out(vote: Vote) -> dict[str, int]:
    """Return how many ballots or envelopes do not count, by why."""
    left = stored(vote).left_out
    found = Counter({"replaced": left["replaced"], "gone": len(left["gone"])}) + Counter(left["strangers"])
    return dict(found + Counter(reason for _, reason in left["refused"]))


def test_whole_flow_equals_an_independent_count(session: Session, now: datetime, tmp_path: Path) -> None:
    costs = [random.Random(number).randrange(5, 40) * 1000 for number in range(8)]
    vote = open_vote(session, tmp_path, areas=small_city(session), now=now, costs=costs, voters=60)
    dice = random.Random(7)
    cast = []
    for _ in range(60):
        order, left = dice.sample(range(8), 8), 100_000
        ballot: list[int] = []
        for place in order:
            if costs[place] <= left and (not ballot or dice.random() < 0.6):
                ballot, left = [*ballot, place], left - costs[place]
        cast.append(ballot)
    vote.cast_all(cast).finish()

    votes = Counter(place for ballot in cast for place in ballot)
    left, winners = 100_000, set()
    for place in sorted(range(8), key=lambda place: (-votes[place], costs[place])):
        if costs[place] <= left and votes[place]:
            winners.add(place)
            left -= costs[place]
    rows = [result_of_plan(session, plan.id) for plan in vote.plans]
    assert [row.votes if row else None for row in rows] == [votes[place] for place in range(8)]
    assert {place for place, row in enumerate(rows) if row and row.awarded_cents} == winners
    tally = stored(vote)
    assert (tally.envelopes, tally.opened, tally.valid_ballots, left_out(vote)) == (60, 60, 60, {})
    assert tally.left_cents == left
    assert tally.spent_cents == 100_000 - left
    assert tally.figures["sums"]["voters_with_winner"] == sum(bool(winners & set(ballot)) for ballot in cast)
    assert session.scalar(select(func.count()).select_from(Nullifier)) == 60


def test_the_last_ballot_of_a_voter_counts(vote: Vote) -> None:
    vote.cast(0)
    vote.cast(1, 2, voter=vote.voters[-1])
    vote.cast(2)
    vote.finish()
    assert stored(vote).valid_ballots == 2
    rows = [result_of_plan(vote.session, plan.id) for plan in vote.plans]
    assert [row.votes if row else None for row in rows] == [0, 1, 2]


def test_closing_takes_two_people_after_the_vote(vote: Vote) -> None:
    first, second = vote.people
    with pytest.raises(RefusedError) as early:
        actions.request_close(vote.session, vote.round, by=first, now=vote.now)
    assert early.value.fault is DualFault.NOT_NOW
    seen = actions.request_close(vote.session, vote.round, by=first, now=vote.later).fingerprint
    with pytest.raises(RefusedError) as alone:
        actions.confirm_close(vote.session, vote.round, seen=seen, by=first, keys=vote.keys, now=vote.later)
    assert alone.value.fault is DualFault.SAME_PERSON
    actions.confirm_close(vote.session, vote.round, seen=seen, by=second, keys=vote.keys, now=vote.later)
    assert vote.round.closed_at == vote.later
    assert vote.round.lot_seed == vote.keys.load(vote.round.id).lot_seed.hex()


def test_certifying_takes_two_people_after_the_count(vote: Vote) -> None:
    vote.cast_all([[0], [1, 2]]).close().open()
    first, second = vote.people
    with pytest.raises(RefusedError) as early:
        actions.request_certify(vote.session, vote.round, by=first, now=vote.later)
    assert early.value.fault is TallyFault.NOT_COUNTED
    vote.count()
    seen = actions.request_certify(vote.session, vote.round, by=first, now=vote.later).fingerprint
    with pytest.raises(RefusedError):
        actions.certify(vote.session, vote.round, seen=seen, keys=vote.keys, by=first, now=vote.later)
    assert result_of_plan(vote.session, vote.plans[0].id) is None
    actions.certify(vote.session, vote.round, seen=seen, keys=vote.keys, by=second, now=vote.later)
    assert result_of_plan(vote.session, vote.plans[0].id) is not None
    assert stored(vote).recounts == 1


def test_steps_out_of_order_are_refused(vote: Vote) -> None:
    with pytest.raises(RefusedError) as unclosed:
        take_in(vote.session, vote.round, keys=vote.keys, by=PROGRAM, now=vote.later)
    assert unclosed.value.fault is TallyFault.NOT_CLOSED
    vote.cast(0)
    vote.close()
    with pytest.raises(RefusedError) as sealed:
        vote.count()
    assert sealed.value.fault is TallyFault.NOT_OPENED
    vote.open().count()
    with pytest.raises(RefusedError) as twice:
        vote.count()
    assert twice.value.fault is TallyFault.ALREADY_COUNTED


def test_an_empty_box_is_counted(vote: Vote) -> None:
    vote.finish()
    assert stored(vote).valid_ballots == 0
    assert [result.awarded_cents for result in vote.session.scalars(select(PlanResult))] == [0, 0, 0]


def lists_of(vote: Vote) -> dict[str, bytes]:
    folder = vote.keys.folder(vote.round.id)
    return {name: folder.list(name).read_bytes() for name in LISTS} | {"note": folder.note.read_bytes()}


def test_opening_again_gives_the_same_bytes_and_changes_nothing(vote: Vote) -> None:
    vote.cast_all([[0], [1], [2], [1, 2], [2]]).close().open()
    before, session = lists_of(vote), vote.session
    vote.open()
    assert lists_of(vote) == before
    assert session.scalar(select(func.count()).select_from(OpenedBallot)) == 5
    said = session.scalars(select(AuditEntry.action).where(AuditEntry.action == "voting.counted_from")).all()
    assert len(said) == 1


def test_after_closing_the_tables_are_emptied_and_the_database_is_never_asked_again(
    vote: Vote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "EMPTIED_AT_ONCE", 2)
    vote.cast_all([[0], [1], [2]])
    vote.cast(2, voter=vote.voters[-1])
    session = vote.session
    with pytest.raises(DiffersError):
        sealing.empty_box(session, vote.round, keys=vote.keys, by=PROGRAM)
    vote.close()
    stray = {"locator": bytes(32), "mark": bytes(32), "receipt_ct": b"", "sealed": b"stray", "rev": 1}
    session.add(SealedBallot(round_id=vote.round.id, **stray))
    vote.open().count()
    for table in (SealedBallot, SupersededBallot):
        assert session.scalar(select(func.count()).select_from(table)) == 0
    assert (stored(vote).valid_ballots, stored(vote).envelopes, left_out(vote)) == (3, 4, {"replaced": 1})


def test_forged_copied_and_exchanged_envelopes_change_nothing_but_what_they_took(vote: Vote) -> None:
    vote.cast_all([[0], [1], [2], [0], [1], [2], [0]])
    session = vote.session
    rows = session.scalars(select(SealedBallot).order_by(SealedBallot.locator)).all()
    rows[0].sealed = b"short"
    rows[1].sealed = bytes(len(rows[1].sealed))
    rows[2].sealed, rows[3].sealed = rows[3].sealed, rows[2].sealed
    rows[4].sealed = rows[5].sealed
    session.flush()
    vote.close().open().count()
    assert left_out(vote) == {"unreadable": 2}
    assert stored(vote).valid_ballots == 4, "three were taken away, and no other one counts twice"


def test_ballots_of_void_codes_lapse_and_of_unknown_ones_are_refused(vote: Vote) -> None:
    vote.cast_all([[0], [1], [2]])
    mark_void(vote.session, vote.round, now=vote.now)
    vote.close().open()
    assert left_out(vote) == {"replaced": 3}
    assert stored(vote).valid_ballots == 0


def test_an_envelope_that_goes_after_a_night_shows_and_one_that_goes_the_same_day_only_to_its_receipt(
    vote: Vote,
) -> None:
    vote.cast_all([[0], [1], [2]])
    session, night = vote.session, night_of(vote.now)
    seal_box(session, vote.round, night=night, keys=vote.keys, by=PROGRAM, now=vote.now)
    [gone] = session.scalars(select(SealedBallot.sealed).limit(1)).all()
    vote.cast(2, voter=vote.voters[0])
    late = vote.receipts[-1]
    for sealed in (gone, *session.scalars(select(SealedBallot.sealed).where(SealedBallot.locator == vote.last_place))):
        session.execute(delete(SealedBallot).where(SealedBallot.sealed == sealed))
    vote.close().open()
    assert stored(vote).left_out["gone"] == [fingerprint(gone).hex()]
    assert stored(vote).valid_ballots == 2
    leaves = lists_of(vote)["leaves.txt"].decode().splitlines()
    assert late.leaf.hex() not in leaves, "the receipt finds that its ballot is not there"


def test_the_box_of_another_time_is_never_opened(vote: Vote) -> None:
    vote.cast_all([[0], [1]])
    folder = vote.keys.folder(vote.round.id)
    with pytest.raises(DiffersError):
        open_box(folder.path, now=vote.later)
    vote.close()
    with pytest.raises(DiffersError, match="still there"):
        open_box(folder.path, now=vote.later)
    vote.keys.destroy_link(vote.round.id)
    with pytest.raises(DiffersError, match="not over"):
        open_box(folder.path, now=vote.now)
    whole = folder.box.read_bytes()
    for other in (whole[:-1], whole + b"x", whole.replace(b"envelopes: 2", b"envelopes: 1")):
        folder.box.write_bytes(other)
        with pytest.raises(DiffersError, match="box"):
            open_box(folder.path, now=vote.later)
    folder.box.write_bytes(whole)
    for path in (folder.voids, folder.registry):
        kept = path.read_bytes()
        path.write_bytes(kept + b"00" * 32 + b" letter\n")
        with pytest.raises(DiffersError, match=path.name):
            open_box(folder.path, now=vote.later)
        path.write_bytes(kept)
    open_box(folder.path, now=vote.later)


def test_whoever_moves_the_dates_in_the_database_shuts_and_opens_nothing(vote: Vote) -> None:
    """Shut the box in the middle of the vote with one ballot in it, to see what that person chose."""
    vote.cast_all([[0], [1]])
    session, (first, second) = vote.session, vote.people
    with unguarded(session):
        session.execute(delete(SealedBallot).where(SealedBallot.locator == vote.last_place))
        voting = update(PhaseWindow).where(PhaseWindow.phase == Phase.VOTING)
        session.execute(voting.values(ends_at=vote.now - timedelta(hours=1)))
    session.expire_all()
    asked = actions.request_close(session, vote.round, by=first, now=vote.now)
    with pytest.raises(DiffersError, match="end of voting"):
        actions.confirm_close(session, vote.round, seen=asked.fingerprint, by=second, keys=vote.keys, now=vote.now)
    assert vote.keys.anchors(vote.round.id).one("closed") is None
    assert not vote.keys.folder(vote.round.id).box.exists()


def test_nothing_but_the_opener_needs_the_key_that_opens(vote: Vote) -> None:
    secret = vote.keys.folder(vote.round.id).secret
    away = secret.rename(secret.with_name("elsewhere"))
    vote.cast_all([[0], [1]])
    vote.cast(2, voter=vote.voters[-1])
    seal_box(vote.session, vote.round, night=night_of(vote.now), keys=vote.keys, by=PROGRAM, now=vote.now)
    vote.close()
    vote.keys.destroy_link(vote.round.id)
    with pytest.raises(KeyFileError):
        vote.open()
    away.rename(secret)
    vote.open()
    secret.rename(away)
    vote.count().certify()


def test_lists_that_were_changed_are_not_taken_in(vote: Vote) -> None:
    vote.cast_all([[0], [1]]).close()
    folder = vote.keys.folder(vote.round.id)
    vote.keys.destroy_link(vote.round.id)
    open_box(folder.path, now=vote.later)
    ballots = folder.list("ballots.jsonl")
    ballots.write_bytes(b"".join(ballots.read_bytes().splitlines(keepends=True)[:1]))
    with pytest.raises(DiffersError, match=r"ballots\.jsonl"):
        take_in(vote.session, vote.round, keys=vote.keys, by=PROGRAM, now=vote.later)
    assert vote.session.scalar(select(func.count()).select_from(OpenedBallot)) == 0


def test_a_ballot_that_is_changed_after_the_opening_is_never_counted(vote: Vote) -> None:
    vote.cast_all([[0], [1], [2]]).close().open()
    vote.session.execute(text("UPDATE opened_ballot SET choices = '[]'"))
    vote.session.expire_all()
    with pytest.raises(RefusedError) as changed:
        vote.count()
    assert changed.value.fault is TallyFault.BOX_CHANGED


def test_an_illegal_ballot_is_refused(vote: Vote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("buurtbegroot.box.domain.ballots.invalidities", lambda *_: ())
    vote.cast_all([[0, 1], [2]]).close().open()
    assert left_out(vote) == {"illegal": 1}


@pytest.mark.parametrize(
    "statements",
    [
        ["UPDATE opened_ballot SET choices = '[]'", "DELETE FROM nullifier", "UPDATE tally SET envelopes = 9"],
        ["DELETE FROM opened_ballot", "DELETE FROM plan_result", "DELETE FROM tally"],
        ["UPDATE tally SET is_small = true, valid_ballots = 0, trace = '{}'"],
    ],
)
def test_a_count_that_was_changed_is_done_again_from_the_box(vote: Vote, statements: list[str]) -> None:
    vote.cast_all([[0], [1, 2], [2]]).close().open().count()
    wanted = stored(vote)
    before = (wanted.trace, wanted.closing, wanted.left_out)
    asked = actions.request_certify(vote.session, vote.round, by=vote.people[0], now=vote.later)
    for statement in statements:
        vote.session.execute(text(statement))
    vote.session.commit()
    vote.session.expire_all()
    begin_again(vote.session, vote.round, keys=vote.keys, by=PROGRAM, now=vote.later)
    vote.session.commit()
    assert (stored(vote).opened_at, stored(vote).trace, [*plan_results(vote.session, vote.round.id)]) == (None, "", [])
    assert asked.state is not State.OPEN, "who asked to certify saw something else"
    vote.open().count()
    again = stored(vote)
    assert (again.trace, again.closing, again.left_out) == before
    assert verify_log(vote.session).otherwise.keys().isdisjoint({round_key(vote.round)})
    vote.certify()
    with pytest.raises(RefusedError) as refused:
        begin_again(vote.session, vote.round, keys=vote.keys, by=PROGRAM, now=vote.later)
    assert refused.value.fault is BundleFault.FINAL


def test_nothing_is_done_again_before_the_box_is_shut(vote: Vote) -> None:
    with pytest.raises(RefusedError) as refused:
        begin_again(vote.session, vote.round, keys=vote.keys, by=PROGRAM, now=vote.later)
    assert refused.value.fault is TallyFault.NOT_CLOSED


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE plan_result SET votes = votes + 1 WHERE rank = 1", "plans"),
        ("UPDATE plan_result SET awarded_cents = awarded_cents + 1 WHERE rank = 1", "plans"),
        ("DELETE FROM plan_result WHERE rank = 1", "plans"),
        ("UPDATE tally SET valid_ballots = 9", "valid_ballots"),
        ("UPDATE tally SET left_cents = 0", "left_cents"),
        ("UPDATE tally SET trace = '{}'", "trace"),
        ("UPDATE opened_ballot SET choices = '[]'", "ballots"),
        ("DELETE FROM opened_ballot", "ballots"),
        ("DELETE FROM nullifier", "nullifiers"),
    ],
)
def test_a_recount_finds_what_was_altered(vote: Vote, statement: str, named: str) -> None:
    vote.cast_all([[0], [1, 2], [2]]).close().open().count()
    assert recount(vote.session, vote.round, keys=vote.keys).is_same
    vote.session.execute(text(statement))
    vote.session.expire_all()
    found = actions.record_recount(vote.session, vote.round, keys=vote.keys, by=PROGRAM, now=vote.later)
    assert named in found.differences
    assert stored(vote).recounts == 0
    seen = actions.request_certify(vote.session, vote.round, by=vote.people[0], now=vote.later).fingerprint
    with pytest.raises(RefusedError) as refused:
        actions.certify(vote.session, vote.round, seen=seen, keys=vote.keys, by=vote.people[1], now=vote.later)
    assert refused.value.fault is TallyFault.RECOUNT_DIFFERS


def test_secrets_are_destroyed_once_and_only_after_certifying(vote: Vote) -> None:
    vote.cast_all([[0], [1, 2]]).close().open().count()
    first, second = vote.people
    with pytest.raises(RefusedError) as early:
        actions.request_destroy(vote.session, vote.round, by=first, now=vote.later)
    assert early.value.fault is DualFault.NOT_NOW
    vote.certify()
    with pytest.raises(RefusedError) as unasked:
        actions.destroy_secrets(vote.session, vote.round, seen="", by=first, keys=vote.keys, now=vote.later)
    assert unasked.value.fault is DualFault.NOT_REQUESTED
    seen = actions.request_destroy(vote.session, vote.round, by=first, now=vote.later).fingerprint
    with pytest.raises(RefusedError) as alone:
        actions.destroy_secrets(vote.session, vote.round, seen=seen, by=first, keys=vote.keys, now=vote.later)
    assert alone.value.fault is DualFault.SAME_PERSON
    assert vote.keys.exists(vote.round.id)
    assert actions.destroy_secrets(vote.session, vote.round, seen=seen, by=second, keys=vote.keys, now=vote.later) == 2
    assert not vote.keys.exists(vote.round.id)
    assert not vote.keys.folder(vote.round.id).box.exists()
    assert not vote.keys.folder(vote.round.id).secret.exists()
    assert recount(vote.session, vote.round, keys=vote.keys).is_same
    with pytest.raises(RefusedError) as again:
        actions.destroy_secrets(vote.session, vote.round, seen=seen, by=second, keys=vote.keys, now=vote.later)
    assert again.value.fault is DualFault.ALREADY_CONFIRMED


def test_another_seed_is_refused(vote: Vote, monkeypatch: pytest.MonkeyPatch) -> None:
    vote.cast(0)
    vote.close().open()
    monkeypatch.setattr("buurtbegroot.tally.queries.counting.commitment", lambda _: "of another seed")
    with pytest.raises(RefusedError) as other:
        vote.count()
    assert other.value.fault is TallyFault.SEED_DIFFERS


@pytest.mark.parametrize(
    "written", [b"", b"[1", b"{}", b"1", b'["1"]', b"[true]", b"[1.0]", b"[2,1]", b"[1, 2]", b"[1,1] "]
)
def test_a_ballot_in_another_spelling_is_refused(vote: Vote, monkeypatch: pytest.MonkeyPatch, written: bytes) -> None:
    monkeypatch.setattr("buurtbegroot.box.domain.ballots.canonical_json", lambda _choices: written)
    vote.cast(0)
    monkeypatch.undo()
    vote.cast(1)
    vote.close().open().count()
    assert left_out(vote) == {"illegal": 1}
    assert stored(vote).valid_ballots == 1
