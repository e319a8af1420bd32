"""Seconds to read the opened ballots of one round laid together, beside reading them one by one.

Run `python -m tests.bench.grouping [--database sqlite|postgresql] [--ballots 1000000]`. Both ways read the same rows in
the same run and must find the same ballots. Exits 1 when a million ballots take over 10 seconds on PostgreSQL.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from sqlalchemy import create_engine, insert, select
from sqlalchemy.orm import Session

from buurtbegroot.core.ballots import Choices
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import Model
from buurtbegroot.tally.models import OpenedBallot
from buurtbegroot.tally.queries import ballots_of
from tests.databases import fresh_uri
from tests.factories.areas import small_city
from tests.factories.rounds import round_in

PLANS, MOST_CHOICES = 60, 5
MOST_SECONDS = 10
BATCH = 50_000


def main() -> int:
    """Store the ballots, read them both ways, print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="postgresql")
    parser.add_argument("--ballots", type=int, default=1_000_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(fresh_uri(Path(folder), chosen.database))
        Model.metadata.create_all(engine)
        with Session(engine) as session:
            round_id = _store(session, chosen.ballots)
            session.commit()
            plain, one_by_one = _timed(lambda: _read_one_by_one(session, round_id))
            fast, together = _timed(lambda: ballots_of(session, round_id))
        engine.dispose()
    if one_by_one != together:
        raise SystemExit("the two ways found other ballots")
    print(f"{chosen.database}, {chosen.ballots:,} ballots, {len(together):,} of them different")
    print(f"one by one {plain:6.2f} s\ntogether   {fast:6.2f} s   {plain / fast:.1f} times as fast")
    return int(chosen.database == "postgresql" and fast * 1_000_000 > MOST_SECONDS * chosen.ballots)


def _store(session: Session, number: int) -> int:
    round_id = round_in(session, Phase.COUNTING, areas=small_city(session), now=datetime.now(UTC)).id
    drawn = random.Random(7)
    # Popular plans are chosen more often, as in real votes.
    weights = [1 / (place + 3) for place in range(PLANS)]
    for begin in range(0, number, BATCH):
        rows = [
            {"round_id": round_id, "tracker": place.to_bytes(16, "big"), "choices": choices, "blind": bytes(32)}
            for place in range(begin, min(begin + BATCH, number))
            for choices in [sorted(set(drawn.choices(range(PLANS), weights, k=drawn.randint(1, MOST_CHOICES))))]
        ]
        session.execute(insert(OpenedBallot), rows)
    return round_id


def _read_one_by_one(session: Session, round_id: int) -> Counter[Choices]:
    rows = select(OpenedBallot.choices).where(OpenedBallot.round_id == round_id)
    return Counter(tuple(choices) for choices in session.scalars(rows.execution_options(yield_per=1000)))


def _timed(read: Callable[[], Counter[Choices]]) -> tuple[float, Counter[Choices]]:
    begin = perf_counter()
    found = read()
    return perf_counter() - begin, found


if __name__ == "__main__":
    sys.exit(main())
