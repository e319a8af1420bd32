"""What the pages of the set-up share: who may open them, rows that grow, buurten by wijk, what follows saving."""

from typing import Any, NamedTuple

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from buurtbegroot.accounts.models import User
from buurtbegroot.areas.atlas import Atlas, Place
from buurtbegroot.areas.folding import fold
from buurtbegroot.areas.models import Level
from buurtbegroot.extensions import db
from buurtbegroot.rounds.form_fields import options
from buurtbegroot.rounds.forms import BasicsForm
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage, may_view_setup
from buurtbegroot.rounds.queries import round_by_slug, standing_of
from buurtbegroot.web.clock import now
from buurtbegroot.web.fields import Form


class Wijk(NamedTuple):
    """A wijk with those of its buurten that are offered; `chosen` counts those that are ticked."""

    code: str
    name: str
    buurten: list[Place]
    chosen: int


def me() -> User:
    """Return who is signed in; organiser pages have nobody else."""
    user: User = current_user._get_current_object()
    return user


def viewed_round(slug: str) -> Round:
    """Return the round when this organiser may see its set-up; only who manages it may send forms; else 404."""
    round_ = round_by_slug(db.session(), slug)
    allowed = may_view_setup if request.method in {"GET", "HEAD"} else may_manage
    if round_ is None or not allowed(me(), round_):
        abort(404)
    return round_


def managed_round(slug: str) -> Round:
    """Return the round when this organiser manages it; else 404."""
    round_ = round_by_slug(db.session(), slug)
    if round_ is None or not may_manage(me(), round_):
        abort(404)
    return round_


def is_valid_post(form: Form, round_: Round) -> bool:
    """Tell whether a form was sent that can be saved; a round whose vote was opened cannot be changed at all."""
    if not form.is_submitted():
        return False
    if round_.fingerprint:
        abort(409)
    return bool(form.validate())


def page(
    step: str, round_: Round, *, form: Form | None = None, as_is: bool = False, **values: Any
) -> ResponseReturnValue:
    """Render a step; a form that was refused gives 422, `as_is` says that it was not meant to be checked yet."""
    refused = form is not None and bool(form.problems()) and not as_is
    may_edit = may_manage(me(), round_) and not round_.fingerprint
    shown = render_template(
        f"rounds/organiser/{step}.html",
        round=round_,
        form=form,
        standing=standing_of(round_, now()),
        may_manage=may_manage(me(), round_),
        may_edit=may_edit,
        refused=refused,
        now=now(),
        **values,
    )
    return shown, 422 if refused else 200


def saved(round_: Round, *, here: str, onward: str) -> ResponseReturnValue:
    """Say that it was saved; stay here for a concept, else go on to the next step."""
    flash(_("Bewaard."), "success")
    step = here if request.form.get("actie") == "concept" else onward
    return redirect(url_for(f"rounds_organiser.{step}", slug=round_.slug), 303)


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


def voting_url(view: str, round_: Round) -> str:
    """Return the address of a later room's page for organisers, empty where it is not mounted."""
    endpoint = f"voting_organiser.{view}"
    return url_for(endpoint, slug=round_.slug) if endpoint in current_app.view_functions else ""


def _around(buurt: Place) -> tuple[str, ...]:
    return (buurt.gebied_code, buurt.parent_code or "", buurt.code)


def _by_level(place: Place) -> tuple[int, str]:
    return list(Level).index(place.level), place.name
