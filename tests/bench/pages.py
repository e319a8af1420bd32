"""Requests per second, p95 and CPU per request of the heaviest public pages, beside bare Flask and Jinja pages.

Run `python -m tests.bench.pages [--database sqlite|postgresql] [--seconds 5]`. Each page is measured directly after a
page of the same size that bare Flask and Jinja make without a database, under the same server in the same run, so that
the ratio means something on any machine. Exits 1 when a ratio is below 0.5 or a page is over its budget of CPU time.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
from sqlalchemy import select

from buurtbegroot import migrating
from buurtbegroot.app import create_app
from buurtbegroot.database import writing
from buurtbegroot.demo.seed import seed_city
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.voting.keys import KeyStore
from tests.bench.load import Measured, measure
from tests.databases import fresh_uri
from tests.servers import Server, serving

LEAST_RATIO = 0.5
WORKERS = 2
CARDS = 100
HEAD = "page                        kB   req/s  p95 ms  app ms  db ms  bare req/s  ratio  budget"


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
            "SQLALCHEMY_DATABASE_URI": fresh_uri(Path(folder), chosen.database),
            "RATELIMIT_ENABLED": False,
        }
        cases = _prepare(settings)
        results = _measure_all(cases, settings, seconds=chosen.seconds)
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


def _measure_all(
    cases: Sequence[Case], settings: dict[str, object], *, seconds: float
) -> list[tuple[Case, Measured, Measured]]:
    results = []
    with serving(settings, workers=WORKERS) as server:
        database = _postgres()
        for case in cases:
            size = _one(server, case.path, seconds=0.5).size
            with ExitStack() as stack:
                reference = {"SIZE": size, "CARDS": CARDS}
                bare = stack.enter_context(serving(reference, workers=WORKERS, target="tests.bench.bare:create_app"))
                by_bare = _one(bare, "/", seconds=seconds)
            by_app = _one(server, case.path, seconds=seconds, database=database)
            results.append((case, by_app, by_bare))
    return results


def _one(server: Server, path: str, *, seconds: float, database: Sequence[psutil.Process] = ()) -> Measured:
    address = (server.host, server.port)
    return measure(address, path, app=[server.process], database=database, seconds=seconds)


def _postgres() -> list[psutil.Process]:
    """Return the servers of PostgreSQL on this machine, without their children, which are counted with them."""
    names = {process.pid: process.info["name"] for process in psutil.process_iter(["name"])}
    with suppress(psutil.NoSuchProcess):
        everyone = [psutil.Process(pid) for pid, name in names.items() if name == "postgres"]
        return [process for process in everyone if names.get(process.ppid()) != "postgres"]
    return []


def _print(results: Sequence[tuple[Case, Measured, Measured]]) -> int:
    print(HEAD)
    failed = 0
    for case, page, bare in results:
        ratio = page.rate / bare.rate
        bad = ratio < LEAST_RATIO or page.app_ms > case.budget_ms
        failed += bad
        print(
            f"{case.name:<24}{page.size / 1000:>6.0f}{page.rate:>8.0f}{page.p95:>8.1f}{page.app_ms:>8.2f}"
            f"{page.database_ms:>7.2f}{bare.rate:>12.0f}{ratio:>7.2f}{case.budget_ms:>8.0f}{'  OVER' if bad else ''}"
        )
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
