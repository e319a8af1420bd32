"""Addresses that come in from outside and where they may lead: only to this site."""

from urllib.parse import urlsplit

LONGEST = 500


def own_path(target: str | None, *, otherwise: str = "/") -> str:
    """Return the target when it is a path on this site, else `otherwise`."""
    if not target or len(target) > LONGEST or not target.isprintable() or "\\" in target:
        return otherwise
    parts = urlsplit(target)
    is_own = target.startswith("/") and not target.startswith("//") and not parts.netloc and not parts.scheme
    return target if is_own else otherwise
