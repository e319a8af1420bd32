"""One transaction per request, decided at this edge: a safe answer to an unsafe method commits, all else rolls back."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.web.addresses import LateRule
from buurtbegroot.web.choice import take_choice
from buurtbegroot.web.downloads import Spool

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
COLLISIONS = {"40001", "40P01"}  # what PostgreSQL says when it lets one of two transactions give way
TRIES = 5

BEFORE = "before_settling"

Result = TypeVar("Result")
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


class TransactionalFlask(Flask):
    """Flask whose every request is one transaction; nothing is acknowledged before COMMIT returned."""

    url_rule_class = LateRule

    def full_dispatch_request(self) -> Response:
        """Say that the request will write before anything reads: finding out who asks begins the transaction."""
        with writing(request.method not in SAFE_METHODS):
            return super().full_dispatch_request()

    def preprocess_request(self) -> ResponseReturnValue | None:
        """See first whether a form was sent to choose a language or colours: then nothing of it is done."""
        return take_choice() or super().preprocess_request()

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view, then commit or roll back, inside reach of the error handlers.

        The answer is whole by then, also one that the view makes bit by bit or reads from a file: nothing is held while
        somebody reads it, and what goes wrong halfway is an error page, not half a file.
        """
        response = self.make_response(super().dispatch_request())
        if response.is_streamed and not isinstance(response.response, Spool):
            _finish(response)
        if _commits(response):
            for look in self.extensions.get(BEFORE, ()):
                response = self.make_response(look(response) or response)
        _settle(response)
        return response


def _finish(response: Response) -> None:
    content = response.response
    try:
        response.set_data(b"".join(response.iter_encoded()))
        response.direct_passthrough = False
    finally:
        if hasattr(content, "close"):
            content.close()


def before_settling(app: Flask, look: Callable[[Response], ResponseReturnValue | None]) -> None:
    """Let a function look at each answer that is about to commit; what it returns is the answer instead."""
    app.extensions.setdefault(BEFORE, []).append(look)


def repeatable(view: View) -> View:
    """Declare that a form may be done as often as it is sent, and that no row may say that it was sent."""
    view.__dict__["repeatable"] = True
    return view


def is_repeatable(app: Flask, endpoint: str | None) -> bool:
    """Tell whether the endpoint's view declared so."""
    return bool(getattr(app.view_functions.get(endpoint or ""), "repeatable", False))


def _commits(response: Response) -> bool:
    return request.method not in SAFE_METHODS and response.status_code < 400


def _settle(response: Response) -> None:
    if _commits(response):
        db.session.commit()
    else:
        db.session.rollback()


def settle_before_view() -> None:
    """Commit what was found out before the view runs, whatever becomes of the view: who is there, what was typed."""
    db.session.commit()


def retried(session: Session, work: Callable[[], Result]) -> Result:
    """Return what `work` returns, starting over in a new transaction when it had to give way to another one.

    `work` must begin the transaction's writing. After five tries the collision is raised.
    """
    for _ in range(TRIES - 1):
        try:
            return work()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in COLLISIONS:
                raise
            session.rollback()
    return work()
