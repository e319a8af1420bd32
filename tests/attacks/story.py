"""A whole vote with quiet hours, letters and accounts, and all that an attacker takes from it but the folder of keys.

People come at 2, 4 and 12 an hour, one at a time, and some come again. Around some of them an attacker votes who has
one code and sends 24 ballots, or has 24 codes. The opening crashes halfway and is done again.
"""

import logging
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import ANYONE
from buurtbegroot.audit.actions.signing import sign_log
from buurtbegroot.booth import asking
from buurtbegroot.booth.actions.casting import cast_ballot
from buurtbegroot.box.domain.ballots import Form
from buurtbegroot.box.models import SealedBallot, SupersededBallot
from buurtbegroot.box.opener import open_box
from buurtbegroot.box.tasks import seal_due
from buurtbegroot.core.credentials import format_code, generate_code, nullifier
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.receipts import Receipt, parse_receipt
from buurtbegroot.core.verifying.bundle import unpack
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.purging import rewrite
from buurtbegroot.registry.actions.pool import draw_code
from buurtbegroot.registry.domain.codes import key_of
from buurtbegroot.rounds.models import Round
from buurtbegroot.tally.actions import opening
from buurtbegroot.tally.actions.opening import note_progress, take_in
from buurtbegroot.tally.models import Nullifier, OpenedBallot
from buurtbegroot.tally.tasks import OPENED, forget
from tests.attacks.leaks import Leaks
from tests.conftest import NOW
from tests.databases import small_server
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import WEEK, budget_rules, round_in
from tests.factories.tally import NIGHT, Vote
from tests.factories.voting import cheap_key, open_vote_in
from tests.live import live

CHOICES = ((0,), (3,), (0, 1), (2, 3), (0, 2), (0, 1, 2), (1, 2, 3), (0, 1, 2, 3))
HOURLY = (2, 4, 12)  # people who come in an hour of the night, of the day and of the evening
RETURNS = 7  # one in so many votes again
ACCOUNTS = 5  # one in so many has no letter but an account
FLOODED = 20  # one in so many is surrounded
FLOOD = 24
VICTIMS_OF_ONE_CODE = 8  # a code can be used for 200 ballots
AGENT = "Kanarie/77.0 (zoek-mij)"
DAY = timedelta(days=1)
COPIES = 50  # ballots after which an attacker copies the journal of SQLite, which is written over


@dataclass
class Voter:
    """Somebody on the list code → person, with the network that they vote from."""

    code: str = field(repr=False)
    address: str
    is_attacker: bool = False
    choices: tuple[int, ...] = ()
    receipts: list[Receipt] = field(default_factory=list)


@dataclass
class Loot:
    """What an attacker has of a whole vote, and beside it, to judge what they find, what each person chose."""

    voters: list[Voter]
    visits: list[int]  # who came when, with everybody's place in `voters`
    flooded: list[tuple[int, list[bytes]]] = field(default_factory=list)  # a victim, and the leaves sent around
    batches: list[list[bytes]] = field(default_factory=list)  # leaves that were published together
    salt: bytes = b""
    link_key: bytes = b""  # for one attack only: it is in the folder of keys
    rows: dict[bytes, SealedBallot] = field(default_factory=dict)  # by locator, as they lay there at the end
    superseded: list[bytes] = field(default_factory=list)
    before: dict[str, bytes] = field(default_factory=dict)  # files of before the box was shut
    journal: list[str] = field(default_factory=list)  # names among those, in their order
    after: dict[str, dict[str, bytes]] = field(default_factory=dict)  # by moment
    lists: dict[str, bytes] = field(default_factory=dict)
    bundle: dict[str, bytes] = field(default_factory=dict)
    logged: bytes = b""
    mistyped: list[str] = field(default_factory=list)  # codes of nobody that were entered

    @property
    def people(self) -> list[int]:
        """Everybody but the attacker, in the order in which they first came."""
        return [each for each in dict.fromkeys(self.visits) if not self.voters[each].is_attacker]

    @property
    def last_seen(self) -> list[int]:
        """The same, in the order in which they last came."""
        return [each for each in reversed(dict.fromkeys(reversed(self.visits))) if not self.voters[each].is_attacker]

    def k(self, voter: int) -> bytes:
        """Return the key of a voter's code, which follows from it."""
        return cheap_key(self.voters[voter].code, self.salt)


@contextmanager
def disk(kind: str, folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the folder in which a database of this kind lies, and its address."""
    if kind == "postgresql":
        with small_server(keeps_journal=True) as found:
            yield found
    else:
        place = folder / "database"
        place.mkdir()
        yield place, f"sqlite:///{place}/test.sqlite"


def taken_from(kind: str, folder: Path, *, people: int, by_web: int, leaks: Leaks | None = None) -> Loot:
    """Hold a whole vote on a database of this kind; return what is taken from it."""
    with disk(kind, folder) as (place, uri), pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "key_of", partial(key_of, derive=cheap_key))
        story = Story(kind, place, uri, Random(f"{people}"), leaks, patch)
        settings = {"KEY_DIRECTORY": str(folder / "keys"), "WTF_CSRF_ENABLED": False, "CLOCK": lambda: story.now}
        settings |= {"RATELIMIT_ENABLED": True, "TRUSTED_PROXIES": 1, "PROPAGATE_EXCEPTIONS": False}
        with (
            live(folder, SQLALCHEMY_DATABASE_URI=uri, **settings) as app,
            app.app_context(),
            writing(),
            story.listening(),
        ):
            story.open(app, folder / "keys", people=people)
            story.vote(by_web=by_web)
            story.close()
            story.count()
            db.session.remove()
    return story.loot


class Story:
    """The vote under way."""

    def __init__(
        self, kind: str, place: Path, uri: str, dice: Random, leaks: Leaks | None, patch: pytest.MonkeyPatch
    ) -> None:
        self.kind, self.place, self.uri, self.dice, self.leaks, self.patch = kind, place, uri, dice, leaks, patch
        self.now = NOW - WEEK / 2
        self.loot = Loot([], [])
        self._revisions: Counter[int] = Counter()
        self._log = _Kept()
        self._copies = 0

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Keep all that is logged, also what only a developer would see."""
        root = logging.getLogger()
        level = root.level
        root.addHandler(self._log)
        root.setLevel(logging.DEBUG)
        yield
        root.removeHandler(self._log)
        root.setLevel(level)
        self.loot.logged = "\n".join(self._log.lines).encode()

    @property
    def session(self) -> Session:
        return db.session()

    def open(self, app: Flask, keys: Path, *, people: int) -> None:
        """Open the vote: letters for all but those who have an account, and for the attacker."""
        self.app, session = app, self.session
        letters, accounts = people - people // ACCOUNTS, people // ACCOUNTS
        mine = FLOOD + 1 + people // FLOODED // VICTIMS_OF_ONE_CODE
        round_ = round_in(session, Phase.VOTING, areas=small_city(session), now=NOW, rules=budget_rules(100_000))
        plans = [plan(session, round_, now=self.now, cents=10_000) for _ in range(4)]
        pool = accounts + 20
        opened = open_vote_in(session, round_, folder=keys, now=self.now, codes=letters + mine, pool=pool)
        two = person(session, Role.COORDINATOR), person(session, Role.COORDINATOR)
        drawers = [person(session) for _ in range(accounts)]
        session.commit()
        self.keys, codes = opened.keys, opened.codes
        self.round_id, self.slug, self.plans = round_.id, round_.slug, [each.id for each in plans]
        self.drawers, self.organisers = [each.id for each in drawers], [each.id for each in two]
        self.loot.salt, self.loot.link_key = opened.booth.salt, self.keys.load(self.round_id).link_key
        every = [Voter(code, _address(number)) for number, code in enumerate(codes[:letters])]
        every += [Voter("", _address(letters + number)) for number in range(accounts)]
        self.dice.shuffle(every)
        own = [Voter(code, _address(people + number), is_attacker=True) for number, code in enumerate(codes[letters:])]
        self.loot.voters = every + own
        self.attacker = list(range(people, people + len(own)))

    def vote(self, *, by_web: int) -> None:
        """Let everybody come, the first ones through the pages of the site, and the nights pass."""
        people = len(self.loot.voters) - len(self.attacker)
        returning: dict[int, int] = {}
        tomorrow = self.now + DAY
        for number, moment in enumerate(_moments(self.now, people, self.dice)):
            self.now = moment
            if self.now >= tomorrow:
                self._night()
                tomorrow += DAY
            if number % FLOODED == FLOODED // 2:
                self._surround(number)
            else:
                self._visit(number, by_web=by_web)
            if number % RETURNS == 0 and number + 5 < people:
                returning[number + 5] = number
            if number in returning:
                self._visit(returning[number], by_web=by_web)
        self._night()
        self.session.expire_all()
        self.loot.rows = {row.locator: row for row in self.session.scalars(select(SealedBallot))}
        self.session.expunge_all()
        self.loot.superseded = list(self.session.scalars(select(SupersededBallot.sealed)))
        self._copy_journal()
        self.loot.before |= {f"end/{name}": content for name, content in self._files().items()}

    def close(self) -> None:
        """Shut the box as two people, and destroy what led to it."""
        self._vote().close()
        self.loot.after["shut"] = self._files()
        db.session.remove()
        forget(self.round_id, by=PROGRAM)

    def count(self) -> None:
        """Open the box, with a crash halfway; count and certify."""
        keys, later = self.keys, NOW + NIGHT
        if self.leaks:
            came = [(each, self.loot.voters[each].receipts[-1].tracker) for each in self.loot.last_seen]
            self.leaks.before_opening(self.patch, [(nullifier(self.loot.k(each)), tracker) for each, tracker in came])
        open_box(keys.folder(self.round_id).path, now=later)
        session = self.session
        round_ = session.get_one(Round, self.round_id)
        note_progress(session, round_, opened=10, by=PROGRAM)
        session.commit()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(opening, "record", _crash)
            with pytest.raises(KeyboardInterrupt):
                take_in(session, session.get_one(Round, self.round_id), keys=keys, by=PROGRAM, now=later)
        session.rollback()
        self.loot.after["crashed"] = self._files()
        take_in(session, session.get_one(Round, self.round_id), keys=keys, by=PROGRAM, now=later)
        session.commit()
        self.loot.after["opened"] = self._files() | self._rows_of_outcome()
        db.session.remove()
        rewrite(db.engine, OPENED)
        folder = keys.folder(self.round_id)
        self.loot.lists = {path.name: path.read_bytes() for path in folder.list("x").parent.iterdir()}
        if self.leaks is None:
            self._vote().count().certify()
            self.loot.after["certified"] = self._files()
            self.loot.bundle = unpack(folder.bundle.read_bytes())

    def _visit(self, number: int, *, by_web: int = 0) -> None:
        voter = self.loot.voters[number]
        if not voter.code:
            self._draw(voter)
        voter.choices = self.dice.choice(CHOICES)
        chosen = [self.plans[place] for place in voter.choices]
        rev = self._revisions[number]
        form = Form(self.leaks.form(self.loot.k(number)) if self.leaks else secrets.token_bytes(16), rev)
        send = self._by_web if number < by_web else self._straight
        voter.receipts.append(send(number, chosen, form))
        self._revisions[number] += 1
        self.loot.visits.append(number)
        if self.kind == "sqlite" and len(self.loot.visits) % COPIES == 0:
            self._copy_journal()

    def _draw(self, voter: Voter) -> None:
        me = self.session.get_one(User, self.drawers.pop())
        voter.code = draw_code(self.session, round_id=self.round_id, keys=self.keys, by=me, now=self.now)
        self.session.commit()

    def _straight(self, number: int, chosen: list[int], form: Form) -> Receipt:
        about: dict[str, Any] = {"round_id": self.round_id, "keys": self.keys, "by": ANYONE, "now": self.now}
        cast = cast_ballot(self.session, k=self.loot.k(number), choices=chosen, form=form, **about)
        self.session.commit()
        return cast.receipt

    def _by_web(self, number: int, chosen: list[int], form: Form) -> Receipt:
        voter, place = self.loot.voters[number], f"/rondes/{self.slug}/stemmen"
        db.session.remove()
        client: FlaskClient = self.app.test_client()
        browser = {"User-Agent": AGENT, "X-Forwarded-For": voter.address}
        typed = {"stemcode": format_code(voter.code)}
        wrong = client.post(f"{place}/code", data={"stemcode": self._unknown()}, headers=browser)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(asking, "code_status", _fail)
            broken = client.post(f"{place}/code", data=typed, headers=browser)
        entered = client.post(f"{place}/code", data=typed, headers=browser)
        review = {"keuze": chosen, "formulier": form.value.hex(), "vervangt": form.replaces}
        cast = client.post(f"{place}/controleren", data=review, headers=browser)
        assert [each.status_code for each in (wrong, broken, entered, cast)] == [422, 500, 303, 303]
        client.get(f"{place}/bestaat-niet", headers=browser)
        return parse_receipt(client.get(f"{place}/klaar/ontvangstbewijs.txt", headers=browser).text)

    def _unknown(self) -> str:
        self.loot.mistyped.append(generate_code())
        return self.loot.mistyped[-1]

    def _surround(self, victim: int) -> None:
        """Send 12 ballots, let the victim come and send 12 more: with one code, or each with another one."""
        turn = len(self.loot.flooded)
        one = self.attacker[FLOOD + turn // 2 // VICTIMS_OF_ONE_CODE]
        own = [one] * FLOOD if turn % 2 else self.attacker[:FLOOD]
        for each in own[: FLOOD // 2]:
            self._visit(each)
        self._visit(victim)
        for each in own[FLOOD // 2 :]:
            self._visit(each)
        sent = [self.loot.voters[each].receipts[-own.count(each) :] for each in dict.fromkeys(own)]
        leaves = [receipt.leaf for each in sent for receipt in each]
        self.loot.flooded.append((victim, leaves))
        if self.leaks:
            self.loot.batches.append(sorted([*leaves, self.loot.voters[victim].receipts[-1].leaf]))

    def _night(self) -> None:
        """Seal the box, sign the log and make a backup."""
        seal_due(PROGRAM)
        sign_log(self.session, by=PROGRAM, now=self.now)
        self.session.commit()
        night = f"night {self.now:%d}"
        if self.kind == "sqlite":
            self.loot.before |= {f"{night}/{name}": content for name, content in self._files().items()}
        else:
            self.loot.before |= {f"{night}/{name}": content for name, content in self._dump().items()}

    def _copy_journal(self) -> None:
        """Copy what the journal holds now: of SQLite all files around it, of PostgreSQL the archive."""
        if self.kind == "sqlite":
            self._copies += 1
            found = {f"copy {self._copies:04}": (self.place / "test.sqlite-wal").read_bytes()}
        else:
            found = {
                f"journal {path.name}": path.read_bytes()
                for folder in ("archive", "pg_wal")
                for path in sorted((self.place / folder).iterdir())
                if path.is_file() and len(path.name) == 24
            }
        self.loot.before |= found
        self.loot.journal = sorted({*self.loot.journal, *found})

    def _files(self) -> dict[str, bytes]:
        """Read every file of the database and its journal, as they lie there now."""
        if self.kind == "sqlite":
            return {path.name: path.read_bytes() for path in sorted(self.place.glob("test.sqlite*"))}
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
            row = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()
        assert row
        folders = [self.place / "base" / str(row[0]), self.place / "pg_wal", self.place / "archive"]
        paths = [path for folder in folders for path in sorted(folder.iterdir()) if path.is_file()]
        return {str(path.relative_to(self.place)): path.read_bytes() for path in [*paths, self.place / "log"]}

    def _dump(self) -> dict[str, bytes]:
        """Read every table in the order of its rows, with their places and ages."""
        self.session.rollback()
        with psycopg.connect(self.uri) as connection:
            copies = {}
            for table in db.metadata.sorted_tables:
                with connection.cursor().copy(f'COPY (SELECT ctid, xmin, * FROM "{table.name}") TO STDOUT') as rows:
                    copies[f"{table.name}.copy"] = b"".join(map(bytes, rows))
        return copies

    def _rows_of_outcome(self) -> dict[str, bytes]:
        """Return ballots and nullifiers in the order in which the database gives them to who asks for none."""
        ballots = b"".join(self.session.scalars(select(OpenedBallot.tracker)))
        return {
            "asked ballots": ballots,
            "asked nullifiers": b"".join(self.session.scalars(select(Nullifier.nullifier))),
        }

    def _vote(self) -> Vote:
        """Return the vote as other tests close, count and certify one."""
        first, second = (self.session.get_one(User, each) for each in self.organisers)
        return Vote(self.session, self.session.get_one(Round, self.round_id), [], self.keys, [], (first, second), NOW)


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


def _fail(*_args: object, **_more: object) -> None:
    raise RuntimeError("a fault of the program")


def _crash(*_args: object, **_more: object) -> None:
    raise KeyboardInterrupt


def _address(number: int) -> str:
    return f"198.51.{100 + number // 200}.{number % 200 + 20}"


def _moments(start: datetime, people: int, dice: Random) -> list[datetime]:
    """Return when so many people come: eight hours at each pace."""
    found: list[datetime] = []
    hour = 0
    while len(found) < people:
        pace = HOURLY[hour // 8 % len(HOURLY)]
        found += sorted(start + timedelta(hours=hour, seconds=dice.randrange(3600)) for _ in range(pace))
        hour += 1
    return found[:people]
