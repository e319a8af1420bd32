"""Addresses that come in from outside: which numbers they may hold, and where they may lead: only to this site."""

from collections.abc import Callable, Mapping
from types import MethodType
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Flask, current_app, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Rule, UnicodeConverter, ValidationError

LONGEST = 500
SPELLED: Mapping[str, Callable[[str], str]] = {"slug": str.lower, "edition": str.lower, "code": str.upper}
"""How the texts in addresses that people type from a letter are spelled; others, such as tokens, are as they are."""


class ShortNumber(IntegerConverter):
    """A number in an address, in ASCII figures; one that no column could hold leads nowhere."""

    regex = "[0-9]{1,9}"


class PlainText(UnicodeConverter):
    """A text in an address; one with a NUL, which no database looks up, leads nowhere."""

    def to_python(self, value: str) -> str:
        """Raise ValidationError, which means that the route does not match."""
        if "\x00" in value:
            raise ValidationError
        return value


class LateRule(Rule):
    """A rule that compiles the making of its address when that is first made, not when the app starts.

    For all rules together that takes a tenth of a second, in every process, of which most make few addresses.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        name = "_build_unknown" if append_unknown else "_build"

        def build(rule: LateRule, /, **values: Any) -> tuple[str, str]:
            made = MethodType(super(LateRule, rule)._compile_builder(append_unknown), rule)
            setattr(rule, name, made)
            address: tuple[str, str] = made(**values)
            return address

        return build


def init_app(app: Flask) -> None:
    """Let `<int:…>` in every route mean a short number and `<…>` a plain text; comes before the routes."""
    app.url_map.converters.update(int=ShortNumber, string=PlainText, default=PlainText)
    app.jinja_env.globals["with_query"] = with_query


def phone_link(number: str) -> Markup:
    """Return a telephone number as a link that calls it."""
    called = "".join(sign for sign in number if sign.isdigit() or sign == "+")
    return Markup('<a class="bb-num" href="tel:{}">{}</a>').format(called, number)


def with_query(path: str, **wanted: str | int) -> str:
    """Return a path with a query of all that is wanted; what is empty or 0 is left out."""
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f"{path}?{query}" if query else path


def address_meant() -> str | None:
    """Return the address that was meant by one that leads nowhere: other capitals, or a slash at the end; else None."""
    if request.method not in {"GET", "HEAD"}:
        return None
    if request.endpoint is None:
        meant = _matched(request.path.rstrip("/"))
    else:
        given = request.view_args or {}
        meant = (request.endpoint, respelled) if (respelled := _respelled(given)) != given else None
    if meant is None:
        return None
    endpoint, values = meant
    address = url_for(endpoint, **values)
    return f"{address}?{request.query_string.decode('latin-1')}" if request.query_string else address


def _matched(path: str) -> tuple[str, dict[str, Any]] | None:
    """Return the route that a path means as it is, or in small letters where nothing but words and numbers vary."""
    routes = current_app.create_url_adapter(request)
    assert routes is not None
    for spelled in (path, path.lower()):
        try:
            endpoint, values = routes.match(spelled, method="GET")
        except HTTPException:
            continue
        if spelled == path or all(name in SPELLED or isinstance(value, int) for name, value in values.items()):
            return endpoint, _respelled(values)
    return None


def _respelled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: SPELLED[name](value) if name in SPELLED else value for name, value in values.items()}


def own_path(target: str | None, *, otherwise: str = "/") -> str:
    """Return the target when it is a path on this site, else `otherwise`."""
    if not target or len(target) > LONGEST or not target.isprintable() or "\\" in target:
        return otherwise
    parts = urlsplit(target)
    is_own = target.startswith("/") and not target.startswith("//") and not parts.netloc and not parts.scheme
    return target if is_own else otherwise
