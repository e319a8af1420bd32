"""Every action, asked of it directly: whoever may not do it is refused, whichever page stands before it."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from flask import Flask
from sqlalchemy import func, select

import buurtbegroot
from buurtbegroot.accounts.actions import LinkRequest, Proof
from buurtbegroot.accounts.domain import Vault
from buurtbegroot.accounts.events import SecondFactorReset
from buurtbegroot.accounts.models import Role
from buurtbegroot.accounts.queries import subject_of
from buurtbegroot.acts import ANYONE, Anyone, By, NotAllowedError, Person, System
from buurtbegroot.akkoord.models import Point, Standing
from buurtbegroot.archive.actions import Place
from buurtbegroot.archive.domain import read_archive
from buurtbegroot.audit.actions import record
from buurtbegroot.audit.events import Event, PayloadErased
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.booth.events import BoxOpened
from buurtbegroot.box.domain.ballots import Form
from buurtbegroot.box.events import BoxShut, PlanWithdrawn
from buurtbegroot.core.envelope import CastMaterial
from buurtbegroot.core.receipts import Receipt
from buurtbegroot.discussion.actions import Remark
from buurtbegroot.discussion.models.threads import About
from buurtbegroot.dual_control.events import Confirmed
from buurtbegroot.exports.models import Export
from buurtbegroot.house import ROOMS
from buurtbegroot.moderation.actions import Hiding, Ruling
from buurtbegroot.moderation.actions.appeals import Judgement
from buurtbegroot.moderation.actions.reports import Told as ToldOf
from buurtbegroot.moderation.models import Case, Ground, Reason, Report
from buurtbegroot.notices.models import Kind
from buurtbegroot.notices.queries import Due
from buurtbegroot.proposals.actions import Verdict
from buurtbegroot.registry.actions.voiding import Letters
from buurtbegroot.registry.events import CodeListsDestroyed, CodeVoided, PoolShut, VoteRestored
from buurtbegroot.registry.models import VoidReason
from buurtbegroot.rooms import Register
from buurtbegroot.rounds.events import RoundCertified, RoundClosed, RoundFrozen
from buurtbegroot.rounds.queries import rules_of
from buurtbegroot.rounds.queries.setup import Basics
from buurtbegroot.tally.dual_acts import CLOSE
from buurtbegroot.tally.events import SecretsDestroyed
from buurtbegroot.waiting.domain import Told, Written
from buurtbegroot.waiting.models import WaitingForm
from buurtbegroot.work.models import Job, JobState
from buurtbegroot.work.register import Task
from tests.conftest import NOW
from tests.factories.archives import pb
from tests.factories.audit import something_happened
from tests.factories.discussion import contribution
from tests.factories.proposals import draft
from tests.security.conftest import City

Act = Callable[..., Any]
PARTS = {
    "moderation.actions.lock_case": "a part of reporting and judging",
    "moderation.actions.look_again": "a part of changing words",
    "moderation.actions.note_judge": "a part of judging",
    "moderation.actions.send_letter": "a part of whatever causes it",
    "moderation.actions.settle_reports": "a part of judging",
    "moderation.actions.unhide": "a part of showing again",
    "audit.actions.tell_again": "a part of showing again what was hidden",
    "audit.actions.withhold": "a part of hiding what it says",
    "audit.actions.withhold_for_good": "a part of changing what is hidden",
    "audit.actions.on_record": "a room is told of entries; done once, when the program starts",
    "dual_control.actions.lapsing.lapse_if_outdated": "follows from whatever was done, or from asking anew",
    "dual_control.actions.lapsing.lapse_outdated": "follows from whatever was done",
    "dual_control.actions.lapsing.tell_asker": "a part of whatever ends the request",
    "dual_control.actions.require_consent": "asks whether two people agreed, and does nothing",
    "mail.actions.enqueue_mail": "a part of whatever causes the mail",
}
"""What is no act by itself: the act that it is a part of asks who may. No view may call these."""
OPEN_TO_RESIDENTS = {
    "audit.actions.record": "a part of every act, also of those of residents; a visitor is never named",
    "moderation.actions.reports.report_words": "anybody reports what everyone may read; the view finds nothing else",
    "proposals.actions.start_proposal": "anybody with an account makes plans; in a round that is public",
    "registry.actions.pool.draw_code": "anybody with an account draws one code, once",
    "discussion.actions.contribute": "anybody with an account talks about public plans and rounds",
    "discussion.actions.answer": "the same",
    "discussion.actions.find_useful": "the same",
    "discussion.actions.find_no_longer_useful": "the same",
    "support.actions.give_support": "anybody with an account supports the plans of others",
    "support.actions.take_back_support": "the same",
    "waiting.actions.note_done_elsewhere": "anybody with an account lets go of what waits for their own mailbox",
    "exports.actions.ask_for_export": "anybody with an account has files made of what is public, a few at a time",
}
"""What a person without a role may do; each is tested below for what it refuses."""
OPEN_TO_STAFF = {
    "population.actions.load_population": "staff of a stadsdeel say how many people live there",
    "population.actions.remove_population": "the same",
}
"""What staff may do in their own area, who otherwise only look."""
TAKES_TWO: set[type[Event]] = {
    BoxOpened,
    BoxShut,
    CodeListsDestroyed,
    CodeVoided,
    Confirmed,
    PayloadErased,
    PlanWithdrawn,
    PoolShut,
    RoundCertified,
    RoundClosed,
    RoundFrozen,
    SecondFactorReset,
    SecretsDestroyed,
    VoteRestored,
}
"""What the log says only after two people agreed."""


def rooms() -> Iterator[str]:
    for module in pkgutil.walk_packages(buurtbegroot.__path__, "buurtbegroot."):
        if not module.name.startswith(("buurtbegroot.core", "buurtbegroot.frontend")):
            yield module.name


def is_action_module(name: str) -> bool:
    """Tell whether acts live here: by its name, or because what is done here comes in the log."""
    place = name.split(".")[2:]
    if place[:1] == ["actions"]:
        return True
    return any(value is record for value in vars(importlib.import_module(name)).values())


def acts() -> dict[str, Act]:
    """Return every public function of every action module by its name."""
    found: dict[str, Act] = {}
    for module in filter(is_action_module, rooms()):
        for name, value in vars(importlib.import_module(module)).items():
            if inspect.isfunction(value) and value.__module__ == module and not name.startswith("_"):
                found[f"{module.removeprefix('buurtbegroot.')}.{name}"] = value
    return found


ACTS = {name: act for name, act in acts().items() if name not in PARTS}


def kinds_of(act: Act) -> set[type]:
    """Return who can act at all, by the type of `by`: Person, System, Anyone. By alone says that only people do."""
    hint = get_type_hints(act).get("by")
    if hint == By:
        return {Person}
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return {
        kind for kind in (Person, System, Anyone) for part in parts if isinstance(part, type) and issubclass(part, kind)
    }


def values(city: City) -> Mapping[str, Any]:
    """Return something for every name of a parameter: a round that is not public, things of somebody else."""
    session, other = city.session, city.people["coordinator"]
    assert other is not None
    point = Point(number=3, title="Punt", edition_id=1)
    said = contribution(city.draft_plan, now=NOW, id=1, useful=0)
    return {
        "session": session,
        "now": NOW,
        "round_": city.draft,
        "owner": city.draft.owner,
        "proposal": city.draft_plan,
        "hideable": city.draft_plan,
        "export": Export(data_set="x", ending=".csv", url="", language="nl", rows=1),
        "number": 1,
        "done": 1,
        "size": 1,
        "seq": 1,
        "about": About(city.draft, city.draft_plan),
        "remark": Remark(body="x", author_name="x"),
        "contribution": said,
        "question": said,
        "thread": said.thread,
        "body": "x",
        "version": 1,
        "answer_id": None,
        "answered": True,
        "hiding": Hiding(reason=Reason.OTHER),
        "judgement": Judgement(reason=Ground.ALLOWED, shown=True),
        "ruling": Ruling(reason=Ground.ALLOWED),
        "told": ToldOf(reason=Reason.OTHER, language="nl", networks=(b"n" * 32,)),
        "report": Report(user_id=other.id, case_id=0),
        "case": Case(id=0),
        "words": "",
        "user": other,
        "counted": None,  # nobody looks at it before asking who may
        "job": Job(task="x", arguments="{}", state=JobState.FAILED, due_at=NOW),
        "task": Task(name="x", title="x", run=print),
        "subject": subject_of(other),
        "kept": Register(ROOMS).kept,
        "grant": other.grants[0],
        "entry": session.get(AuditEntry, 1) or something_happened(session, now=NOW),
        "point": point,
        "archive": read_archive(pb(won="1010").encode(), None),
        "place": Place(title="x", owner=city.draft.owner, buurten=()),
        "points": [point],
        "rules": rules_of(city.draft),
        "draft": draft(city.submitting),
        "verdict": Verdict(admitted=False, reason="Nee."),
        "basics": Basics(
            title="x",
            summary="",
            contact="",
            decision_url="",
            buurten=frozenset(),
            themes=(),
            pots_by=None,
            area_cents={},
        ),
        "schedule": (),
        "features": [],
        "rows": [],
        "texts": {"how": "x"},
        "happened_on": date(2026, 1, 1),
        "counted_on": date(2026, 1, 1),
        "measured_on": date(2026, 1, 1),
        "standing": Standing.UNDER_WAY,
        "source": "x",
        "value": 1,
        "title": "x",
        "name": "x",
        "language": "nl",
        "email": "x@example.org",
        "asked": LinkRequest(email="x@example.org", language="nl"),
        "link_for": str,
        "minutes": 1,
        "token": "x",
        "token_hash": "x",
        "proof": Proof(secret="JBSWY3DPEHPK3PXP", code="000000"),
        "code": "000000",
        "vault": Vault.from_config(city.app.config),
        "content": "x",
        "waiting": WaitingForm(key="x", email="x@example.org"),
        "written": Written(path="/x", fields=[], told=Told(what="x", act="x", back="/"), once="x"),
        "replaces": None,
        "role": Role.ADMINISTRATOR,
        "area": city.draft.owner,
        "event": PayloadErased(object="log:1", seq=1, reason="x"),
        "reason": VoidReason.LOST,
        "part": "rules",
        "before": "",
        "fingerprint": "f",
        "seen": 1,
        "envelopes": 1,
        "lot_seed": b"s" * 32,
        "keys": city.voting.keys,
        "act": CLOSE,
        "thing": city.draft,
        "count": 1,
        "holder": "kluis",
        "copy": 1,
        "drawn": [],
        "text": "",
        "witnesses": (),
        "letters": Letters(bytes(32)),
        "c": bytes(32),
        "round_id": city.draft.id,
        "k": bytes(32),
        "choices": [],
        "form": Form(bytes(16)),
        "link_key": bytes(32),
        "night": NOW.date(),
        "due": Due(city.voting.round.id, Kind.BALLOT, NOW),
        "made_by": {},
        "opened": 1,
        "voids": (),
        "epoch": 1,
        "bundle": "ab",
        "made": CastMaterial(bytes(32), bytes(32), b"", b"", Receipt(b"1", b"", b"", b"", 0, 1, b"")),
        "plan": 1,
        "probe": None,
    }


def outcome(act: Act, known: Mapping[str, Any], by: By) -> str:
    """Return how an act ends: refused, refused in secret, done, or what went wrong."""
    asked = inspect.signature(act).parameters.values()
    unknown = {each.name for each in asked if each.default is each.empty} - {"by", *known}
    assert not unknown, f"give {act.__qualname__} something for {unknown} in `values`"
    given = {each.name: known[each.name] for each in asked if each.default is each.empty and each.name != "by"}
    positional = [
        given.pop(each.name) for each in asked if each.kind is each.POSITIONAL_OR_KEYWORD and each.name in given
    ]
    try:
        done = act(*positional, **given, by=by)
        next(done) if inspect.isgenerator(done) else None
    except NotAllowedError as refusal:
        return "hidden" if refusal.hidden else "refused"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "done"


def test_the_lists_of_exceptions_are_no_longer_than_needed() -> None:
    assert set(PARTS) | set(OPEN_TO_RESIDENTS) <= set(acts())


@pytest.mark.parametrize("name", ACTS)
def test_every_act_says_who_acts(name: str) -> None:
    assert kinds_of(ACTS[name]), f"{name} takes no `by`, or one of an unknown type"


def test_nobody_without_the_right_does_anything(city: City) -> None:
    known = values(city)
    people = {kind: city.people[kind] for kind in ("resident", "elsewhere", "staff")}
    actors = {**people, "the program": System("test"), "a visitor": ANYONE}
    faults = []
    for name, act in ACTS.items():
        for who, by in actors.items():
            assert by is not None
            kind = next(kind for kind in (Person, System, Anyone) if isinstance(by, kind))
            is_open = kind in kinds_of(act) and (kind is not Person or name in OPEN_TO_RESIDENTS)
            if is_open or (who == "staff" and name in OPEN_TO_STAFF):
                continue
            ended = outcome(act, known, by)
            if ended not in {"refused", "hidden"}:
                faults.append((name, who, ended))
    assert faults == []


def test_what_is_not_public_is_not_even_admitted_to_exist(city: City) -> None:
    known, resident = values(city), city.people["resident"]
    assert resident is not None
    secret = {"round_", "proposal"}
    about = {name: act for name, act in ACTS.items() if secret & set(inspect.signature(act).parameters)}
    assert len(about) > 20
    open_ = {name: outcome(act, known, resident) for name, act in about.items() if Person in kinds_of(act)}
    assert {name: ended for name, ended in open_.items() if ended != "hidden"} == {}


def test_no_administrator_does_alone_what_takes_two(city: City) -> None:
    known, by, session = values(city), city.people["administrator"], city.session
    assert by is not None
    done = set()
    for name, act in ACTS.items():
        if Person in kinds_of(act) and name != "audit.actions.record":
            nested = session.begin_nested()
            last = session.scalar(select(func.max(AuditEntry.seq))) or 0
            outcome(act, known, by)
            with session.no_autoflush:
                done |= set(session.scalars(select(AuditEntry.action).where(AuditEntry.seq > last)))
            nested.rollback() if nested.is_active else None
    assert "accounts.role_granted" in done
    assert done & {event.name for event in TAKES_TWO} == set()


def test_no_view_logs_or_mails_by_itself(app: Flask) -> None:
    """What asks nobody whether it may be done is for actions only."""
    parts = [act for name, act in acts().items() if name in {*PARTS, "audit.actions.record"}]
    views = {view.__module__ for view in app.view_functions.values()}
    held = {name: vars(importlib.import_module(name)).values() for name in views}
    assert [name for name, values in held.items() if any(value is part for value in values for part in parts)] == []
