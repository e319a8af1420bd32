"""The reader's language and colour scheme: cookie first, then account, then Accept-Language; no texts live here."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from babel import Locale, negotiate_locale
from babel.support import NullTranslations
from flask import Flask, current_app, g, has_request_context, request
from flask_babel import force_locale, get_locale, get_translations
from flask_login import current_user
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from buurtbegroot import texts
from buurtbegroot.extensions import babel
from buurtbegroot.timezone import AMSTERDAM

SOURCE = "nl"  # the language of the texts in the code
LANGUAGE_COOKIE = "taal"
SCHEME_COOKIE = "weergave"
SCHEMES = {"automatisch": "auto", "licht": "light", "donker": "dark"}  # and how style sheets call them
NAMES = {"nl": "Nederlands", "en": "English", "tr": "Türkçe", "ar": "العربية"}
RIGHT_TO_LEFT = {"ar", "fa", "he"}
NOT_YET = {
    "en": "This site is not yet in your language.",
    "ar": "هذا الموقع غير متاح باللغة العربية بعد.",
    "de": "Diese Website gibt es noch nicht auf Deutsch.",
    "es": "Este sitio web todavía no está en español.",
    "fr": "Ce site n’existe pas encore en français.",
    "it": "Questo sito non è ancora in italiano.",
    "pl": "Tej strony nie ma jeszcze po polsku.",
    "pt": "Este site ainda não está em português.",
    "tr": "Bu site henüz Türkçe değil.",
    "uk": "Цього сайту ще немає українською.",
}
"""What the site says to whoever reads a language that it lacks, in that language; in English for all others."""


def select_language() -> str:
    """Return the code of a language that the site offers, whatever was asked for; the first where nobody asks."""
    offered: list[str] = current_app.config["LANGUAGES"]
    if not has_request_context():
        return offered[0]
    if request.cookies.get(LANGUAGE_COOKIE) not in offered:
        own = getattr(current_user, "language", None)
        if own in offered:
            return str(own)
    return language_of_device()


def language_of_device() -> str:
    """Return the language of the cookie, else of the browser: nobody's account is looked up for it."""
    offered: list[str] = current_app.config["LANGUAGES"]
    asked = request.cookies.get(LANGUAGE_COOKIE)
    if asked in offered:
        return asked
    wanted = [language for language, quality in request.accept_languages if quality]
    return negotiate_locale(wanted, offered, sep="-") or offered[0]


def not_yet() -> tuple[str, str]:
    """Return what to say, and in which language, to whoever chose none here and reads none of ours; else two empty."""
    offered: list[str] = current_app.config["LANGUAGES"]
    asked = [language.partition("-")[0].lower() for language, quality in request.accept_languages if quality]
    has_chosen = request.cookies.get(LANGUAGE_COOKIE) in offered or getattr(current_user, "language", None) in offered
    if has_chosen or not asked or "*" in asked or set(asked) & set(offered):
        return "", ""
    code = next((each for each in asked if each in NOT_YET), "en")
    return NOT_YET[code], code


def lang(language: str) -> Markup:
    """Return the attributes of an element whose text is in a language; none when that is the language of the page.

    An empty language is an unknown one.
    """
    if language == str(get_locale()):
        return Markup()
    if not language:
        return Markup(' lang="" dir="auto"')
    return Markup(' lang="{}" dir="{}"').format(language, direction(language))


def in_language(text: str, language: str) -> Markup:
    """Return a text that says in which language it is, for within a sentence or link."""
    attributes = lang(language)
    return Markup("<span{}>{}</span>").format(attributes, text) if attributes else escape(text)


def titled(thing: Any) -> Markup:
    """Return the title of something with a title and a language, in its language."""
    return in_language(thing.title, thing.language)


def naming(sentence: str, title: str, language: str) -> Markup:
    """Return a sentence that was made as plain text, with the title in it in its language."""
    return escape(sentence).replace(escape(title), in_language(title, language), 1)


def direction(language: str) -> str:
    """Return which way a language is written: "ltr" or "rtl"."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


@contextmanager
def untranslated() -> Iterator[None]:
    """Show texts as they are in the code, in Dutch: for when a catalog is damaged."""
    with force_locale(SOURCE):
        g._flask_babel.babel_translations = NullTranslations()
        yield


def scheme() -> str:
    """Return the chosen colour scheme, that of the device when unknown."""
    chosen = request.cookies.get(SCHEME_COOKIE, "")
    return chosen if chosen in SCHEMES else "automatisch"


def init_app(app: Flask) -> None:
    """Let Babel ask this module."""
    babel.init_app(
        app,
        locale_selector=select_language,
        default_timezone=AMSTERDAM.key,
        default_translation_directories=app.config["BABEL_TRANSLATION_DIRECTORIES"],
    )
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda text: _texts().ugettext(text),
        ngettext=lambda one, more, number: _texts().ungettext(one, more, number),
        newstyle=True,
    )
    app.jinja_env.globals["_"] = _translated
    app.jinja_env.globals |= {"lang": lang, "in_language": in_language, "titled": titled}
    texts.read_by(catalog=_texts, locale=_locale)


@pass_eval_context
def _translated(context: EvalContext, text: str, /, **shown: object) -> str:
    """Return a text as the `gettext` of templates does, in one step instead of three: a page asks for many."""
    found = _texts().ugettext(text)
    return (Markup(found) if context.autoescape else found) % shown  # noqa: S704 - our own catalog


def _locale() -> Locale:
    return get_locale() or Locale(SOURCE)


def _texts() -> NullTranslations:
    """Return the reader's catalog, found once per request: a page asks for a hundred texts.

    It is kept where Flask-Babel's force_locale clears it, so that a mail in another language gets its own.
    """
    if not g:
        return NullTranslations()
    kept = g.get("_flask_babel")
    found: NullTranslations | None = getattr(kept, "babel_translations", None)
    if found is None:
        found = get_translations()
        g._flask_babel.babel_translations = found
    return found
