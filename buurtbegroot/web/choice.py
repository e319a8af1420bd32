"""Choosing a language or colours, and going back to a form: the page comes as it is looked at, with what was typed.

The buttons for it belong to the page's own form, so its text travels along. A form that is sent by one of them is
never done: the request counts as a GET of the page that has the form, which it fills in.
"""

from collections.abc import Collection

from flask import after_this_request, current_app, g, redirect, request, url_for
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from buurtbegroot.web.addresses import own_path
from buurtbegroot.web.fields import ONCE, TYPED
from buurtbegroot.web.locale import LANGUAGE_COOKIE, SCHEME_COOKIE, SCHEMES

BACK = "terug"  # the button that only goes back to the form
YEAR = 365 * 24 * 3600
CHOICES = {LANGUAGE_COOKIE, SCHEME_COOKIE, BACK}
NOT_CARRIED = CHOICES | {"formulier", "vervangt", "van"}  # drawn and found for one ballot: nobody typed them
NOT_TYPED = CHOICES | {"csrf_token", ONCE}


def take_choice() -> Response | None:
    """Turn a form that was sent by a button of these into a look at its page; return where to go without a form.

    What another site made a browser send fills in nothing.
    """
    if request.method != "POST" or not CHOICES & request.form.keys():
        return None
    _choose(LANGUAGE_COOKIE, current_app.config["LANGUAGES"])
    _choose(SCHEME_COOKIE, SCHEMES)
    request.method = request.environ["REQUEST_METHOD"] = "GET"
    typed = MultiDict((name, value) for name, value in request.form.items(multi=True) if name not in CHOICES)
    is_own = request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    if not typed or not is_own or not _is_found():
        return redirect(own_path(request.full_path.rstrip("?")), 303)
    setattr(g, TYPED, typed)
    return None


def page_of_request() -> str:
    """Return the path of the page that holds the form that was sent, or of this page."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    path = request.full_path.rstrip("?")
    if not path.isprintable():
        return "/"
    if adapter.test(method="GET"):
        return path
    view = current_app.view_functions.get(request.endpoint or "")
    if endpoint := getattr(view, "refused_to", None):
        return url_for(endpoint, _external=False, **(request.view_args or {}))
    path = request.path
    while path and not adapter.test(path, method="GET"):
        path = path.rpartition("/")[0]
    return path or "/"


def carried() -> list[tuple[str, str]]:
    """Return what was typed and not saved, for a page on which something else than its form is shown."""
    if request.method != "POST" and TYPED not in g:
        return []
    return [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_CARRIED]


def _choose(cookie: str, known: Collection[str]) -> None:
    value = request.form.get(cookie, "")
    if value not in known:
        return
    request.cookies = ImmutableMultiDict({**request.cookies, cookie: value})

    @after_this_request
    def remember(response: Response) -> Response:
        response.set_cookie(cookie, value, max_age=YEAR, samesite="Lax", secure=request.is_secure, httponly=True)
        return response


def _is_found() -> bool:
    """Find the page itself, now that the request is a GET."""
    adapter = current_app.create_url_adapter(request)
    try:
        request.url_rule, request.view_args = adapter.match(return_rule=True)  # type: ignore[union-attr, assignment]
    except HTTPException:
        return False
    request.routing_exception = None
    return True
