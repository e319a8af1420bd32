"""Kept parts of pages: never out of date, in the reader's language, with the symbols that they refer to."""

from html import unescape
from typing import NamedTuple
from unittest.mock import Mock

from flask import Flask, render_template_string
from flask_babel import force_locale
from jinja2 import DictLoader

from buurtbegroot.app import create_app

MACROS = (
    '{% macro line(row, mark) %}<li>{{ row.name }}{{ mark }} {{ icon("check") }} {{ _("Plannen") }}</li>{% endmacro %}'
)
PAGE = '{{ part("_macros.html", "line", row, "!") }}|{{ parts("_macros.html", "line", rows) }}|{{ symbols() }}'


class Row(NamedTuple):
    """Something to show."""

    name: str


def small_app() -> Flask:
    app = create_app({"TESTING": True, "SECRET_KEY": "test", "SQLALCHEMY_DATABASE_URI": "sqlite://"})
    app.jinja_env.loader = DictLoader({"_macros.html": MACROS})
    return app


def render(app: Flask, name: str, language: str = "nl") -> str:
    with app.test_request_context(), force_locale(language):
        return render_template_string(PAGE, row=Row(name), rows=[Row("b"), Row(name)])


def test_other_content_is_another_part() -> None:
    app = small_app()
    assert render(app, "a") == render(app, "a")
    assert "<li>c! " in render(app, "c")
    assert "<li>c! " not in render(app, "a")


def test_what_a_part_shows_is_escaped() -> None:
    assert "<b>" not in render(small_app(), "<b>")


def test_a_part_is_ascii_and_means_the_same() -> None:
    page = render(small_app(), "Café € 5 \U0001f333")
    assert page.isascii()
    assert "<li>Café € 5 \U0001f333!" in unescape(page)


def test_a_part_is_kept_for_each_language() -> None:
    app = small_app()
    assert "Plannen" in render(app, "a", "nl")
    assert "Plannen" not in render(app, "a", "en")


def test_a_kept_part_brings_its_symbols() -> None:
    app = small_app()
    assert [render(app, "a").count('id="icon-check"') for _ in range(3)] == [1, 1, 1]


def test_a_part_is_rendered_once() -> None:
    app, draw = small_app(), Mock(side_effect=str)
    app.jinja_env.globals["icon"] = draw
    for _ in range(3):
        render(app, "a")
    assert draw.call_count == 3  # one with the mark, two without


def test_a_part_that_tells_a_choice_is_made_anew_with_its_symbols() -> None:
    page = '{{ part("_macros.html", "line", row, ["!"], kept=false) }}|{{ symbols() }}'  # a list cannot be kept
    with small_app().test_request_context(), force_locale("nl"):
        shown = render_template_string(page, row=Row("<b>"))
    assert "<li>&lt;b&gt;[" in shown
    assert shown.count('id="icon-check"') == 1
