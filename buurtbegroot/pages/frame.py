"""What stands around every page: menus, languages, colours, the strip of a demo; the pages live elsewhere."""

from collections.abc import Callable
from functools import lru_cache
from pkgutil import resolve_name
from typing import Any, NamedTuple

from flask import Flask, current_app, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from buurtbegroot.rooms import Link, Menu, Reader, Register
from buurtbegroot.web.addresses import phone_link
from buurtbegroot.web.choice import page_of_request
from buurtbegroot.web.locale import NAMES, SCHEMES, direction, not_yet, scheme
from buurtbegroot.web.parts import Where, where
from buurtbegroot.web.register import register


class Place(NamedTuple):
    """One place in a menu."""

    url: str
    label: str
    is_current: bool
    endpoint: str
    aside: Callable[[], str | None] | None = None


def init_app(app: Flask) -> None:
    """Offer the values that templates/layout.html asks for."""
    app.context_processor(_frame)


def _reader() -> Reader:
    if not current_user.is_authenticated:
        return Reader.VISITOR
    if current_user.is_administrator:
        return Reader.ADMINISTRATOR
    return Reader.ORGANISER if current_user.is_organiser else Reader.RESIDENT


@lru_cache(maxsize=4_000)
def _places(rooms: Register, _where: Where, *, reader: Reader, menu: Menu, here: str) -> tuple[Place, ...]:
    """Return a menu; made once for each endpoint, reader, language and path under which the site stands."""
    return tuple(_place(link, here) for link in rooms.links(menu) if reader in link.readers)


def _place(link: Link, here: str) -> Place:
    url = url_for(link.endpoint, _external=False, _anchor=link.anchor or None)
    is_here = here == link.endpoint if link.own_page_only else _blueprint(here) == _blueprint(link.endpoint)
    aside = resolve_name(link.aside) if link.aside else None
    return Place(url, str(link.label), is_here and not link.anchor, link.endpoint, aside)


def _blueprint(endpoint: str) -> str:
    return endpoint.partition(".")[0]


@lru_cache(maxsize=100)
def _fixed(rooms: Register, found: Where) -> dict[str, Any]:
    """Return what is the same on all pages in a language."""
    footer = _places(rooms, found, reader=Reader.VISITOR, menu=Menu.FOOTER, here="")

    def link(endpoint: str, label: str = "") -> tuple[str, str]:
        return url_for(endpoint, _external=False), label

    return {
        "footer_links": tuple((each.url, each.label) for each in footer),
        "help_links": (link("pages.help_page", _("Uitleg en hulp")),),
        "home_url": link("pages.home")[0],
        "language": found.language,
        "direction": direction(found.language),
    }


def _frame() -> dict[str, Any]:
    settings, here, found = current_app.config, request.endpoint or "", where()
    rooms, reader = register(), _reader()

    def menu(which: Menu) -> tuple[Place, ...]:
        return _places(rooms, found, reader=reader, menu=which, here=here)

    return {
        **_fixed(rooms, found),
        "nav": menu(Menu.MAIN),
        "account_nav": menu(Menu.ACCOUNT),
        "workplace_nav": menu(Menu.WORKPLACE),
        "languages": tuple((code, NAMES.get(code, code)) for code in settings["LANGUAGES"]),
        "site_name": settings["SITE_NAME"],
        "municipality": settings["MUNICIPALITY"],
        "phone": phone_link(settings["CONTACT_PHONE"]),
        "not_yet": not_yet(),
        "email": settings["CONTACT_EMAIL"],
        "scheme": scheme(),
        "scheme_class": SCHEMES[scheme()],
        "here": page_of_request(),
        "is_demo": settings["DEMO"],
    }
