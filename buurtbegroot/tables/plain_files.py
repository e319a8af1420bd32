"""Tables as text: CSV in two spellings, JSON Lines, GeoJSON, and the description of a CSV file for programs (CSVW)."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Any

from buurtbegroot.tables.columns import Batch, Cell, Column, Kind
from buurtbegroot.tables.spelling import for_people, for_programs

BYTE_ORDER_MARK = "\ufeff"
CSVW_TYPES = {
    Kind.NUMBER: "integer",
    Kind.EUROS: {"base": "decimal", "format": "0.00"},
    Kind.PERCENT: "decimal",
    Kind.DEGREES: "double",
    Kind.YES_NO: "boolean",
    Kind.MOMENT: "dateTimeStamp",
    Kind.DAY: "date",
    Kind.NUMBERS: "integer",
}
LISTS = {Kind.CODES, Kind.NUMBERS}


def people_csv(columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
    """Yield a CSV file for a Dutch spreadsheet, batch by batch: semicolons, byte order mark, heads in words."""
    yield BYTE_ORDER_MARK.encode()
    heads = [[str(column.head)] for column in columns]
    spells = [for_people(column) for column in columns]
    yield from _csv(
        heads, ([spell(cells) for spell, cells in zip(spells, batch, strict=True)] for batch in batches), ";"
    )


def machine_csv(columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
    """Yield a CSV file for programs, batch by batch: commas, names of fields, codes; nothing of a text is changed."""
    names = [[column.name] for column in columns]
    spells = [for_programs(column) for column in columns]
    yield from _csv(
        names, ([spell(cells) for spell, cells in zip(spells, batch, strict=True)] for batch in batches), ","
    )


def _csv(head: Batch, batches: Iterable[Sequence[Sequence[Any]]], delimiter: str) -> Iterator[bytes]:
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows(zip(*head, strict=True))
    for batch in batches:
        writer.writerows(zip(*batch, strict=True))
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()


def json_lines(columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
    """Yield one JSON object per row; an amount is a text such as "12.50", what is not known is null."""
    names = [column.name for column in columns]
    for batch in batches:
        spelled = [_json_cells(column, cells) for column, cells in zip(columns, batch, strict=True)]
        rows = zip(*spelled, strict=True)
        yield "".join(f"{_dumps(dict(zip(names, row, strict=True)))}\n" for row in rows).encode()


def geojson(columns: Sequence[Column], batches: Iterable[Batch]) -> Iterator[bytes]:
    """Yield a FeatureCollection; each batch ends with two columns more, the degrees east and north of each row.

    A row without a place is left out.
    """
    names, comma = [column.name for column in columns], ""
    yield b'{"type": "FeatureCollection", "features": [\n'
    for batch in batches:
        *told, east, north = batch
        rows = zip(*(_json_cells(column, cells) for column, cells in zip(columns, told, strict=True)), strict=True)
        found = [
            _dumps({"type": "Feature", "geometry": {"type": "Point", "coordinates": place}, "properties": properties})
            for row, *place in zip(rows, east, north, strict=True)
            if place[0] is not None and (properties := dict(zip(names, row, strict=True)))
        ]
        yield (comma + ",\n".join(found)).encode() if found else b""
        comma = comma or (",\n" if found else "")
    yield b"\n]}\n"


def csvw(columns: Sequence[Column], *, url: str, title: str, about: str, made_at: str) -> bytes:
    """Return the description of a CSV file for programs, in the vocabulary of the W3C (CSV on the Web)."""
    described = [_described(column) for column in columns]
    dialect = {"delimiter": ",", "lineTerminators": ["\r\n"], "encoding": "utf-8", "header": True}
    content = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "nl"}],
        "url": url,
        "dc:title": title,
        "dc:description": about,
        "dc:modified": made_at,
        "dc:license": "https://creativecommons.org/publicdomain/zero/1.0/",
        "dialect": dialect,
        "tableSchema": {"columns": described},
    }
    return f"{json.dumps(content, ensure_ascii=False, indent=1)}\n".encode()


def _described(column: Column) -> dict[str, Any]:
    told: dict[str, Any] = {"name": column.name, "titles": [column.name], "dc:description": str(column.about)}
    told["datatype"] = CSVW_TYPES.get(column.kind, "string")
    if column.codes:
        told["datatype"] = {"base": "string", "format": "|".join(sorted(column.codes))}
        told["dc:description"] += " " + "; ".join(f"{code}: {word}" for code, word in column.codes.items())
    if column.kind in LISTS:
        told["separator"] = " "
    return told


def _json_cells(column: Column, cells: Sequence[Cell]) -> Sequence[Any]:
    if column.kind in {Kind.EUROS, Kind.MOMENT, Kind.DAY}:
        return for_programs(column)(cells)
    if column.kind is Kind.PERCENT:
        return [None if cell is None else float(cell) for cell in cells]  # type: ignore[arg-type]
    return cells


def _dumps(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False)
