"""Loading areas: all of Amsterdam, again, changed, and from files that are wrong."""

import copy
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.areas.actions import load_areas, load_postcodes
from buurtbegroot.areas.commands import group
from buurtbegroot.areas.domain import package_data
from buurtbegroot.areas.domain.geojson import AreaFileError, read_features
from buurtbegroot.areas.models import Area, Level, Postcode
from buurtbegroot.areas.queries import atlas
from buurtbegroot.audit.models import AuditEntry
from tests.factories import PROGRAM


def square(code: str, *, x: float = 4.9, **properties: Any) -> dict[str, Any]:
    ring = [[x, 52.37], [x + 0.01, 52.37], [x + 0.01, 52.38], [x, 52.38], [x, 52.37]]
    facts = {
        "code": code,
        "naam": f"Buurt {code}",
        "wijkCode": code[:2],
        "wijkNaam": f"Wijk {code[:2]}",
        "gebiedId": "0363095",
        "gebiedNaam": "Gebied",
        "stadsdeelCode": code[:1],
        "stadsdeelNaam": f"Deel {code[:1]}",
        "oppervlakteM2": 1000,
        "lon": x + 0.005,
        "lat": 52.375,
    }
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": facts | properties, "geometry": geometry}


def test_amsterdam_has_its_numbers(session: Session, now: datetime) -> None:
    load_areas(session, package_data.buurten(), by=PROGRAM, now=now)
    counts = dict(session.execute(select(Area.level, func.count()).group_by(Area.level)).all())
    assert counts == {Level.CITY: 1, Level.DISTRICT: 9, Level.GEBIED: 25, Level.WIJK: 110, Level.BUURT: 518}
    assert load_postcodes(session, package_data.postcodes(), by=PROGRAM) == 84
    assert session.scalar(select(func.count()).select_from(Postcode)) == 84
    assert session.scalar(select(func.count()).where(Area.outline == "")) == 0


def test_loading_again_changes_nothing(session: Session, now: datetime) -> None:
    first = load_areas(session, package_data.buurten(), by=PROGRAM, now=now)
    again = load_areas(session, package_data.buurten(), by=PROGRAM, now=now)
    assert (len(first.added), again.added, again.changed, again.vanished) == (663, [], [], [])
    assert session.scalar(select(func.count()).where(AuditEntry.action == "areas.loaded")) == 1


def test_what_changed_and_vanished_is_told(session: Session, now: datetime) -> None:
    load_areas(session, [square("AA01"), square("AA02", x=4.91)], by=PROGRAM, now=now)
    loaded = load_areas(session, [square("AA01", naam="Nieuwe naam"), square("AA03", x=4.91)], by=PROGRAM, now=now)
    assert set(loaded.added) == {"AA03"}
    assert "AA01" in loaded.changed
    assert loaded.vanished == ["AA02"]
    gone = session.get_one(Area, "AA02")
    assert not gone.is_current
    assert set(atlas(session).places) & {"AA01", "AA02", "AA03"} == {"AA01", "AA03"}


def test_an_upper_area_is_joined_from_its_buurten(session: Session, now: datetime) -> None:
    load_areas(session, [square("AA01"), square("AA02", x=4.91)], by=PROGRAM, now=now)
    wijk = session.get_one(Area, "AA")
    assert wijk.outline.count("M") == 1
    assert (wijk.square_metres, wijk.parent_code, wijk.gebied_code) == (2000, "A", "0363095")


def without(key: str) -> dict[str, Any]:
    feature = square("AA01")
    del feature["properties"][key]
    return feature


def with_geometry(geometry: Any) -> dict[str, Any]:
    return square("AA01") | {"geometry": geometry}


@pytest.mark.parametrize(
    ("features", "said"),
    [
        ([without("wijkCode")], "feature 1 .AA01.: property wijkCode"),
        ([without("code")], "feature 1 .no code.: property code"),
        ([square("AA01", naam="")], "property naam"),
        ([square("AA01", naam="x" * 121)], "property naam"),
        ([square("../x")], "property code"),
        ([square("AA01", lon="4.9")], "property lon"),
        ([square("AA01", lat=float("nan"))], "property lat"),
        ([square("AA01", oppervlakteM2=True)], "property oppervlakteM2"),
        ([square("AA01", gebiedNaam=None)], "gebiedId and gebiedNaam"),
        ([{"type": "Feature"}], "feature 1: .properties. is missing"),
        (["text"], "feature 1: .properties. is missing"),
        ([with_geometry(None)], "geometry must be a Polygon"),
        ([with_geometry({"type": "Point", "coordinates": [4, 52]})], "geometry must be a Polygon"),
        ([with_geometry({"type": "Polygon", "coordinates": [[[121000, 487000]] * 4]})], "longitude and latitude"),
        ([with_geometry({"type": "Polygon", "coordinates": [["x"]]})], "longitude and latitude"),
        ([with_geometry({"type": "Polygon", "coordinates": [[]]})], "longitude and latitude"),
        ([with_geometry({"type": "Polygon", "coordinates": [[[4.9, 52.3]] * 4]})], "encloses nothing"),
        ([with_geometry({"type": "Polygon"})], "longitude and latitude"),
        ([square("AA01"), square("AA01", naam="Anders")], "AA01"),
        ([square("AA01"), square("AA01")], "twice"),
        ([square("AA01"), square("AA02", wijkNaam="Anders")], "wijk AA"),
        ([square("AA01"), square("AA02", stadsdeelCode="B")], "stadsdeel"),
    ],
)
def test_a_wrong_feature_is_named(session: Session, now: datetime, features: list[Any], said: str) -> None:
    with pytest.raises(AreaFileError, match=said):
        load_areas(session, copy.deepcopy(features), by=PROGRAM, now=now)
    assert session.scalar(select(func.count()).select_from(Area)) == 0


@pytest.mark.parametrize("text", ["", "no json", "[]", "{}", '{"features": {}}', '{"features": []}', "[" * 100_000])
def test_what_is_no_geojson_is_refused(text: str) -> None:
    with pytest.raises(AreaFileError):
        read_features(text)


def test_the_command_reports_and_refuses(app: Flask, session: Session, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.geojson", tmp_path / "bad.geojson"
    good.write_text(json.dumps({"type": "FeatureCollection", "features": [square("AA01")]}))
    bad.write_bytes(b"\xff\xfe")
    runner = app.test_cli_runner()
    assert "5 added, 0 changed" in runner.invoke(group, ["load", str(good)]).output
    assert "0 added, 0 changed" in runner.invoke(group, ["load", str(good)]).output
    refused = runner.invoke(group, ["load", str(bad)])
    assert refused.exit_code == 1
    assert "nothing was changed" in refused.output
