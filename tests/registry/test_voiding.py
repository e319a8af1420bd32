"""Making the code of a lost letter void: by two people who both have it, unseen ballot and all, and never back."""

import random
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import ANYONE, Fault, RefusedError
from buurtbegroot.audit.models import AuditEntry, AuditPayload
from buurtbegroot.booth.actions.casting import CastFault, cast_ballot
from buurtbegroot.booth.actions.opening import open_vote
from buurtbegroot.booth.dual_acts import OPEN
from buurtbegroot.box.actions.sealing import prepare_booth
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import round_name
from buurtbegroot.box.models import SealedBallot, SupersededBallot
from buurtbegroot.box.opener import open_box
from buurtbegroot.box.queries import envelopes_in
from buurtbegroot.core.credentials import commitment, locator, nullifier
from buurtbegroot.dual_control.actions import DualFault, request_act
from buurtbegroot.dual_control.models import DualRequest
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.registry.actions.issuing import issue_codes
from buurtbegroot.registry.actions.voiding import Letters, VoidFault, confirm_void, request_void, withdraw_void
from buurtbegroot.registry.models import CodeStatus, CodeVoid, VoidReason
from buurtbegroot.registry.queries import code_counts, code_status, void_counts
from buurtbegroot.rounds.models import Round
from buurtbegroot.tally import actions as tally
from buurtbegroot.tally.actions.opening import take_in
from buurtbegroot.tally.queries import tally_of
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.dual_control import confirm_row
from tests.factories.voting import OpenVote, cheap_key, form, leaves_in
from tests.refusals import refused

Plans = list[Proposal]
SPARE, OTHER_SPARE = 3, 4


class Desk:
    """Two organisers with the list of letters."""

    def __init__(self, session: Session, vote: OpenVote, now: datetime) -> None:
        self.session, self.vote, self.now = session, vote, now
        self.first, self.second = (person(session, Role.COORDINATOR, "E") for _ in range(2))

    def letters(self, number: int, spare: int | None) -> Letters:
        return Letters(self.vote.k(number), None if spare is None else self.vote.k(spare))

    def ask(self, number: int = 0, spare: int | None = SPARE, by: User | None = None) -> CodeVoid:
        return request_void(
            self.session,
            self.vote.round,
            self.letters(number, spare),
            reason=VoidReason.LOST,
            keys=self.vote.keys,
            by=by or self.first,
            now=self.now,
        )

    def confirm(self, number: int = 0, spare: int | None = SPARE, by: User | None = None) -> CodeVoid:
        return confirm_void(
            self.session,
            self.vote.round,
            self.letters(number, spare),
            keys=self.vote.keys,
            by=by or self.second,
            now=self.now,
        )

    def void(self, number: int = 0, spare: int | None = SPARE) -> CodeVoid:
        self.ask(number, spare)
        return self.confirm(number, spare)

    def cast(self, plan: Proposal, number: int = 0, replaces: int = 0) -> bytes:
        done = cast_ballot(
            self.session,
            round_id=self.vote.round.id,
            k=self.vote.k(number),
            choices=[plan.id],
            form=form(replaces),
            keys=self.vote.keys,
            by=ANYONE,
            now=self.now,
        )
        return done.receipt.leaf

    def c(self, number: int) -> bytes:
        return commitment(round_name(self.vote.round.id), nullifier(self.vote.k(number)))

    def status(self, number: int) -> CodeStatus | None:
        return code_status(self.session, self.vote.round.id, self.c(number))


@pytest.fixture
def desk(session: Session, vote: OpenVote, now: datetime) -> Desk:
    return Desk(session, vote, now)


def test_the_ballot_stays_unseen_and_the_spare_votes(desk: Desk, session: Session, plans: Plans) -> None:
    leaf = desk.cast(plans[0])
    other = desk.cast(plans[1], number=1)
    desk.void()
    assert [desk.status(number) for number in (0, 1, SPARE, OTHER_SPARE)] == ["void", "active", "active", "spare"]
    assert leaves_in(session, desk.vote.keys, desk.vote.round.id) == {leaf, other}
    with refused(CastFault.CODE_REFUSED):
        desk.cast(plans[0])
    desk.cast(plans[2], number=SPARE)
    counts = code_counts(session, desk.vote.round.id)
    assert (counts.active, counts.void, counts.spare) == (3, 1, 1)


def test_a_code_that_never_voted_can_be_void_without_a_spare(desk: Desk, session: Session) -> None:
    desk.void(spare=None)
    assert desk.status(0) is CodeStatus.VOID
    assert code_counts(session, desk.vote.round.id).spare == 2


def test_nothing_stored_tells_whether_a_void_code_had_voted(desk: Desk, session: Session, plans: Plans) -> None:
    leaf = desk.cast(plans[0])
    desk.void(number=0, spare=None)
    desk.void(number=1, spare=None)
    rows = session.scalars(select(AuditPayload.payload).order_by(AuditPayload.seq)).all()
    voided, quiet = [str(payload) for payload in rows if "spare" in payload and "code" in payload]
    assert voided.replace(desk.c(0).hex(), "") == quiet.replace(desk.c(1).hex(), "")
    tables = (CodeVoid.__table__, DualRequest.__table__)
    stored = [str(value) for table in tables for row in session.execute(select(table)) for value in row]
    place = locator(desk.vote.keys.load(desk.vote.round.id).link_key, desk.vote.k(0))
    secret = [
        desk.vote.codes[0],
        *(spelled for each in (leaf, desk.vote.k(0), place) for spelled in (each.hex(), str(each))),
    ]
    assert not [value for value in stored if any(each in value for each in secret)]


def test_making_a_code_void_touches_no_row_of_the_box(desk: Desk, session: Session, plans: Plans) -> None:
    desk.cast(plans[0])
    desk.cast(plans[1], replaces=1)
    before = sorted(envelopes_in(session, desk.vote.round.id))
    desk.void()
    assert sorted(envelopes_in(session, desk.vote.round.id)) == before


def test_the_count_is_of_the_spare_and_finds_nothing_wrong(desk: Desk, session: Session, plans: Plans) -> None:
    desk.cast(plans[0])
    desk.cast(plans[1], number=1)
    desk.void()
    desk.cast(plans[2], number=SPARE)
    later = desk.now + timedelta(days=365)
    seen = tally.request_close(session, desk.vote.round, by=desk.first, now=later).fingerprint
    tally.confirm_close(session, desk.vote.round, seen=seen, by=desk.second, keys=desk.vote.keys, now=later)
    desk.vote.keys.destroy_link(desk.vote.round.id)
    open_box(desk.vote.keys.folder(desk.vote.round.id).path, now=later)
    take_in(session, desk.vote.round, keys=desk.vote.keys, by=PROGRAM, now=later)
    found = tally_of(session, desk.vote.round.id)
    assert found is not None
    assert found.valid_ballots == 2
    assert found.left_out == {"replaced": 1, "refused": [], "strangers": {}, "gone": []}
    for act in (desk.ask, desk.confirm):
        with pytest.raises(RefusedError) as caught:
            act(number=1, spare=None)
        assert caught.value.fault is VoidFault.CLOSED


def test_a_code_that_was_void_at_the_opening(
    session: Session, round_: Round, plans: Plans, now: datetime, tmp_path: object
) -> None:
    keys = KeyStore(f"{tmp_path}/keys")
    booth = prepare_booth(session, round_, keys=keys, by=PROGRAM)
    first, second = (person(session, Role.COORDINATOR, "E") for _ in range(2))
    codes = issue_codes(session, round_, count=3, spares=1, by=first, now=now, derive=cheap_key)
    desk = Desk(session, OpenVote(round=round_, booth=booth, keys=keys, codes=codes), now)
    desk.void(spare=3)
    asked = request_act(session, OPEN, round_, by=first, now=now)
    open_vote(session, round_, seen=asked.fingerprint, keys=keys, by=second, now=now)
    with refused(CastFault.CODE_REFUSED):
        desk.cast(plans[0])
    desk.cast(plans[0], number=3)
    assert len(keys.folder(round_.id).registry.read_text().splitlines()) == 4, "void codes are in the list too"


@pytest.mark.parametrize(
    ("asked", "spare", "fault"),
    [
        (SPARE, None, VoidFault.IS_SPARE),
        (0, 1, VoidFault.NOT_A_SPARE),
        (0, 0, VoidFault.NOT_A_SPARE),
        (2, SPARE, VoidFault.ALREADY_VOID),
        (1, None, DualFault.ALREADY_REQUESTED),
        (0, OTHER_SPARE, VoidFault.NOT_A_SPARE),
    ],
)
def test_what_cannot_be_asked(desk: Desk, asked: int, spare: int | None, fault: Fault) -> None:
    desk.void(number=2, spare=OTHER_SPARE)
    desk.ask(number=1, spare=None)
    with pytest.raises(RefusedError) as caught:
        desk.ask(number=asked, spare=spare)
    assert caught.value.fault is fault


def test_nothing_once_the_link_key_is_destroyed_whatever_backup_is_put_back(desk: Desk) -> None:
    desk.ask()
    desk.vote.keys.destroy_link(desk.vote.round.id)
    for act in (partial(desk.ask, number=1, spare=None), desk.confirm):
        with pytest.raises(RefusedError) as caught:
            act()
        assert caught.value.fault is VoidFault.CLOSED


def test_an_unknown_code(desk: Desk, session: Session) -> None:
    with pytest.raises(RefusedError) as caught:
        request_void(
            session,
            desk.vote.round,
            Letters(bytes(32)),
            reason=VoidReason.STOLEN,
            keys=desk.vote.keys,
            by=desk.first,
            now=desk.now,
        )
    assert caught.value.fault is VoidFault.UNKNOWN


def test_the_second_person_is_another_one_with_the_same_codes(desk: Desk, session: Session, plans: Plans) -> None:
    desk.cast(plans[0])
    with pytest.raises(RefusedError, match="not requested"):
        desk.confirm()
    desk.ask()
    with pytest.raises(RefusedError, match="same person"):
        desk.confirm(by=desk.first)
    made = person(session, Role.COORDINATOR, "E")
    made.grants[0].granted_by = desk.first.pseudonym
    with pytest.raises(RefusedError, match="not independent"):
        desk.confirm(by=made)
    for spare in (OTHER_SPARE, None):
        with pytest.raises(RefusedError, match="other spare"):
            desk.confirm(spare=spare)
    assert desk.status(0) is CodeStatus.ACTIVE
    assert session.scalar(select(func.count()).select_from(SealedBallot)) == 1
    desk.confirm()
    with pytest.raises(RefusedError, match="already void"):
        desk.confirm()


def test_a_spare_serves_one_void(desk: Desk) -> None:
    desk.ask(number=0)
    desk.ask(number=1)
    desk.confirm(number=0)
    with pytest.raises(RefusedError, match="not a spare"):
        desk.confirm(number=1)


def test_a_request_can_be_taken_back_until_it_is_done(desk: Desk, session: Session) -> None:
    desk.ask()
    withdraw_void(session, desk.vote.round, c=desk.c(0), by=desk.second, now=desk.now)
    with pytest.raises(RefusedError, match="not requested"):
        desk.confirm()
    desk.void()
    with pytest.raises(RefusedError, match="already confirmed"):
        withdraw_void(session, desk.vote.round, c=desk.c(0), by=desk.second, now=desk.now)
    actions_logged = session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)).all()
    assert actions_logged[-5:] == [
        "dual_control.requested",
        "dual_control.withdrawn",
        "dual_control.requested",
        "dual_control.confirmed",
        "voting.code_voided",
    ]


STATUS = "UPDATE registered_code SET status = :status WHERE commitment = :c"


def refuse(desk: Desk, statement: str, **values: object) -> None:
    with pytest.raises(IntegrityError, match="frozen"), desk.session.begin_nested():
        desk.session.execute(text(statement), values)


def test_the_database_lets_a_code_change_in_no_other_way(desk: Desk) -> None:
    desk.ask(number=0)
    desk.void(number=1, spare=OTHER_SPARE)
    for number, found in enumerate(["active", "void", "active", "spare", "active"]):
        for status in {"active", "void", "spare"} - {found}:
            refuse(desk, STATUS, c=desk.c(number), status=status)
    refuse(desk, "UPDATE code_void SET spare = NULL WHERE commitment = :c", c=desk.c(1))
    refuse(desk, "DELETE FROM code_void WHERE commitment = :c", c=desk.c(1))


def test_the_database_activates_a_spare_only_after_its_void(desk: Desk, session: Session) -> None:
    confirm_row(session, desk.ask(number=0).request, by=desk.second, now=desk.now)
    refuse(desk, STATUS, c=desk.c(SPARE), status="active")
    session.execute(text(STATUS), {"c": desk.c(0), "status": "void"})
    refuse(desk, STATUS, c=desk.c(OTHER_SPARE), status="active")
    session.execute(text(STATUS), {"c": desk.c(SPARE), "status": "active"})


def test_the_database_wants_two_people(desk: Desk, session: Session) -> None:
    desk.ask()
    alone = text(
        "UPDATE dual_request SET state = 'confirmed', ended_by_id = requested_by_id, ended_at = requested_at"
        " WHERE act = 'void_code'"
    )
    with pytest.raises(IntegrityError, match="two_people"), session.begin_nested():
        session.execute(alone)


@pytest.mark.parametrize("seed", range(5))
def test_whatever_happens_in_whatever_order(desk: Desk, session: Session, plans: Plans, seed: int) -> None:
    """Walk at random through casts, requests and confirmations, and hold each step to a simple model."""
    dice = random.Random(seed)
    status = dict(enumerate([CodeStatus.ACTIVE] * 3 + [CodeStatus.SPARE] * 2))
    asked: dict[int, int | None] = {}
    cast_by: dict[int, list[bytes]] = {number: [] for number in status}

    def cast(number: int) -> None:
        own = cast_by[number]
        own.append(desk.cast(dice.choice(plans), number, replaces=len(own)))

    def ask(number: int) -> None:
        spare = dice.choice([None, 3, 4])
        desk.ask(number, spare)
        assert spare is None or status[spare] is CodeStatus.SPARE
        assert number not in asked
        asked[number] = spare

    def confirm(number: int) -> None:
        spare = asked.get(number)
        desk.confirm(number, spare)
        assert number in asked
        status[number] = CodeStatus.VOID
        if spare is not None:
            assert status[spare] is CodeStatus.SPARE
            status[spare] = CodeStatus.ACTIVE

    for _ in range(60):
        number, step = dice.randrange(5), dice.choice([cast, cast, ask, confirm])
        was_active = status[number] is CodeStatus.ACTIVE
        try:
            step(number)
            assert was_active
        except RefusedError:
            assert step is not cast or not was_active
        assert {each: desk.status(each) for each in status} == status
    about = (session, desk.vote.keys, desk.vote.round.id)
    assert leaves_in(*about) == {own[-1] for own in cast_by.values() if own}
    assert leaves_in(*about, SupersededBallot) == {leaf for own in cast_by.values() for leaf in own[:-1]}
    done = void_counts(session, desk.vote.round)
    assert done.voids == list(status.values()).count(CodeStatus.VOID)
    assert done.replaced == 2 - list(status.values()).count(CodeStatus.SPARE) <= done.voids
