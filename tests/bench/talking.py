"""What pages cost with 10,000 plans, 200,000 contributions (20,000 about one plan), 1,000,000 supports, 10,000 reports.

Run `python -m tests.bench.talking [--database sqlite|postgresql] [--seconds 4] [PAGE…]`. Each page takes turns with the
same page of a city with 100 plans and 100 contributions, in the same run, so that the ratio means something on any
machine. Exits 1 when a page takes more than 1.5 times the processor, of app and database together, or of the 95th
percentile, or more than 8 queries for a visitor, 12 for who is signed in.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path

from flask import Flask, Response
from flask import session as cookie
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from buurtbegroot import migrating
from buurtbegroot.accounts.asking import start_session
from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import System
from buurtbegroot.app import create_app
from buurtbegroot.audit.actions import record
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.datasets.queries import DATA_SETS
from buurtbegroot.demo.large import Size, enlarge
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import Thread
from buurtbegroot.extensions import db
from buurtbegroot.moderation.models import Case
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.rounds.events import RoundPublished
from buurtbegroot.rounds.models import Round
from tests.bench.load import Asked, Compared, backends, measure
from tests.databases import fresh_uri
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.rounds import round_in
from tests.pages import QueryCount
from tests.servers import Server, serving

LARGE = Size(reports=10_000)
SMALL = Size(plans=100, contributions=100, at_one=20, supports=1_000, reports=100)
CARDS = 24  # of plans on a page
MOST_RATIO = 1.5
MOST_QUERIES, MOST_SIGNED_IN = 8, 12
TURNS = 5


@dataclass(frozen=True)
class City:
    """A city to serve: its settings, its pages by name, and how many queries each of them makes once it was seen."""

    settings: dict[str, object]
    pages: dict[str, Asked]
    queries: dict[str, int]


def main() -> int:
    """Make both cities, measure each page in both by turns, print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("page", nargs="*", help="the beginning of the names of pages")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        large, small = _prepare(one, chosen.database, LARGE), _prepare(other, chosen.database, SMALL)
        with serving(large.settings, workers=1) as server, serving(small.settings, workers=1) as reference:
            both = tuple(
                (each, str(city.settings["SQLALCHEMY_DATABASE_URI"]))
                for each, city in ((server, large), (reference, small))
            )
            results = {
                name: _compare((page, small.pages[name]), both, seconds=chosen.seconds)
                for name, page in large.pages.items()
                if name.startswith(tuple(chosen.page) or "")
            }
    print(f"{chosen.database}, 1 worker, 4 connections, {chosen.seconds:g} s a page\n")
    return _print(results, large)


def _prepare(folder: str, database: str, size: Size) -> City:
    settings: dict[str, object] = {
        "INSTANCE": folder,
        "SECRET_KEY": "bench",
        "SESSION_COOKIE_SECURE": False,
        "SQLALCHEMY_DATABASE_URI": fresh_uri(Path(folder), database),
        "RATELIMIT_ENABLED": False,
    }
    print(f"Making a city with {size.contributions} contributions…", flush=True)
    begun, app, now = time.monotonic(), create_app(settings), datetime.now(UTC)
    with app.app_context(), writing():
        migrating.upgrade(db.engine)
        round_ = round_in(db.session(), Phase.COCREATION, areas=small_city(db.session()), now=now)
        plan = enlarge(db.session(), round_, size, now=now)
        published = RoundPublished(object=f"round:{round_.id}", title=round_.title, budget_cents=0, rules="")
        record(db.session(), published, by=System("bench"), now=now)  # the log of a city is never empty
        db.session.commit()
        pages = {name: Asked(path) for name, path in _pages(db.session(), plan, round_.slug).items()}
        pages |= _signed_in(app, round_)
        db.session.commit()
        db.session.remove()
    with app.app_context(), db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_postgresql = connection.dialect.name == "postgresql"
        connection.execute(text("VACUUM ANALYZE" if is_postgresql else "ANALYZE"))  # as autovacuum leaves it
    queries = {name: _queries(app, page) for name, page in pages.items()}
    with app.app_context():
        db.engine.dispose()
    print(f"  {time.monotonic() - begun:.0f} s", flush=True)
    return City(settings, pages, queries)


def _pages(session: Session, plan: int, slug: str) -> dict[str, str]:
    """Return the pages of visitors: of the plan that most is said about, also in the middle of its discussion."""
    thread = session.scalars(select(Thread.id).where(Thread.proposal_id == plan)).one()
    own = select(func.min(Contribution.id), func.max(Contribution.id)).where(Contribution.thread_id == thread)
    first, last = session.execute(own).one()
    middle, path = (first + last) // 2, f"/plannen/{plan}"
    answered = select(Contribution.id).where(Contribution.thread_id == thread, Contribution.answers > 0)
    plans = f"/rondes/{slug}/plannen"
    middle_page = (session.scalar(select(func.count(Proposal.id))) or 0) // CARDS // 2  # a full one in both cities
    return {
        "home": "/",
        "plan": path,
        "reacties": f"{path}/reacties",
        "reacties, in the middle": f"{path}/reacties?na=0-{middle}",
        "reacties, oldest": f"{path}/reacties?volgorde=oudste&na=0-{middle}",
        "reacties, most useful": f"{path}/reacties?volgorde=nuttig&na=1-{middle}",
        "reacties, open questions": f"{path}/reacties?volgorde=open&na=1-{middle}",
        "reacties, of one stance": f"{path}/reacties?soort=idee&na=0-{middle}",
        "one contribution": f"/reacties/{session.scalars(answered.limit(1)).one()}",
        "plans": "/plannen",
        "plans, of a round": plans,
        "plans, newest": f"{plans}?volgorde=nieuwste",
        "plans, searched": f"{plans}?zoek=plan+7",
        "plans, narrowed": f"{plans}?kosten=tot-5000&stand=controle&volgorde=duurste",
        "plans, the middle page": f"{plans}?pagina={middle_page}",
        "rounds": "/rondes",
        "round": f"/rondes/{slug}",
        "open data": "/open-data",
        **{f"data set {name}": f"/open-data/gegevens/{name}" for name in DATA_SETS},
    }


def _signed_in(app: Flask, round_: Round) -> dict[str, Asked]:
    """Return the pages of somebody who wrote and supported much, and of a coordinator who moderates."""
    session = db.session()
    talker = session.scalars(select(User).order_by(User.id).limit(1)).one()
    staff = person(session, Role.COORDINATOR, round_.owner_code)
    case = session.scalars(select(Case).order_by(Case.since, Case.id).limit(1)).one()
    own = {"own plans": "/plannen/van-mij", "own account": "/account", "own home": "/"}
    own |= {"own list of plans": f"/rondes/{round_.slug}/plannen", "own plan": f"/plannen/{_said_most(session)}"}
    desk = "/werkplek/meldingen"
    work = {"work": "/werkplek", "work, reports": desk, "work, reports of a reason": f"{desk}?reden=haat"}
    work["work, one report"] = f"{desk}/{case.kind}/{case.number}"
    work |= {f"work, file {name}": f"/werkplek/bestanden?soort={name}" for name in DATA_SETS}
    asked: dict[str, Asked] = {}
    for user, paths in ((talker, own), (staff, work)):
        headers = {"Cookie": _cookie(app, user)}
        asked |= {name: Asked(path, headers=headers) for name, path in paths.items()}
    return asked


def _said_most(session: Session) -> int:
    most = select(Thread.proposal_id).order_by(Thread.answers.desc()).limit(1)
    return int(session.scalars(most).one() or 0)


def _cookie(app: Flask, user: User) -> str:
    with app.test_request_context():
        start_session(db.session.merge(user), second_factor=True)
        answer = Response()
        app.session_interface.save_session(app, cookie, answer)
        db.session.commit()
    return "; ".join(each.partition(";")[0] for each in answer.headers.getlist("Set-Cookie"))


def _queries(app: Flask, page: Asked) -> int:
    client = app.test_client(use_cookies=False)
    for _ in range(2):
        with app.app_context(), QueryCount() as queries:
            answer = client.get(page.path, headers=page.headers)
        assert answer.status_code == 200, (page.path, answer.status, answer.headers.get("Location"))
    return queries.number


def _compare(pages: tuple[Asked, Asked], both: Sequence[tuple[Server, str]], *, seconds: float) -> Compared:
    turns = []
    for (server, _uri), page in zip(both, pages, strict=True):
        measure(server, repeat(page), seconds=seconds, clients=4)  # a list keeps the cards that it made
    databases = [backends(uri) for _, uri in both]
    for _ in range(TURNS):
        own, bare = (
            measure(server, repeat(page), seconds=seconds / TURNS, database=database, clients=4)
            for (server, _uri), page, database in zip(both, pages, databases, strict=True)
        )
        turns.append((own, bare))
    return Compared(turns)


def _print(results: dict[str, Compared], city: City) -> int:
    print("page                        ms app  ms db   p95   small: ms app  ms db   p95   ratio: cpu   p95  queries")
    failed = 0
    for name, it in results.items():
        cpu = (it.own("app_ms") + it.own("database_ms")) / (it.bare("app_ms") + it.bare("database_ms"))
        late, queries = it.own("p95") / it.bare("p95"), city.queries[name]
        most = MOST_SIGNED_IN if city.pages[name].headers else MOST_QUERIES
        is_over = cpu > MOST_RATIO or late > MOST_RATIO or queries > most
        failed += is_over
        print(
            f"{name:<26}{it.own('app_ms'):>8.2f}{it.own('database_ms'):>7.2f}{it.own('p95'):>6.1f}"
            f"{it.bare('app_ms'):>16.2f}{it.bare('database_ms'):>7.2f}{it.bare('p95'):>6.1f}{cpu:>13.2f}{late:>6.2f}"
            f"{queries:>9}{'  OVER' if is_over else ''}"
        )
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
