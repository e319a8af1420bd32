"""The front page and the pages about the site."""

from datetime import datetime, timedelta

from flask import Blueprint, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from werkzeug.wrappers import Response

from buurtbegroot.akkoord.queries import latest_edition
from buurtbegroot.areas.queries import atlas
from buurtbegroot.areas.queries.drawing import dots, fills, marks
from buurtbegroot.core.phases import Phase
from buurtbegroot.extensions import db
from buurtbegroot.migrating import is_current
from buurtbegroot.pages.promises import LIMITS, PROMISES
from buurtbegroot.results.queries import RoundCard, cards_of
from buurtbegroot.results.queries.figures import figures_for_city
from buurtbegroot.rounds.queries import published_rounds, window_of
from buurtbegroot.rounds.queries.lists import COLOURS
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now
from buurtbegroot.web.register import register

bp = Blueprint("pages", __name__)
ROUNDS_SHOWN = 8
SECURITY_TXT_HOLDS = timedelta(days=180)


@bp.get("/")
@admits(Audience.EVERYONE)
def home() -> ResponseReturnValue:
    """Show what is going on in the city: the map, the rounds of now, how it works, what it is part of."""
    session = db.session()
    book = atlas(session)
    cards = _current(cards_of(session, published_rounds(session), now=now()))
    placed = marks(book, book.city_base.frame, [card.codes for card in cards])
    edition, points = latest_edition(session) or (None, 0)
    return render_template(
        "pages/home.html",
        base=book.city_base,
        fills=fills(placed, [COLOURS[card.standing.stage] for card in cards]),
        dots=dots(placed, [(card.round.title, url_for("rounds.show", slug=card.round.slug)) for card in cards]),
        rows=[(card, book.extent(card.codes)) for card in cards],
        figures=figures_for_city(session),
        edition=edition,
        points=points,
    )


def _current(cards: list[RoundCard]) -> list[RoundCard]:
    """Return the rounds that are not over yet, and a few of those that are when there is room."""
    going_on = [card for card in cards if not card.standing.is_over]
    over = sorted((card for card in cards if card.standing.is_over), key=_ended, reverse=True)
    return (going_on + over[: max(2, ROUNDS_SHOWN - len(going_on))])[:ROUNDS_SHOWN]


def _ended(card: RoundCard) -> datetime:
    voting = window_of(card.round, Phase.VOTING)
    return card.round.certified_at or (voting.ends_at if voting else card.round.created_at)


@bp.get("/hulp")
@admits(Audience.EVERYONE)
def help_page() -> ResponseReturnValue:
    """Explain how a round works and where to get help."""
    return render_template("pages/help_page.html")


@bp.get("/toegankelijkheid")
@admits(Audience.EVERYONE)
def accessibility() -> ResponseReturnValue:
    """State how accessible the site is."""
    return render_template("pages/accessibility.html")


@bp.get("/privacy")
@admits(Audience.EVERYONE)
def privacy() -> ResponseReturnValue:
    """State what is kept of people, why and for how long."""
    told = [promise for kept in register().kept for promise in kept.told]
    promises = [tuple(text % current_app.config for text in (row.what, row.why, row.until)) for row in told]
    return render_template("pages/privacy.html", promises=promises, days=current_app.config["BACKUP_DAYS"])


@bp.get("/hoe-geheim")
@admits(Audience.EVERYONE)
def secrecy() -> ResponseReturnValue:
    """Tell what of a vote is protected, by which test, and what is not."""
    return render_template("pages/secrecy.html", promises=PROMISES, limits=LIMITS)


@bp.get("/.well-known/security.txt")
@admits(Audience.EVERYONE)
def security_txt() -> ResponseReturnValue:
    """Say where to report a weakness (RFC 9116)."""
    lines = [
        f"Contact: mailto:{current_app.config['CONTACT_EMAIL']}",
        f"Expires: {(now() + SECURITY_TXT_HOLDS).strftime('%Y-%m-%dT%H:%M:%SZ')}",
        "Preferred-Languages: nl, en",
        f"Canonical: {current_app.config['SITE_URL']}{url_for('pages.security_txt', _external=False)}",
    ]
    return _plain("\n".join(lines))


@bp.get("/robots.txt")
@admits(Audience.EVERYONE)
def robots_txt() -> ResponseReturnValue:
    """Let search engines read what is public; the booth and the workplace are of no use to them."""
    return _plain("User-agent: *\nDisallow: /werkplek\nDisallow: /rondes/*/stemmen\nDisallow: /gebieden/zoek")


@bp.get("/gezond")
@admits(Audience.EVERYONE)
def healthy() -> ResponseReturnValue:
    """Say that the process answers and can have a connection to its database; 503 when it cannot."""
    try:
        db.engine.connect().close()
    except (DBAPIError, NoConnectionError):
        return _plain("no connection to the database", 503)
    return _plain("ok")


@bp.get("/klaar")
@admits(Audience.EVERYONE)
def ready() -> ResponseReturnValue:
    """Say that the database answers and is at this version; 503 when it is not."""
    try:
        current = is_current(db.engine)
    except (DBAPIError, NoConnectionError):
        return _plain("the database does not answer", 503)
    return _plain("ok") if current else _plain("the database is behind on migrations", 503)


def _plain(content: str, status: int = 200) -> Response:
    return Response(content + "\n", status, mimetype="text/plain")
