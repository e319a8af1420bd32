"""What stands around every page: menus, languages, colours, the strip of a demo; the pages live elsewhere."""

from functools import cache
from typing import Any, NamedTuple

from flask import Flask, current_app, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from buurtbegroot.web.locale import NAMES, RIGHT_TO_LEFT, scheme


class Place(NamedTuple):
    """One place in a menu."""

    url: str
    label: str
    is_current: bool


def init_app(app: Flask) -> None:
    """Offer the values that templates/layout.html asks for."""
    app.context_processor(_frame)


def _link(endpoint: str, label: str) -> Place:
    room, here = endpoint.split(".", maxsplit=1)[0], request.endpoint or ""
    is_here = here == endpoint if room in {"pages", "accounts"} else here.split(".")[0] == room
    return Place(_url(endpoint), label, is_here)


def _url(endpoint: str) -> str:
    return _address(request.root_path, endpoint)


@cache
def _address(_root: str, endpoint: str) -> str:
    """Build an address without values once per process, for each path under which the site is mounted."""
    return url_for(endpoint, _external=False)


def _menu() -> list[Place]:
    return [
        _link("rounds.index", _("Rondes")),
        _link("proposals.index", _("Plannen")),
        _link("results.index", _("Uitslagen")),
        _link("akkoord.index", _("Akkoord")),
        _link("pages.help_page", _("Hulp")),
    ]


def _account_menu() -> list[Place]:
    if not current_user.is_authenticated:
        return [_link("accounts.sign_in", _("Inloggen"))]
    if current_user.is_organiser:
        return [_link("rounds_organiser.index", _("Werkplek")), _link("accounts.show", _("Mijn account"))]
    return [_link("accounts.show", _("Mijn account"))]


def _footer_links() -> list[tuple[str, str]]:
    return [
        (_url("opendata.index"), _("Open data")),
        (_url("audit.index"), _("Logboek")),
        (_url("akkoord.index"), _("Maatschappelijk akkoord")),
        (_url("areas.index"), _("Gebieden")),
        (_url("pages.accessibility"), _("Toegankelijkheid")),
        (_url("pages.privacy"), _("Privacy")),
    ]


def _here() -> str:
    """Return the page to come back to after a choice of language or colours."""
    path = request.full_path.rstrip("?")
    return path if request.method == "GET" and path.isprintable() else "/"


def _frame() -> dict[str, Any]:
    language = str(get_locale())
    return {
        "nav": _menu(),
        "account_nav": _account_menu(),
        "footer_links": _footer_links(),
        "help_links": [(_url("pages.help_page"), _("Uitleg en hulp"))],
        "site_name": current_app.config["SITE_NAME"],
        "municipality": current_app.config["MUNICIPALITY"],
        "phone": current_app.config["CONTACT_PHONE"],
        "email": current_app.config["CONTACT_EMAIL"],
        "home_url": _url("pages.home"),
        "language": language,
        "direction": "rtl" if language in RIGHT_TO_LEFT else "ltr",
        "languages": [(code, NAMES.get(code, code)) for code in current_app.config["LANGUAGES"]],
        "language_url": _url("pages.choose_language"),
        "scheme": scheme(),
        "scheme_url": _url("pages.choose_scheme"),
        "here": _here(),
        "is_demo": current_app.config["DEMO"],
    }
