"""Every data set, in every form with rows, is read back by pandas as the database has it, whatever people typed."""

import importlib
import io
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isnan
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.core.phases import Phase
from buurtbegroot.datasets.domain.description import Choice, Field
from buurtbegroot.datasets.queries import DATA_SETS, ask, rows_of
from buurtbegroot.datasets.queries.scope import with_names
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.proposals.models import Decision, Proposal, ProposalStatus
from buurtbegroot.rounds.models import Round
from buurtbegroot.tables.columns import Kind
from buurtbegroot.tables.workbook import CUT, LONGEST
from buurtbegroot.timezone import AMSTERDAM
from tests.factories.discussion import contribution
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.tally import start_vote
from tests.pages import Browser
from tests.tables.test_spreadsheets import on_lines, plain
from tests.tables.test_table_files import CORPUS

TITLES = [text for text in CORPUS if 0 < len(text) <= 120]
LONG = "00" + "=1;\r\n" * 8_000
AS_TEXT = {"dtype": str, "keep_default_na": False}
PEOPLE, MACHINE, LINES, BOOK = ".csv", "-machine.csv", ".jsonl", ".xlsx"
FORMS: dict[str, Callable[[Any, io.BytesIO], Any]] = {
    PEOPLE: lambda pandas, file: pandas.read_csv(file, sep=";", **AS_TEXT),
    MACHINE: lambda pandas, file: pandas.read_csv(file, **AS_TEXT),
    LINES: lambda pandas, file: pandas.read_json(file, lines=True, dtype=False),
    BOOK: lambda pandas, file: pandas.read_excel(file, dtype=object, keep_default_na=False),
}
FOR_PEOPLE = (PEOPLE, BOOK)
TYPED: Mapping[tuple[str, str], Any] = {
    ("plannen", "titel"): Proposal.title,
    ("uitslag", "titel"): Proposal.title,
    ("haalbaarheid", "toelichting"): Decision.reason,
    ("reacties", "tekst"): Contribution.body,
    ("rondes", "naam"): Round.title,
}


@pytest.fixture
def city(session: Session, areas: dict[str, Area], now: datetime, tmp_path: Path) -> Session:
    """A certified vote and a round with plans, checks and contributions, of which every text is a hostile one."""
    voted, open_ = (round_in(session, phase, areas=areas, now=now) for phase in (Phase.VOTING, Phase.COCREATION))
    voted.title = open_.title = '=Ronde; «met» "quotes" 👩‍👩‍👧'
    on_ballot = [plan(session, voted, now=now, title=title) for title in TITLES[:4]]
    for number, title in enumerate(TITLES):
        found = plan(session, open_, now=now, title=title, cents=number * 10_001, status=ProposalStatus.REFUSED)
        found.buurt_code = (None, "EA01", "EA02")[number % 3]
        said = {"admitted": False, "answers": {"law": "no", "budget": "yes"}, "decided_at": now}
        session.add(Decision(proposal_id=found.id, reason=LONG if number == 1 else title, **said))
        session.add(contribution(found, now=now, body=LONG if number == 1 else title))
    session.flush()
    start_vote(session, voted, on_ballot, folder=tmp_path, voters=12, now=now).cast_all([[0], [1], [0, 1]] * 4).finish()
    return session


@pytest.mark.slow
def test_pandas_reads_every_data_set_as_the_database_has_it(city: Session, browser: Browser, now: datetime) -> None:
    pandas = importlib.import_module("pandas")
    for name, data_set in DATA_SETS.items():
        asked = ask(city, data_set, Choice(), config=browser.app.config, now=now)
        stored = [list(row) for row in rows_of(city, asked)]
        columns = with_names(city, asked.columns)
        assert stored
        for form, read in FORMS.items():
            content = browser.raw("datasets.file", filename=f"{name}{form}").get_data()
            frame = read(pandas, io.BytesIO(content))
            heads = [str(each.head) if form in FOR_PEOPLE else each.name for each in columns]
            assert list(frame.columns) == heads
            found = frame.to_numpy(dtype=object).tolist()
            assert len(found) == len(stored), (name, form)
            for row, told in zip(stored, found, strict=True):
                for column, cell, raw in zip(columns, row, told, strict=True):
                    assert as_read(column, raw, form) == as_stored(column, cell, form), (name, form, column.name)
    check_typed(city, browser, pandas)


def check_typed(city: Session, browser: Browser, pandas: Any) -> None:
    """See that what people typed comes straight from its table, whatever stands between that and the file."""
    for (name, column), typed in TYPED.items():
        stored = set(map(on_lines, city.scalars(select(typed))))
        content = browser.raw("datasets.file", filename=f"{name}{MACHINE}").get_data()
        told = set(map(on_lines, FORMS[MACHINE](pandas, io.BytesIO(content))[column]))
        assert told == stored or (name == "uitslag" and told < stored)


def as_read(column: Field, raw: Any, form: str) -> Any:
    """Return a cell of a file as the database has such a cell, None for an empty one."""
    if raw is None or raw == "" or (isinstance(raw, float) and isnan(raw)) or raw == []:
        return None
    if column.kind in {Kind.CODE, Kind.CODES} and form in FOR_PEOPLE:
        return _code(column, harmed(str(raw)))
    if column.kind is Kind.TEXT:
        return plain(str(raw)) if form == BOOK else harmed(on_lines(str(raw))) if form == PEOPLE else on_lines(str(raw))
    return _READ.get(column.kind, str)(raw)


def harmed(text: str) -> str:
    """Return a text without the sign that keeps a spreadsheet from running it."""
    return text.removeprefix("'")


def as_stored(column: Field, cell: Any, form: str) -> Any:
    """Return a cell of the database, as exact as files are: moments to the minute, texts with one line end."""
    if cell in (None, "", ()):
        return None
    if column.kind is Kind.TEXT:
        text = on_lines(cell)
        return text if form != BOOK or len(text) <= LONGEST else text[: LONGEST - len(CUT)] + CUT
    if form in FOR_PEOPLE and (column.codes or column.kind is Kind.CODES):
        between = "; " if column.names else ", "
        return between.join(map(column.called, cell if isinstance(cell, tuple) else (cell,)))
    return _EXACT[column.kind](cell) if column.kind in _EXACT else cell


def _code(column: Field, words: str) -> str:
    """Return the code that a name stands for; what is in words, or a list, stays so."""
    codes = {column.called(code): code for code in column.names}
    assert len(codes) == len(column.names), "each has a name of its own"
    return codes.get(words, words) if column.kind is Kind.CODE else words


def _number(raw: Any) -> Decimal:
    return Decimal(str(raw).replace(",", "."))


def _moment(raw: Any) -> datetime:
    if isinstance(raw, str):
        if raw.endswith("Z"):
            return datetime.fromisoformat(raw).replace(second=0)
        return datetime.strptime(raw, "%d-%m-%Y %H:%M").replace(tzinfo=AMSTERDAM).astimezone(UTC)
    return datetime.fromisoformat(raw.isoformat()).replace(tzinfo=AMSTERDAM, second=0, microsecond=0).astimezone(UTC)


def _day(raw: Any) -> date:
    if not isinstance(raw, str):
        return date(raw.year, raw.month, raw.day)
    return date.fromisoformat("-".join(reversed(raw.split("-"))) if raw[2] == "-" else raw)


def _numbers(raw: Any) -> tuple[int, ...]:
    return tuple(map(int, raw.replace(",", " ").split() if isinstance(raw, str) else raw))


_READ: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.NUMBER: int,
    Kind.EUROS: lambda raw: round(_number(raw) * 100),
    Kind.PERCENT: lambda raw: round(_number(raw), 1),
    Kind.DEGREES: lambda raw: round(float(_number(raw)), 5),
    Kind.YES_NO: lambda raw: raw in {True, "true", "ja"},
    Kind.MOMENT: _moment,
    Kind.DAY: _day,
    Kind.CODES: lambda raw: tuple(raw.split() if isinstance(raw, str) else raw),
    Kind.NUMBERS: lambda raw: _numbers(str(raw) if isinstance(raw, int) else raw),
}
_EXACT: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.PERCENT: lambda cell: round(cell, 1),
    Kind.DEGREES: lambda cell: round(cell, 5),
    Kind.MOMENT: lambda cell: cell.replace(second=0, microsecond=0),
}
