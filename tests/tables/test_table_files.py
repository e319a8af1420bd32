"""Files that come back as the cells they were made of, with all that people type, and that no spreadsheet runs."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from tempfile import NamedTemporaryFile

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from buurtbegroot.tables.columns import Batch, Cell, Column, Kind, in_batches
from buurtbegroot.tables.files import FORMS, FileForm, Told, forms_of
from buurtbegroot.tables.plain_files import csvw, geojson, json_lines, machine_csv, people_csv
from buurtbegroot.tables.spelling import in_words
from buurtbegroot.tables.workbook import CUT, LONGEST, workbook
from buurtbegroot.texts import Text
from buurtbegroot.texts import lazy_gettext as _l

CORPUS = (
    "gewoon", 'met "quotes"; en, komma', "regel\neinde", "regel\r\neinde", "tab\tin", "007", "1e5", "12-03", "TRUE", "",
    "=1+1", "+31", "-2", "@SUM(A1)", "\tx", "\nx", "＝1", "＋1", "－1", "＠x", "=cmd|'/C calc'!A0",
    "مرحبا", "👩‍👩‍👧 feest",
    "ﬀ", "a\u0301", "\u200fx", "<b>", "_x0041_", "  ruimte ", "x" * 40_000,
)  # fmt: skip
MOMENT = datetime(2026, 6, 5, 12, 30, tzinfo=UTC)
WORDS = {"kan": Text("Ja, het kan"), "kan-niet": Text("Nee; helaas")}


def column(kind: Kind, codes: Mapping[str, Text] | None = None) -> Column:
    name = kind.value
    return Column(name=name, kind=kind, head=Text(f"Kop {name}"), about=Text("Uitleg."), codes=codes or {})


COLUMNS = [column(kind, WORDS if kind in {Kind.CODE, Kind.CODES} else None) for kind in Kind]
FULL: dict[Kind, Cell] = {
    Kind.TEXT: "een plan",
    Kind.NUMBER: 12,
    Kind.EUROS: 123_456_789,
    Kind.PERCENT: Decimal(100) / 3,
    Kind.DEGREES: 4.93179,
    Kind.YES_NO: True,
    Kind.MOMENT: MOMENT,
    Kind.DAY: date(2026, 11, 30),
    Kind.CODE: "kan-niet",
    Kind.CODES: ("kan", "kan-niet"),
    Kind.NUMBERS: (3, 16),
}
ROWS: list[Sequence[Cell]] = [[FULL[kind] for kind in Kind], [None] * len(Kind)]


def batches(rows: Sequence[Sequence[Cell]] = ROWS) -> list[Batch]:
    return list(in_batches(rows, len(rows[0])))


def read_csv(content: bytes, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def book(
    columns: Sequence[Column], rows: Iterable[Batch], *, name: str = "x", told: Mapping[str, str] | None = None
) -> bytes:
    with NamedTemporaryFile() as file:
        workbook(columns, rows, into=file.name, name=name, told=told or {})
        return file.read()


def whole(form: FileForm, told: Told) -> bytes:
    return b"".join(form.make(told))


def cells_of(content: bytes, sheet: int = 0) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[sheet].iter_rows(values_only=True))


def test_people_read_words_and_decimal_commas_and_nothing_is_nought() -> None:
    content = b"".join(people_csv(COLUMNS, batches()))
    head, row, empty = read_csv(content, ";")
    assert content.startswith(b"\xef\xbb\xbf")
    assert head == [f"Kop {kind.value}" for kind in Kind]
    assert row == [
        "een plan", "12", "1234567,89", "33,3", "4,93179", "ja", "05-06-2026 14:30", "30-11-2026", "Nee; helaas",
        "Ja, het kan, Nee; helaas", "3, 16",
    ]  # fmt: skip
    assert set(empty) == {""}


def test_programs_read_codes_points_and_iso() -> None:
    head, row, empty = read_csv(b"".join(machine_csv(COLUMNS, batches())), ",")
    assert head == [kind.value for kind in Kind]
    assert row == [
        "een plan", "12", "1234567.89", "33.3", "4.93179", "true", "2026-06-05T12:30:00Z", "2026-11-30", "kan-niet",
        "kan kan-niet", "3 16",
    ]  # fmt: skip
    assert set(empty) == {""}


@pytest.mark.parametrize("cents", [-5, -105, 0, 5, 100])
def test_cents_keep_their_sign(cents: int) -> None:
    (_head, row) = read_csv(b"".join(machine_csv([column(Kind.EUROS)], [[[cents]]])), ",")
    assert round(float(row[0]) * 100) == cents


def test_a_workbook_has_numbers_dates_and_an_explanation() -> None:
    content = book(COLUMNS, batches(), name="Plannen", told={"Gemaakt op": "vandaag"})
    head, row = cells_of(content)  # a row of which nothing is known is not there
    assert head == tuple(f"Kop {kind.value}" for kind in Kind)
    assert row == (
        "een plan", 12, 1234567.89, pytest.approx(100 / 3), 4.93179, "ja", datetime(2026, 6, 5, 14, 30),  # noqa: DTZ001
        datetime(2026, 11, 30), "Nee; helaas", "Ja, het kan, Nee; helaas", "3, 16",  # noqa: DTZ001
    )  # fmt: skip
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:K3")
    assert [sheet["C2"].number_format, sheet["G2"].number_format] == ["#,##0.00", "dd-mm-yyyy hh:mm"]
    told = {row[0]: row[3] for row in cells_of(content, 1)}
    assert told["Gemaakt op"] == "vandaag"
    assert ("", "kan-niet", "code", "Nee; helaas") in {
        tuple(cell or "" for cell in row) for row in cells_of(content, 1)
    }


def test_what_people_type_comes_back_equal_for_programs() -> None:
    columns, rows = [column(Kind.TEXT)], [[text] for text in CORPUS]
    back = read_csv(b"".join(machine_csv(columns, batches(rows))), ",")
    assert [row[0] for row in back[1:]] == list(CORPUS)
    lines = b"".join(json_lines(columns, batches(rows))).decode().split("\n")
    assert [json.loads(line)["tekst"] for line in lines[:-1]] == list(CORPUS)


def test_what_people_type_is_text_in_every_spreadsheet() -> None:
    columns, rows = [column(Kind.TEXT)], [[text] for text in CORPUS]
    back = [row[0] for row in read_csv(b"".join(people_csv(columns, batches(rows))), ";")[1:]]
    assert [text.removeprefix("'") for text in back] == list(CORPUS)
    assert not [text for text in back if text.startswith(tuple("=+-@\t\r\n＝＋－＠"))]
    sheet = openpyxl.load_workbook(io.BytesIO(book(columns, batches(rows)))).worksheets[0]
    assert {cell.data_type for (cell,) in sheet.iter_rows(min_row=2)} <= {"s", "n"}
    cells = [unescape(str(cell.value or "")) for (cell,) in sheet.iter_rows(min_row=2)]
    cut = [text if len(text) <= LONGEST else text[: LONGEST - len(CUT)] + CUT for text in CORPUS]
    assert cells == [text.replace("\r\n", "\n") for text in cut]


def test_a_table_without_rows_has_its_head() -> None:
    assert read_csv(b"".join(people_csv(COLUMNS, [])), ";") == [[f"Kop {kind.value}" for kind in Kind]]
    assert cells_of(book(COLUMNS, []))[0] == tuple(f"Kop {kind.value}" for kind in Kind)
    assert json.loads(b"".join(geojson(COLUMNS, []))) == {"type": "FeatureCollection", "features": []}


def test_a_place_is_east_then_north_and_rows_without_are_left_out() -> None:
    names = [column(Kind.TEXT)]
    parts: list[Batch] = [[["a"], [None], [None]], [["b", "c"], [4.9, None], [52.3, None]], [["d"], [4.8], [52.4]]]
    features = json.loads(b"".join(geojson(names, parts)))["features"]
    told = [(each["properties"], each["geometry"]["coordinates"]) for each in features]
    assert told == [({"tekst": "b"}, [4.9, 52.3]), ({"tekst": "d"}, [4.8, 52.4])]


def test_programs_are_told_what_each_column_is() -> None:
    content = json.loads(csvw(COLUMNS, url="x-machine.csv", title="X", about="Y", made_at="2026-06-05T12:30:00+00:00"))
    described = {each["name"]: each for each in content["tableSchema"]["columns"]}
    assert list(described) == [kind.value for kind in Kind]
    assert described["code"]["datatype"] == {"base": "string", "format": "kan|kan-niet"}
    assert (described["getallen"]["datatype"], described["getallen"]["separator"]) == ("integer", " ")
    assert described["moment"]["datatype"] == "dateTimeStamp"


def test_an_archive_has_every_other_form() -> None:
    told = Told(
        name="x",
        title="X",
        about="Y",
        columns=COLUMNS,
        read=lambda _places: batches(),
        has_places=False,
        facts={},
        made_at="",
    )
    archive = zipfile.ZipFile(io.BytesIO(whole(FORMS[".zip"], told)))
    assert archive.namelist() == [f"x{form.ending}" for form in forms_of(has_places=False) if form.ending != ".zip"]
    assert {each.compress_type for each in archive.infolist()} == {zipfile.ZIP_DEFLATED}
    assert archive.read("x-machine.csv") == whole(FORMS["-machine.csv"], told)


@pytest.mark.parametrize(("adds", "words"), [(True, "206.792"), (False, "206792")])
def test_a_page_groups_what_is_counted_and_no_number_that_names(adds: bool, words: str) -> None:
    told = Column(name="x", kind=Kind.NUMBER, head=_l("Stemmen"), about=_l("Stemmen"), adds=adds)
    assert in_words(told, 206_792) == words
