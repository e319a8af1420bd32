"""One transaction per request, decided at this edge: a safe answer to an unsafe method commits, all else rolls back."""

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

from buurtbegroot.database import writing
from buurtbegroot.extensions import db

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class TransactionalFlask(Flask):
    """Flask whose every request is one transaction; nothing is acknowledged before COMMIT returned."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view, then commit or roll back, inside reach of the error handlers."""
        with writing(request.method not in SAFE_METHODS):
            response = self.make_response(super().dispatch_request())
            _settle(response)
        return response


def _settle(response: Response) -> None:
    if request.method not in SAFE_METHODS and response.status_code < 400:
        db.session.commit()
    else:
        db.session.rollback()
