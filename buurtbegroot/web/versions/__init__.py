"""Forms of stored things that people edit: each says what its page showed, so that nobody writes over what is unseen.

A page sends along, unseen, the version of the thing and the values that it showed. When an action finds another
version, the answer shows both texts, part by part; sending that page is sending the form again, with the choices made.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple, TypeVar

from flask import g, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from wtforms.fields import Field
from wtforms.widgets import HiddenInput

from buurtbegroot.acts import ChangedSinceError, RefusedError, SeenFault
from buurtbegroot.database import Versioned
from buurtbegroot.web.clock import now
from buurtbegroot.web.fields import TYPED, Form
from buurtbegroot.web.refusals import on_refusal
from buurtbegroot.web.versions import clashes
from buurtbegroot.web.versions.merging import Values, join
from buurtbegroot.web.versions.values import UNREADABLE, as_json, checked, flat, values_of

SEEN = "versie"


class Seen(NamedTuple):
    """What a page showed of a thing: its version, when, and the values of the form; version 0 is none there is."""

    version: int = 0
    at: datetime | None = None
    values: Values = {}  # noqa: RUF012 - nobody changes it

    def __str__(self) -> str:
        at = self.at.isoformat() if self.at else None
        return as_json([self.version, at, self.values])


def read_seen(text: str) -> Seen:
    """Read what a page sent along; what was tampered with counts as nothing seen."""
    try:
        version, at, values = json.loads(text)
        return Seen(int(version), _moment(at), checked(values))
    except UNREADABLE:
        return Seen()


def _moment(text: str) -> datetime:
    """Read when a page was made: any moment that every zone of the world can tell; raises one of UNREADABLE."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or not 2000 <= found.year <= 2100:
        raise ValueError
    return found.astimezone(UTC)


class SeenField(Field):
    """The hidden field that says what the page showed."""

    data: Seen
    widget = HiddenInput()

    def _value(self) -> str:
        return str(self.data)

    def process_data(self, value: Any) -> None:
        """Begin with nothing seen."""
        self.data = value or Seen()

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what came along."""
        self.data = read_seen(valuelist[0]) if valuelist else Seen()


class VersionedForm(Form):
    """A form of a stored thing of some version; without fields of its own it is the form of an act."""

    versie = SeenField()
    open_choices: tuple[int, ...] = ()
    is_too_long = False

    class Meta(Form.Meta):
        """Where the values come from."""

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Return what was sent; from the page that shows both texts, the form that follows from the choices."""
            found = super().wrap_formdata(form, formdata)
            return form.after_choices(found) if found is not None and clashes.BEFORE in found else found

    def __init__(self, *args: Any, version: int, **kwargs: Any) -> None:
        """`version` is that of the thing as it is stored."""
        super().__init__(*args, **kwargs)
        self.version = version
        if not self.is_submitted() and not self.versie.raw_data:
            self.see()

    @property
    def seen(self) -> int:
        """The version that the page showed, for the action."""
        return self.versie.data.version

    def see(self) -> SeenField:
        """Show the thing as it is stored now, so that sending the form from here on is about that."""
        self.versie.data = Seen(self.version, now(), self.shown())
        return self.versie

    def shown(self) -> Values:
        """Return what the page shows of the thing, by field."""
        return values_of(self, without=("csrf_token", SEEN))

    def after_choices(self, formdata: Any) -> MultiDict[str, str]:
        """Return this form as it follows from the choices; where none was made, the choice stays open."""
        before, yours = (clashes.sent_values(formdata, name) for name in (clashes.BEFORE, clashes.YOURS))
        parts = clashes.parts_in(self, before, read_seen(formdata.get(SEEN, "")).values, yours=yours)
        both = list(enumerate(clashes.clashes_in(parts)))
        made = {place: clashes.choice_in(formdata, place, part) for place, part in both}
        self.open_choices = tuple(place for place, choice in made.items() if choice is None)
        values = join(parts, {place: part.yours if made[place] is None else made[place] for place, part in both})
        self.is_too_long = clashes.too_long(self, values)
        kept = MultiDict((name, value) for name, value in formdata.items(multi=True) if name not in values)
        kept.update(flat(values))
        return kept


def form_of_act(thing: Versioned, **how: Any) -> VersionedForm:
    """Return the form of an act without text; it says of what version the thing was that the page showed."""
    return VersionedForm(version=thing.version, **how)


Made = TypeVar("Made", bound=VersionedForm)


def versioned(
    make: Callable[..., Made],
    *,
    about: str,
    page: str = "",
    answer: Callable[[Made, Made], ResponseReturnValue] | None = None,
) -> Made:
    """Make the form of a stored thing; when the thing has changed since, the request is answered with both texts.

    `make` takes keyword arguments for the form and reads what is stored anew. `about` is the object in the log, `page`
    where the thing can be looked at when not here. `answer` answers in another way, given the form that was sent and
    that of what is stored. Raises ChangedSinceError at once while choices between two texts are open.
    """
    form = make()

    def look_again(_refusal: RefusedError) -> ResponseReturnValue:
        g.pop(TYPED, None)  # from here on forms show what is stored
        stored = make(formdata=None)
        stored.see()
        if answer is not None:
            return answer(form, stored)
        anew = partial(make, meta={"csrf": False})
        since, where = form.versie.data.at, page or request.path
        return clashes.clash_page(form, anew, stored=stored, about=about, since=since, page=where)

    on_refusal(look_again, only={SeenFault.CHANGED_SINCE})
    if (form.is_submitted() or TYPED in g) and (form.open_choices or form.is_too_long):
        raise ChangedSinceError
    return form
