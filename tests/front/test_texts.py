"""Texts in templates: escaped where a page is made, plain where a mail is, in the reader's language."""

import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale
from jinja2 import DictLoader

from buurtbegroot.texts import eur, lazy_gettext
from buurtbegroot.web.locale import language_of_device
from tests.front.test_parts import small_app

TEXT = '{{ _("Plannen") }} {{ _("%(seen)s van %(total)s plannen", seen=word, total=3) }}'


def test_a_text_escapes_what_it_shows_on_a_page_only() -> None:
    app = small_app()
    app.jinja_env.loader = DictLoader({"mail.txt": TEXT})
    with app.test_request_context(), force_locale("nl"):
        assert render_template_string(TEXT, word="<b>") == "Plannen &lt;b&gt; van 3 plannen"
        assert app.jinja_env.get_template("mail.txt").render(word="<b>") == "Plannen <b> van 3 plannen"
    assert _in_english(app) == "Plans a of 3 plans"


def _in_english(app: Flask) -> str:
    with app.test_request_context(), force_locale("en"):
        return render_template_string(TEXT, word="a")


def test_a_text_below_flask_is_read_by_each_reader_anew() -> None:
    app, text = small_app(), lazy_gettext("Plannen")
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert (str(text), eur(167_400)) == ("Plans", "€\u00a01,674")
    with app.test_request_context(headers={"Accept-Language": "nl"}):
        assert (str(text), eur(167_400)) == ("Plannen", "€\u00a01.674")
    with app.app_context():
        assert str(text) == "Plannen", "a command reads in the first language of the site"
    assert str(text) == "Plannen"


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("en-GB;q=0.5, nl;q=0.4", "en"),
        ("nl-BE, en;q=0.9", "nl"),
        ("de, en-US;q=0.3", "en"),
        ("en;q=0, de", "nl"),
        ("*", "nl"),
        ("", "nl"),
    ],
)
def test_the_language_is_the_one_that_a_browser_wants_most(app: Flask, asked: str, language: str) -> None:
    with app.test_request_context(headers={"Accept-Language": asked}):
        assert language_of_device() == language
