"""A test client that reads every HTML answer strictly: structure, labels, no inline code, and no GET that writes."""

import hashlib
import os
import re
import warnings
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import lxml.html  # type: ignore[import-untyped]
from flask import Flask, g, has_app_context, session, url_for
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from buurtbegroot.accounts import asking
from buurtbegroot.accounts.models import User
from buurtbegroot.extensions import db
from tests.shared import SHARED

LABELLED = {"input", "select", "textarea"}
NEED_NO_LABEL = {"hidden", "submit", "button"}


_PARSER = lxml.html.HTMLParser(remove_comments=True, encoding="utf-8")
_TEXT = re.compile(r'(?<=>)[^<]+|="[^"]*"')
_MAIN = re.compile(r"<main\b.*</main>", re.DOTALL)
_SYMBOL = re.compile(r"<symbol\b.*?</symbol>", re.DOTALL)
_AROUND = "<!doctype html><html><head><title>x</title></head><body>{}</body></html>"


def _bare(match: re.Match[str]) -> str:
    """Leave of a text or value no more than what can make a page invalid: that it is there, and its entities."""
    text = match[0]
    kept = "".join(re.findall(r'&[^;"]{0,40};?', text)) if "&" in text else ""
    if text.startswith('="'):
        return f'="{kept}"'
    return kept or ("x" if text.strip() else " ")


@cache
def _errors(skeleton: str) -> tuple[str, ...]:
    """Read a page strictly, but for one that some test of this run found faultless.

    Many differ in nothing that matters to it, and reading takes longer than making them.
    """
    seen = Path(os.environ[SHARED], f"page-{hashlib.sha256(skeleton.encode()).hexdigest()}")
    found = () if seen.exists() else _read_strictly(skeleton)
    if not found:
        seen.touch()
    return found


def _read_strictly(skeleton: str) -> tuple[str, ...]:
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parser.parse(skeleton)
    return tuple(error[1] for error in parser.errors)


class Page:
    """An HTML answer: status, tree and text; `find` takes a limited XPath."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.html = response.get_data(as_text=True)
        self.tree: Element = lxml.html.document_fromstring(self.html, parser=_PARSER)
        for field in self.tree.iter("textarea"):
            field.text = (field.text or "").removeprefix("\n")  # which no browser takes for a part of the text

    @property
    def errors(self) -> tuple[str, ...]:
        """What is no valid HTML; the frame, its symbols and the main part are read apart, for few of those differ."""
        shape = _TEXT.sub(_bare, self.html)
        main = _MAIN.search(shape)
        if main is None or self.tree.find("body/main") is None:  # what is open around a main part goes on in it
            return _errors(shape)
        frame = shape[: main.start()] + "<main></main>" + shape[main.end() :]
        inside = [main[0], *(f"<svg>{symbol}</svg>" for symbol in _SYMBOL.findall(frame))]
        return sum((_errors(_AROUND.format(part)) for part in inside), _errors(_SYMBOL.sub("", frame)))

    def find(self, path: str) -> list[Element]:
        return list(self.tree.iterfind(path))

    def text_of(self, path: str) -> str:
        return " ".join(" ".join("".join(found.itertext()).split()) for found in self.find(path))

    def form(self, path: str) -> Element:
        """Return the form that is sent to this path."""
        here, wanted = self.response.request.path, path.partition("?")[0]
        forms = [form for form in self.find(".//form[@method='post']") if form.get("id") != "voorkeuren"]
        forms = [form for form in forms if (form.get("action") or here).partition("?")[0] == wanted]
        assert forms, f"no form for {path}"
        return forms[0]

    def hidden(self, path: str) -> dict[str, str]:
        """Return the hidden fields of the form that is sent to this path."""
        fields = self.form(path).iterfind(".//input[@type='hidden']")
        return {str(each.get("name")): each.get("value") or "" for each in fields}

    def filled(self, path: str) -> dict[str, Any]:
        """Return all that a browser sends of the form for this path when nobody touches it, but for its buttons."""
        found: dict[str, list[str]] = {}
        for field in self.form(path).iter():
            if field.get("name") and field.tag in LABELLED:
                found.setdefault(str(field.get("name")), []).extend(_values_of(field))
        return found

    @property
    def title(self) -> str:
        return self.text_of("./head/title")

    @property
    def heading(self) -> str:
        return self.text_of(".//h1")

    @property
    def text(self) -> str:
        return self.text_of(".//body")


def _values_of(field: Element) -> list[str]:
    if field.tag == "textarea":
        return ["".join(field.itertext())]
    if field.tag == "select":
        options = list(field.iterfind(".//option"))
        chosen = [option for option in options if option.get("selected") is not None] or options[:1]
        return [option.get("value") or "" for option in chosen]
    if field.get("type") in {"checkbox", "radio"}:
        return [field.get("value") or "on"] if field.get("checked") is not None else []
    return [field.get("value") or ""]


def faults_in(page: Page) -> list[str]:
    """Return what is wrong with a page that every page must have right."""
    everything = list(page.tree.iter())
    ids = Counter(element.get("id") for element in everything if element.get("id"))
    faults = [f"invalid HTML: {error}" for error in page.errors]
    faults += [f"id {name} is there {count} times" for name, count in ids.items() if count > 1]
    if len(page.find(".//h1")) != 1:
        faults.append(f"{len(page.find('.//h1'))} h1 elements")
    if not _title_starts_with_heading(page):
        faults.append(f"title {page.title!r} does not start with heading {page.heading!r}")
    if not page.tree.get("lang"):
        faults.append("no lang")
    links = {(link.get("href") or "") for link in page.find(".//body//a")}
    faults += [f"{link} leads nowhere" for link in sorted(links) if link.startswith("#") and link[1:] not in ids]
    faults += _inline_code(everything)
    faults += _unlabelled(page, everything)
    return faults


def _title_starts_with_heading(page: Page) -> bool:
    title = re.sub(r"^(Fout|Error): ", "", page.title)
    return bool(page.heading) and title.startswith(page.heading)


def _inline_code(everything: list[Element]) -> list[str]:
    found = []
    for element in everything:
        found += [f"{element.tag} has {name}" for name in element.attrib if name == "style" or name.startswith("on")]
        if element.tag in {"script", "style"} and not element.get("nonce"):
            found.append(f"{element.tag} without nonce")
    return found


def _unlabelled(page: Page, everything: list[Element]) -> list[str]:
    targets = {label.get("for") for label in page.find(".//label")}
    wrapped = {id(field) for label in page.find(".//label") for field in label.iter()}
    return [
        f"no label for {element.tag} {element.get('name')}"
        for element in everything
        if element.tag in LABELLED
        and element.get("type") not in NEED_NO_LABEL
        and element.get("id") not in targets
        and id(element) not in wrapped
        and not element.get("aria-label")
        and not element.get("aria-labelledby")
    ]


class Browser:
    """A client that takes endpoints or paths and asserts the page invariants on every HTML answer."""

    def __init__(self, app: Flask, **headers: str) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        self.headers = {"Accept-Language": "nl", **headers}

    def get(self, endpoint: str, *, status: int = 200, **values: Any) -> Page:
        """Open a page by its endpoint (or path) and expect a status."""
        path = self.path(endpoint, **values)
        with QueryCount() as queries:
            response = self.client.get(path, headers=self.headers)
        written = [text for text in queries.statements if text.startswith(("INSERT", "UPDATE", "DELETE"))]
        assert written == [], "a GET wrote"
        return self._read(response, status)

    def post(self, endpoint: str, data: dict[str, Any] | None = None, *, status: int = 303, **values: Any) -> Page:
        """Send a form to an endpoint (or path) and expect a status."""
        return self._read(
            self.client.post(self.path(endpoint, **values), data=data or {}, headers=self.headers), status
        )

    def send(
        self, endpoint: str, data: dict[str, Any] | None = None, *, on: str = "", status: int = 303, **values: Any
    ) -> Page:
        """Send a form as its page does, with its hidden fields; `on` is the page when that is another one."""
        path = self.path(endpoint, **values)
        return self.post(path, {**self.get(on or endpoint, **values).hidden(path), **(data or {})}, status=status)

    def raw(self, endpoint: str, **values: Any) -> TestResponse:
        """Open something that is no page."""
        return self.client.get(self.path(endpoint, **values), headers=self.headers)

    def sign_in(self, user: User) -> None:
        """Start a session for this person as the sign-in pages do."""
        with self.app.test_request_context():
            asking.start_session(user, second_factor=True)
            db.session.commit()
            values = dict(session)
        with self.client.session_transaction() as stored:
            stored.update(values)

    def path(self, endpoint: str, **values: Any) -> str:
        """Return the address of an endpoint (or path)."""
        if has_app_context():  # a test's own context outlives the request: who was signed in must not
            vars(g._get_current_object()).clear()
        if endpoint.startswith(("/", "http")):
            return endpoint
        with self.app.test_request_context():
            return url_for(endpoint, _external=False, **values)

    def _read(self, response: TestResponse, status: int) -> Page:
        assert response.status_code == status, f"{response.status_code}, not {status}: {response.text[:2000]}"
        page = Page(response)
        if response.mimetype == "text/html" and response.data and status not in {301, 302, 303, 308}:
            assert not faults_in(page), faults_in(page)
        return page


SignIn = Callable[[User], Browser]
"""What the fixture `signed_in` is: a maker of browsers in which this person is signed in."""


class QueryCount:
    """Counts the statements sent to the database inside a with block."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def __enter__(self) -> "QueryCount":
        event.listen(db.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(db.engine, "before_cursor_execute", self._note)

    def _note(self, *args: Any) -> None:
        statement = args[2]
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "SET TRANSACTION")):
            self.statements.append(statement)

    @property
    def number(self) -> int:
        return len(self.statements)
