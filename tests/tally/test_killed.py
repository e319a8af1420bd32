"""Killed, or refused by the disk, at each write of seals, box, trusted values, lists, note and rows; then done again.

A child of this process does one step and kills itself with SIGKILL at its Nth write: halfway a file, before and after
each flush to the disk and each renaming, before each statement and around COMMIT. Or there the disk is full or broken.
Then nothing may be wrong, and the step done once more must end as if nothing had happened: the same bytes, and no
second set opened.
"""

import errno
import os
import shutil
import signal
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event, make_url, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from buurtbegroot import owner_files
from buurtbegroot.accounts.models import User
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.box.actions import sealing
from buurtbegroot.box.actions.sealing import seal_box
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.published import night_of, read_nights
from buurtbegroot.box.models import SealedBallot, SupersededBallot
from buurtbegroot.box.opener import open_box
from buurtbegroot.database import writing
from buurtbegroot.dual_control.models import DualRequest
from buurtbegroot.extensions import db
from buurtbegroot.rounds.models import Round
from buurtbegroot.tally import actions
from buurtbegroot.tally.actions.opening import take_in
from buurtbegroot.tally.models import Nullifier, OpenedBallot, Tally
from tests.conftest import NOW
from tests.factories import PROGRAM
from tests.factories.areas import small_city
from tests.factories.consistency import found_wrong
from tests.factories.tally import NIGHT, forget, open_vote

LATER = NOW + NIGHT
EVERY = {"some": 13, "few": 37, "all": 1}  # how many writes lie between two at which it happens


class Death:
    """Kills this process at its Nth write."""

    def __init__(self, at: int) -> None:
        self._left = at

    def comes(self, *_: object) -> None:
        self._left -= 1
        if not self._left:
            self._happens()

    def _happens(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def lie_in_wait(self) -> None:
        """Come at every write of this process from now on; nothing is put back, as it ends soon."""
        vars(owner_files)["os"] = _Os(self)
        renamed = Path.replace

        def rename(path: Path, target: Path) -> Path:
            self.comes()
            done = renamed(path, target)
            self.comes()
            return done

        Path.replace = rename  # type: ignore[method-assign, assignment]
        event.listen(db.engine, "before_cursor_execute", self.comes)
        event.listen(db.engine, "commit", self.comes)
        event.listen(Session, "after_commit", self.comes)


class Refusal(Death):
    """Lets the disk refuse the Nth write, and nothing before or after it."""

    def __init__(self, at: int, number: int) -> None:
        super().__init__(at)
        self._error = OSError(number, os.strerror(number))

    @property
    def happened(self) -> bool:
        return self._left <= 0

    def _happens(self) -> None:
        raise self._error

    @contextmanager
    def lies_in_wait(self, app: Flask) -> Iterator[None]:
        """Come at the writes during the block."""
        renamed = Path.replace

        def rename(path: Path, target: Path) -> Path:
            self.comes()
            return renamed(path, target)

        def spool(*given: Any, **named: Any) -> "_Halves":
            return _Halves(TemporaryFile(*given, **named), self)

        with app.app_context(), pytest.MonkeyPatch.context() as patched:
            dialect = db.engine.dialect
            for name in ("do_execute", "do_executemany", "do_commit"):
                patched.setattr(dialect, name, self._refusing(getattr(dialect, name), dialect.loaded_dbapi))
            patched.setattr(owner_files, "os", _Os(self))
            patched.setattr(Path, "replace", rename)
            patched.setattr(sealing, "TemporaryFile", spool)
            yield

    def _refusing(self, act: Callable[..., None], driver: Any) -> Callable[..., None]:
        def refused(*given: Any, **named: Any) -> None:
            try:
                self.comes()
            except OSError as error:
                raise driver.OperationalError(str(error)) from error
            act(*given, **named)

        return refused


class _Os:
    """What `owner_files` knows as `os`: each flush to the disk and each half of a file is a moment to die."""

    def __init__(self, death: Death) -> None:
        self._death = death

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def fsync(self, descriptor: int) -> None:
        self._death.comes()
        os.fsync(descriptor)
        self._death.comes()

    def fdopen(self, descriptor: int, mode: str) -> "_Halves":
        return _Halves(os.fdopen(descriptor, mode), self._death)  # type: ignore[arg-type]


class _Halves:
    def __init__(self, file: BinaryIO, death: Death) -> None:
        self._file, self._death = file, death

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "_Halves":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, content: bytes) -> None:
        half = len(content) // 2
        self._file.write(content[:half])
        self._file.flush()
        self._death.comes()
        self._file.write(content[half:])


@dataclass(frozen=True)
class Place:
    """A vote with real commits that can be put back as it was."""

    app: Flask
    folder: Path
    round_id: int
    people: tuple[int, int]

    @property
    def keys(self) -> KeyStore:
        return KeyStore(self.folder / "keys")

    def keep(self, name: str) -> None:
        self._let_go()
        shutil.copytree(self.folder / "keys", self.folder / name)
        self._copied("", f"_{name}")

    def put_back(self, name: str) -> None:
        self._let_go()
        shutil.rmtree(self.folder / "keys")
        shutil.copytree(self.folder / name, self.folder / "keys")
        self._copied(f"_{name}", "")

    def _let_go(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def _copied(self, one: str, other: str) -> None:
        """Copy the whole database under one ending of its name to another."""
        uri = make_url(self.app.config["SQLALCHEMY_DATABASE_URI"])
        if uri.drivername == "sqlite":
            assert not Path(f"{uri.database}-wal").exists(), "somebody still reads"
            shutil.copy(f"{uri.database}{one}", f"{uri.database}{other}")
            return
        server = uri.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{uri.database}{other}" WITH (FORCE)'.encode())
            copied = f'CREATE DATABASE "{uri.database}{other}" TEMPLATE "{uri.database}{one}" STRATEGY file_copy'
            connection.execute(copied.encode())

    def state(self) -> dict[str, Any]:
        """Return what must be the same whatever happened on the way: files byte for byte, rows and steps of the log."""
        folder = self.keys.folder(self.round_id)
        kept = [folder.box, folder.anchors, folder.voids, folder.note, *sorted((folder.path / "lists").glob("[a-z]*"))]
        with self.app.app_context():
            session = db.session()
            tally = session.get(Tally, self.round_id)
            tables = (SealedBallot, SupersededBallot, OpenedBallot, Nullifier)
            rows = [[*session.execute(select(*table.__table__.columns))] for table in tables]
            told = session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)).all()
            count_ = tally and (tally.envelopes, tally.opened, tally.closing, tally.valid_ballots, tally.left_out)
            db.session.rollback()
        return {"files": {path.name: path.read_bytes() for path in kept if path.exists()}, "rows": rows} | {
            "log": told, "tally": count_, "link": folder.link.exists(),
        }  # fmt: skip

    def wrong(self) -> list[object]:
        with self.app.app_context():
            found = found_wrong(db.session(), keys=self.keys, now=LATER)
            db.session.rollback()
        return [*found]


def seal(session: Session, round_: Round, keys: KeyStore, _people: tuple[User, User]) -> None:
    seal_box(session, round_, night=night_of(NOW), keys=keys, by=PROGRAM, now=NOW)
    session.commit()


def ask(session: Session, round_: Round, _keys: KeyStore, people: tuple[User, User]) -> None:
    actions.request_close(session, round_, by=people[0], now=LATER)
    session.commit()


def close(session: Session, round_: Round, keys: KeyStore, people: tuple[User, User]) -> None:
    if round_.closed_at is not None:
        return
    seen = session.scalars(select(DualRequest.fingerprint)).one()
    actions.confirm_close(session, round_, seen=seen, by=people[1], keys=keys, now=LATER)
    session.commit()


def empty(session: Session, round_: Round, keys: KeyStore, _people: tuple[User, User]) -> None:
    forget(session, round_, keys=keys)


def open_(session: Session, round_: Round, keys: KeyStore, _people: tuple[User, User]) -> None:
    open_box(keys.folder(round_.id).path, now=LATER)
    take_in(session, round_, keys=keys, by=PROGRAM, now=LATER)
    session.commit()


Step = Callable[[Session, Round, KeyStore, tuple[User, User]], None]
STEPS: dict[str, Step] = {"seal": seal, "close": close, "empty": empty, "open": open_}


def do(place: Place, step: Step) -> None:
    with place.app.app_context(), writing():
        session = db.session()
        first, second = (session.get_one(User, each) for each in place.people)
        step(session, session.get_one(Round, place.round_id), place.keys, (first, second))
        session.rollback()


def in_a_child(place: Place, step: Step, death: Death) -> bool:
    """Do a step in a child that dies on the way; return whether it lived."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # newer Pythons warn of threads, of which the child has one
        child = os.fork()
    if not child:
        try:
            with place.app.app_context():
                death.lie_in_wait()
            do(place, step)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) in {0, -signal.SIGKILL}
    return status == 0


@pytest.fixture
def place(own_app: Callable[..., Flask], tmp_path: Path) -> Place:
    app = own_app(CLOCK=lambda: LATER)
    with app.app_context(), writing():
        vote = open_vote(db.session(), tmp_path, areas=small_city(db.session()), now=NOW)
        vote.cast_all([[0], [1], [2], [0, 2]])
        vote.cast(2, voter=vote.voters[-1])
        vote.session.commit()
        made = Place(app, tmp_path, vote.round.id, (vote.people[0].id, vote.people[1].id))
        db.session.rollback()
    return made


@pytest.mark.slow
@pytest.mark.parametrize("every", ["some", pytest.param("all", marks=pytest.mark.nightly)])
def test_killed_at_each_write_it_ends_as_if_nothing_had_happened(place: Place, every: str) -> None:
    assert held_up(place, lambda step, at: in_a_child(place, step, Death(at)), every=EVERY[every]) > 5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("every", "number"),
    [
        ("few", errno.ENOSPC),
        *(pytest.param("all", number, marks=pytest.mark.nightly) for number in (errno.ENOSPC, errno.EIO)),
    ],
)
def test_refused_by_the_disk_at_each_write_it_ends_as_if_nothing_had_happened(
    place: Place, every: str, number: int
) -> None:
    def refused(step: Step, at: int) -> bool:
        refusal = Refusal(at, number)
        with suppress(OSError, OperationalError), refusal.lies_in_wait(place.app):
            do(place, step)
        assert [*place.keys.folder(place.round_id).path.rglob(".*")] == [], f"half a file is left at write {at}"
        return not refusal.happened

    assert held_up(place, refused, every=EVERY[every]) > 5


def held_up(place: Place, happens: Callable[[Step, int], bool], *, every: int) -> int:
    """Do each step with something at its writes, and again; return how often it was held up.

    `happens` does a step, with that at a write, and returns whether it came to its end.
    """
    times = 0
    for name, step in STEPS.items():
        if step is close:
            do(place, ask)
        place.keep(name)
        do(place, step)
        wanted = place.state()
        for at in count(1, every):
            place.put_back(name)
            is_done = happens(step, at)
            assert place.wrong() == [], f"{name}, held up at write {at}"
            do(place, step)
            assert place.wrong() == [], f"{name}, done again after write {at}"
            found = place.state()
            if step is seal:  # its salt is another one each time
                assert len(read_nights(place.keys.folder(place.round_id)).nights) == 1
                found["files"]["anchors"] = wanted["files"]["anchors"]
            assert found == wanted, f"{name}, held up at write {at}"
            if is_done:
                break
            times += 1
    return times
