"""Templates for files that stand by themselves, in Dutch and English; no request and no app are needed."""

from decimal import Decimal
from fractions import Fraction
from functools import cache
from gettext import NullTranslations, translation

from babel.numbers import format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from buurtbegroot import paths
from buurtbegroot.counting.output import printable

LANGUAGES = ("nl", "en")
LONGEST_FRACTION = 20


@cache
def environment(language: str) -> Environment:
    """Return the templates in one language; Dutch is what they are written in."""
    found = Environment(
        loader=FileSystemLoader(paths.TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: type(value)(printable(value)) if isinstance(value, str) else value,
    )
    found.install_gettext_translations(_texts(language), newstyle=True)  # type: ignore[attr-defined]
    found.globals["language"] = language
    found.filters["number"] = lambda value: number(value, language)
    found.filters["exact"] = exact
    found.filters["money"] = lambda cents: money(cents, language)
    return found


def number(value: int | Decimal, language: str) -> str:
    """Write a number with the grouping of the language."""
    return str(format_decimal(value, locale=language))


def money(cents: int, language: str) -> str:
    """Write an amount without its currency, with cents only when there are any."""
    pattern = "#,##0.00" if cents % 100 else "#,##0"
    return str(format_decimal(Decimal(cents) / 100, format=pattern, locale=language))


def exact(value: Fraction) -> str:
    """Write a fraction as it is, or about what it is where it is long; the trace has it in full."""
    text = str(value)
    return text if len(text) <= LONGEST_FRACTION else f"≈ {float(value):.4f}"


def _texts(language: str) -> NullTranslations:
    return translation("messages", paths.TRANSLATIONS, languages=[language], fallback=True)
