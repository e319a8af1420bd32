"""Limits as views use them: who asks, whether there is room, and how those are answered for whom there is none."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from flask import Flask, current_app, request
from flask.typing import ResponseReturnValue

from buurtbegroot.acts import Fault
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.limits import counter
from buurtbegroot.limits.domain import Counted, DailySecrets, LimitFault, TooOftenError, network_of
from buurtbegroot.settings import bounds_in
from buurtbegroot.web.clock import now
from buurtbegroot.web.errors import error_page
from buurtbegroot.web.refusals import words_of
from buurtbegroot.web.transaction import settle_before_view

OF_THE_CLOCK = 12 * 3600  # seconds: after more of them a time of the clock could be another day's


def init_app(app: Flask) -> None:
    """Answer whoever has to wait with a page that says how long."""
    app.register_error_handler(TooOftenError, _wait)


def counted(limit: str, who: str, *, rates: str, fault: Fault = LimitFault.TOO_OFTEN) -> Counted:
    """Return what a limit counts of somebody; `rates` is text such as "20 per minute; 60 per hour"."""
    return Counted(limit=limit, who=who, bounds=bounds_in(rates), fault=fault)


def of_network(limit: str, *, rates: str, fault: Fault = LimitFault.TOO_OFTEN) -> Counted:
    """Return what a limit counts of the network that asks."""
    return counted(limit, network_of(request.remote_addr or ""), rates=rates, fault=fault)


def check(one: Counted) -> None:
    """Raise TooOftenError when there is no room for one more try."""
    _if_limited(partial(counter.check, db.session(), one))


def count(*several: Counted) -> None:
    """Count a try that is kept with what the request does, or raise TooOftenError."""
    _if_limited(partial(counter.count, db.session(), *several))


def count_failure(one: Counted) -> None:
    """Count a try that failed, or raise TooOftenError; this is kept, and nothing else that the request did so far."""
    db.session.rollback()
    with writing():
        count(one)
        settle_before_view()


def take_back(one: Counted) -> None:
    """Let the newest try not count after all."""
    _if_limited(partial(counter.take_back, db.session(), one))


def daily_secrets() -> DailySecrets:
    """Return the secrets of the day, in the folder of the other keys."""
    return DailySecrets(Path(current_app.config["KEY_DIRECTORY"]))


def _if_limited(act: Callable[..., None]) -> None:
    if current_app.config["RATELIMIT_ENABLED"]:
        act(secrets=daily_secrets(), now=now())


def _wait(refusal: TooOftenError) -> ResponseReturnValue:
    db.session.rollback()
    until = now() + timedelta(seconds=refusal.seconds) if refusal.seconds <= OF_THE_CLOCK else None
    response = error_page(refusal.status, reason=partial(words_of, refusal), until=until)
    response.headers["Retry-After"] = str(refusal.seconds)
    return response
