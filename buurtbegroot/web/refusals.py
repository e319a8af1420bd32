"""How a refused act is answered: rolled back, always, and said in the words of its room; never committed."""

import logging
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, TypeVar

from flask import Flask, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError

from buurtbegroot.acts import ChangedSinceError, Fault, NotAllowedError, RefusedError
from buurtbegroot.extensions import db
from buurtbegroot.rooms import FaultWords
from buurtbegroot.texts import Text
from buurtbegroot.web.errors import error_page
from buurtbegroot.web.transaction import SAFE_METHODS

log = logging.getLogger(__name__)
Answer = Callable[[RefusedError], ResponseReturnValue]
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
WORDS = "refusal_words"


def init_app(app: Flask) -> None:
    """Answer every refusal in one place, whichever view and room it comes from."""
    app.extensions[WORDS] = {}
    app.register_error_handler(RefusedError, _refused)
    app.register_error_handler(NotAllowedError, _not_allowed)
    app.register_error_handler(StaleDataError, _written_over)


def say_refusals(app: Flask, words: FaultWords) -> None:
    """Let pages say the faults of a room in these words, whose gaps are filled with the facts of the refusal.

    A function in place of words gets the refusal itself and returns the sentence.
    """
    app.extensions[WORDS].update(words)


def words_of(refusal: RefusedError) -> str:
    """Return the sentence that tells a visitor why, and what to do next."""
    words = current_app.extensions[WORDS][refusal.fault]
    return str(words % refusal.facts if isinstance(words, Text) else words(refusal))


def refused_to(endpoint: str) -> Callable[[View], View]:
    """Declare the page on which a refusal of this view is said; goes directly under `admits` and `weighs`."""

    def declare(view: View) -> View:
        view.__dict__["refused_to"] = endpoint
        return view

    return declare


def on_refusal(answer: Answer, *, only: Collection[Fault] | None = None) -> None:
    """Let the rest of this request answer refusals, or `only` those for these faults, in its own way.

    Such as the form with the reason at a field. What was said last goes first, what is for named faults before all.
    """
    answers = [(answer, only), *g.get("on_refusal", ())]
    g.on_refusal = sorted(answers, key=lambda each: each[1] is None)


def say_again(page: Callable[[], str]) -> Answer:
    """Return an answer to a refusal that shows a page as it is now, with the reason on top."""

    def answer(refusal: RefusedError) -> ResponseReturnValue:
        flash(words_of(refusal), "error")
        return page(), refusal.status

    return answer


def _refused(refusal: RefusedError) -> ResponseReturnValue:
    db.session.rollback()
    if refusal.status >= 500:  # of the house, not of the visitor
        log.error("refused: %s", refusal)
    for answer, only in g.get("on_refusal", ()):
        if only is None or refusal.fault in only:
            own: ResponseReturnValue = answer(refusal)
            return own
    view = current_app.view_functions.get(request.endpoint or "")
    endpoint: str | None = getattr(view, "refused_to", None)
    if endpoint is None or request.method in SAFE_METHODS:  # a page that cannot be shown leads to none that can
        return error_page(refusal.status, reason=partial(words_of, refusal))
    flash(words_of(refusal), "error")
    return redirect(url_for(endpoint, **_arguments_for(endpoint)), 303)


def _written_over(_error: StaleDataError) -> ResponseReturnValue:
    """Answer the database's own refusal to write over a version that was not read."""
    return _refused(ChangedSinceError())


def _arguments_for(endpoint: str) -> dict[str, Any]:
    taken = {name for rule in current_app.url_map.iter_rules(endpoint) for name in rule.arguments}
    return {name: value for name, value in (request.view_args or {}).items() if name in taken}


def _not_allowed(error: NotAllowedError) -> ResponseReturnValue:
    db.session.rollback()
    return error_page(404 if error.hidden else 403)
