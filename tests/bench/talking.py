"""What pages cost with 10,000 plans, 200,000 contributions (20,000 about one plan) and 1,000,000 supports.

Run `python -m tests.bench.talking [--database sqlite|postgresql] [--seconds 4]`. Each page takes turns with the same
page of a city with 100 plans and 100 contributions, in the same run, so that the ratio means something on any machine.
Exits 1 when a page takes more than 1.5 times the processor, of app and database together, or of the 95th percentile.
"""

import argparse
import sys
import tempfile
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from buurtbegroot import migrating
from buurtbegroot.app import create_app
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.demo.large import Size, enlarge
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import Thread
from buurtbegroot.extensions import db
from tests.bench.load import Asked, Compared, backends, measure
from tests.databases import fresh_uri
from tests.factories.areas import small_city
from tests.factories.rounds import round_in
from tests.servers import Server, serving

LARGE, SMALL = Size(), Size(plans=100, contributions=100, at_one=20, supports=1_000)
MOST_RATIO = 1.5
TURNS = 5


def main() -> int:
    """Make both cities, measure each page in both by turns, print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seconds", type=float, default=4)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        large, pages = _prepare(one, chosen.database, LARGE)
        small, small_pages = _prepare(other, chosen.database, SMALL)
        with serving(large, workers=1) as server, serving(small, workers=1) as reference:
            both = (server, str(large["SQLALCHEMY_DATABASE_URI"])), (reference, str(small["SQLALCHEMY_DATABASE_URI"]))
            results = {
                name: _compare((path, small_pages[name]), both, seconds=chosen.seconds) for name, path in pages.items()
            }
    print(f"{chosen.database}, 1 worker, 4 connections, {chosen.seconds:g} s a page\n")
    return _print(results)


def _prepare(folder: str, database: str, size: Size) -> tuple[dict[str, object], dict[str, str]]:
    settings: dict[str, object] = {
        "INSTANCE": folder,
        "SECRET_KEY": "bench",
        "SESSION_COOKIE_SECURE": False,
        "SQLALCHEMY_DATABASE_URI": fresh_uri(Path(folder), database),
        "RATELIMIT_ENABLED": False,
    }
    print(f"Making a city with {size.contributions} contributions…", flush=True)
    app, now = create_app(settings), datetime.now(UTC)
    with app.app_context(), writing():
        migrating.upgrade(db.engine)
        round_ = round_in(db.session(), Phase.COCREATION, areas=small_city(db.session()), now=now)
        plan = enlarge(db.session(), round_, size, now=now)
        db.session.commit()
        pages = _pages(db.session(), plan, round_.slug)
        db.session.execute(text("ANALYZE"))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return settings, pages


def _pages(session: Session, plan: int, slug: str) -> dict[str, str]:
    """Return the pages to look at: of the plan that most is said about, also in the middle of its discussion."""
    thread = session.scalars(select(Thread.id).where(Thread.proposal_id == plan)).one()
    own = select(func.min(Contribution.id), func.max(Contribution.id)).where(Contribution.thread_id == thread)
    first, last = session.execute(own).one()
    middle, path = (first + last) // 2, f"/plannen/{plan}"
    answered = select(Contribution.id).where(Contribution.thread_id == thread, Contribution.answers > 0)
    return {
        "plan": path,
        "reacties": f"{path}/reacties",
        "reacties, in the middle": f"{path}/reacties?na=0-{middle}",
        "reacties, oldest": f"{path}/reacties?volgorde=oudste&na=0-{middle}",
        "reacties, most useful": f"{path}/reacties?volgorde=nuttig&na=1-{middle}",
        "reacties, open questions": f"{path}/reacties?volgorde=open&na=1-{middle}",
        "reacties, of one stance": f"{path}/reacties?soort=idee&na=0-{middle}",
        "one contribution": f"/reacties/{session.scalars(answered.limit(1)).one()}",
        "list of plans": f"/rondes/{slug}/plannen?volgorde=nieuwste",
        "round": f"/rondes/{slug}",
    }


def _compare(
    paths: tuple[str, str], both: tuple[tuple[Server, str], tuple[Server, str]], *, seconds: float
) -> Compared:
    turns = []
    databases = [backends(uri) for _, uri in both]
    for server, path in zip((both[0][0], both[1][0]), paths, strict=True):
        measure(server, repeat(Asked(path)), seconds=0.5, clients=4)
    databases = [backends(uri) for _, uri in both]
    for _ in range(TURNS):
        own, bare = (
            measure(server, repeat(Asked(path)), seconds=seconds / TURNS, database=database, clients=4)
            for (server, _uri), path, database in zip(both, paths, databases, strict=True)
        )
        turns.append((own, bare))
    return Compared(turns)


def _print(results: dict[str, Compared]) -> int:
    print("page                          ms app  ms db   p95   small: ms app  ms db   p95   ratio: cpu   p95")
    failed = 0
    for name, it in results.items():
        cpu = (it.own("app_ms") + it.own("database_ms")) / (it.bare("app_ms") + it.bare("database_ms"))
        late = it.own("p95") / it.bare("p95")
        failed += cpu > MOST_RATIO or late > MOST_RATIO
        print(
            f"{name:<28}{it.own('app_ms'):>8.2f}{it.own('database_ms'):>7.2f}{it.own('p95'):>6.1f}"
            f"{it.bare('app_ms'):>16.2f}{it.bare('database_ms'):>7.2f}{it.bare('p95'):>6.1f}{cpu:>13.2f}{late:>6.2f}"
        )
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
