"""People who vote over HTTP with real cookies and real forms, and the vote that they vote in."""

import html
import http.client
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from http.cookiejar import CookieJar
from itertools import cycle
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from buurtbegroot.app import create_app
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.models import SealedBallot, SupersededBallot
from buurtbegroot.core.code_keys import derive_key
from buurtbegroot.core.credentials import locator
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.receipts import Receipt, parse_receipt, verify_receipt
from buurtbegroot.database import Model, writing
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.voting import leaves_in, open_vote_in
from tests.live import ready_uri

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Vote:
    """An open vote in a database of its own, and what a server needs to serve it."""

    app: Flask
    settings: dict[str, Any]
    round_id: int
    slug: str
    plans: list[int]
    codes: list[str] = field(repr=False)
    signing_public: bytes

    def in_box(self) -> set[bytes]:
        """Return the leaves of the ballots in the box."""
        return self._leaves(SealedBallot)

    def superseded(self) -> set[bytes]:
        """Return the leaves of the ballots that their voters replaced."""
        return self._leaves(SupersededBallot)

    def revision(self, code: str) -> int:
        """Return how often this code voted, by the ballot that lies in the box; 0 without one."""
        keys = KeyStore(self.settings["KEY_DIRECTORY"]).load(self.round_id)
        place = locator(keys.link_key, derive_key(code, keys.salt))
        with self.app.app_context():
            return db.session.scalar(select(SealedBallot.rev).where(SealedBallot.locator == place)) or 0

    def is_promised(self, receipt: Receipt) -> bool:
        """Tell whether the round's key signed this receipt."""
        return verify_receipt(receipt, self.signing_public)

    def revisions(self) -> int:
        """Return how many ballots all codes together have cast."""
        with self.app.app_context():
            return sum(db.session.scalars(select(SealedBallot.rev)))

    def _leaves(self, table: type[SealedBallot] | type[SupersededBallot]) -> set[bytes]:
        with self.app.app_context():
            return leaves_in(db.session(), KeyStore(self.settings["KEY_DIRECTORY"]), self.round_id, table)


@contextmanager
def vote_on(kind: str, folder: Path, *, codes: int, settings: Mapping[str, Any] | None = None) -> Iterator[Vote]:
    """Yield a vote over three plans, open now by the real clock, on a database of this kind."""
    chosen = {
        "INSTANCE": str(folder),
        "KEY_DIRECTORY": str(folder / "keys"),
        "SECRET_KEY": "a secret of this test",
        "SESSION_COOKIE_SECURE": False,
        "SQLALCHEMY_DATABASE_URI": ready_uri(folder, kind),
        "RATELIMIT_ENABLED": False,
        **(settings or {}),
    }
    app = create_app(chosen)
    with app.app_context(), writing():
        if settings and "SQLALCHEMY_DATABASE_URI" in settings:
            Model.metadata.create_all(db.engine)
        vote = _opened(app, chosen, codes=codes)
    try:
        yield vote
    finally:
        with app.app_context():
            db.engine.dispose()


def _opened(app: Flask, settings: dict[str, Any], *, codes: int) -> Vote:
    session, now = db.session(), datetime.now(UTC)
    round_ = round_in(session, Phase.VOTING, areas=small_city(session), now=now)
    plans: list[Proposal] = [plan(session, round_, now=now, cents=cents) for cents in (40_000, 50_000, 60_000)]
    folder = Path(settings["KEY_DIRECTORY"])
    opened = open_vote_in(session, round_, folder=folder, now=now, codes=codes, derive=derive_key)
    vote = Vote(
        app=app,
        settings=settings,
        round_id=round_.id,
        slug=round_.slug,
        plans=[each.id for each in plans],
        codes=opened.codes,
        signing_public=opened.booth.signing_public,
    )
    session.commit()
    return vote


@dataclass(frozen=True)
class Answer:
    """What a server answered; status 0 is a connection that broke before an answer came."""

    status: int
    headers: Message = field(default_factory=Message)
    text: str = ""

    def fields(self, name: str) -> list[str]:
        """Return the values of the hidden fields or buttons of this name."""
        return [html.unescape(value) for value in re.findall(rf'name="{name}"[^>]*? value="([^"]*)"', self.text)]


def receipt_on(page: Answer) -> Receipt:
    """Read the receipt on the last page of the booth."""
    found = re.search(r"<pre[^>]*>(.*?)</pre>", page.text, re.DOTALL)
    assert found, f"{page.status} without a receipt"
    return parse_receipt(html.unescape(found[1]))


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class Voter:
    """One browser: it keeps cookies, follows no redirect and remembers every status that it saw."""

    def __init__(self, url: str, slug: str) -> None:
        self.booth = f"{url}/rondes/{slug}/stemmen"
        self.statuses: list[int] = []
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), _Stay())

    def get(self, path: str = "") -> Answer:
        """Open a page of the booth."""
        return self._open(urllib.request.Request(self.booth + path))

    def post(self, path: str, form: Answer, **fields: Any) -> Answer:
        """Send the form of a page back; a page that did not come has no form and is itself the answer."""
        if form.status != 200:
            return form
        content = {"csrf_token": form.fields("csrf_token")[0], **fields}
        return self._open(urllib.request.Request(self.booth + path, urllib.parse.urlencode(content, True).encode()))

    def choose(self, plan_id: int) -> Answer:
        """Put a plan in the basket."""
        return self.post("", self.get(), kies=plan_id)

    def enter(self, code: str) -> Answer:
        """Enter a voting code."""
        return self.post("/code", self.get("/code"), stemcode=code)

    def send(self) -> Answer:
        """Look the choice over and send it in."""
        page = self.get("/controleren")
        if page.status == 200 and not page.fields("formulier"):  # this code voted here: choose anew
            asked = self.post("/opnieuw", page)
            page = self.get("/controleren") if asked.status == 303 else asked
        return self.resend(page)

    def resend(self, review: Answer) -> Answer:
        """Send in what a review page shows."""
        page = {name: (review.fields(name) or [""])[0] for name in ("formulier", "vervangt")}
        return self.post("/controleren", review, **page, keuze=review.fields("keuze"))

    def receipt(self) -> Receipt:
        """Return the receipt that the last page shows."""
        return receipt_on(self.get("/klaar"))

    def receipt_if_any(self) -> Receipt | None:
        """Return the receipt that the last page shows, None when another ballot took the place of this voter's."""
        page = self.get("/klaar")
        return receipt_on(page) if page.status == 200 else None

    def vote(self, code: str, plan_id: int) -> Answer:
        """Go through the whole booth; return the answer to the cast, or the first that was not what it should be."""
        for answer in (self.choose(plan_id), self.enter(code)):
            if answer.status != 303:
                return answer
        return self.send()

    def _open(self, request: urllib.request.Request) -> Answer:
        request.add_header("Accept-Language", "nl")
        try:
            answer = self._read(request)
        except (OSError, http.client.HTTPException):  # a server that is killed can fall silent halfway an answer too
            answer = Answer(0)
        self.statuses.append(answer.status)
        return answer

    def _read(self, request: urllib.request.Request) -> Answer:
        try:
            with self._opener.open(request, timeout=PATIENCE_SECONDS) as response:
                return Answer(response.status, response.headers, response.read().decode())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read().decode())


class Crowd:
    """People who vote again and again, each with a code of their own, through every answer that does not come.

    At most so many `hands` vote at once.
    """

    def __init__(self, vote: Vote, url: str, *, hands: int = 12) -> None:
        self._hands = min(hands, len(vote.codes))
        self.people = {code: Voter(url, vote.slug) for code in vote.codes}
        self.receipts: dict[str, list[Receipt]] = {code: [] for code in vote.codes}
        self._plan_id = vote.plans[0]
        self._enough = threading.Event()

    @property
    def votes(self) -> int:
        """How many ballots were acknowledged with a receipt so far."""
        return sum(len(own) for own in self.receipts.values())

    @property
    def statuses(self) -> set[int]:
        """Every status that anybody saw."""
        return {status for voter in self.people.values() for status in voter.statuses}

    @contextmanager
    def voting(self) -> Iterator[None]:
        """Vote during the block, and then until everybody has voted."""
        codes = list(self.people)
        with ThreadPoolExecutor(self._hands) as pool:
            running = [pool.submit(self._vote, codes[hand :: self._hands]) for hand in range(self._hands)]
            try:
                yield
            finally:
                self._enough.set()
        for each in running:
            each.result()

    def wait_for(self, votes: int) -> None:
        """Wait until so many more ballots were acknowledged, of which each is waited for in turn."""
        target, seen, until = self.votes + votes, self.votes, time.monotonic() + PATIENCE_SECONDS
        while self.votes < target:
            if self.votes > seen:
                seen, until = self.votes, time.monotonic() + PATIENCE_SECONDS
            assert time.monotonic() < until, "nobody got through any more"
            time.sleep(0.02)

    def _vote(self, codes: Sequence[str]) -> None:
        until = time.monotonic() + 2 * PATIENCE_SECONDS
        for code in cycle(codes):
            if time.monotonic() > until or (self._enough.is_set() and all(self.receipts[each] for each in codes)):
                return
            if self.people[code].vote(code, self._plan_id).status == 303:
                self._fetch_receipt(code)
                until = time.monotonic() + 2 * PATIENCE_SECONDS
            else:
                time.sleep(0.05)

    def _fetch_receipt(self, code: str) -> None:
        for _ in range(100):
            page = self.people[code].get("/klaar")
            if page.status == 200:
                self.receipts[code].append(receipt_on(page))
                return
            time.sleep(0.1)
