"""Whatever happens in whatever order: a vote as a state machine beside a reference model of a few dictionaries.

Casting, replacing, the same form twice, another revision, voids with and without spares, codes drawn from the pool,
closing, opening, counting and certifying. All runs begin at one open vote, to which database and files are put back.
"""

import secrets
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import ANYONE, Fault, RefusedError
from buurtbegroot.audit.actions.signing import sign_log
from buurtbegroot.audit.domain.keys import ANCHORS_FILE, site_keys
from buurtbegroot.booth.actions.casting import CastFault, cast_ballot
from buurtbegroot.box.domain.ballots import BallotFault, Form
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import Terms
from buurtbegroot.box.domain.published import BundleFault
from buurtbegroot.box.models import SealedBallot, SupersededBallot
from buurtbegroot.box.opener import open_box
from buurtbegroot.core.receipts import Receipt
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.registry.actions.pool import PoolFault, draw_code
from buurtbegroot.registry.actions.voiding import Letters, confirm_void, request_void
from buurtbegroot.registry.models import CodeStatus, VoidReason
from buurtbegroot.rounds.models import Round
from buurtbegroot.tally import actions
from buurtbegroot.tally.actions.opening import make_bundle, take_in
from buurtbegroot.tally.queries import opened_ballots
from buurtbegroot.tally.queries.counting import counted
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.consistency import found_wrong
from tests.factories.tally import NIGHT, forget
from tests.factories.voting import cheap_key, leaves_in, open_vote_in

LETTERS, SPARES, POOL, MAILBOXES = 3, 2, 2, 3
CHECK_TIME = timedelta(days=Terms().check_days)
QUIET = 3  # steps before anybody thinks of closing
ROWS = select(*(select(func.count()).select_from(each).scalar_subquery() for each in (SealedBallot, SupersededBallot)))
ACTIVE, SPARE, VOID = CodeStatus.ACTIVE, CodeStatus.SPARE, CodeStatus.VOID


@dataclass(frozen=True)
class Town:
    """An open vote to begin every run at, and who acts in it."""

    session: Session
    keys: KeyStore
    round_id: int
    salt: bytes
    codes: list[bytes]
    plans: list[int]
    coordinators: list[int]
    residents: list[int]
    now: datetime

    @contextmanager
    def run(self) -> Iterator[None]:
        """Put back, afterwards, what happens inside."""
        folder = self.keys.folder(self.round_id).path
        kept = folder.with_name("kept")
        if not kept.exists():
            shutil.copytree(folder, kept)
        self.session.commit()
        connection = self.session.get_bind()
        assert isinstance(connection, Connection)
        before = connection.begin_nested()
        yield
        self.session.close()
        before.rollback()
        (site_keys(self.session).directory / ANCHORS_FILE).unlink(missing_ok=True)
        shutil.rmtree(folder)
        shutil.copytree(kept, folder)


@dataclass(frozen=True)
class Ballot:
    """What somebody sent in and what came back."""

    form: Form
    choices: tuple[int, ...]
    receipt: Receipt


@dataclass
class Model:
    """What should be so, in as few words as possible: codes by their place, and the ballots of each in their order."""

    codes: list[bytes]
    status: list[CodeStatus]
    ballots: list[list[Ballot]]
    asked: dict[int, int | None] = field(default_factory=dict)
    drew: set[int] = field(default_factory=set)
    step: str = "voting"
    is_forgotten: bool = False

    def counted(self) -> Counter[tuple[int, ...]]:
        return Counter(
            own[-1].choices for own, status in zip(self.ballots, self.status, strict=True) if own and status is ACTIVE
        )


class VoteMachine(RuleBasedStateMachine):
    """Does at random what people do and holds each step to the model."""

    town: Town

    def __init__(self) -> None:
        super().__init__()
        self.session = self.town.session
        self._run = self.town.run()
        self._run.__enter__()
        status = [ACTIVE] * LETTERS + [SPARE] * SPARES
        self.model = Model([*self.town.codes], status, [[] for _ in status])
        self.steps = 0

    def teardown(self) -> None:
        try:
            if self.model.step == "voting":
                self._holds_all_ballots()
        finally:
            self._run.__exit__(None, None, None)

    @property
    def now(self) -> datetime:
        return self.town.now if self.model.step == "voting" else self.town.now + NIGHT

    @property
    def round(self) -> Round:
        return self.session.get_one(Round, self.town.round_id)

    def _coordinators(self) -> list[User]:
        return [self.session.get_one(User, each) for each in self.town.coordinators]

    def _refused(self, act: object, *faults: Fault) -> None:
        """Do what must be refused for one of these reasons, or for any if none is named."""
        assert callable(act)
        savepoint = self.session.begin_nested()
        with pytest.raises(RefusedError) as refusal:
            act()
        savepoint.rollback()
        assert not faults or refusal.value.fault in faults

    def _cast(self, code: int, form: Form, choices: tuple[int, ...]) -> Receipt:
        about = {"round_id": self.town.round_id, "keys": self.town.keys, "by": ANYONE, "now": self.now}
        done = cast_ballot(self.session, k=self.model.codes[code], choices=choices, form=form, **about)  # type: ignore[arg-type]
        return done.receipt

    def _why_not(self, code: int) -> tuple[Fault, ...]:
        """Return why nobody can vote with this code now, nothing if somebody can."""
        if self.model.step != "voting":
            return (CastFault.BOX_CLOSED,)
        return () if self.model.status[code] is ACTIVE else (CastFault.CODE_REFUSED,)

    codes = st.integers(0, LETTERS + SPARES + POOL - 1)
    choices = st.sampled_from([(0,), (1,), (0, 1)])

    @rule(code=codes, places=choices, off=st.sampled_from([0, 0, 0, 0, 1, -1]))
    def cast(self, code: int, places: tuple[int, ...], off: int) -> None:
        self.steps += 1
        code %= len(self.model.codes)
        own = self.model.ballots[code]
        chosen = tuple(self.town.plans[place] for place in places)
        form = Form(secrets.token_bytes(16), max(0, len(own) + off))
        if why := self._why_not(code):
            self._refused(lambda: self._cast(code, form, chosen), *why)
        elif form.replaces != len(own):
            self._refused(lambda: self._cast(code, form, chosen), BallotFault.OTHER_REVISION)
        else:
            receipt = self._cast(code, form, chosen)
            assert receipt.rev == len(own) + 1
            own.append(Ballot(form, chosen, receipt))

    @precondition(lambda self: any(self.model.ballots))
    @rule(code=codes, back=st.integers(0, 2), other=st.booleans())
    def send_a_form_again(self, code: int, back: int, other: bool) -> None:
        self.steps += 1
        voted = [place for place, own in enumerate(self.model.ballots) if own]
        code = voted[code % len(voted)]
        own = self.model.ballots[code]
        sent = own[-1 - back % len(own)]
        chosen = (self.town.plans[2],) if other else sent.choices
        if why := self._why_not(code):
            self._refused(lambda: self._cast(code, sent.form, chosen), *why)
        elif sent is not own[-1]:
            self._refused(lambda: self._cast(code, sent.form, chosen), BallotFault.OTHER_REVISION)
        elif other:
            self._refused(lambda: self._cast(code, sent.form, chosen), BallotFault.OTHER_BALLOT)
        else:
            assert self._cast(code, sent.form, chosen) == sent.receipt

    @rule(code=codes, spare=st.sampled_from([None, LETTERS, LETTERS + 1]))
    def ask_to_void(self, code: int, spare: int | None) -> None:
        self.steps += 1
        code %= len(self.model.codes)
        model, (first, _) = self.model, self._coordinators()
        may = model.step == "voting" and model.status[code] is ACTIVE and code not in model.asked
        may = may and (spare is None or model.status[spare] is SPARE)

        def ask() -> None:
            letters, about = self._letters(code, spare), {"by": first, "now": self.now}
            request_void(self.session, self.round, letters, reason=VoidReason.LOST, keys=self.town.keys, **about)  # type: ignore[arg-type]

        if may:
            ask()
            model.asked[code] = spare
        else:
            self._refused(ask)

    @rule(code=codes)
    def confirm_void(self, code: int) -> None:
        self.steps += 1
        code %= len(self.model.codes)
        model, (_, second) = self.model, self._coordinators()
        spare = model.asked.get(code)
        may = model.step == "voting" and model.status[code] is ACTIVE and code in model.asked
        may = may and (spare is None or model.status[spare] is SPARE)

        def confirm() -> None:
            confirm_void(
                self.session, self.round, self._letters(code, spare), keys=self.town.keys, by=second, now=self.now
            )

        if may:
            confirm()
            model.status[code] = VOID
            if spare is not None:
                model.status[spare] = ACTIVE
        else:
            self._refused(confirm)

    def _letters(self, code: int, spare: int | None) -> Letters:
        return Letters(self.model.codes[code], None if spare is None else self.model.codes[spare])

    @rule(who=st.integers(0, MAILBOXES - 1))
    def draw(self, who: int) -> None:
        self.steps += 1
        model, keys = self.model, self.town.keys

        def draw() -> str:
            by = self.session.get_one(User, self.town.residents[who])
            return draw_code(self.session, round_id=self.town.round_id, keys=keys, by=by, now=self.now)

        if model.step != "voting":
            self._refused(draw, PoolFault.CLOSED)
        elif who in model.drew:
            self._refused(draw, PoolFault.DRAWN)
        elif len(model.drew) == POOL:
            self._refused(draw, PoolFault.EMPTY)
        else:
            k = cheap_key(draw(), self.town.salt)
            assert k not in model.codes
            model.codes.append(k)
            model.status.append(ACTIVE)
            model.ballots.append([])
            model.drew.add(who)

    @precondition(lambda self: self.model.step == "voting" and self.steps > QUIET)
    @rule(is_time=st.sampled_from([False, False, True]))
    def close(self, is_time: bool) -> None:
        if not is_time:
            return
        self._holds_all_ballots()
        envelopes = sum(map(len, self.model.ballots))
        first, second = self._coordinators()
        now = self.town.now + NIGHT
        seen = actions.request_close(self.session, self.round, by=first, now=now).fingerprint
        keys = self.town.keys
        tally = actions.confirm_close(self.session, self.round, seen=seen, by=second, keys=keys, now=now)
        self.session.commit()
        self.model.step = "closed"
        assert tally.envelopes == envelopes

    @precondition(lambda self: self.model.step == "closed")
    @rule()
    def forget(self) -> None:
        self._forget()

    def _forget(self) -> None:
        forget(self.session, self.round, keys=self.town.keys)
        self.model.is_forgotten = True

    @precondition(lambda self: self.model.step == "closed")
    @rule()
    def open(self) -> None:
        keys = self.town.keys
        self._forget()
        open_box(keys.folder(self.town.round_id).path, now=self.now)
        tally = take_in(self.session, self.round, keys=keys, by=PROGRAM, now=self.now)
        self.session.commit()
        self.model.step = "opened"
        expected = self.model.counted()
        found = Counter(tuple(ballot.choices) for ballot in opened_ballots(self.session, self.town.round_id))
        assert found == expected
        sent = sum(map(len, self.model.ballots))
        assert (tally.valid_ballots, tally.left_out["replaced"]) == (expected.total(), sent - expected.total())
        assert (tally.left_out["refused"], tally.left_out["strangers"], tally.left_out["gone"]) == ([], {}, [])

    @precondition(lambda self: self.model.step == "opened")
    @rule()
    def count(self) -> None:
        keys = self.town.keys
        found = counted(self.session, self.round, keys=keys)
        actions.count_round(self.session, self.round, found, by=PROGRAM, now=self.now)
        self.session.commit()
        self.model.step = "counted"
        votes = Counter(plan for chosen, voters in self.model.counted().items() for plan in chosen * voters)
        assert {each.plan: each.votes for each in found.document.judgements if each.votes} == votes

    @precondition(lambda self: self.model.step == "counted")
    @rule()
    def certify(self) -> None:
        keys, (first, second) = self.town.keys, self._coordinators()
        sign_log(self.session, by=PROGRAM, now=self.now)
        self.session.commit()
        make_bundle(self.session, self.round, keys=keys, by=PROGRAM)
        self._refused(
            lambda: actions.request_certify(self.session, self.round, by=first, now=self.now), BundleFault.TOO_EARLY
        )
        checked = self.now + CHECK_TIME
        seen = actions.request_certify(self.session, self.round, by=first, now=checked).fingerprint
        done = actions.certify(self.session, self.round, seen=seen, keys=keys, by=second, now=checked)
        self.session.commit()
        assert done.is_same
        assert found_wrong(self.session, keys=keys, now=self.now) == []
        self.model.step = "certified"

    @invariant()
    def holds_as_many_rows_as_there_were_ballots(self) -> None:
        ballots = [] if self.model.is_forgotten else self.model.ballots
        voted = sum(map(bool, ballots))
        here = tuple(self.session.execute(ROWS).one())
        assert here == (voted, sum(map(len, ballots)) - voted)

    def _holds_all_ballots(self) -> None:
        about = (self.session, self.town.keys, self.town.round_id)
        last = {own[-1].receipt.leaf for own in self.model.ballots if own}
        replaced = {each.receipt.leaf for own in self.model.ballots for each in own[:-1]}
        assert (leaves_in(*about), leaves_in(*about, SupersededBallot)) == (last, replaced)


@pytest.mark.slow
@pytest.mark.parametrize(("runs", "steps"), [(300, 8), pytest.param(10_000, 50, marks=pytest.mark.nightly)])
def test_a_vote_is_what_the_model_says(
    app: Flask,
    session: Session,
    round_: Round,
    plans: list[Proposal],
    now: datetime,
    tmp_path: Path,
    runs: int,
    steps: int,
) -> None:
    app.config["KEY_DIRECTORY"] = str(tmp_path / "keys")
    sizes = {"codes": LETTERS, "spares": SPARES, "pool": POOL}
    vote = open_vote_in(session, round_, folder=tmp_path / "keys", now=now, **sizes)
    town = Town(
        session=session,
        keys=vote.keys,
        round_id=round_.id,
        salt=vote.booth.salt,
        codes=[vote.k(number) for number in range(LETTERS + SPARES)],
        plans=[each.id for each in plans],
        coordinators=[person(session, Role.COORDINATOR, "E").id for _ in range(2)],
        residents=[person(session).id for _ in range(MAILBOXES)],
        now=now,
    )
    machine = type("Machine", (VoteMachine,), {"town": town})
    wanted = settings(max_examples=runs, stateful_step_count=steps, deadline=None, database=None)
    run_state_machine_as_test(machine, settings=wanted)
