"""Every event about a change of what everyone may read says from what to what, and nothing of what is not public."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.akkoord.actions import load_accord, write_plan
from buurtbegroot.akkoord.events import AccordLoaded, PlanChanged
from buurtbegroot.akkoord.models import Edition, Point
from buurtbegroot.areas.actions import load_areas
from buurtbegroot.areas.events import AreasLoaded
from buurtbegroot.audit.events import ChangeEvent, Changes
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.core.phases import Phase
from buurtbegroot.population.actions import load_population, remove_population
from buurtbegroot.population.domain.people import People
from buurtbegroot.population.events import PopulationLoaded, PopulationRemoved
from buurtbegroot.proposals.actions import Verdict, decide_proposal, edit_proposal, withdraw_proposal
from buurtbegroot.proposals.domain.drafts import DraftLine
from buurtbegroot.proposals.events import ProposalDecided, ProposalEdited, ProposalWithdrawn
from buurtbegroot.proposals.models import ProposalStatus
from buurtbegroot.proposals.queries import draft_of
from buurtbegroot.rounds.actions import save_windows
from buurtbegroot.rounds.events import RoundChanged
from buurtbegroot.rounds.queries import schedule_of
from buurtbegroot.rounds.queries.setup import DATES
from tests.areas.test_loading import square
from tests.audit.test_views import EVENTS
from tests.conftest import NOW
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in

Case = Callable[[Session], Changes]
NOTHING_BEFORE = {
    "something is added or taken away, and the line says what": (
        "accounts.role_granted accounts.role_revoked akkoord.figure_recorded akkoord.status_recorded"
        " archive.brought_in archive.plan_brought_in"
        " proposals.submitted rounds.created voting.codes_issued voting.pool_emptied voting.pool_filled"
        " audit.payload_erased audit.entries_put_back tally.secrets_destroyed moderation.hidden moderation.shown"
        " moderation.kept moderation.change_asked"
        " moderation.appealed moderation.appeal_judged moderation.appeal_handed_on"
        " discussion.written discussion.shown discussion.deleted discussion.settled discussion.taken_over"
    ),
    "a moment that comes once, when what there was is fixed or first shown": (
        "rounds.published rounds.frozen rounds.closed rounds.certified voting.opened voting.pool_shut"
        " voting.code_lists_destroyed voting.key_copy_destroyed voting.keys_copied"
        " voting.code_voided voting.plan_withdrawn voting.restored voting.sealed voting.closed voting.counted_from"
        " tally.counted tally.recounted tally.begun_again tally.certified_with_loss tally.losses_explained"
    ),
    "asking and answering; what it is about has lines of its own": (
        "dual_control.requested dual_control.confirmed dual_control.withdrawn dual_control.lapsed dual_control.expired"
    ),
    "what people say to each other is in no line, so that it can be taken away": "discussion.edited",
    "nothing that everyone may read": (
        "accounts.second_factor_enrolled accounts.second_factor_reset accounts.sessions_ended"
        " proposals.concept_deleted proposals.concept_saved"
    ),
}


def dates(session: Session) -> Changes:
    round_ = round_in(session, Phase.SUBMISSION, areas=small_city(session), now=NOW)
    (old, *others), day = schedule_of(round_), timedelta(days=1)
    new, by = replace(old, ends_at=old.ends_at - day), person(session, Role.COORDINATOR)
    save_windows(session, round_, (new, *others), reason="x", less_time=True, seen=round_.version, by=by, now=NOW)
    shown = [{"begins": each.begins_at.isoformat(), "ends": each.ends_at.isoformat()} for each in (old, new)]
    return {f"{DATES}{old.phase.value}": {"old": shown[0], "new": shown[1]}}


def edit(session: Session) -> Changes:
    round_, maker = round_in(session, Phase.SUBMISSION, areas=small_city(session), now=NOW), person(session)
    found = plan(session, round_, now=NOW, status=ProposalStatus.SUBMITTED, author=maker)
    line = DraftLine(what="Bank", quantity=2, unit_cents=500)
    typed = replace(draft_of(found), title="Bankjes", body="Twee.", author_name="Wij", lines=(line,))
    edit_proposal(session, found, typed, seen=found.version, by=maker, now=NOW)
    line_told = {"what": "Bank", "quantity": 2, "unit_cents": 500, "source": "", "yearly": False}
    return {
        "title": {"old": "Plan 1", "new": "Bankjes"},
        "body": {"old": "", "new": "Twee."},
        "lines": {"old": [], "new": [line_told]},
        "estimate_cents": {"old": 10_000, "new": 1_000},
    }


def withdraw(session: Session) -> Changes:
    round_, maker = round_in(session, Phase.SUBMISSION, areas=small_city(session), now=NOW), person(session)
    found = plan(session, round_, now=NOW, author=maker)
    withdraw_proposal(session, found, seen=found.version, by=maker, now=NOW)
    return {"status": {"old": "admitted", "new": "withdrawn"}}


def decide(session: Session) -> Changes:
    round_ = round_in(session, Phase.SUBMISSION, areas=small_city(session), now=NOW)
    found, by = plan(session, round_, now=NOW), person(session, Role.COORDINATOR)
    verdict = Verdict(admitted=False, reason="Te duur.", cost_cents=20_000)
    decide_proposal(session, found, verdict, seen=found.version, by=by, now=NOW)
    return {"cost_cents": {"old": 10_000, "new": 20_000}, "status": {"old": "admitted", "new": "refused"}}


def accord(session: Session) -> Changes:
    load_accord(session, by=PROGRAM, now=NOW)
    edition, point = session.scalars(select(Edition)).one(), session.scalars(select(Point)).first()
    assert point is not None
    right, edition.term, point.title = (edition.term, point.title), "x", "Verschreven"
    session.flush()
    load_accord(session, by=PROGRAM, now=NOW)
    return {
        f"akkoord_edition {edition.slug}: term": {"old": "x", "new": right[0]},
        f"akkoord_point {point.number}: title": {"old": "Verschreven", "new": right[1]},
    }


def plan_of_point(session: Session) -> Changes:
    load_accord(session, by=PROGRAM, now=NOW)
    small_city(session)
    point = session.scalars(select(Point)).first()
    assert point is not None
    point.how = "Samen"
    session.flush()
    by = person(session, Role.ADMINISTRATOR, "0363")
    write_plan(session, point, {"how": "Alleen", "what": ""}, seen=point.version, by=by, now=NOW)
    return {"how": {"old": "Samen", "new": "Alleen"}}


def areas(session: Session) -> Changes:
    load_areas(session, [square("AA01"), square("AA02")], by=PROGRAM, now=NOW)
    load_areas(session, [square("AA01", naam="Anders")], by=PROGRAM, now=NOW)
    return {
        "AA01 name": {"old": "Buurt AA01", "new": "Anders"},
        "AA01 search": {"old": "buurt aa01", "new": "anders"},
        "AA02 is_current": {"old": True, "new": False},
    }


def people(session: Session) -> Changes:
    city, by = small_city(session)["0363"], person(session, Role.ADMINISTRATOR, "0363")
    said: dict[str, Any] = {"source": "x", "counted_on": date(2026, 1, 1), "by": by, "now": NOW}
    file = load_population(session, city, {"EA": People(9, 4), "KA": People(5)}, seen=0, **said)
    load_population(session, city, {"EA": People(8, 4), "K": People(6)}, seen=file.version, **said)
    return {
        "EA inhabitants": {"old": 9, "new": 8},
        "KA inhabitants": {"old": 5, "new": None},
        "K inhabitants": {"old": None, "new": 6},
    }


def people_taken_back(session: Session) -> Changes:
    city, by = small_city(session)["0363"], person(session, Role.ADMINISTRATOR, "0363")
    said: dict[str, Any] = {"source": "x", "counted_on": date(2026, 1, 1), "by": by, "now": NOW}
    file = load_population(session, city, {"EA": People(9)}, seen=0, **said)
    remove_population(session, city, seen=file.version, by=by, now=NOW)
    return {"EA inhabitants": {"old": 9, "new": None}}


CASES: dict[type[ChangeEvent], Case] = {
    RoundChanged: dates,
    ProposalEdited: edit,
    ProposalWithdrawn: withdraw,
    ProposalDecided: decide,
    AccordLoaded: accord,
    PlanChanged: plan_of_point,
    AreasLoaded: areas,
    PopulationLoaded: people,
    PopulationRemoved: people_taken_back,
}


def test_every_event_tells_a_change_or_has_a_reason() -> None:
    changes = [name for name, kind in EVENTS.items() if issubclass(kind, ChangeEvent)]
    assert sorted(kind.name for kind in CASES) == sorted(changes)
    assert sorted([*changes, *" ".join(NOTHING_BEFORE.values()).split()]) == sorted(EVENTS)


@pytest.mark.parametrize("kind", CASES)
def test_the_log_says_from_what_to_what(session: Session, kind: type[ChangeEvent]) -> None:
    expected = CASES[kind](session)
    last = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()
    session.refresh(last)
    assert last.action == kind.name
    told = (last.public_payload or {})["changes"]
    own = {name: pair for name, pair in told.items() if kind is not AreasLoaded or name.startswith(("AA01", "AA02"))}
    assert own == expected
