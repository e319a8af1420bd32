"""The areas and postcodes that come with the program; where they are from stands in data/SOURCES.md beside them."""

import csv
from pathlib import Path
from typing import Any

from buurtbegroot.areas.domain.geojson import read_features

DATA = Path(__file__).parents[1] / "data"


def buurten() -> list[dict[str, Any]]:
    """Return the GeoJSON features of Amsterdam's buurten."""
    return read_features((DATA / "buurten.geojson").read_text(encoding="utf-8"))


def postcodes() -> list[tuple[str, str, str]]:
    """Return (four digits, code of the buurt in which its middle lies, certainty: high, middle or low)."""
    with (DATA / "postcodes.csv").open(encoding="utf-8", newline="") as file:
        return [(row["postcode"], row["buurt"], row["certainty"]) for row in csv.DictReader(file)]
