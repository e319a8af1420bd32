"""The forms for a new round and for the first step of its set-up: texts, buurten, themes and money."""

from collections.abc import Mapping, Set
from typing import Any, NamedTuple

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FormField, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms import Form as PlainForm
from wtforms.validators import URL, AnyOf, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from buurtbegroot.areas.domain.folding import fold
from buurtbegroot.areas.models import Level
from buurtbegroot.areas.queries.atlas import Atlas, Place
from buurtbegroot.core.plans import Grouping
from buurtbegroot.rounds.models import ReadFirst, Round
from buurtbegroot.rounds.queries.setup import Basics, ThemeChoice, lies_in, pots_by
from buurtbegroot.web.fields import Euros, Form, LongText, Text, at_most, required
from buurtbegroot.web.numbers import Count
from buurtbegroot.web.rows import Rows, add_error, options
from buurtbegroot.web.versions import VersionedForm
from buurtbegroot.web.versions.merging import Values

MOST_THEMES, MOST_AREA_POTS, MOST_NAMED = 12, 30, 5
MOST_SUPPORT = 100_000
ONE = "one"
READ_FIRST = {
    ReadFirst.NONE.value: _l("Nee, reacties staan er meteen"),
    ReadFirst.FIRST.value: _l("De eerste reactie van elk account"),
    ReadFirst.ALL.value: _l("Alle reacties"),
}
SCENES = [
    ("", _l("Kies een tekening")),
    ("groen", _l("Park en bomen")),
    ("plant", _l("Bloembakken")),
    ("vogel", _l("Nestkasten")),
    ("kind", _l("Speeltuin")),
    ("eten", _l("Samen eten")),
    ("water", _l("Gracht")),
    ("kunst", _l("Muurschildering")),
    ("zorg", _l("Zorg voor elkaar")),
    ("schoon", _l("Schone straat")),
]


class NewRoundForm(Form):
    """What a concept needs to exist."""

    title = Text(_l("Naam van de ronde"), [required(_l("Geef de ronde een naam.")), at_most(120)])
    owner = SelectField(_l("Van welk gebied is de ronde?"), [required(_l("Kies een gebied."))])


class ThemeRow(PlainForm):
    """One theme, with money of its own when pots are per theme."""

    theme_id = HiddenField()
    name = Text(_l("Thema"), [Optional(), at_most(80)])
    scene = SelectField(_l("Tekening"), choices=options(SCENES), validate_choice=False)
    cents = Euros(_l("Bedrag"), least=1)


class AreaRow(PlainForm):
    """One area with money of its own."""

    code = SelectField(_l("Gebied"), validate_choice=False)
    cents = Euros(_l("Bedrag"), least=1)


class BasicsForm(VersionedForm):
    """Step 1: texts, buurten, themes and money."""

    title = Text(_l("Naam van de ronde"), [required(_l("Geef de ronde een naam.")), at_most(120)])
    summary = LongText(_l("Waar gaat de ronde over?"), [Optional(), at_most(600)])
    contact = Text(_l("Aan wie kunnen bewoners vragen stellen?"), [Optional(), at_most(300)])
    decision_url = Text(
        _l("Webadres van het besluit"),
        [Optional(), at_most(500), URL(message=_l("Schrijf een webadres, bijvoorbeeld https://voorbeeld.nl/besluit."))],
    )
    support_needed = Count(
        _l("Hoeveel steun heeft een plan nodig?"),
        [Optional(), NumberRange(1, MOST_SUPPORT, _l("Vul een getal in van 1 tot 100.000, of laat het leeg."))],
    )
    support_secret = BooleanField(_l("Laat pas na afloop zien hoeveel steun plannen hebben"))
    read_first = RadioField(
        _l("Leest een moderator reacties eerst?"),
        [AnyOf(list(ReadFirst), message=_l("Kies wat een moderator eerst leest."))],
        choices=options(READ_FIRST.items()),
        default=ReadFirst.NONE.value,
        validate_choice=False,
    )
    buurten = SelectMultipleField(
        _l("Welke buurten doen mee?"), validate_choice=False, widget=ListWidget(), option_widget=CheckboxInput()
    )
    whole = SelectMultipleField(validate_choice=False)
    themes = Rows(FormField(ThemeRow), _l("Thema's"), max_entries=MOST_THEMES)
    pots_by = RadioField(
        _l("Hoe is het geld verdeeld?"),
        [required(_l("Kies hoe het geld is verdeeld."))],
        choices=options(
            [
                (ONE, _l("Eén bedrag voor alles")),
                (Grouping.THEME.value, _l("Een bedrag per thema")),
                (Grouping.AREA.value, _l("Een bedrag per gebied")),
            ]
        ),
        default=ONE,
    )
    budget = Euros(_l("Bedrag voor de hele ronde"), least=1)
    areas = Rows(FormField(AreaRow), _l("Bedragen per gebied"), max_entries=MOST_AREA_POTS)

    def __init__(self, *args: Any, places: Mapping[str, Place], used: Set[str] = frozenset(), **kwargs: Any) -> None:
        """`places` are the buurten to choose from by code, `used` those that plans are for already."""
        self.places, self.used = places, used
        super().__init__(*args, **kwargs)
        self.buurten.choices = options((code, place.name) for code, place in places.items())

    def shown(self) -> Values:
        """Return what the page shows; of buurten those that take part, whichever box was ticked for that."""
        buurten: Values = {"buurten": sorted(self.chosen)}
        return {name: value for name, value in (super().shown() | buurten).items() if name != "whole"}

    @property
    def chosen(self) -> frozenset[str]:
        """The codes of the buurten that are ticked, alone or as part of a whole wijk.

        `whole` has the wijken that were ticked when the page was sent: there a buurt can be taken away by its own
        box, and all of them at once by the box of the wijk.
        """
        asked, whole = set(self.buurten.data or ()), set(self.whole.data or ())
        partly = {place.parent_code for code, place in self.places.items() if code not in asked}
        gone = {wijk for wijk in whole - partly if f"wijk-{wijk}" not in asked}
        added = {place.parent_code for place in self.places.values() if f"wijk-{place.parent_code}" in asked} - whole
        return frozenset(
            code
            for code, place in self.places.items()
            if (code in asked and place.parent_code not in gone) or place.parent_code in added
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, then what must fit together."""
        is_fine: bool = super().validate(extra_validators)
        self._check_decision_url()
        self._check_buurten()
        self._check_themes()
        if self.pots_by.data == Grouping.AREA:
            self._check_areas()
        return is_fine and not self.problems()

    def _check_decision_url(self) -> None:
        url = self.decision_url.data or ""
        if url and not self.decision_url.errors and not url.startswith(("https://", "http://")):
            add_error(self.decision_url, _("Begin het webadres met https://."))

    def _check_buurten(self) -> None:
        gone = sorted(self.places[code].name for code in self.used - self.chosen if code in self.places)
        if gone:
            message = _("Bij %(buurten)s horen al plannen. Laat die buurten meedoen.", buurten=", ".join(gone))
            add_error(self.buurten, message)

    def _check_themes(self) -> None:
        seen: set[str] = set()
        for row in self.themes:
            name = row.form.name.data or ""
            if not name and (row.form.cents.data is not None or row.form.scene.data):
                add_error(row.form.name, _("Geef het thema een naam, of maak de hele regel leeg."))
            if name.lower() in seen:
                add_error(row.form.name, _("Dit thema staat er al. Kies een andere naam."))
            seen |= {name.lower()} - {""}
            needs_money = self.pots_by.data == Grouping.THEME and name and not row.form.cents.errors
            if needs_money and row.form.cents.data is None:
                add_error(row.form.cents, _("Vul in hoeveel geld er is voor %(theme)s.", theme=name))

    def _check_areas(self) -> None:
        left = set(self.chosen)
        for row in self.areas:
            code, cents = row.form.code.data or "", row.form.cents
            if not code and cents.data is None and not cents.errors:
                continue
            inside = {buurt for buurt in self.chosen if lies_in(self.places[buurt], code)}
            if not inside:
                add_error(row.form.code, _("Kies een gebied dat meedoet aan de ronde."))
            elif inside - left:
                add_error(row.form.code, _("Dit gebied overlapt met een gebied hierboven."))
            if cents.data is None and not cents.errors:
                add_error(cents, _("Vul in hoeveel geld er is voor dit gebied."))
            left -= inside
        if left and self.area_cents:
            names = ", ".join(sorted(self.places[code].name for code in left)[:MOST_NAMED])
            add_error(
                self.pots_by, _("Niet elke buurt heeft geld. Geef ook deze buurten een bedrag: %(names)s.", names=names)
            )

    def refuse(self, words: str, *, buurten: bool) -> None:
        """Say at the buurten, or else at the themes, why they cannot be as they are here."""
        themes = self.themes.entries[0].form.name if self.themes.entries else self.title
        add_error(self.buurten if buurten else themes, words)

    @property
    def area_cents(self) -> dict[str, int]:
        """The money of each area that has any."""
        rows = [row.form for row in self.areas]
        return {row.code.data: row.cents.data for row in rows if row.code.data and row.cents.data}

    def basics(self) -> Basics:
        """Return what was filled in; call after a validation that went well."""
        rows = [row.form for row in self.themes if row.form.name.data]
        return Basics(
            title=self.title.data or "",
            summary=self.summary.data or "",
            contact=self.contact.data or "",
            decision_url=self.decision_url.data or "",
            support_needed=self.support_needed.data,
            support_secret=self.support_secret.data,
            read_first=ReadFirst(self.read_first.data),
            buurten=self.chosen,
            themes=tuple(map(_theme, rows)),
            pots_by=None if self.pots_by.data == ONE else Grouping(self.pots_by.data),
            budget_cents=self.budget.data or 0,
            area_cents=self.area_cents,
        )


def basics_values(round_: Round) -> dict[str, Any]:
    """Return what the form of step 1 shows of a round."""
    kind = pots_by(round_)
    theme_cents = {pot.theme_id: pot.cents for pot in round_.pots if pot.theme_id}
    return {
        "title": round_.title,
        "summary": round_.summary,
        "contact": round_.contact,
        "decision_url": round_.decision_url,
        "support_needed": round_.support_needed,
        "support_secret": round_.support_secret,
        "read_first": round_.read_first.value,
        "buurten": [buurt.code for buurt in round_.buurten],
        "pots_by": kind.value if kind else ONE,
        "budget": round_.budget_cents if kind is None and round_.pots else None,
        "themes": [
            {"theme_id": theme.id, "name": theme.name, "scene": theme.scene, "cents": theme_cents.get(theme.id)}
            for theme in round_.themes
        ],
        "areas": [{"code": pot.area_code, "cents": pot.cents} for pot in round_.pots if pot.area_code],
    }


def _theme(row: ThemeRow) -> ThemeChoice:
    return ThemeChoice(
        id=_small_number(row.theme_id.data),
        name=row.name.data or "",
        scene=_known_scene(row.scene.data),
        cents=row.cents.data,
    )


def _known_scene(scene: object) -> str:
    return next((known for known, _text in SCENES if known == scene), "")


def _small_number(text: object) -> int | None:
    number = str(text or "")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 16 else None


class Wijk(NamedTuple):
    """A wijk with those of its buurten that are offered; `chosen` counts those that are ticked."""

    code: str
    name: str
    buurten: list[Place]
    chosen: int


def grow_rows(form: BasicsForm) -> bool:
    """Offer an empty row where one is asked for or needed; tell whether the form was sent only for its looks."""
    asked = request.form.get("actie", "")
    for name, rows in (("thema", form.themes), ("gebied", form.areas)):
        if (asked == name or not rows.entries) and len(rows.entries) < (rows.max_entries or 0):
            rows.append_entry()
    return asked in {"thema", "gebied", "zoek"}


def offer_areas(form: BasicsForm, city: Atlas) -> None:
    """Let each row of money per area choose among the chosen buurten and what they lie in."""
    around = {code for buurt in form.chosen for code in _around(form.places[buurt])}
    found = [city.places[code] for code in around if code in city.places]
    choices = [(place.code, f"{place.name} ({place.level.value})") for place in sorted(found, key=_by_level)]
    for row in form.areas:
        row.form.code.choices = options([("", _("Kies een gebied")), *choices])


def buurten_by_wijk(city: Atlas, form: BasicsForm, *, words: str) -> list[Wijk]:
    """Return the buurten by wijk; with words only those that match, or that are ticked already."""
    wanted, chosen = fold(words[:80]), form.chosen
    found: dict[str, list[Place]] = {}
    for place in form.places.values():
        wijk = city.places.get(place.parent_code or "")
        if wanted in fold(f"{place.name} {wijk.name if wijk else ''}") or place.code in chosen:
            found.setdefault(wijk.code if wijk else "", []).append(place)
    wijken = [
        Wijk(code, city.places[code].name if code else "", buurten, sum(buurt.code in chosen for buurt in buurten))
        for code, buurten in found.items()
    ]
    return sorted(wijken, key=lambda wijk: wijk.name)


def _around(buurt: Place) -> tuple[str, ...]:
    return (buurt.gebied_code, buurt.parent_code or "", buurt.code)


def _by_level(place: Place) -> tuple[int, str]:
    return list(Level).index(place.level), place.name
