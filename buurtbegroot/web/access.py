"""Who may enter which route, and which acts ask for a fresh proof: every view declares it; roles live in accounts."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from flask import Flask, Response, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from buurtbegroot.acts import Person
from buurtbegroot.web.transaction import SAFE_METHODS

PRIVATE = "buurtbegroot.private"  # in the environment of a request whose answer is for one person, and for no disk
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


class Audience(StrEnum):
    """Who may enter, from wide to narrow; each object's own policy narrows further with a 404."""

    EVERYONE = "everyone"
    RESIDENT = "resident"
    ORGANISER = "organiser"
    ADMINISTRATOR = "administrator"


class Weight(StrEnum):
    """How an act that cannot be taken back asks first who is there; the proof itself lives in accounts.

    ACT: when its form is sent, which then goes on. FILE: the same, but its page comes back first: a form that answers
    with a file would stay open behind it and be sent twice, and a file that was sent cannot be carried along. PAGE:
    already when its page is opened; for what only somebody without an authenticator does.
    """

    ACT = "act"
    FILE = "file"
    PAGE = "page"


def admits(audience: Audience) -> Callable[[View], View]:
    """Declare who may enter a view; goes directly under the route decorator."""

    def declare(view: View) -> View:
        view.__dict__["audience"] = audience
        return view

    return declare


def weighs(weight: Weight) -> Callable[[View], View]:
    """Declare that a view does something weighty; goes directly under `admits`."""

    def declare(view: View) -> View:
        view.__dict__["weight"] = weight
        return view

    return declare


def unkept(view: View) -> View:
    """Declare that what is sent here is never kept for later, not even for who sent it; goes directly above the view.

    For secret codes and all of the booth; any other form of a person is kept when the session has ended.
    """
    view.__dict__["unkept"] = True
    return view


def makes_files(view: View) -> View:
    """Declare that a view answers with files that may be long: they are made beside all pages (`answers.Maker`).

    Goes directly under `admits`.
    """
    view.__dict__["makes_files"] = True
    return view


def writes_first(*, publishes: bool = False) -> Callable[[View], View]:
    """Declare that visitors fill this form in too, and prove last, by mail, who they are; goes directly above the view.

    The guard lets them pass; the view hands what they sent to `waiting.asking.wait_for_mail`. `publishes` when
    something of a person becomes public by it.
    """

    def declare(view: View) -> View:
        view.__dict__["writes_first"], view.__dict__["publishes"] = True, publishes
        return view

    return declare


def takes_visitors(app: Flask, endpoint: str) -> bool:
    """Tell whether the endpoint's view is for residents, and declared that visitors write first."""
    return bool(getattr(app.view_functions.get(endpoint), "writes_first", False))


def is_unkept(app: Flask, endpoint: str) -> bool:
    """Tell whether the endpoint's view declared so."""
    return bool(getattr(app.view_functions[endpoint], "unkept", False))


def weight_of(app: Flask, endpoint: str) -> Weight | None:
    """Return what the endpoint's view declared, or None for a view like most."""
    weight: Weight | None = getattr(app.view_functions[endpoint], "weight", None)
    return weight


def audience_of(app: Flask, endpoint: str) -> Audience | None:
    """Return what the endpoint's view declared, or None."""
    audience: Audience | None = getattr(app.view_functions[endpoint], "audience", None)
    return audience


def signed_in() -> Person:
    """Return who is signed in, for views that nobody else enters; rooms above accounts have it from there."""
    person: Person = current_user._get_current_object()
    return person


def init_app(app: Flask) -> None:
    """Guard every request; call `check_declarations` once all views are mounted."""
    app.view_functions["static"].__dict__["audience"] = Audience.EVERYONE
    app.before_request(_guard)


def check_declarations(app: Flask) -> None:
    """Raise RuntimeError naming each route that does not say who may enter."""
    silent = [endpoint for endpoint in app.view_functions if audience_of(app, endpoint) is None]
    if silent:
        raise RuntimeError(f"these views do not declare who may enter: {', '.join(silent)}")


def _guard() -> Response | None:
    if request.endpoint is None:
        return None
    audience = audience_of(current_app, request.endpoint)
    if audience is Audience.EVERYONE:
        return None
    request.environ[PRIVATE] = True
    if not current_user.is_authenticated:
        return None if takes_visitors(current_app, request.endpoint) else _to_sign_in("accounts.sign_in")
    if audience is Audience.RESIDENT:
        return None
    return _guard_organiser(audience)


def _guard_organiser(audience: Audience | None) -> Response | None:
    wanted = current_user.is_administrator if audience is Audience.ADMINISTRATOR else current_user.is_organiser
    if not wanted:
        abort(404)
    if not current_user.second_factor_passed:
        return _to_sign_in("accounts.second_factor")
    return None


def _to_sign_in(endpoint: str) -> Response:
    target = request.full_path.rstrip("?") if request.method in SAFE_METHODS else None
    response: Response = redirect(url_for(endpoint, verder=target), 303)  # type: ignore[assignment]
    return response
