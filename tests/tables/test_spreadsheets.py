"""The same files read by the programs that people have: pandas, and LibreOffice where this machine has it."""

import csv
import importlib
import io
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from buurtbegroot.tables.columns import Cell, Kind
from buurtbegroot.tables.plain_files import json_lines, machine_csv, people_csv
from buurtbegroot.tables.workbook import CUT, LONGEST
from tests.tables.test_table_files import CORPUS, batches, book, column

COLUMNS = [column(Kind.NUMBER), column(Kind.TEXT)]
ROWS: list[Sequence[Cell]] = [[place, text] for place, text in enumerate(CORPUS)]
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
SECONDS = 120


def cut(text: str) -> str:
    """Return as much of a text as a cell of a workbook can hold."""
    return text if len(text) <= LONGEST else text[: LONGEST - len(CUT)] + CUT


def on_lines(text: str) -> str:
    """Return a text as spreadsheets and pandas keep it: one kind of line end."""
    return text.replace("\r\n", "\n")


def test_pandas_reads_what_people_typed() -> None:
    pandas = importlib.import_module("pandas")  # not for those who run no test of it: it takes a second
    asked = {"dtype": str, "keep_default_na": False}
    machine = pandas.read_csv(io.BytesIO(b"".join(machine_csv(COLUMNS, batches(ROWS)))), **asked)
    assert list(map(on_lines, machine["tekst"])) == list(map(on_lines, CORPUS))
    people = pandas.read_csv(io.BytesIO(b"".join(people_csv(COLUMNS, batches(ROWS)))), sep=";", **asked)
    assert [on_lines(text).removeprefix("'") for text in people["Kop tekst"]] == list(map(on_lines, CORPUS))
    lines = pandas.read_json(io.BytesIO(b"".join(json_lines(COLUMNS, batches(ROWS)))), lines=True, dtype=False)
    assert list(lines["tekst"]) == list(CORPUS)
    sheet = pandas.read_excel(io.BytesIO(book(COLUMNS, batches(ROWS))), **asked)
    assert [plain(text) for text in sheet["Kop tekst"]] == [on_lines(cut(text)) for text in CORPUS]


def plain(text: str) -> str:
    """Return a cell without the escapes by which a workbook keeps signs that XML has no place for."""
    return on_lines(text.replace("_x005F_", "_"))


@pytest.mark.slow
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not on this machine")
@pytest.mark.parametrize("name", ["plannen.csv", "plannen.xlsx"])
def test_libreoffice_opens_what_people_typed_and_runs_nothing(name: str, tmp_path: Path) -> None:
    """It opens the files for people, the CSV with columns of text, and saves what their cells show: all of a CSV."""
    assert OFFICE is not None
    made = book(COLUMNS, batches(ROWS)) if name.endswith("xlsx") else b"".join(people_csv(COLUMNS, batches(ROWS)))
    (tmp_path / name).write_bytes(made)
    # Fields are parted by semicolons (59) and quoted by " (34), UTF-8 (76); all columns are read as text (2).
    opened = [] if name.endswith("xlsx") else ["--infilter=CSV:59,34,76,1,1/2/2/2"]
    saved = ["--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76", "--outdir", str(tmp_path / "out")]
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [OFFICE, profile, "--headless", *opened, *saved, str(tmp_path / name)]
    subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)
    text = (tmp_path / "out" / "plannen.csv").read_text(encoding="utf-8-sig")
    cells = [row[1] for row in csv.reader(io.StringIO(text, newline=""))][1:]
    whole = [cut(text) if name.endswith("xlsx") else text for text in CORPUS]
    assert [on_lines(cell).removeprefix("'") for cell in cells] == list(map(on_lines, whole))
