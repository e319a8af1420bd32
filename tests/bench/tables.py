"""What files of many rows cost: `python -m tests.bench.tables [ROWS]`, beside csv.writer over the plain driver's rows.

The bars: CSV at most 3 times its processor time, a workbook at most 15 times, at most 30 MB more memory.
"""

import csv
import io
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Column as Stored
from sqlalchemy import Integer, MetaData, String, Table, create_engine, select
from sqlalchemy.orm import Session

from buurtbegroot.database import UTCDateTime, engine_options, prepare_engine
from buurtbegroot.datasets.domain.description import DataSet, column
from buurtbegroot.datasets.queries import Asked, told
from buurtbegroot.tables.columns import Kind
from buurtbegroot.tables.files import FORMS
from buurtbegroot.texts import Text
from buurtbegroot.web.downloads import Spool, spooled

KINDS = (
    Kind.NUMBER, Kind.CODE, Kind.TEXT, Kind.TEXT, Kind.CODE, Kind.CODE, Kind.EUROS, Kind.EUROS, Kind.CODE, Kind.NUMBER,
    Kind.NUMBER, Kind.MOMENT, Kind.MOMENT, Kind.TEXT,
)  # fmt: skip
SQL = {Kind.NUMBER: Integer, Kind.EUROS: Integer, Kind.MOMENT: UTCDateTime}
TABLE = Table(
    "many",
    MetaData(),
    *(Stored(f"c{place}", SQL.get(kind, String)(), primary_key=not place) for place, kind in enumerate(KINDS)),
)
DATA_SET = DataSet(
    name="veel",
    title=Text("Veel"),
    short=Text("Veel"),
    about=Text("Veel rijen."),
    counted=str,
    source=select(TABLE.c.c0).order_by(TABLE.c.c0),
    fields=tuple(
        column(f"c{place}", kind, TABLE.c[f"c{place}"], head=Text(f"Kop {place}"), about=Text("x"))
        for place, kind in enumerate(KINDS)
    ),
)


def fill(session: Session, rows: int) -> None:
    """Fill the table with rows that are all different."""
    TABLE.metadata.create_all(session.connection())
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    made: dict[Kind, Callable[[int], object]] = {
        Kind.NUMBER: lambda row: row,
        Kind.EUROS: lambda row: None if row % 5 == 0 else row * 17,
        Kind.MOMENT: lambda row: begin + timedelta(seconds=row),
        Kind.TEXT: lambda row: f"Een tekst van een bewoner, met een komma en een nummer: {row}",
        Kind.CODE: lambda row: f"code-{row % 40}",
    }
    values = ({f"c{place}": made[kind](row) for place, kind in enumerate(KINDS)} for row in range(rows))
    while some := [each for _, each in zip(range(10_000), values, strict=False)]:
        session.execute(TABLE.insert(), some)
    session.commit()


def plain(path: str) -> bytes:
    """Write all rows with csv.writer as the driver gives them."""
    into = io.StringIO(newline="")
    with sqlite3.connect(path) as database:
        csv.writer(into).writerows(database.execute("SELECT * FROM many ORDER BY c0"))
    return into.getvalue().encode()


def timed(make: Callable[[], bytes | Spool]) -> tuple[float, int, float]:
    """Return processor seconds, bytes, and by how many MB the memory of this process grew at most."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the most that it had is what it has now
    before, begun = _memory("VmRSS"), time.process_time()
    made = make()
    spent = time.process_time() - begun
    if not isinstance(made, Spool):
        return spent, len(made), 0.0
    made.close()
    return spent, made.size, (_memory("VmHWM") - before) / 1024


def _memory(what: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what))


def main(rows: int) -> None:
    """Print what each form costs; the first has what Python itself takes for the first rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{Path(folder) / 'many.sqlite'}"
        engine = create_engine(f"sqlite:///{path}", **engine_options(f"sqlite:///{path}"))
        prepare_engine(engine)
        with Session(engine) as session:
            fill(session, rows)
            asked = Asked(data_set=DATA_SET, now=datetime.now(UTC))
            forms = {
                ending: timed(lambda ending=ending: spooled(FORMS[ending].make(told(session, asked, url="x"))))  # type: ignore[misc]
                for ending in (".csv", "-machine.csv", ".jsonl", ".xlsx", ".zip")
            }
            spent, size, grown = timed(lambda: plain(path))
        print(f"csv.writer    {spent:7.2f} s {size / 1e6:6.1f} MB")
        for ending, (each, size, grown) in forms.items():
            print(f"{ending:13} {each:7.2f} s {size / 1e6:6.1f} MB, +{grown:.0f} MB, {each / spent:.1f} times")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 250_000)
