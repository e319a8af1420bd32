"""The page that shows two changes of one thing beside each other, and what follows from the choices made there."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import FieldList, SelectMultipleField

from buurtbegroot.web.fields import LongText, Text
from buurtbegroot.web.versions.merging import Kind, Part, Values, marked, one_text, parts_of
from buurtbegroot.web.versions.values import UNREADABLE, as_json, checked, field_called, fitting, flat, said

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

    name: str
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
        return checked(json.loads(formdata.get(name, "")))
    except UNREADABLE:
        return {}


def parts_in(form: Any, before: Values, theirs: Values, *, yours: Values) -> list[Part]:
    """Return the parts of two changes in a form; what came along and is not of the form is left out."""
    before, theirs, yours = (fitting(values, form) for values in (before, theirs, yours))
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


@dataclass(frozen=True)
class Teller:
    """Tells parts of a form in words; `make` makes the form anew, to read in it what a value is called."""

    form: Any
    make: Make

    def told(self, parts: Sequence[Part], *, formdata: Any = None) -> list[Clash]:
        """Return what the page shows of some parts; `formdata` has the choices that were made already."""
        return [self._clash(part, place, formdata) for place, part in enumerate(parts)]

    def _clash(self, part: Part, place: int, formdata: Any) -> Clash:
        field, label = field_called(self.form, part.name)
        is_text = isinstance(field, Text | LongText)
        tell = _ticks if isinstance(field, SelectMultipleField) else _marked if is_text else Teller._lines
        return Clash(
            name=part.name,
            label=label,
            theirs=tell(self, part, part.theirs),
            yours=tell(self, part, part.yours),
            together=_together(part, formdata, place) if is_text else None,
            has_both=is_text or _is_rows(part),
            is_long=isinstance(field, LongText),
            chosen=formdata.get(f"{CHOICE}-{place}", "") if formdata else "",
        )

    def words(self, name: str, value: Any) -> list[str]:
        """Return what a value is called, among the other values of the form."""
        form = self.make(formdata=flat({**self.form.shown(), name: value}))
        return said(field_called(form, name)[0]) if value else []

    def _lines(self, part: Part, side: Any) -> Told:
        return Told([[(False, line)] for line in self.words(part.name, side) if line])


def clash_page(form: Any, make: Make, *, stored: Any, **shown: Any) -> ResponseReturnValue:
    """Show both texts of a form that was sent, with its choices where they were made but not all; nothing is saved."""
    sent = request.form if form.open_choices or form.is_too_long else None
    before = sent_values(sent, BEFORE) if sent else form.versie.data.values
    yours = sent_values(sent, YOURS) if sent else form.shown()
    parts = parts_in(form, before, stored.shown(), yours=yours)
    made = sent if stored.version == form.seen else None  # choices are about what was shown
    by_kind = {kind: [part for part in parts if part.kind is kind] for kind in Kind}
    teller = Teller(form, make)
    page = render_template(
        "errors/changed.html",
        form=form,
        clashes=teller.told(by_kind[Kind.CLASH], formdata=made),
        theirs=teller.told(by_kind[Kind.THEIRS]),
        yours=teller.told(by_kind[Kind.YOURS]),
        same=_labels(form, by_kind),
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
    return Teller(stored, make).told([part for part in parts if part.kind is not Kind.SAME])


def _is_rows(part: Part) -> bool:
    return any(isinstance(item, dict) for item in [*part.before, *part.theirs, *part.yours])


def _together(part: Part, formdata: Any, place: int) -> str:
    typed = formdata.get(f"{TOGETHER}-{place}") if formdata else None
    return one_text(*("".join(side) for side in (part.before, part.theirs, part.yours))) if typed is None else typed


def _labels(form: Any, by_kind: Mapping[Kind, Sequence[Part]]) -> list[str]:
    """Return what the fields are called in which nothing differs."""
    differing = {part.name for kind, parts in by_kind.items() for part in parts if kind is not Kind.SAME}
    names = dict.fromkeys(part.name for part in by_kind[Kind.SAME] if part.name not in differing)
    return [field_called(form, name)[1] for name in names]


def _marked(_teller: Teller, part: Part, side: list[str]) -> Told:
    text = "".join(side)
    return Told([marked("".join(part.before), text)] if text else [])


def _ticks(teller: Teller, part: Part, side: list[str]) -> Told:
    """Return of ticks what came and what went."""
    came = teller.words(part.name, [tick for tick in side if tick not in part.before])
    gone = teller.words(part.name, [tick for tick in part.before if tick not in side])
    return Told([[(False, line)] for line in [*came, *(_("Niet meer: %(what)s", what=line) for line in gone)]])
