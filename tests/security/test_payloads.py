"""Hostile text in every stored field and every parameter: inert on each page, in each file and in each mail."""

import csv
import io
import json
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import String, Table, Text, select, text, update
from sqlalchemy.orm import Session
from sqlalchemy.schema import ColumnCollectionConstraint

from buurtbegroot.database import Model
from buurtbegroot.guards import drop_guards, make_guards
from buurtbegroot.mail.actions import enqueue_mail
from buurtbegroot.mail.messages import compose
from buurtbegroot.proposals.models.changes import ProposalRevision
from buurtbegroot.tables.columns import Column, Kind
from buurtbegroot.tables.plain_files import machine_csv, people_csv
from buurtbegroot.texts import lazy_gettext as _l
from buurtbegroot.waiting.models import WaitingForm
from buurtbegroot.web.access import Audience, audience_of
from buurtbegroot.web.markdown import render_markdown
from tests.conftest import NOW
from tests.pages import Page, faults_in
from tests.security.conftest import City
from tests.security.talk import see_what_waits
from tests.security.test_access import requests, send
from tests.security.test_versions import whole

assert whole  # a fixture

pytestmark = pytest.mark.slow  # walks every route

MARK = "<pwn data-pwn=1>"
PAYLOADS = [
    f"\"'>{MARK}<script>pwn()</script><img src=x onerror=pwn()>",
    f"</script></title></textarea></style>{MARK}",
    f"javascript:pwn()//{MARK}",
    "=cmd|'/c'!A1",
]
QUERY = dict.fromkeys(("zoek", "thema", "over", "soort", "rol", "van", "punt", "buurt", "status"), PAYLOADS[0])
# What is text, but chosen from a list, a key, a hash or made by a machine.
# The last two: a form takes web addresses only, see below.
NOT_TYPED = {
    "code", "slug", "rules", "fingerprint", "lot_seed", "status", "phase", "step", "role", "level", "language",
    "token_hash", "totp_secret", "hash", "prev", "state", "payload_commitment", "salt", "manifest", "codes_note",
    "note", "trace", "trace_hash", "verdict", "outline", "criterion", "answer", "actor", "action", "object",
    "act", "pseudonym", "email", "template", "recipient", "scene", "public_payload", "payload", "search", "kind",
    "admitted", "color", "colour", "decision_url", "source_url", "content", "path", "network",
}  # fmt: skip
FROZEN = {"round", "theme", "pot", "proposal"}
DANGEROUS = ("javascript:", "data:", "vbscript:")


def typed_columns(table: Table) -> list[str]:
    """Return the columns of free text in a table."""
    return [
        column.name
        for column in table.columns
        if type(column.type) in {String, Text}
        and not column.foreign_keys
        and column.name not in NOT_TYPED
        and not column.name.endswith("_code")
    ]


def poison(city: City, payload: str) -> int:
    """Write a payload in every column of free text, past the guards; the opened round keeps what its manifest says."""
    session, columns = city.session, 0
    drop_guards(session.connection())
    for table in Model.metadata.sorted_tables:
        wanted = typed_columns(table)
        columns += len(wanted)
        together = [each for each in table.constraints if isinstance(each, ColumnCollectionConstraint)]
        lasting = table.update()
        if table.name in FROZEN:
            key = table.c.id if table.name == "round" else table.c.round_id
            lasting = update(table).where(key != city.voting.round.id)
        for name in wanted:
            is_unique = any(name in each.columns for each in together)
            value = payload[: getattr(table.c[name].type, "length", None) or len(payload)]
            if not is_unique:
                session.execute(lasting.values({name: value}))
    session.execute(text("UPDATE round SET contact = :p"), {"p": payload})
    _poison_documents(session, payload)
    make_guards(session.connection(), Model.metadata)
    session.commit()
    session.expire_all()
    return columns


def _poison_documents(session: Session, payload: str) -> None:
    """Write a payload in every text of the versions of a plan and of a form that waits."""
    for version in session.scalars(select(ProposalRevision)):
        if document := json.loads(version.stored_content):
            texts = {name: payload for name, value in document.items() if isinstance(value, str) and name != "language"}
            version.stored_content = json.dumps(document | texts)
    for form in session.scalars(select(WaitingForm)):
        form.fields, told = [["titel", payload]], dict.fromkeys(("what", "act"), payload)
        form.told = form.told | told | {"lines": [[payload, payload, ""]]}
    session.flush()


def harm_in(page: Page) -> list[str]:
    """Return what of a payload became part of the page instead of its text."""
    found = [fault for fault in faults_in(page) if "title" not in fault]
    for element in page.tree.iter():
        found += [f"<{element.tag}>"] if element.tag == "pwn" or "data-pwn" in element.attrib else []
        for name in ("href", "src", "action", "formaction"):
            found += [element.attrib[name]] if element.get(name, "").strip().lower().startswith(DANGEROUS) else []
    return found


BY_DAY = [pytest.param(each, marks=[pytest.mark.nightly] if place else []) for place, each in enumerate(PAYLOADS)]


@pytest.mark.parametrize("payload", BY_DAY)
def test_stored_text_stays_text(whole: City, payload: str) -> None:
    city = whole
    assert poison(city, payload) > 20
    for kind in ("visitor", "author", "administrator"):
        browser = city.browser(kind)
        see_what_waits(browser)
        client = browser.client
        for rule, method, address in requests(city):
            is_own = audience_of(city.app, rule.endpoint) is Audience.RESIDENT
            if method == "GET" and not address.startswith("/static") and (is_own or kind != "author"):
                answer = send(client, method, address)
                if answer.mimetype == "text/html" and answer.status_code == 200:
                    assert harm_in(Page(answer)) == [], address
                if answer.mimetype == "text/csv" and "-machine.csv" not in address:  # programs run no formulas
                    check_csv(answer.text, address)


def check_csv(content: str, address: str) -> None:
    delimiter = ";" if content.startswith("\ufeff") else ","
    for row in csv.reader(io.StringIO(content.removeprefix("\ufeff")), delimiter=delimiter):
        assert [cell for cell in row if cell.startswith(("=", "+", "@", "\t", "\r", "\n", "\x00"))] == [], address


def test_what_is_typed_in_an_address_stays_text(city: City) -> None:
    for kind in ("visitor", "administrator"):
        client = city.browser(kind).client
        for _rule, method, address in requests(city):
            if method == "GET" and not address.startswith("/static"):
                answer = client.get(address, query_string=QUERY, buffered=True)
                if answer.mimetype == "text/html" and answer.status_code == 200:
                    assert harm_in(Page(answer)) == [], address


@pytest.mark.parametrize(
    "source",
    [
        "[x](javascript:pwn())",
        "[x](JaVaScRiPt:pwn())",
        "[x](&#106;avascript:pwn())",
        "[x](java\nscript:pwn())",
        "[x](data:text/html;base64,AAAA)",
        "<javascript:pwn()>",
        "![x](https://elsewhere.example/a.png)",
        '[x](https://a.example "onmouseover=pwn()")',
        '[x](https://a.example" onmouseover="pwn())',
        "<img src=x onerror=pwn()>",
        "[a]: javascript:pwn()\n\n[a]",
        "`<pwn data-pwn=1>`",
    ],
)
def test_the_text_of_a_plan_is_inert(source: str) -> None:
    page: Element = html5lib.parse(str(render_markdown(source)), namespaceHTMLElements=False)
    tags = {element.tag for element in page.iter()} - {"html", "head", "body"}
    assert tags <= {"p", "a", "em", "strong", "br", "ul", "ol", "li", "blockquote", "h3", "code"}
    for element in page.iter():
        assert set(element.attrib) <= {"href", "rel", "title"}
        assert element.get("href", "https://").startswith(("https://", "http://", "mailto:"))


@given(cells=st.lists(st.text(max_size=12).filter(str.isprintable), min_size=1, max_size=4), for_people=st.booleans())
def test_no_cell_becomes_a_formula_in_excel(cells: list[str], *, for_people: bool) -> None:
    starts = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "\x00", ""]
    hostile = [start + cell for start in starts for cell in cells]
    columns = [Column(name="a", kind=Kind.TEXT, head=_l("a"), about=_l("a"))] * len(hostile)
    make = people_csv if for_people else machine_csv
    content = b"".join(make(columns, [[[cell] for cell in hostile]])).decode().removeprefix("\ufeff")
    assert "\x00" not in content, "a NUL would end the cell in some programs"
    _head, row = csv.reader(io.StringIO(content, newline=""), delimiter=";" if for_people else ",")
    plain = [cell.replace("\x00", "") for cell in hostile]
    if not for_people:
        assert row == plain
        return
    assert [cell for cell in row if cell.startswith(tuple(start for start in starts if start))] == []
    assert [cell.removeprefix("'") for cell in row] == [cell.removeprefix("'") for cell in plain]


@pytest.mark.parametrize("address", ["javascript:pwn()", "data:text/html,x", " javascript:x", "//x", "JAVASCRIPT:x"])
def test_a_web_address_begins_like_one(city: City, address: str) -> None:
    page = f"/werkplek/rondes/{city.submitting.slug}/gebied-en-geld"
    answer = city.browser("coordinator").client.post(page, data={"decision_url": address})
    assert answer.status_code == 422
    assert "https://" in answer.text


@pytest.mark.parametrize("hostile", ["Plan\r\nBcc: pwn@example.org", "Plan\nX-Pwn: 1", "Plan\x0bX: 1", "=?utf-8?q?x?="])
def test_a_title_cannot_add_a_header_to_a_mail(city: City, session: Session, hostile: str) -> None:
    values = {
        "title": hostile,
        "round": hostile,
        "reason": hostile,
        "admitted": True,
        "cost_cents": 1,
        "proposal_id": 1,
    }
    mail = enqueue_mail(
        session, recipient="a@example.org", template="proposals_decision", values=values, language="nl", now=NOW
    )
    message = compose(mail)
    assert message["Bcc"] is None
    assert message["X-Pwn"] is None
    head = message.as_string().partition("\n\n")[0].lower()
    assert "\nbcc:" not in head
    assert "\nx-pwn" not in head
    html = message.get_body(("html",))
    assert html is not None
    assert "<pwn" not in html.get_content()


def test_templates_switch_escaping_off_nowhere() -> None:
    found = [
        (path.name, word)
        for path in (Path(__file__).parents[2] / "templates").rglob("*.html")
        # show.html of rounds: our own <wbr> goes into a name that is escaped before
        for word in ("|safe", "| safe", "autoescape false", "Markup(")
        if word in path.read_text(encoding="utf-8").replace('|e|replace("/", "/<wbr>"|safe)', "")
    ]
    assert found == []
