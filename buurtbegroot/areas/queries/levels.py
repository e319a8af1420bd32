"""From buurten to all areas: wijken, gebieden, stadsdelen and the city, with joined outlines; nothing is stored."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from buurtbegroot.areas.domain.folding import fold
from buurtbegroot.areas.domain.geojson import Buurt
from buurtbegroot.areas.domain.geometry import join, write_path
from buurtbegroot.areas.models import CITY, Level

Columns = dict[str, Any]
CITY_NAME = "Amsterdam"


def all_areas(buurten: Sequence[Buurt]) -> dict[str, Columns]:
    """Return the columns of every area by code, those that hold others first."""
    found = {CITY: _columns(buurten, level=Level.CITY, name=CITY_NAME, parent_code=None)}
    for (code, name), inside in _grouped(buurten, lambda buurt: buurt.district).items():
        found[code] = _columns(inside, level=Level.DISTRICT, name=name, parent_code=CITY)
        found[code]["district_code"] = code
    for (code, name), inside in _grouped(buurten, lambda buurt: buurt.gebied).items():
        if code:
            found[code] = _columns(inside, level=Level.GEBIED, name=name, parent_code=inside[0].district[0])
            found[code]["gebied_code"] = code
    for (code, name), inside in _grouped(buurten, lambda buurt: buurt.wijk).items():
        found[code] = _columns(inside, level=Level.WIJK, name=name, parent_code=inside[0].district[0])
    for buurt in buurten:
        found[buurt.code] = _columns([buurt], level=Level.BUURT, name=buurt.name, parent_code=buurt.wijk[0])
    return found


def _grouped(buurten: Iterable[Buurt], key: Callable[[Buurt], tuple[str, str]]) -> dict[tuple[str, str], list[Buurt]]:
    groups: defaultdict[tuple[str, str], list[Buurt]] = defaultdict(list)
    for buurt in buurten:
        groups[key(buurt)].append(buurt)
    return dict(sorted(groups.items()))


def _columns(inside: Sequence[Buurt], *, level: Level, name: str, parent_code: str | None) -> Columns:
    gebieden, districts = {buurt.gebied[0] for buurt in inside}, {buurt.district[0] for buurt in inside}
    x, y = _label(inside)
    return {
        "level": level,
        "name": name,
        "search": fold(name),
        "parent_code": parent_code,
        "gebied_code": gebieden.pop() if len(gebieden) == 1 and level in {Level.WIJK, Level.BUURT} else "",
        "district_code": districts.pop() if level is not Level.CITY else "",
        "square_metres": sum(buurt.square_metres for buurt in inside),
        "x": x,
        "y": y,
        "outline": write_path(join(ring for buurt in inside for ring in buurt.rings)),
        "is_current": True,
    }


def _label(inside: Sequence[Buurt]) -> tuple[float, float]:
    """Return the label point nearest to the middle, so that it lies inside whatever the shape."""
    middle_x = sum(buurt.label[0] for buurt in inside) / len(inside)
    middle_y = sum(buurt.label[1] for buurt in inside) / len(inside)
    x, y = min((buurt.label for buurt in inside), key=lambda at: (at[0] - middle_x) ** 2 + (at[1] - middle_y) ** 2)
    return float(x), float(y)
