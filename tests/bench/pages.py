"""Requests per second, p95 and CPU per request of the heaviest public pages, beside bare Flask and Jinja pages.

Run `python -m tests.bench.pages [--database sqlite|postgresql] [--seconds 5]`. Each page takes turns with a page of the
same size that bare Flask and Jinja make without a database, under the same server, so that the ratio means something on
any machine, also a busy one; the figures are the medians of the turns. Exits 1 when a ratio is below 0.5 or a page is
over its budget of CPU time.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path
from typing import Any

from sqlalchemy import select

from buurtbegroot import migrating
from buurtbegroot.app import create_app
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.database import writing
from buurtbegroot.demo.seed import seed_city
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal
from tests.bench.load import Asked, Compared, backends, measure
from tests.databases import fresh_uri
from tests.servers import WSGI, Server, serving

LEAST_RATIO = 0.5
BARE: dict[str, Any] = {"target": "tests.bench.bare:create_app", "kind": WSGI}
WORKERS = 2
TURNS = 5
CARDS = 100
HEAD = "page                        kB   req/s  p95 ms  app ms  db ms  bare req/s  bare ms  ratio  budget"


@dataclass(frozen=True)
class Case:
    """A page to measure: its address, and the most CPU milliseconds that the app may take for it."""

    name: str
    path: str
    budget_ms: float


def main() -> int:
    """Seed a city, measure each page, print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seconds", type=float, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "INSTANCE": folder,
            "SECRET_KEY": "bench",
            "SESSION_COOKIE_SECURE": False,
            "SQLALCHEMY_DATABASE_URI": fresh_uri(Path(folder), chosen.database),
            "RATELIMIT_ENABLED": False,
        }
        cases = _prepare(settings)
        uri = str(settings["SQLALCHEMY_DATABASE_URI"])
        with serving(settings, workers=WORKERS) as server:
            results = [(case, _compare(case, server, uri=uri, seconds=chosen.seconds)) for case in cases]
    print(f"{chosen.database}, {WORKERS} workers, 8 connections, {chosen.seconds:g} s a page\n")
    return _print(results)


def _prepare(settings: dict[str, object]) -> list[Case]:
    print("Making the sample city…", flush=True)
    app = create_app(settings)
    with app.app_context(), writing():
        migrating.upgrade(db.engine)
        seed_city(
            db.session(), keys=KeyStore.from_config(app.config), today=datetime.now(UTC), say=lambda _done, _steps: None
        )
        db.session.commit()
        plan = db.session.scalars(select(Proposal.id).where(Proposal.number == 1).limit(1)).one()
        db.session.remove()
        db.engine.dispose()
    return [
        Case("list of 100 plans", "/plannen?per=100", 4),
        Case("a plan", f"/plannen/{plan}", 3),
        Case("ballot page, 62 plans", "/rondes/west-begroot/stemmen", 4),
    ]


def _compare(case: Case, server: Server, *, uri: str, seconds: float) -> Compared:
    page, bare_page = repeat(Asked(case.path)), repeat(Asked("/"))
    size = measure(server, page, seconds=0.5).size
    database, turn = backends(uri), seconds / TURNS
    with serving({"SIZE": size, "CARDS": CARDS}, workers=WORKERS, **BARE) as bare:
        measure(bare, bare_page, seconds=0.5)
        turns = [
            (measure(server, page, seconds=turn, database=database), measure(bare, bare_page, seconds=turn))
            for _ in range(TURNS)
        ]
    return Compared(turns)


def _print(results: Sequence[tuple[Case, Compared]]) -> int:
    print(HEAD)
    failed = 0
    for case, it in results:
        is_over = it.ratio < LEAST_RATIO or it.own("app_ms") > case.budget_ms
        failed += is_over
        print(
            f"{case.name:<24}{it.own('size') / 1000:>6.0f}{it.own('rate'):>8.0f}{it.own('p95'):>8.1f}"
            f"{it.own('app_ms'):>8.2f}{it.own('database_ms'):>7.2f}{it.bare('rate'):>12.0f}{it.bare('app_ms'):>9.2f}"
            f"{it.ratio:>7.2f}{case.budget_ms:>8.0f}{'  OVER' if is_over else ''}"
        )
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
