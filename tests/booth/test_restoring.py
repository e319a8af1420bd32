"""A database that is put back from a backup never ends a vote, gives nobody a second code and no code to two people."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import ANYONE
from buurtbegroot.audit.actions.signing import put_back, sign_log
from buurtbegroot.audit.queries.verification import verify_log
from buurtbegroot.booth.actions.casting import cast_ballot
from buurtbegroot.booth.actions.opening import WithdrawFault, request_withdrawal
from buurtbegroot.booth.actions.restoring import confirm_restore, request_restore
from buurtbegroot.box.actions.sealing import beat, mark_put_back, seal_box
from buurtbegroot.box.domain.anchors import KeysFault, anchored
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import check_time, round_name
from buurtbegroot.box.domain.published import night_of
from buurtbegroot.box.opener import open_box
from buurtbegroot.box.queries import revision_at
from buurtbegroot.cli import main
from buurtbegroot.core.credentials import commitment, locator, nullifier
from buurtbegroot.core.receipts import Receipt, receipt_text
from buurtbegroot.core.verifying.bundle import unpack
from buurtbegroot.core.verifying.checks import Report, Trust, check, key_fingerprint
from buurtbegroot.core.verifying.reading import Bundle
from buurtbegroot.database import writing
from buurtbegroot.dual_control.actions import DualFault
from buurtbegroot.dual_control.queries import act_standing
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.registry.actions.pool import PoolFault, draw_code
from buurtbegroot.registry.actions.voiding import Letters, VoidFault, confirm_void, request_void
from buurtbegroot.registry.dual_acts import RESTORE
from buurtbegroot.registry.models import CodeStatus, VoidReason
from buurtbegroot.registry.queries import code_status, void_counts
from buurtbegroot.rounds.models import Round
from buurtbegroot.tally import actions
from buurtbegroot.tally.actions.opening import make_bundle, take_in
from buurtbegroot.tally.dual_acts import CLOSE
from buurtbegroot.tally.queries.counting import counted
from tests.conftest import NOW
from tests.databases import kind, server_uri
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.tally import forget
from tests.factories.voting import OpenVote, cheap_key, form
from tests.refusals import refused

LETTERS, SPARES, POOL = 4, 3, 3
LATER = NOW + timedelta(days=8)


class Backups:
    """Real copies of the database of an app: the file of SQLite, or a database of PostgreSQL made from another."""

    def __init__(self, folder: Path) -> None:
        self._url, self._folder = db.engine.url, folder

    def make(self) -> str:
        name = f"copy_{secrets.token_hex(6)}"
        self._copy(self._place, self._at(name))
        return name

    def put_back(self, name: str) -> None:
        self._copy(self._at(name), self._place)

    @property
    def _place(self) -> str:
        assert self._url.database is not None
        return self._url.database

    def _at(self, name: str) -> str:
        return name if kind() == "postgresql" else str(self._folder / name)

    @staticmethod
    def _copy(source: str, target: str) -> None:
        db.session.remove()
        db.engine.dispose()
        if kind() == "sqlite":
            shutil.copyfile(source, target)
            for suffix in ("-wal", "-shm"):
                Path(target + suffix).unlink(missing_ok=True)
            return
        with psycopg.connect(server_uri(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {target} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {target} TEMPLATE {source}")


@dataclass
class Life:
    """An open vote with people who do things in it, each at a minute of its own, and what they remember."""

    app: Flask
    backups: Backups
    vote: OpenVote
    round_id: int
    keys: KeyStore
    salt: bytes
    codes: list[str]
    plan: int
    people: tuple[int, int]
    now: datetime = NOW
    holders: dict[str, list[bytes]] = field(default_factory=dict)
    receipts: dict[bytes, list[Receipt]] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        return db.session()

    @property
    def round(self) -> Round:
        return self.session.get_one(Round, self.round_id)

    def done(self, act: Callable[[], Any]) -> Any:
        """Do something in a transaction of its own, a minute later."""
        self.now += timedelta(minutes=1)
        db.session.rollback()
        with writing():
            try:
                found = act()
                db.session.commit()
            finally:
                db.session.rollback()
        return found

    def user(self, number: int) -> User:
        return self.session.get_one(User, self.people[number])

    def k(self, code: str) -> bytes:
        return cheap_key(code, self.salt)

    def beat(self) -> None:
        minute = self.done(lambda: beat(self.session, self.round, keys=self.keys, by=PROGRAM, now=self.now))
        self.keys.raise_pulse(self.round_id, minute)

    def cast(self, k: bytes) -> Receipt:
        """Cast, or cast again when this voter's ballot is there."""
        place = locator(self.keys.load(self.round_id).link_key, k)
        about = {"round_id": self.round_id, "keys": self.keys, "by": ANYONE}
        rev = self.done(lambda: revision_at(self.session, self.round_id, place))
        made: Receipt = self.done(
            lambda: cast_ballot(self.session, k=k, choices=[self.plan], form=form(rev), now=self.now, **about)  # type: ignore[arg-type]
        ).receipt
        self.receipts.setdefault(k, []).append(made)
        return made

    def void(self, lost: int, spare: int) -> None:
        """Let the holder of a letter get a spare one; the letter goes to nobody knows whom."""
        letters = Letters(self.k(self.codes[lost]), self.k(self.codes[LETTERS + spare]))
        about = {"keys": self.keys}
        self.done(
            lambda: request_void(
                self.session, self.round, letters, reason=VoidReason.STOLEN, by=self.user(0), now=self.now, **about
            )
        )
        self.done(lambda: confirm_void(self.session, self.round, letters, by=self.user(1), now=self.now, **about))
        assert letters.spare is not None
        self.holders.setdefault(f"letter {lost}", [letters.lost]).append(letters.spare)

    def withdraw(self) -> None:
        """Take the plan that people chose off the open ballot, as the first of two people."""
        plan = self.session.get_one(Proposal, self.plan)
        about = {"reason": "Niet te koop.", "keys": self.keys, "by": self.user(0), "now": self.now}
        self.done(lambda: request_withdrawal(self.session, plan, **about))  # type: ignore[arg-type]

    def draw(self, name: str) -> bytes:
        by = User(email=f"{name}@example.org", pseudonym=name, grants=[], language="nl")
        code = self.done(lambda: draw_code(self.session, round_id=self.round_id, keys=self.keys, by=by, now=self.now))
        self.holders.setdefault(name, []).append(self.k(code))
        return self.k(code)

    def sign(self) -> None:
        self.done(lambda: sign_log(self.session, by=PROGRAM, now=self.now))

    def seal(self) -> None:
        night = night_of(self.now) + timedelta(days=len(self.keys.anchors(self.round_id).all("sealed")) + 1)
        self.done(lambda: seal_box(self.session, self.round, night=night, keys=self.keys, by=PROGRAM, now=self.now))

    def go_on(self) -> int:
        """Do what the command and two people do after a backup was put back; return how many entries came back."""
        count: int = self.done(lambda: put_back(self.session, by=PROGRAM, now=self.now))
        self.done(lambda: mark_put_back(self.session, self.round, keys=self.keys, by=PROGRAM))
        seen = self.done(lambda: act_standing(self.session, RESTORE, self.round).fingerprint)
        self.done(lambda: request_restore(self.session, self.round, seen=seen, by=self.user(0), now=self.now))
        self.done(
            lambda: confirm_restore(self.session, self.round, seen=seen, keys=self.keys, by=self.user(1), now=self.now)
        )
        self.beat()
        return count

    def status(self, k: bytes) -> CodeStatus | None:
        c = commitment(round_name(self.round_id), nullifier(k))
        found: CodeStatus | None = self.done(lambda: code_status(self.session, self.round_id, c))
        return found

    def check_codes(self, *, is_open: bool = True) -> None:
        """Nobody has two valid codes and no code has two people; while the vote is open, everybody has one.

        Which spare took whose place is sealed with the link key, and after the closing the database is not asked.
        """
        all_codes = [k for codes in self.holders.values() for k in codes]
        assert len(all_codes) == len(set(all_codes))
        for name, codes in self.holders.items():
            assert is_open <= sum(self.status(k) is CodeStatus.ACTIVE for k in codes) <= 1, name

    def close(self) -> None:
        self.now = max(self.now, LATER)
        standing = self.done(lambda: act_standing(self.session, CLOSE, self.round))
        if not standing.is_waiting:
            self.done(lambda: actions.request_close(self.session, self.round, by=self.user(0), now=self.now))
        seen = standing.fingerprint
        self.done(
            lambda: actions.confirm_close(
                self.session, self.round, seen=seen, by=self.user(1), keys=self.keys, now=self.now
            )
        )
        self.sign()

    def open(self) -> None:
        self.done(lambda: forget(self.session, self.round, keys=self.keys))
        open_box(self.keys.folder(self.round_id).path, now=self.now)
        self.done(lambda: take_in(self.session, self.round, keys=self.keys, by=PROGRAM, now=self.now))
        self.sign()

    def count(self) -> None:
        def act() -> None:
            found = counted(self.session, self.round, keys=self.keys)
            actions.count_round(self.session, self.round, found, by=PROGRAM, now=self.now)

        self.done(act)
        self.sign()
        self.done(lambda: make_bundle(self.session, self.round, keys=self.keys, by=PROGRAM))

    def certify(self) -> Report:
        """Certify, and return what verify.py finds in the bundle with the key of the letter."""
        self.now += check_time(self.keys.anchors(self.round_id).manifest)
        seen = self.done(
            lambda: actions.request_certify(self.session, self.round, by=self.user(0), now=self.now).fingerprint
        )
        self.done(
            lambda: actions.certify(self.session, self.round, seen=seen, keys=self.keys, by=self.user(1), now=self.now)
        )
        assert self.done(lambda: self.round.certified_at) is not None
        assert self.done(lambda: verify_log(self.session).problem) is None
        return self.report()

    def report(self, *receipts: Receipt) -> Report:
        folder = self.keys.folder(self.round_id)
        key = key_fingerprint(anchored(folder).signer.key)
        texts = tuple(map(receipt_text, receipts))
        return check(Bundle(unpack(folder.bundle.read_bytes())), Trust(key=key, receipts=texts))

    def finish(self) -> Report:
        self.close()
        self.open()
        self.count()
        return self.certify()


@pytest.fixture
def life(own_app: Callable[..., Flask], own_vote: Callable[..., OpenVote], tmp_path: Path) -> Iterator[Life]:
    app = own_app()
    with app.app_context():
        vote = own_vote(codes=LETTERS, spares=SPARES, pool=3 * POOL, reserve=2 * POOL)
        with writing():
            db.session.rollback()
            people = tuple(person(db.session(), Role.COORDINATOR, "E").id for _ in range(2))
            db.session.commit()
        plan = db.session.scalars(select(Proposal.id).order_by(Proposal.id)).first() or 0
        salt = vote.booth.salt
        backups = Backups(tmp_path)
        found = Life(app, backups, vote, vote.round.id, vote.keys, salt, vote.codes, plan, (people[0], people[1]))
        found.holders = {f"letter {number}": [found.k(vote.codes[number])] for number in range(LETTERS)}
        found.sign()
        found.beat()
        yield found


def cast(life: Life) -> None:
    life.cast(life.holders["letter 1"][-1])


def revote(life: Life) -> None:
    for _ in range(2):
        life.cast(life.holders["letter 0"][-1])


def void(life: Life) -> None:
    life.void(2, spare=1)


def draw(life: Life) -> None:
    life.cast(life.draw("bo"))


def sign(life: Life) -> None:
    life.sign()


def seal(life: Life) -> None:
    life.seal()


EVENTS = {each.__name__: each for each in (cast, revote, void, draw, sign, seal)}
QUICK = {("void", False, False), ("draw", False, True)}


def cases() -> Iterator[Any]:
    """Yield each event before and after the backup, with the log signed and not signed before it was put back."""
    for name, kept, signed in product(EVENTS, (True, False), (False, True)):
        said = f"{name} {'before' if kept else 'after'} the backup, {'signed' if signed else 'not signed'}"
        marks = [] if (name, kept, signed) in QUICK else [pytest.mark.nightly]
        yield pytest.param(EVENTS[name], kept, signed, id=said, marks=marks)


@pytest.mark.parametrize(("event", "kept", "signed"), list(cases()))
def test_a_vote_goes_on_from_a_backup(life: Life, event: Callable[[Life], None], *, kept: bool, signed: bool) -> None:
    begin(life)
    if kept:
        event(life)
    life.beat()
    backup = life.backups.make()
    if not kept:
        event(life)
    life.beat()
    life.beat()
    if signed:
        life.sign()
    life.backups.put_back(backup)
    with refused(KeysFault.PUT_BACK):
        cast(life)
    with refused(KeysFault.PUT_BACK):
        draw(life)
    life.go_on()
    if "bo" in life.holders and not kept:  # nobody knows who drew that code
        assert life.status(life.holders["bo"][0]) is CodeStatus.VOID
        life.draw("bo")
    if event is void:
        with refused(VoidFault.NOT_A_SPARE):
            life.void(1, spare=1)
    latest = go_through(life)
    found = life.finish()
    assert (found.findings, len(found.restored), found.gone) == ((), 1, ())
    assert [each.fate for each in life.report(*latest).fates] == ["counted"] * len(latest)
    lost = [each for made in life.receipts.values() for each in made if each.epoch == 0]
    assert {each.fault for each in life.report(*lost).findings} <= {"receipt_of_lost_time"}


def begin(life: Life) -> None:
    """Let some vote, one get another letter and one draw a code."""
    for number in (0, 2, 3):
        life.cast(life.holders[f"letter {number}"][0])
    life.void(3, spare=0)
    life.cast(life.draw("an"))


def go_through(life: Life) -> list[Receipt]:
    """Let everybody draw who still can and vote with the one code that is valid; return the receipts."""
    with refused(PoolFault.DRAWN):
        life.draw("an")
    if "bo" not in life.holders:
        life.draw("bo")
    life.draw("cy")
    life.check_codes()
    valid = [next(k for k in codes if life.status(k) is CodeStatus.ACTIVE) for codes in life.holders.values()]
    latest = [life.cast(k) for k in valid]
    assert {receipt.epoch for receipt in latest} == {life.keys.anchors(life.round_id).epoch}
    life.seal()
    return latest


@pytest.mark.parametrize(
    ("backup_of", "until"),
    [
        pytest.param("open", "closed"),
        pytest.param("closed", "closed", marks=pytest.mark.nightly),
        pytest.param("open", "opened", marks=pytest.mark.nightly),
        pytest.param("closed", "opened", marks=pytest.mark.nightly),
        pytest.param("opened", "opened", marks=pytest.mark.nightly),
        pytest.param("open", "certified", marks=pytest.mark.nightly),
        pytest.param("opened", "certified", marks=pytest.mark.nightly),
    ],
)
def test_a_box_that_was_shut_stays_shut_with_all_that_was_in_it(life: Life, backup_of: str, until: str) -> None:
    begin(life)
    steps: dict[str, Callable[[], object]] = {
        "open": life.beat,
        "closed": life.close,
        "opened": life.open,
        "certified": partial(certified, life),
    }
    backup, lost = "", list[Receipt]()
    for name, step in steps.items():
        step()
        if name == backup_of:
            backup = life.backups.make()
        if name == "open":
            draw(life)
            life.void(1, spare=1)
            life.seal()
            life.beat()
            lost = [made[-1] for made in life.receipts.values()]
        if name == until:
            break
    files = folder_of(life)
    life.backups.put_back(backup)
    life.done(lambda: put_back(life.session, by=PROGRAM, now=life.now))
    if backup_of == "open":
        with refused(KeysFault.PUT_BACK):
            life.close()
        life.go_on()
        assert life.keys.anchors(life.round_id).epoch == 0, "no ballot is missing"
        with refused(WithdrawFault.SHUT):
            life.withdraw()
        life.close()
    if backup_of in {"open", "closed"}:
        life.open()
    found = certified(life)
    assert (found.findings, found.gone) == ((), ())
    after = folder_of(life)
    assert {name: after[name] for name in files} == files, "what was signed is signed"
    fates = {each.fate for each in life.report(*lost).fates}
    assert (fates, life.report(*lost).findings) == ({"counted", "superseded"}, ())
    life.check_codes(is_open=False)


def certified(life: Life) -> Report:
    life.count()
    return life.certify()


def folder_of(life: Life) -> dict[str, bytes]:
    """Return what of the box was signed: all but the bundle and what is added to."""
    folder = life.keys.folder(life.round_id)
    paths = [folder.box, folder.voids, folder.note, *sorted(folder.path.glob("lists/*"))]
    return {path.name: path.read_bytes() for path in paths if path.exists()}


@pytest.mark.nightly
def test_a_vote_that_is_restored_twice_even_to_the_same_backup_gives_no_code_twice(life: Life) -> None:
    begin(life)
    backup = life.backups.make()
    life.void(1, spare=1)
    drawn = [life.draw("bo")]
    for _ in range(2):
        life.beat()
        life.beat()
        life.backups.put_back(backup)
        life.go_on()
        assert all(life.status(k) is CodeStatus.VOID for k in drawn)
        drawn.append(life.draw("bo"))
        with refused(VoidFault.NOT_A_SPARE):
            life.void(0, spare=1)
    latest = go_through(life)
    assert {receipt.epoch for receipt in latest} == {2}
    found = life.finish()
    assert ([each.epoch for each in found.restored], found.findings) == ([1, 2], ())


def test_a_pulse_tells_a_backup_and_stands_still_in_it(life: Life) -> None:
    folder = life.keys.folder(life.round_id)
    begun = life.keys.pulse(life.round_id)
    assert begun == int(life.now.timestamp()) // 60
    backup = life.backups.make()
    life.beat()
    alive = life.keys.pulse(life.round_id)
    assert alive > begun
    life.backups.put_back(backup)
    for _ in range(5):
        life.beat()
    with refused(KeysFault.PUT_BACK):
        cast(life)
    with refused(KeysFault.PUT_BACK):
        life.void(0, spare=0)
    assert (life.keys.pulse(life.round_id), folder.pulse.read_text()) == (alive, str(alive))
    life.now = NOW - timedelta(days=400)  # a clock that is wrong
    life.go_on()
    assert life.keys.pulse(life.round_id) > alive
    life.now = NOW
    cast(life)
    folder.pulse.write_text("x")
    with refused(KeysFault.NO_KEYS):
        cast(life)


def test_without_a_backup_there_is_nothing_to_go_on_from(life: Life) -> None:
    with refused(DualFault.NOT_NOW):
        life.done(lambda: request_restore(life.session, life.round, seen="", by=life.user(0), now=life.now))


def test_a_backup_of_this_minute_is_told_by_the_command(life: Life) -> None:
    """The pulse is the same, so only whoever put it back knows."""
    backup = life.backups.make()
    life.backups.put_back(backup)
    life.sign()
    said = life.app.test_cli_runner().invoke(main, ["db", "restored", life.done(lambda: life.round.slug)])
    assert said.exit_code == 0, said.output
    assert "no votes are taken until two organisers confirm" in said.output
    with refused(KeysFault.PUT_BACK):
        cast(life)
    life.go_on()
    cast(life)


def test_what_people_do_again_is_listed_in_words(life: Life) -> None:
    slug = life.done(lambda: life.round.slug)
    backup = life.backups.make()
    life.void(0, spare=0)
    life.beat()
    life.sign()
    life.backups.put_back(backup)
    said = life.app.test_cli_runner().invoke(main, ["db", "restored", slug])
    assert said.exit_code == 0, said.output
    assert "entries of the log put back" in said.output
    assert f"round:{slug}: " in said.output
    assert "voting.code_voided" not in said.output, "that comes back by itself"
    db.session.rollback()  # each command has a process of its own
    unknown = life.app.test_cli_runner().invoke(main, ["db", "restored", "nowhere"])
    assert (unknown.exit_code, "no round nowhere" in unknown.output) == (1, True)
    life.go_on()
    found = void_counts(life.session, life.session.get_one(Round, life.round_id))
    assert (found.voids, found.replaced) == (1, 1)
