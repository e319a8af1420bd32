"""Addresses that come in from outside: which numbers they may hold, and where they may lead: only to this site."""

from urllib.parse import urlencode, urlsplit

from flask import Flask
from werkzeug.routing import IntegerConverter, UnicodeConverter, ValidationError

LONGEST = 500


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


def init_app(app: Flask) -> None:
    """Let `<int:…>` in every route mean a short number and `<…>` a plain text; comes before the routes."""
    app.url_map.converters.update(int=ShortNumber, string=PlainText, default=PlainText)
    app.jinja_env.globals["with_query"] = with_query


def with_query(path: str, **wanted: str | int) -> str:
    """Return a path with a query of all that is wanted; what is empty or 0 is left out."""
    query = urlencode({name: value for name, value in wanted.items() if value})
    return f"{path}?{query}" if query else path


def own_path(target: str | None, *, otherwise: str = "/") -> str:
    """Return the target when it is a path on this site, else `otherwise`."""
    if not target or len(target) > LONGEST or not target.isprintable() or "\\" in target:
        return otherwise
    parts = urlsplit(target)
    is_own = target.startswith("/") and not target.startswith("//") and not parts.netloc and not parts.scheme
    return target if is_own else otherwise
