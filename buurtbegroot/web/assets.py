"""Addresses of the built css and js, and inline icons, for templates; building them is the work of frontend/."""

import json
from functools import cache
from pathlib import Path
from typing import cast

from flask import Flask, current_app, request, url_for
from markupsafe import Markup


class FrontEndNotBuiltError(RuntimeError):
    """The css, js and icons are missing: the installation is incomplete."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is missing: the front end is not built; run `make install`")


def init_app(app: Flask) -> None:
    """Register the template global `static_url`."""
    app.jinja_env.globals["static_url"] = static_url


def static_url(logical: str) -> str:
    """Return the address of a built file such as "app.css"; raise KeyError when no such file is built."""
    return _address(current_app.static_folder or "", request.root_path, logical)


@cache
def _address(_static_folder: str, _root: str, logical: str) -> str:
    """Build the address of a file once per process, for each path under which the site is mounted."""
    return url_for("static", filename=f"dist/{_built('manifest.json')[logical]}", _external=False)


def icon_shape(name: str) -> Markup:
    """Return what is inside the <svg> of an icon; raise KeyError when icons.txt does not list it."""
    return Markup(_built("icons.json")[name])  # noqa: S704 - our own build made these shapes


def _built(file: str) -> dict[str, str]:
    return _read(Path(cast(str, current_app.static_folder)) / "dist" / file)


@cache
def _read(path: Path) -> dict[str, str]:
    """Read one built JSON file, once per process."""
    try:
        return cast(dict[str, str], json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise FrontEndNotBuiltError(path) from None
