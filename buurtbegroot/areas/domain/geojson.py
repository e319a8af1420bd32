"""Reading buurten from a GeoJSON file and naming what is wrong with it; nothing here is stored."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from buurtbegroot import typed
from buurtbegroot.areas.domain.geometry import Point, Ring, project

NAMES = ("code", "naam", "wijkCode", "wijkNaam", "stadsdeelCode", "stadsdeelNaam")
LONGEST_CODE, LONGEST_NAME = 14, 120


class AreaFileError(ValueError):
    """The file cannot be used; the message names the feature and the property."""


@dataclass(frozen=True, kw_only=True)
class Buurt:
    """A buurt as a file gives it, with the names of what it lies in; `gebied` is empty where there is none."""

    code: str
    name: str
    wijk: tuple[str, str]
    gebied: tuple[str, str]
    district: tuple[str, str]
    square_metres: int
    label: Point
    rings: tuple[Ring, ...]


def read_features(text: str) -> list[dict[str, Any]]:
    """Return the features of a GeoJSON text; raise AreaFileError when it is something else."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AreaFileError(f"this is not JSON: {error}") from error
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not features:
        raise AreaFileError('this is no GeoJSON FeatureCollection: "features" is missing or empty')
    return features


def read_buurten(features: Sequence[Any]) -> list[Buurt]:
    """Turn features into buurten sorted by code; raise AreaFileError at the first that is wrong."""
    buurten = [_read_buurt(feature, number) for number, feature in enumerate(features, 1)]
    _refuse_contradictions(buurten)
    return sorted(buurten, key=lambda buurt: buurt.code)


def _read_buurt(feature: Any, number: int) -> Buurt:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict):
        raise AreaFileError(f'feature {number}: "properties" is missing')
    where = f"feature {number} ({properties.get('code', 'no code')})"
    code, name, wijk_code, wijk, district_code, district = (_text(properties, key, where) for key in NAMES)
    gebied = (str(properties.get("gebiedId") or ""), str(properties.get("gebiedNaam") or ""))
    if bool(gebied[0]) != bool(gebied[1]) or len(gebied[0]) > LONGEST_CODE or len(gebied[1]) > LONGEST_NAME:
        raise AreaFileError(f"{where}: gebiedId and gebiedNaam must both be short texts, or both be empty")
    return Buurt(
        code=code,
        name=name,
        wijk=(wijk_code, wijk),
        gebied=gebied,
        district=(district_code, district),
        square_metres=round(_figure(properties, "oppervlakteM2", where)),
        label=project(_figure(properties, "lon", where), _figure(properties, "lat", where)),
        rings=_read_rings(feature.get("geometry"), where),
    )


def _text(properties: dict[str, Any], key: str, where: str) -> str:
    value = properties.get(key)
    longest = LONGEST_CODE if key.endswith("ode") else LONGEST_NAME
    if not isinstance(value, str) or not typed.one_line(value) or len(value) > longest or not value.isprintable():
        raise AreaFileError(f"{where}: property {key} must be a text of 1 to {longest} characters, not {value!r}")
    if longest == LONGEST_CODE and not (value.isascii() and value.isalnum()):
        raise AreaFileError(f"{where}: property {key} must have letters and digits only, not {value!r}")
    return typed.one_line(value)


def _figure(properties: dict[str, Any], key: str, where: str) -> float:
    value = properties.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise AreaFileError(f"{where}: property {key} must be a number, not {value!r}")
    return float(value)


def _read_rings(geometry: Any, where: str) -> tuple[Ring, ...]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in {"Polygon", "MultiPolygon"}:
        raise AreaFileError(f"{where}: geometry must be a Polygon or MultiPolygon, not {kind}")
    try:
        polygons = [geometry["coordinates"]] if kind == "Polygon" else geometry["coordinates"]
        rings = tuple(_read_ring(ring) for polygon in polygons for ring in polygon)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise AreaFileError(f"{where}: geometry has coordinates that are not longitude and latitude") from error
    if not any(len(ring) > 2 for ring in rings):
        raise AreaFileError(f"{where}: geometry encloses nothing")
    return rings


def _read_ring(ring: list[list[float]]) -> Ring:
    found: Ring = []
    for longitude, latitude, *_height in ring:
        if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
            raise ValueError("outside the globe")
        point = project(longitude, latitude)
        if not found or found[-1] != point:
            found.append(point)
    return found[:-1] if found[0] == found[-1] else found


def _refuse_contradictions(buurten: Sequence[Buurt]) -> None:
    """Stop when one code stands for two buurten, or an upper area has two names or lies in two places."""
    known: dict[str, tuple[str, str]] = {}
    for buurt in buurten:
        facts = [("code", buurt.code, f"{buurt.name} {buurt.label}"), ("wijk", buurt.wijk[0], buurt.wijk[1])]
        facts += [("wijk's stadsdeel", f"wijk {buurt.wijk[0]}", buurt.district[0])]
        facts += [("stadsdeel", buurt.district[0], buurt.district[1]), ("gebied", *buurt.gebied)]
        for what, code, value in facts:
            if known.setdefault(code, (what, value)) != (what, value):
                raise AreaFileError(f"feature {buurt.code}: {what} {code} is {value}, elsewhere {known[code][1]}")
    if len({buurt.code for buurt in buurten}) < len(buurten):
        raise AreaFileError("a code is there twice")
