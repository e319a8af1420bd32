"""What is refused leaves nothing behind and is said in the reader's words, on a page and on the command line."""

import ast
import importlib
import logging
import pkgutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from sqlalchemy.orm import Session

import buurtbegroot
from buurtbegroot.accounts.actions import AccountFault
from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import Fault, NotAllowedError, RefusedError
from buurtbegroot.akkoord.actions import AccordFault
from buurtbegroot.archive.policy import ArchiveFault
from buurtbegroot.areas.models import CITY
from buurtbegroot.audit.domain.keys import LogFault
from buurtbegroot.booth.actions.opening import OpeningFault
from buurtbegroot.booth.queries import Missing
from buurtbegroot.box.domain.anchors import KeyFileError
from buurtbegroot.discussion.actions import TalkFault
from buurtbegroot.exports.policy import ExportFault
from buurtbegroot.limits.domain import LimitFault
from buurtbegroot.moderation.actions.reports import ReportFault
from buurtbegroot.population.actions import PopulationFault
from buurtbegroot.registry.domain.lists import ListFault
from buurtbegroot.waiting.actions import WaitingFault
from buurtbegroot.web.access import Audience
from buurtbegroot.web.command_line import Commands
from buurtbegroot.web.refusals import on_refusal, refused_to, words_of
from tests.conftest import NOW
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.pages import Browser

PACKAGE = Path(buurtbegroot.__file__).parent
FACTS: dict[Fault, dict[str, object]] = {
    AccordFault.NO_TARGET: {"point": 3},
    OpeningFault.NOT_READY: {"missing": tuple(Missing)},
    **{fault: {"line": 3} for fault in ListFault},
    **{fault: {"entry": 3, "size": 3} for fault in LogFault},
    LimitFault.TOO_OFTEN: {"seconds": 90},
    TalkFault.OFTEN: {"seconds": 90},
    AccountFault.MAILBOX_FULL: {"seconds": 90},
    AccountFault.MANY_ACCOUNTS: {"seconds": 90},
    WaitingFault.JUST_MAILED: {"at": NOW},
    ExportFault.MANY: {"most": 10},
    ArchiveFault.ALREADY: {"round": "ronde"},
    PopulationFault.ELSEWHERE: {"code": "EA01"},
    ReportFault.TOO_OFTEN: {"until": NOW},
    ReportFault.NETWORK_FULL: {"until": NOW},
}
CATCHES = {  # nobody else catches what one handler answers
    "moderation/asking.py",  # mails no more to a full mailbox, and nobody may learn that it is
    "box/tasks.py",  # signs the logs of all other rounds first
    "registry/commands.py",  # takes the list of codes away again that it wrote beforehand
    "booth/queries.py",  # whose question is whether the keys are there
    "work/worker.py",  # keeps the reason with the job
    "notices/tasks.py",  # tells of all other rounds first
    "consistency/__init__.py",  # names what it finds, vote by vote
    "box/opener.py",  # a process of its own, which says it to whoever started it
}
ROLLS_BACK = {  # to let go of the database, never to undo
    "booth/views/__init__.py",
    "box/tasks.py",
    "cli.py",
    "database.py",
    "datasets/organiser_views.py",
    "datasets/views.py",
    "demo/commands.py",
    "discussion/tasks.py",
    "exports/tasks.py",
    "exports/views.py",
    "figures/views.py",
    "mail/delivery.py",
    "notices/tasks.py",
    "tally/commands.py",
    "tally/tasks.py",
    "registry/organiser_views/__init__.py",
    "registry/organiser_views/lost_letters.py",
    "web/errors.py",
    "web/refusals.py",
    "worklist/tasks.py",
    "web/transaction.py",
    "work/worker.py",
    "accounts/asking/held.py",
    "limits/asking/__init__.py",
    "limits/asking/once.py",
}


def below(kind: type[Fault]) -> Iterator[type[Fault]]:
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


def faults() -> list[Fault]:
    """Return every member of every list of faults in the house."""
    for module in pkgutil.walk_packages(buurtbegroot.__path__, "buurtbegroot."):
        if not module.name.startswith(("buurtbegroot.core", "buurtbegroot.frontend")):
            importlib.import_module(module.name)
    ours = [kind for kind in below(Fault) if kind.__module__.startswith("buurtbegroot.")]
    return [fault for kind in ours if kind.__module__ in sys.modules for fault in kind]  # not those of a toy room


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_fault_has_words_for_people(app: Flask, language: str) -> None:
    found = faults()
    assert len(found) > 30
    assert len({fault.value for fault in found}) < len(found) == len(set(found)), "rooms may name theirs alike"
    with app.test_request_context(), force_locale(language):
        said = {fault: words_of(RefusedError(fault, **FACTS.get(fault, {}))) for fault in faults()}
    assert {fault for fault, words in said.items() if not words.strip() or "%(" in words} == set()
    assert said[AccountFault.LINK_GONE].startswith({"nl": "Deze link", "en": "This link"}[language])


@pytest.fixture
def admin(session: Session, signed_in: Callable[[User], Browser]) -> Browser:
    small_city(session)
    user = person(session, Role.ADMINISTRATOR, CITY)
    session.commit()
    return signed_in(user)


View = Callable[..., ResponseReturnValue]


@pytest.fixture
def replace_view(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[View], None]:
    """Put something else in the place of the view that signs somebody out."""

    def put(view: View) -> None:
        view.__dict__["audience"] = Audience.ADMINISTRATOR
        monkeypatch.setitem(app.view_functions, "accounts_organiser.sign_out", view)

    return put


def test_a_redirect_that_refuses_leaves_nothing(
    admin: Browser, session: Session, replace_view: Callable[[View], None]
) -> None:
    user = person(session)
    user.name = "Van tevoren"
    session.commit()

    @refused_to("accounts_organiser.person")
    def half(user_id: int) -> ResponseReturnValue:
        session.get_one(User, user_id).name = "Halverwege"
        session.flush()
        raise RefusedError(AccountFault.LAST_ADMINISTRATOR)

    replace_view(half)
    answer = admin.post("accounts_organiser.sign_out", user_id=user.id)
    assert answer.response.headers["Location"] == f"/werkplek/mensen/{user.id}"
    session.expire_all()
    assert session.get_one(User, user.id).name == "Van tevoren"
    assert "Dit is de laatste beheerder" in admin.get("accounts_organiser.person", user_id=user.id).text


def test_a_refusal_without_a_page_of_its_own_gets_one_with_the_reason(
    admin: Browser, replace_view: Callable[[View], None]
) -> None:
    def refuse(user_id: int) -> ResponseReturnValue:
        raise RefusedError(AccountFault.LAST_ADMINISTRATOR)

    replace_view(refuse)
    assert "laatste beheerder" in admin.post("accounts_organiser.sign_out", user_id=1, status=409).text


def test_the_answer_that_was_given_last_goes_first(admin: Browser, replace_view: Callable[[View], None]) -> None:
    def refuse(user_id: int) -> ResponseReturnValue:
        on_refusal(lambda _refusal: ("eerst", 422))
        on_refusal(lambda _refusal: ("daarna", 422), only={AccountFault.LAST_ADMINISTRATOR})
        on_refusal(lambda _refusal: ("nooit", 422), only={AccountFault.LINK_GONE})
        raise RefusedError(AccountFault.LAST_ADMINISTRATOR if user_id == 1 else AccountFault.STILL_ORGANISER)

    replace_view(refuse)
    for user_id, said in ((1, "daarna"), (2, "eerst")):
        assert admin.client.post(f"/werkplek/mensen/{user_id}/uitloggen").text == said


@pytest.mark.parametrize(("hidden", "status"), [(True, 404), (False, 403)])
def test_who_may_not_is_told_no_more_than_is_public(
    admin: Browser, replace_view: Callable[[View], None], hidden: bool, status: int
) -> None:
    def refuse(user_id: int) -> ResponseReturnValue:
        raise NotAllowedError(hidden=hidden)

    replace_view(refuse)
    admin.post("accounts_organiser.sign_out", user_id=1, status=status)


def test_what_is_wrong_with_the_house_is_logged_and_said_to_nobody(
    admin: Browser, replace_view: Callable[[View], None], caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(user_id: int) -> ResponseReturnValue:
        raise KeyFileError("/geheim/ronde-1.json is missing")

    replace_view(refuse)
    with caplog.at_level(logging.ERROR):
        page = admin.post("accounts_organiser.sign_out", user_id=1, status=503)
    assert "sleutels" in page.text
    assert "/geheim" not in page.text
    assert "/geheim/ronde-1.json is missing" in caplog.text


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RefusedError(ListFault.BATCH_TAKEN, line=4), "Error: batch taken (line 4)\n"),
        (NotAllowedError(hidden=True), "Error: not allowed\n"),
    ],
)
def test_the_command_line_says_it_in_english_and_ends_with_1(error: Exception, said: str) -> None:
    @click.group(cls=Commands)
    def group() -> None:
        """Hold one command."""

    @group.command()
    def act() -> None:
        raise error

    result = CliRunner().invoke(group, ["act"])
    assert (result.exit_code, result.output) == (1, said)


def handled(path: Path) -> set[str]:
    """Return the names of all exceptions that a module catches."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    types = [node.type for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.type]
    return {name.id if isinstance(name, ast.Name) else name.attr for each in types for name in _names(each)}


def _names(node: ast.AST) -> Iterator[ast.Name | ast.Attribute]:
    yield from (each for each in ast.walk(node) if isinstance(each, ast.Name | ast.Attribute))


def test_refusals_are_answered_in_one_place() -> None:
    faults()
    refusals, pending = {"RefusedError", "NotAllowedError"}, [RefusedError]
    while pending:
        found = pending.pop().__subclasses__()
        refusals |= {each.__name__ for each in found}
        pending += found
    catching = {str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if handled(path) & refusals}
    assert catching - {"web/command_line.py"} == CATCHES


def test_nothing_is_rolled_back_by_hand() -> None:
    source = {path: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    assert {str(path.relative_to(PACKAGE)) for path, text in source.items() if ".rollback()" in text} == ROLLS_BACK


def test_every_refusal_leads_to_a_page_that_is_there(app: Flask) -> None:
    views = app.view_functions
    assert {name for name, view in views.items() if getattr(view, "refused_to", name) not in views} == set()
