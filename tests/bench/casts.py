"""Ballots a second, p95 and CPU of a cast with the code already entered, beside a thin reference.

Run `python -m tests.bench.casts [--database sqlite|postgresql] [--seconds 5]`. Every cast is the first of another
voter, with the real form, its token and the sealed cookie of a code. It takes turns with a reference that only inserts
a row on an engine of the same kind. Exits 1 when a cast is over its budget of CPU time; SQLite works inside the app, so
there both budgets count together.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, session
from flask_wtf.csrf import generate_csrf

from buurtbegroot.app import create_app
from buurtbegroot.booth.asking.cookies import Voter, remember_voter
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import Model, writing
from buurtbegroot.extensions import db
from tests.bench import thin
from tests.bench.load import Asked, Compared, backends, measure
from tests.databases import fresh_uri
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.voting import OpenVote, form, open_vote_in
from tests.servers import WSGI, Server, serving

APP_MS, DATABASE_MS = 4, 1.5
WORKERS, TURNS, CHOSEN = 2, 5, 8
THIN: dict[str, Any] = {"target": "tests.bench.thin:create_app", "kind": WSGI}
MOST_A_SECOND = 800
PLANS = 62
FORM = "application/x-www-form-urlencoded"


def main() -> int:
    """Open a vote, cast, print a line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seconds", type=float, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings: dict[str, Any] = {
            "INSTANCE": folder,
            "SECRET_KEY": "bench",
            "SESSION_COOKIE_SECURE": False,
            "SQLALCHEMY_DATABASE_URI": fresh_uri(Path(folder), chosen.database),
            "RATELIMIT_ENABLED": False,
        }
        casts = prepare(settings, voters=int(MOST_A_SECOND * (chosen.seconds + 1)))
        with serving(settings, workers=WORKERS) as server:
            found = _compare(casts, server, uri=settings["SQLALCHEMY_DATABASE_URI"], seconds=chosen.seconds)
    print(f"{chosen.database}, {WORKERS} workers, 8 connections, {chosen.seconds:g} s")
    return _print(found, is_sqlite=chosen.database == "sqlite")


def prepare(settings: dict[str, Any], *, voters: int) -> Iterator[Asked]:
    """Open a vote, and yield the cast of each voter."""
    app = create_app(settings)
    with app.app_context(), writing():
        Model.metadata.create_all(db.engine)
        now, store = datetime.now(UTC), db.session()
        round_ = round_in(store, Phase.VOTING, areas=small_city(store), now=now)
        plans = [plan(store, round_, now=now, cents=10_000) for _ in range(PLANS)]
        vote = open_vote_in(store, round_, folder=Path(app.config["KEY_DIRECTORY"]), now=now, codes=voters)
        token, ids = _form_token(app), [each.id for each in plans]
        asked = [_cast(app, vote, number, token=token, plans=ids) for number in range(voters)]
        store.commit()
        db.session.remove()
        db.engine.dispose()
    return iter(asked)


def _form_token(app: Flask) -> tuple[str, str]:
    """Return the token of a form and the cookie that goes with it; it is one session's, which says nothing of votes."""
    with app.test_request_context():
        token, answer = generate_csrf(), Response()
        app.session_interface.save_session(app, session, answer)
    return token, _cookies(answer)


def _cast(app: Flask, vote: OpenVote, number: int, *, token: tuple[str, str], plans: list[int]) -> Asked:
    address = f"/rondes/{vote.round.slug}/stemmen"
    with app.test_request_context():
        remember_voter(answer := Response(), vote.round.id, Voter(vote.k(number)), now=datetime.now(UTC))
    choices = [plans[(number * 7 + step) % len(plans)] for step in range(CHOSEN)]
    page = [("csrf_token", token[0]), ("formulier", form().value.hex()), ("vervangt", "0")]
    page += [("keuze", str(choice)) for choice in choices]
    headers = {"Cookie": f"{token[1]}; {_cookies(answer)}", "Content-Type": FORM}
    return Asked(f"{address}/controleren", "POST", urlencode(page), headers, 303, f"{address}/klaar")


def _cookies(answer: Response) -> str:
    return "; ".join(cookie.partition(";")[0] for cookie in answer.headers.getlist("Set-Cookie"))


def _compare(casts: Iterator[Asked], server: Server, *, uri: str, seconds: float) -> Compared:
    thin_cast = repeat(Asked("/", "POST", "keuze=1&keuze=2", {"Content-Type": FORM}, 303, "/klaar"))
    with tempfile.TemporaryDirectory() as folder:
        thin_uri = thin.prepare(fresh_uri(Path(folder), uri.partition(":")[0]))
        with serving({"DATABASE": thin_uri}, workers=WORKERS, **THIN) as reference:
            measure(server, casts, seconds=0.5)
            measure(reference, thin_cast, seconds=0.5)
            own, other, turn = backends(uri), backends(thin_uri), seconds / TURNS
            turns = [
                (
                    measure(server, casts, seconds=turn, database=own),
                    measure(reference, thin_cast, seconds=turn, database=other),
                )
                for _ in range(TURNS)
            ]
    return Compared(turns)


def _print(it: Compared, *, is_sqlite: bool) -> int:
    app_ms, database_ms = it.own("app_ms"), it.own("database_ms")
    is_over = app_ms > APP_MS + (DATABASE_MS if is_sqlite else 0) or database_ms > DATABASE_MS
    print("           per s  p95 ms  app ms  db ms")
    for name, of in (("cast", it.own), ("reference", it.bare)):
        print(f"{name:<10}{of('rate'):>6.0f}{of('p95'):>8.1f}{of('app_ms'):>8.2f}{of('database_ms'):>7.2f}")
    print(f"ratio {it.ratio:.2f}, budget {APP_MS} + {DATABASE_MS} ms{'  OVER' if is_over else ''}")
    return int(is_over)


if __name__ == "__main__":
    sys.exit(main())
