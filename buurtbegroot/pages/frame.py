"""What stands around every page: menus, languages, colours, the strip of a demo; the pages live elsewhere."""

from functools import lru_cache
from typing import Any, NamedTuple

from flask import Flask, current_app, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from buurtbegroot.web.locale import NAMES, SCHEMES, direction, scheme
from buurtbegroot.web.parts import Where, where


class Place(NamedTuple):
    """One place in a menu."""

    url: str
    label: str
    is_current: bool


def init_app(app: Flask) -> None:
    """Offer the values that templates/layout.html asks for."""
    app.context_processor(_frame)


def _link(endpoint: str, label: str, here: str) -> Place:
    room = endpoint.split(".", maxsplit=1)[0]
    is_here = here == endpoint if room in {"pages", "accounts"} else here.split(".", maxsplit=1)[0] == room
    return Place(url_for(endpoint, _external=False), label, is_here)


@lru_cache(maxsize=2_000)
def _menu(_where: Where, here: str) -> tuple[Place, ...]:
    """Return the places for everyone; made once for each endpoint, language and path under which the site stands."""
    return (
        _link("rounds.index", _("Rondes"), here),
        _link("proposals.index", _("Plannen"), here),
        _link("results.index", _("Uitslagen"), here),
        _link("akkoord.index", _("Akkoord"), here),
        _link("pages.help_page", _("Hulp"), here),
    )


@lru_cache(maxsize=2_000)
def _account_menu(_where: Where, here: str, *, signed_in: bool, organises: bool) -> tuple[Place, ...]:
    if not signed_in:
        return (_link("accounts.sign_in", _("Inloggen"), here),)
    own = _link("accounts.show", _("Mijn account"), here)
    if organises:  # whose bar in the workplace has the button itself
        return (_link("rounds_organiser.index", _("Werkplek"), here), own)
    return (own, Place(f"{own.url}#uitloggen", _("Uitloggen"), False))


@lru_cache(maxsize=100)
def _fixed(found: Where) -> dict[str, Any]:
    """Return what is the same on all pages in a language."""

    def link(endpoint: str, label: str = "") -> tuple[str, str]:
        return url_for(endpoint, _external=False), label

    return {
        "footer_links": (
            link("opendata.index", _("Open data")),
            link("audit.index", _("Logboek")),
            link("akkoord.index", _("Maatschappelijk akkoord")),
            link("areas.index", _("Gebieden")),
            link("pages.accessibility", _("Toegankelijkheid")),
            link("pages.privacy", _("Privacy")),
        ),
        "help_links": (link("pages.help_page", _("Uitleg en hulp")),),
        "home_url": link("pages.home")[0],
        "language_url": link("pages.choose_language")[0],
        "scheme_url": link("pages.choose_scheme")[0],
        "language": found.language,
        "direction": direction(found.language),
    }


def _here() -> str:
    """Return the page to come back to after a choice of language or colours."""
    path = request.full_path.rstrip("?")
    return path if request.method == "GET" and path.isprintable() else "/"


def _frame() -> dict[str, Any]:
    settings, here, found = current_app.config, request.endpoint or "", where()
    signed_in = current_user.is_authenticated
    organises = signed_in and current_user.is_organiser
    return {
        **_fixed(found),
        "nav": _menu(found, here),
        "account_nav": _account_menu(found, here, signed_in=signed_in, organises=organises),
        "languages": tuple((code, NAMES.get(code, code)) for code in settings["LANGUAGES"]),
        "site_name": settings["SITE_NAME"],
        "municipality": settings["MUNICIPALITY"],
        "phone": settings["CONTACT_PHONE"],
        "email": settings["CONTACT_EMAIL"],
        "scheme": scheme(),
        "scheme_class": SCHEMES[scheme()],
        "here": _here(),
        "is_demo": settings["DEMO"],
    }
