"""The page that shows two changes of one thing beside each other, and what follows from the choices made there."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from flask import render_template, request
from flask.typing import ResponseReturnValue
from wtforms import FieldList, SelectMultipleField

from buurtbegroot.web.fields import LongText, Text
from buurtbegroot.web.versions.merging import Kind, Part, Values, marked, one_text, parts_of
from buurtbegroot.web.versions.values import UNREADABLE, as_json, checked, field_called, flat, said

BEFORE, YOURS = "eerder", "uw"
CHOICE, TOGETHER, ALL = "keuze", "samen", "alles"
MINE, THEIRS, BOTH = "mijn", "ander", "beide"
MOST = 1_000  # rows, where a field has no limit of its own
Make = Callable[..., Any]


class Told(NamedTuple):
    """One side of a part: its lines, each in pieces with whether they are new."""

    lines: list[list[tuple[bool, str]]]


class Clash(NamedTuple):
    """What the page shows of one part: both sides, and where it can be, both in one (`together` is text to change)."""

    label: str
    theirs: Told
    yours: Told
    together: str | None = None
    has_both: bool = False
    is_long: bool = False
    chosen: str = ""


def sent_values(formdata: Any, name: str) -> Values:
    """Return the values that came along under this name; none when they were tampered with."""
    try:
        return checked(json.loads(formdata.get(name, "").replace("\x00", "")))
    except UNREADABLE:
        return {}


def parts_in(form: Any, before: Values, theirs: Values, *, yours: Values) -> list[Part]:
    """Return the parts of two changes in a form."""
    sets = {field.name for field in form if isinstance(field, SelectMultipleField)}
    return parts_of(before, theirs, yours, sets=sets)


def clashes_in(parts: Sequence[Part]) -> list[Part]:
    """Return the parts that somebody has to choose in."""
    return [part for part in parts if part.kind is Kind.CLASH]


def choice_in(formdata: Any, place: int, part: Part) -> Any:
    """Return what was chosen for a clash, None when nothing was."""
    choice = formdata.get(ALL) or formdata.get(f"{CHOICE}-{place}")
    if choice == BOTH and _is_rows(part):
        return [*part.theirs, *(row for row in part.yours if row not in part.theirs)]
    if choice == BOTH:
        return [formdata.get(f"{TOGETHER}-{place}", "")]
    return {MINE: part.yours, THEIRS: part.theirs}.get(choice)


def too_long(form: Any, values: Values) -> bool:
    """Tell whether two changes together have more rows than a field holds."""
    most = {field.name: field.max_entries or MOST for field in form if isinstance(field, FieldList)}
    return any(len(values.get(name, ())) > number for name, number in most.items())


def in_words(form: Any, make: Make, parts: Sequence[Part], *, formdata: Any = None) -> Iterator[Clash]:
    """Yield what the page shows of some parts of a form; `formdata` has the choices that were made already."""
    for place, part in enumerate(parts):
        field, label = field_called(form, part.name)
        is_text = isinstance(field, Text | LongText)
        tell = _marked if is_text else _lines
        yield Clash(
            label=label,
            theirs=tell(make, part, part.theirs),
            yours=tell(make, part, part.yours),
            together=_together(part, formdata, place) if is_text else None,
            has_both=is_text or _is_rows(part),
            is_long=isinstance(field, LongText),
            chosen=formdata.get(f"{CHOICE}-{place}", "") if formdata else "",
        )


def clash_page(form: Any, make: Make, *, stored: Any, **shown: Any) -> ResponseReturnValue:
    """Show both texts of a form that was sent, with its choices where they were made but not all; nothing is saved."""
    sent = request.form if form.open_choices or form.is_too_long else None
    before = sent_values(sent, BEFORE) if sent else form.versie.data.values
    yours = sent_values(sent, YOURS) if sent else form.shown()
    parts = parts_in(form, before, stored.shown(), yours=yours)
    made = sent if stored.version == form.seen else None  # choices are about what was shown
    by_kind = {kind: [part for part in parts if part.kind is kind] for kind in Kind}
    page = render_template(
        "errors/changed.html",
        form=form,
        clashes=list(in_words(form, make, by_kind[Kind.CLASH], formdata=made)),
        theirs=list(in_words(form, make, by_kind[Kind.THEIRS])),
        yours=list(in_words(form, make, by_kind[Kind.YOURS])),
        same=list(dict.fromkeys(field_called(form, part.name)[1] for part in by_kind[Kind.SAME])),
        hidden={"versie": str(stored.versie.data), BEFORE: as_json(before), YOURS: as_json(yours)},
        open_choices=form.open_choices if made else (),
        is_too_long=form.is_too_long,
        action=request.form.get("actie", ""),
        **shown,
    )
    return page, 422 if made else 409


def changes_in(make: Make, before: Values, stored: Any) -> list[Clash]:
    """Return what changed of a thing since it was shown: each part as it was (`theirs`) and as it is (`yours`)."""
    parts = parts_in(stored, before, before, yours=stored.shown())
    return list(in_words(stored, make, [part for part in parts if part.kind is not Kind.SAME]))


def _is_rows(part: Part) -> bool:
    return any(isinstance(item, dict) for item in [*part.before, *part.theirs, *part.yours])


def _together(part: Part, formdata: Any, place: int) -> str:
    typed = formdata.get(f"{TOGETHER}-{place}") if formdata else None
    return one_text(*("".join(side) for side in (part.before, part.theirs, part.yours))) if typed is None else typed


def _marked(_make: Make, part: Part, side: list[str]) -> Told:
    text = "".join(side)
    return Told([marked("".join(part.before), text)] if text else [])


def _lines(make: Make, part: Part, side: Any) -> Told:
    lines = said(field_called(make(formdata=flat({part.name: side})), part.name)[0]) if side else []
    return Told([[(False, line)] for line in lines if line])
