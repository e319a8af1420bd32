"""Every text that people see is in every catalog, translated, with the same placeholders, and none is left over."""

import re

import pytest
from babel.messages.catalog import Catalog

from tests.catalogs import extracted, load, paths, untranslated

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


@pytest.fixture(scope="module")
def texts() -> Catalog:
    return extracted()


@pytest.mark.parametrize("language", sorted(paths()))
def test_catalog_is_complete(language: str, texts: Catalog) -> None:
    catalog = load(paths()[language], language)
    wanted = {message.id for message in texts if message.id}
    have = {message.id for message in catalog if message.id}
    assert wanted - have == set(), "run `make catalogs` and translate"
    assert have - wanted == set(), "run `make catalogs`"
    assert [message.id for message in untranslated(catalog)] == []


@pytest.mark.parametrize("language", sorted(paths()))
def test_placeholders_survive_translation(language: str) -> None:
    for message in load(paths()[language], language):
        ids = message.id if isinstance(message.id, list | tuple) else (message.id,)
        strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
        known = {name for text in ids for name in PLACEHOLDER.findall(text)}
        assert {name for text in strings for name in PLACEHOLDER.findall(text or "")} <= known, message.id


def test_dutch_has_one_form_of_u_heeft(texts: Catalog) -> None:
    said = [text for message in texts for text in ([message.id] if isinstance(message.id, str) else message.id)]
    assert [text for text in said if re.search(r"\bhebt\b", text, re.IGNORECASE)] == [], "write: u heeft"


def test_only_an_outcome_is_vastgesteld(texts: Catalog) -> None:
    said = [text for message in texts for text in ([message.id] if isinstance(message.id, str) else message.id)]
    rules = r"\b(regels|stembiljet)\b[^.]*\bvast(gesteld\b|te ?stel)|\bstel\b[^.]*\b(regels|stembiljet)\b[^.]*\bvast\b"
    found = [text for text in said if re.search(rules, text, re.IGNORECASE)]
    assert found == [], "of rules and plans write: liggen vast; vaststellen is what two people do with an outcome"


def test_nl_and_en_are_there() -> None:
    assert {"nl", "en"} <= set(paths())
