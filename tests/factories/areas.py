"""A small city: two stadsdelen with a wijk and three buurten each."""

from sqlalchemy.orm import Session

from buurtbegroot.areas.models import CITY, Area, Level


def small_city(session: Session) -> dict[str, Area]:
    """Return the areas by code: city 0363, stadsdelen E (West) and K (Zuid), wijken EA and KA, buurten EA01 to KA03."""
    found = [Area(code=CITY, level=Level.CITY, name="Amsterdam", search="amsterdam")]
    for letter, name in (("E", "West"), ("K", "Zuid")):
        found += _district(letter, name)
    session.add_all(found)  # written in this order, parents first
    session.flush()
    return {area.code: area for area in found}


def _district(letter: str, name: str) -> list[Area]:
    wijk = f"{letter}A"
    shared = {"district_code": letter}
    whole = "M10 0l30 0 0 10-30 0z"
    district = Area(
        code=letter, level=Level.DISTRICT, name=name, search=name.lower(), parent_code=CITY, **shared, outline=whole
    )
    quarter = Area(
        code=wijk,
        level=Level.WIJK,
        name=f"{name}wijk",
        search=f"{name}wijk".lower(),
        parent_code=letter,
        **shared,
        outline=whole,
    )
    buurten = [
        Area(
            code=f"{wijk}0{number}",
            level=Level.BUURT,
            name=f"{name}buurt {number}",
            search=f"{name}buurt {number}".lower(),
            parent_code=wijk,
            outline=f"M{number}0 0l10 0 0 10-10 0z",
            x=number * 10 + 4,
            y=4,
            **shared,
        )
        for number in (1, 2, 3)
    ]
    return [district, quarter, *buurten]
