"""The forms in which a table leaves the site, and making a file of each, out of what a table tells of itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from buurtbegroot.tables.columns import Batch, Column
from buurtbegroot.tables.plain_files import csvw, geojson, json_lines, machine_csv, people_csv
from buurtbegroot.tables.workbook import workbook
from buurtbegroot.texts import Text
from buurtbegroot.texts import lazy_gettext as _l

CHUNK = 131_072
"""How many bytes of a file that is made on the disk are read at a time."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A table and what its files say of it; `read` gives its rows anew, with the degrees of their places if asked to.

    `facts` say what the file is, when it was made and by which rules. `made_at` is that moment by ISO 8601.
    """

    name: str
    title: str
    about: str
    columns: Sequence[Column]
    read: Callable[[bool], Iterable[Batch]]
    has_places: bool
    facts: Mapping[str, str]
    made_at: str


@dataclass(frozen=True, kw_only=True)
class FileForm:
    """A form of file: what its name ends with, its media type, its words on a page and how it is made, part by part."""

    ending: str
    media: str
    icon: str
    title: Text
    remark: Text
    make: Callable[[Told], Iterable[bytes]]
    needs_places: bool = False


def _workbook(told: Told) -> Iterator[bytes]:
    with NamedTemporaryFile() as into:
        workbook(told.columns, told.read(False), into=into.name, name=told.title, told=told.facts)
        yield from _read(into)


def _csvw(told: Told) -> Iterator[bytes]:
    yield csvw(told.columns, url=f"{told.name}{MACHINE}", title=told.title, about=told.about, made_at=told.made_at)


def _zip(told: Told) -> Iterator[bytes]:
    """Yield all other forms in one archive, made of one snapshot."""
    with TemporaryFile() as into:
        with ZipFile(into, "w") as archive:
            for form in FORMS.values():
                if form.make is not _zip and (told.has_places or not form.needs_places):
                    entry = ZipInfo(f"{told.name}{form.ending}")  # without a moment: the same content is the same file
                    entry.compress_type = ZIP_DEFLATED
                    with archive.open(entry, "w", force_zip64=True) as file:
                        file.writelines(form.make(told))
        yield from _read(into)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    yield from iter(partial(file.read, CHUNK), b"")


MACHINE = "-machine.csv"
_ALL = (
    FileForm(
        ending=".xlsx",
        media="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        icon="file-spreadsheet",
        title=_l("Excel (XLSX)"),
        remark=_l("Met een blad dat elke kolom uitlegt"),
        make=_workbook,
    ),
    FileForm(
        ending=".csv",
        media="text/csv",
        icon="file-type-csv",
        title=_l("CSV voor Excel"),
        remark=_l("Puntkomma en decimale komma"),
        make=lambda told: people_csv(told.columns, told.read(False)),
    ),
    FileForm(
        ending=MACHINE,
        media="text/csv",
        icon="file-type-csv",
        title=_l("CSV voor programma's"),
        remark=_l("Komma, punt, codes in plaats van woorden"),
        make=lambda told: machine_csv(told.columns, told.read(False)),
    ),
    FileForm(
        ending=f"{MACHINE}-metadata.json",
        media="application/csvm+json",
        icon="file-code",
        title=_l("Beschrijving van de CSV (CSVW)"),
        remark=_l("Welke kolom wat is, voor programma's"),
        make=_csvw,
    ),
    FileForm(
        ending=".jsonl",
        media="application/x-ndjson",
        icon="file-code",
        title=_l("JSON"),
        remark=_l("Eén rij per regel"),
        make=lambda told: json_lines(told.columns, told.read(False)),
    ),
    FileForm(
        ending=".geojson",
        media="application/geo+json",
        icon="map-2",
        title=_l("GeoJSON"),
        remark=_l("Alleen rijen met een plek op de kaart"),
        make=lambda told: geojson(told.columns, told.read(True)),
        needs_places=True,
    ),
    FileForm(
        ending=".zip",
        media="application/zip",
        icon="file-zip",
        title=_l("Alles in één keer (ZIP)"),
        remark=_l("Alle bestanden, van hetzelfde moment"),
        make=_zip,
    ),
)
FORMS: Mapping[str, FileForm] = {form.ending: form for form in _ALL}
"""The forms of files by what their names end with, in the order of pages."""


def forms_of(*, has_places: bool) -> list[FileForm]:
    """Return the forms that a table has."""
    return [form for form in FORMS.values() if has_places or not form.needs_places]


def readings(form: FileForm, *, has_places: bool) -> int:
    """Return how often making a file reads all rows."""
    others = [each for each in forms_of(has_places=has_places) if each.make not in {_csvw, _zip}]
    return len(others) if form.make is _zip else int(form.make is not _csvw)
