"""Reading the settings: the kinds of value there are, and the sentence by which a wrong one refuses the start.

The settings themselves, each with its kind and default, are the class in config.py, which is loaded from here by path.
"""

import json
import os
import re
import runpy
from collections.abc import Mapping
from difflib import get_close_matches
from email.utils import parseaddr
from functools import cache
from typing import Annotated, Any, NamedTuple, cast
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from buurtbegroot.core.signing import parse_verifier
from buurtbegroot.paths import CONFIG, TRANSLATIONS

PREFIX = "BUURTBEGROOT_"
FOR_TESTS = frozenset(
    {"CLOCK", "PROPAGATE_EXCEPTIONS", "SERVER_NAME", "SQLALCHEMY_ENGINE_OPTIONS", "TESTING", "WTF_CSRF_ENABLED"}
)
LANGUAGES = sorted(path.parts[-3] for path in TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"))
DATABASES = {"sqlite", "postgresql", "postgresql+psycopg"}
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
MOST_SHOWN = 100
MOST, TEN_YEARS = 1_000_000_000, 10 * 365 * 24


class SettingsError(Exception):
    """Settings with which nothing may start; the message has a sentence for each."""


class BaseSettings(BaseModel):
    """What the class in config.py is made of: every value is checked, the defaults too, and no other name is known."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, hide_input_in_errors=True)


def _site_address(given: str) -> str:
    parts = urlsplit(given)
    bare = f"{parts.scheme}://{parts.netloc}"
    if given != bare or parts.scheme not in {"http", "https"} or not parts.hostname or "@" in given or parts.port == 0:
        raise ValueError
    return given


def _sender(given: str) -> str:
    if not given.isprintable() or not all(parseaddr(given)[1].partition("@")):
        raise ValueError
    return given


def _database(given: str) -> str:
    try:
        is_known = make_url(given).drivername in DATABASES
    except ArgumentError:
        is_known = False
    if not is_known:
        raise ValueError
    return given


class Bound(NamedTuple):
    """How many tries there may be within so many seconds."""

    most: int
    seconds: int


@cache
def bounds_in(rates: str) -> tuple[Bound, ...]:
    """Read limits such as "20 per minute; 3 per 15 minutes"; raise ValueError on others and on those above a day."""
    return tuple(_bound(each) for each in rates.split(";"))


def _bound(given: str) -> Bound:
    found = re.fullmatch(r"\s*([1-9]\d{0,5}) per (?:([1-9]\d{0,4}) )?(second|minute|hour|day)s?\s*", given, re.ASCII)
    if not found:
        raise ValueError("not a limit")
    bound = Bound(int(found[1]), int(found[2] or 1) * SECONDS[found[3]])
    if bound.seconds > SECONDS["day"]:
        raise ValueError("tries are kept for a day")
    return bound


def _rate(given: str) -> str:
    bounds_in(given)
    return given


def _language(given: str) -> str:
    if given not in LANGUAGES:
        raise ValueError
    return given


def _verifier(given: str) -> str:
    return str(parse_verifier(given))


def _words(given: object) -> object:
    """Take a list as such, or with spaces or line ends."""
    return given.split() if isinstance(given, str) else given


def _listed(given: object) -> object:
    """Take a list as such, as JSON, or with commas."""
    if not isinstance(given, str):
        return given
    return json.loads(given) if given.startswith("[") else [each.strip() for each in given.split(",")]


# The description says, in an error, what a value must be; `repr=False` keeps a value out of it.
Text = Annotated[str, Field(min_length=1, description="a text")]
TextOrNone = Annotated[str, Field(description="a text")]
Secret = Annotated[str, Field(repr=False, description="a text")]
Switch = Annotated[bool, Field(description="true or false")]
Number = Annotated[int, Field(ge=0, le=MOST, description=f"a whole number from 0 to {MOST}")]
Count = Annotated[int, Field(gt=0, le=MOST, description=f"a whole number from 1 to {MOST}")]
Minutes = Annotated[int, Field(gt=0, le=TEN_YEARS * 60, description=f"a number of minutes from 1 to {TEN_YEARS * 60}")]
Hours = Annotated[int, Field(gt=0, le=TEN_YEARS, description=f"a number of hours from 1 to {TEN_YEARS}")]
Port = Annotated[int, Field(gt=0, lt=65_536, description="a whole number from 1 to 65535")]
Rate = Annotated[str, AfterValidator(_rate), Field(description="limits such as 20 per minute; 60 per hour")]
Languages = Annotated[
    list[Annotated[str, AfterValidator(_language)]],
    BeforeValidator(_listed),
    Field(min_length=1, description=f"one or more of {', '.join(LANGUAGES)}, with commas between"),
]
Verifiers = Annotated[
    list[Annotated[str, AfterValidator(_verifier)]],
    BeforeValidator(_words),
    Field(max_length=16, description="at most 16 keys as `buurtbegroot audit key` prints them, one on each line"),
]
Mailbox = Annotated[str, Field(pattern=r"^[^\s@<>]+@[^\s@<>]+$", description="an e-mail address")]
Sender = Annotated[
    str, AfterValidator(_sender), Field(description="an e-mail address, with or without a name: Name <name@example.nl>")
]
SiteAddress = Annotated[
    str,
    AfterValidator(_site_address),
    Field(description="an address such as https://begroot.example.nl, with nothing behind the name or port"),
]
DatabaseAddress = Annotated[
    str, AfterValidator(_database), Field(repr=False, description="an address such as sqlite:///… or postgresql://…")
]


def read_settings(overrides: Mapping[str, object], environment: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return every setting by name: what `overrides` say of it, else the environment (of this process), else config.py.

    Overrides may have the names in FOR_TESTS too, which nothing checks. Raises SettingsError.
    """
    for_tests = {name: value for name, value in overrides.items() if name in FOR_TESTS}
    around = (os.environ if environment is None else environment).items()
    given: dict[str, object] = {name.removeprefix(PREFIX): value for name, value in around if name.startswith(PREFIX)}
    given |= {name: value for name, value in overrides.items() if name not in FOR_TESTS}
    known = settings_class()
    try:
        return known.model_validate(given).model_dump() | for_tests
    except ValidationError as error:
        wrong = dict.fromkeys(str(fault["loc"][0]) for fault in error.errors())
        raise SettingsError(" ".join(_sentence(name, given, known) for name in wrong)) from None


@cache
def settings_class() -> type[BaseSettings]:
    """Return the class in config.py."""
    return cast(type[BaseSettings], runpy.run_path(str(CONFIG))["Settings"])


def _sentence(name: str, given: Mapping[str, object], known: type[BaseSettings]) -> str:
    """Say what is wrong with a setting; a misspelt name may be that of a secret, so its value is not shown either."""
    field = known.model_fields.get(name)
    if field is None:
        near = get_close_matches(name, known.model_fields, n=1)
        return f"{PREFIX}{name} is not a setting" + (f"; did you mean {PREFIX}{near[0]}?" if near else ".")
    value = given.get(name, field.default)
    shown = repr(value)[:MOST_SHOWN] if field.repr else "something else (not shown: it may hold a secret)"
    return f"{PREFIX}{name} must be {field.description}, but is {shown if value != '' else 'empty'}."
