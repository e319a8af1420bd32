"""Seconds and memory of opening a box of 100,000, 200,000 and 1,000,000 envelopes, from shut to taken in.

Run `python -m tests.bench.opening [--database sqlite|postgresql] [ENVELOPES…]`. Each vote is cast cheaply, with real
envelopes of up to five choices, and shut by two people. Then a process of its own does what the worker does: it lets
the opener open the box, keeps how far it is where people see it, and takes in what was found. A million must take at
most 10 minutes and 1 GB, both processes together, and ten times as many envelopes at most 13 times as much time of the
processor, which others who use the machine do not lengthen. Exits 1 when a bar is broken.
"""

import argparse
import json
import resource
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing import Pool
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

import psutil
from sqlalchemy import insert

from buurtbegroot.acts import System
from buurtbegroot.app import create_app
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import round_name
from buurtbegroot.box.models import SealedBallot
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.envelope import CastContext, cast_material
from buurtbegroot.database import Model, writing
from buurtbegroot.extensions import db
from buurtbegroot.tally.tasks import forget, opening
from tests.databases import fresh_uri
from tests.factories.areas import small_city
from tests.factories.rounds import budget_rules
from tests.factories.tally import NIGHT, Vote, open_vote

SIZES = (100_000, 200_000, 1_000_000)
SECONDS, MEGABYTES = 600, 1_000  # of a million
STEEPER = 1.3
AT_ONCE = 5_000
PLANS = 60
Row = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure each size and print a line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--work", default="", help=argparse.SUPPRESS)
    parser.add_argument("envelopes", nargs="*", type=int, default=SIZES)
    chosen = parser.parse_args(arguments)
    if chosen.work:
        return _work(json.loads(chosen.work))
    found = {size: _measured(size, database=chosen.database) for size in chosen.envelopes}
    least = min(found)
    is_broken = any(it.cpu > STEEPER * found[least].cpu * size / least for size, it in found.items())
    for size, it in found.items():
        is_broken |= it.seconds > SECONDS * max(1, size / 1_000_000) or it.megabytes > MEGABYTES
    return int(is_broken)


class Measured(NamedTuple):
    """Seconds, seconds of the processor, and the most megabytes that the worker and its opener had together."""

    seconds: float
    cpu: float
    megabytes: int


def _measured(size: int, *, database: str) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        settings = {"INSTANCE": folder, "SECRET_KEY": "bench", "KEY_DIRECTORY": f"{folder}/keys"}
        settings["SQLALCHEMY_DATABASE_URI"] = fresh_uri(Path(folder), database)
        round_id, closing = _shut(settings, size)
        began, before = monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "tests.bench.opening", "--work"]
        worker = psutil.Popen(
            [*command, json.dumps({"round_id": round_id, "settings": settings})], stdout=subprocess.PIPE
        )
        most, told = [0], 0
        watcher = threading.Thread(target=_watch, args=(worker, most))
        watcher.start()
        for _line in worker.stdout:
            told += 1
        code, after = worker.wait(), resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        it = Measured(monotonic() - began, cpu, most[0] // 1_000_000)
        watcher.join()
    assert code == 0
    assert told > size // 1_000, "people were not told how far it was"
    print(
        f"{size:>9,} on {database}: {it.seconds:.0f} s, of the processor {it.cpu:.0f} s, {it.megabytes} MB;"
        f" shutting took {closing:.0f} s",
        flush=True,
    )
    return it


def _watch(worker: psutil.Process, most: list[int]) -> None:
    while worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE:
        with suppress(psutil.NoSuchProcess):
            family = [worker, *worker.children(recursive=True)]
            most[0] = max(most[0], sum(each.memory_info().rss for each in family))
        threading.Event().wait(0.05)


def _work(given: dict[str, Any]) -> int:
    """Do what the worker does when it is asked to open a box; a line for each time that people see how far it is."""
    app = create_app(given["settings"])
    with app.app_context():
        forget(given["round_id"], by=System("bench"))
        for opened, envelopes in opening(given["round_id"], by=System("bench")):
            print(opened, envelopes, flush=True)
    return 0


def _shut(settings: dict[str, str], size: int) -> tuple[int, float]:
    """Cast so many ballots and shut the box; return the round and how many seconds the shutting took."""
    app = create_app(settings)
    with app.app_context(), writing():
        Model.metadata.create_all(db.engine)
        past = datetime.now(UTC) - NIGHT - timedelta(days=1)
        session = db.session()
        plans = [10_000] * PLANS
        rules = budget_rules(50_000)
        vote = open_vote(
            session,
            Path(settings["INSTANCE"]),
            areas=small_city(session),
            now=past,
            costs=plans,
            rules=rules,
            voters=size,
        )
        for rows in _rows(vote):
            session.execute(insert(SealedBallot), rows)
        session.commit()
        began = monotonic()
        vote.close()
        took, round_id = monotonic() - began, vote.round.id
        db.session.remove()
        db.engine.dispose()
    return round_id, took


def _rows(vote: Vote) -> Iterator[list[Row]]:
    store, round_id = vote.keys, vote.round.id
    plans = [plan.id for plan in vote.plans]
    parts = (vote.voters[at : at + AT_ONCE] for at in range(0, len(vote.voters), AT_ONCE))
    with Pool(2) as pool:
        yield from pool.imap_unordered(_Caster(store, round_id, plans), parts)


class _Caster:
    """Casts for many voters at once, in a process beside this one."""

    def __init__(self, keys: KeyStore, round_id: int, plans: list[int]) -> None:
        self.keys, self.round_id, self.plans = keys, round_id, plans

    def __call__(self, voters: list[bytes]) -> list[Row]:
        anchors, own = self.keys.anchors(self.round_id), self.keys.load(self.round_id)
        context = CastContext(
            round_id=round_name(self.round_id),
            manifest=anchors.fingerprint,
            epoch=anchors.epoch,
            capacity=anchors.paper.capacity,
            sealing_key=own.sealing_public,
            link_key=own.link_key,
            signing_seed=own.signing_seed,
        )
        return [self._row(k, context) for k in voters]

    def _row(self, k: bytes, context: CastContext) -> Row:
        choices = sorted({self.plans[byte % len(self.plans)] for byte in k[: 1 + k[0] % 5]})
        made = cast_material(k, canonical_json(choices), 1, form=secrets.token_bytes(16), context=context)
        row = {"locator": made.locator, "rev": 1, "mark": made.mark, "sealed": made.sealed}
        return {"round_id": self.round_id, "receipt_ct": made.receipt_ct, **row}


if __name__ == "__main__":
    sys.exit(main())
