"""Addresses of the built css and js, and inline icons, for templates; building them is the work of frontend/."""

import json
from functools import cache
from pathlib import Path
from typing import cast

from flask import Flask, url_for
from markupsafe import Markup

# Arrows point the other way in a language written from right to left.
DIRECTIONAL = ("arrow-left", "arrow-right", "arrow-back", "chevron-left", "chevron-right", "player-skip", "external")


class FrontEndNotBuiltError(RuntimeError):
    """The css, js and icons are missing: the installation is incomplete."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is missing: the front end is not built; run `make install`")


def init_app(app: Flask) -> None:
    """Register the template globals `static_url` and `icon`."""
    dist = Path(cast(str, app.static_folder)) / "dist"

    def static_url(logical: str) -> str:
        """Return the address of a built file such as "app.css"; raise KeyError when no such file is built."""
        return url_for("static", filename=f"dist/{_read(dist / 'manifest.json')[logical]}")

    def icon(name: str, *, size: str = "") -> Markup:
        """Return a decorative inline SVG; `size="lg"` is large; raise KeyError when icons.txt does not list it."""
        classes = "bb-icon" + (f" bb-icon--{size}" if size else "")
        classes += " bb-icon--directional" if name.startswith(DIRECTIONAL) else ""
        return Markup(
            '<svg class="{}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round"'
            ' stroke-linejoin="round" aria-hidden="true">{}</svg>'
        ).format(classes, Markup(_read(dist / "icons.json")[name]))  # noqa: S704 - our own build made these shapes

    app.jinja_env.globals.update(static_url=static_url, icon=icon)


@cache
def _read(path: Path) -> dict[str, str]:
    """Read one built JSON file, once per process."""
    try:
        return cast(dict[str, str], json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise FrontEndNotBuiltError(path) from None
