"""Drawings and icons that a page shows many times: each stands in it once, as a symbol that the others refer to."""

from collections.abc import Callable, Iterable
from functools import cache, lru_cache

from flask import Flask, current_app, g
from markupsafe import Markup

from buurtbegroot.web.assets import icon_shape

ICON = "icon-"
STROKE = 'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"'
# Arrows point the other way in a language written from right to left.
DIRECTIONAL = ("arrow-left", "arrow-right", "arrow-back", "chevron-left", "chevron-right", "player-skip", "external")


def init_app(app: Flask) -> None:
    """Register the template globals `icon`, `symbol` and, for the layout, `symbols`; shapes are this app's build."""
    for kept in (_drawn, _icon, _shape):
        kept.cache_clear()
    app.jinja_env.globals.update(icon=icon, symbol=symbol, symbols=symbols)


def symbol(name: str) -> Markup:
    """Refer to a drawing of components/drawings.html; goes inside an <svg>."""
    _used()[name] = None
    return _reference(name)


def icon(name: str) -> Markup:
    """Return a decorative inline SVG; raise KeyError when icons.txt does not list it."""
    _used()[ICON + name] = None
    return _icon(name)


def symbols() -> Markup:
    """Return the shapes of everything that the page refers to; comes last, and goes along when parts are swapped."""
    return _drawn(frozenset(_used()))


@lru_cache(maxsize=1_000)
def _drawn(names: frozenset[str]) -> Markup:
    shapes = Markup("").join(_shape(name) for name in sorted(names))
    return Markup('<svg class="bb-symbols" aria-hidden="true" data-bb-region="symbols">{}</svg>').format(shapes)


def use(names: Iterable[str]) -> None:
    """Let the page have these symbols: a part that was rendered before refers to them."""
    _used().update(dict.fromkeys(names))


def collected(render: Callable[[], Markup]) -> tuple[Markup, tuple[str, ...]]:
    """Return what `render` returns and the symbols that it refers to, which the page then does not have yet."""
    before, g.symbols = _used(), {}
    try:
        return render(), tuple(g.symbols)
    finally:
        g.symbols = before


def _used() -> dict[str, None]:
    used: dict[str, None] = g.setdefault("symbols", {})
    return used


@cache
def _reference(name: str) -> Markup:
    return Markup('<use href="#{}"/>').format(name)


@cache
def _icon(name: str) -> Markup:
    icon_shape(name)  # an unlisted icon is an error where it is used
    classes = "bb-icon bb-icon--directional" if name.startswith(DIRECTIONAL) else "bb-icon"
    return Markup('<svg class="{}" aria-hidden="true">{}</svg>').format(classes, _reference(ICON + name))


@cache
def _shape(name: str) -> Markup:
    if name.startswith(ICON):
        attributes, shape = STROKE, icon_shape(name.removeprefix(ICON))
    else:
        drawings = current_app.jinja_env.get_template("components/drawings.html").module
        attributes, shape = 'viewBox="0 0 320 180"', drawings.drawing(name).strip()  # type: ignore[attr-defined]
    return Markup('<symbol id="{}" {}>{}</symbol>').format(name, Markup(attributes), shape)  # noqa: S704 - our own
