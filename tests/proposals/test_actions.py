"""What happens to a plan: concept, number, change, withdrawal, decision; and when the round refuses."""

import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.areas.models import Area
from buurtbegroot.audit.domain.keys import SITE_KEYS, SiteKeys
from buurtbegroot.audit.models import AuditEntry, AuditPayload
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.rules import PlanCost, Ruleset, from_json, to_json
from buurtbegroot.database import Model, engine_options, prepare_engine, writing
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.proposals.actions import (
    PlanFault,
    Verdict,
    decide_proposal,
    edit_proposal,
    start_proposal,
    submit_proposal,
    withdraw_proposal,
)
from buurtbegroot.proposals.domain.drafts import DraftLine, Lack, shortcomings
from buurtbegroot.proposals.models import Answer, Proposal, ProposalStatus
from buurtbegroot.proposals.queries import ballot_plans, plans_on_ballot
from buurtbegroot.rounds.models import Criterion, Round
from buurtbegroot.work.queries import job_of
from buurtbegroot.work.queue import PURGE
from tests.databases import fresh_uri
from tests.factories.accounts import person
from tests.factories.akkoord import small_accord
from tests.factories.areas import small_city
from tests.factories.proposals import draft, plan
from tests.factories.rounds import WEEK, round_in
from tests.refusals import refused

YES = Verdict(admitted=True, reason="Het kan.", cost_cents=30_000, answers={Criterion.BUDGET: Answer.YES})
NO = Verdict(admitted=False, reason="De grond is van iemand anders.")


def log(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)))


def submitted(session: Session, round_: Round, resident: User, now: datetime, **changes: Any) -> Proposal:
    proposal = start_proposal(session, round_, draft(round_, **changes), by=resident, now=now)
    submit_proposal(session, proposal, seen=proposal.version, by=resident, now=now)
    return proposal


def test_a_concept_keeps_all_and_tells_nobody_what_is_in_it(
    session: Session, round_: Round, resident: User, now: datetime
) -> None:
    points = small_accord(session)
    typed = draft(round_, point_ids=frozenset({points[0].id}))
    proposal = start_proposal(session, round_, typed, by=resident, now=now)
    session.expire_all()
    assert (proposal.status, proposal.number, proposal.estimate_cents) == (ProposalStatus.CONCEPT, 0, 30_000)
    assert [line.cents for line in proposal.lines] == [25_000, 5_000]
    assert [point.number for point in proposal.points] == [3]
    assert proposal.search == "nestkastjes in het plantsoen kastjes voor mussen plantsoen"
    assert session.scalars(select(AuditPayload.payload)).all() == [{}]


def test_submitting_gives_the_next_number_once(session: Session, round_: Round, resident: User, now: datetime) -> None:
    first, second = (submitted(session, round_, resident, now) for _ in range(2))
    submit_proposal(session, second, seen=second.version, by=resident, now=now)
    assert (first.number, second.number) == (1, 2)
    assert log(session).count("proposals.submitted") == 2


@pytest.mark.parametrize("phase", [Phase.COCREATION, Phase.FEASIBILITY, Phase.VOTING, Phase.REALISATION])
def test_only_a_round_that_takes_plans_gets_them(
    session: Session, city: dict[str, Area], resident: User, now: datetime, phase: Phase
) -> None:
    round_ = round_in(session, phase, areas=city, now=now)
    with refused(PlanFault.CLOSED):
        start_proposal(session, round_, draft(round_), by=resident, now=now)


def test_what_left_the_round_while_somebody_typed_is_refused(
    session: Session, round_: Round, resident: User, now: datetime
) -> None:
    concept = start_proposal(session, round_, draft(round_), by=resident, now=now)
    areas = {code: session.get_one(Area, code) for code in ("EA01", "EA02", "KA01")}
    elsewhere = round_in(session, Phase.SUBMISSION, areas=areas, now=now).themes[0]
    for changes in ({"buurt": areas["KA01"]}, {"theme": elsewhere}):
        gone = draft(round_, **changes)
        with refused(PlanFault.GONE):
            start_proposal(session, round_, gone, by=resident, now=now)
        with refused(PlanFault.GONE), session.begin_nested():
            edit_proposal(session, concept, gone, seen=concept.version, by=resident, now=now)


def test_a_concept_cannot_be_submitted_too_late_or_half_done(
    session: Session, round_: Round, resident: User, now: datetime
) -> None:
    proposal = start_proposal(session, round_, draft(round_), by=resident, now=now)
    with refused(PlanFault.CLOSED):
        submit_proposal(session, proposal, seen=proposal.version, by=resident, now=now + WEEK)
    half = start_proposal(session, round_, draft(round_, lines=()), by=resident, now=now)
    with refused(PlanFault.INCOMPLETE):
        submit_proposal(session, half, seen=half.version, by=resident, now=now)
    assert {proposal.number, half.number} == {0}


@pytest.mark.parametrize(
    ("cost", "cents", "lack"),
    [
        (PlanCost(min_cents=40_000), 30_000, Lack.TOO_CHEAP),
        (PlanCost(max_cents=20_000), 30_000, Lack.TOO_DEAR),
        (PlanCost(), 100_001, Lack.ABOVE_POT),
        (PlanCost(), 0, Lack.NO_COSTS),
    ],
)
def test_the_rules_bound_the_cost(round_: Round, cost: PlanCost, cents: int, lack: Lack) -> None:
    rules = from_json(round_.rules)
    bounded = Ruleset(pots=rules.pots, ballot=rules.ballot, plan_cost=cost)
    lines = (DraftLine(what="Alles", quantity=1, unit_cents=cents),)
    found = shortcomings(draft(round_, lines=lines), bounded, has_themes=True)
    assert [shortcoming.lack for shortcoming in found] == [lack]
    assert to_json(bounded)


def test_a_submitted_plan_changes_while_co_creating_and_not_after(
    session: Session, round_: Round, resident: User, now: datetime
) -> None:
    proposal = submitted(session, round_, resident, now)
    edit_proposal(session, proposal, draft(round_, title="Beter"), seen=proposal.version, by=resident, now=now + WEEK)
    assert proposal.title == "Beter"
    with refused(PlanFault.CLOSED), session.begin_nested():
        edit_proposal(session, proposal, draft(round_), seen=proposal.version, by=resident, now=now + 2 * WEEK)
    with refused(PlanFault.INCOMPLETE):
        edit_proposal(session, proposal, draft(round_, summary=""), seen=proposal.version, by=resident, now=now)
    assert log(session)[-1] == "proposals.edited"


def test_withdrawing_keeps_a_plan_and_drops_a_concept(
    session: Session, round_: Round, resident: User, now: datetime
) -> None:
    proposal = submitted(session, round_, resident, now)
    concept = start_proposal(session, round_, draft(round_), by=resident, now=now)
    concept_id = concept.id
    withdraw_proposal(session, proposal, seen=proposal.version, by=resident, now=now)
    assert job_of(session, PURGE) is None
    withdraw_proposal(session, concept, seen=concept.version, by=resident, now=now)
    assert proposal.status is ProposalStatus.WITHDRAWN
    assert session.get(Proposal, concept_id) is None
    assert job_of(session, PURGE) is not None
    with refused(PlanFault.FIXED):
        withdraw_proposal(session, proposal, seen=proposal.version, by=resident, now=now)


def test_deciding_again_replaces_the_decision_and_keeps_it(
    session: Session, round_: Round, resident: User, coordinator: User, now: datetime
) -> None:
    small_accord(session)
    proposal = submitted(session, round_, resident, now)
    decide_proposal(session, proposal, NO, seen=proposal.version, by=coordinator, now=now)
    assert proposal.status is ProposalStatus.REFUSED
    decide_proposal(session, proposal, YES, seen=proposal.version, by=coordinator, now=now + timedelta(hours=1))
    assert (proposal.status, proposal.cost_cents) == (ProposalStatus.ADMITTED, 30_000)
    assert [decision.admitted for decision in proposal.decisions] == [False, True]
    assert [mail.recipient for mail in session.scalars(select(OutboxMail))] == [resident.email] * 2
    assert log(session)[-2:] == ["proposals.decided"] * 2


def test_a_decision_on_the_log_is_tied_to_points_of_the_accord(
    session: Session, round_: Round, resident: User, coordinator: User, now: datetime
) -> None:
    points = small_accord(session)
    round_.points = [points[2]]
    proposal = submitted(session, round_, resident, now)
    decide_proposal(session, proposal, YES, seen=proposal.version, by=coordinator, now=now)
    assert session.scalars(select(AuditEntry.points).order_by(AuditEntry.seq.desc())).first() == ["2019_16"]


def test_nothing_is_decided_or_withdrawn_once_the_vote_is_opened(
    session: Session, round_: Round, resident: User, coordinator: User, now: datetime
) -> None:
    proposal = submitted(session, round_, resident, now)
    round_.fingerprint = "ab" * 32
    session.flush()
    with refused(PlanFault.UNDECIDABLE), session.begin_nested():
        decide_proposal(session, proposal, YES, seen=proposal.version, by=coordinator, now=now)
    with refused(PlanFault.FIXED):
        withdraw_proposal(session, proposal, seen=proposal.version, by=resident, now=now)


@pytest.mark.parametrize(
    "verdict",
    [
        Verdict(admitted=True, reason="Ja"),
        Verdict(admitted=True, reason="Ja", cost_cents=99),
        Verdict(admitted=False, reason=""),
    ],
)
def test_a_decision_needs_a_reason_and_admission_a_cost(
    session: Session, round_: Round, coordinator: User, now: datetime, verdict: Verdict
) -> None:
    proposal = plan(session, round_, now=now, status=ProposalStatus.SUBMITTED)
    with pytest.raises(ValueError, match="needs"):
        decide_proposal(session, proposal, verdict, seen=proposal.version, by=coordinator, now=now)


def test_the_ballot_holds_the_admitted_plans_by_number(session: Session, round_: Round, now: datetime) -> None:
    statuses = [ProposalStatus.ADMITTED, ProposalStatus.REFUSED, ProposalStatus.ADMITTED, ProposalStatus.SUBMITTED]
    plans = [
        plan(session, round_, now=now, cents=1_000 * (4 - place), status=status)
        for place, status in enumerate(statuses)
    ]
    assert [one.id for one in plans_on_ballot(session, round_.id)] == [plans[0].id, plans[2].id]
    ballot = ballot_plans(session, round_)
    assert [(one.id, one.cost_cents, one.theme, one.area) for one in ballot] == [
        (plans[0].id, 4_000, "Groen", "EA01"),
        (plans[2].id, 2_000, "Groen", "EA01"),
    ]


def test_the_database_refuses_one_number_twice(session: Session, round_: Round, now: datetime) -> None:
    first = plan(session, round_, now=now)
    second = plan(session, round_, now=now)
    second.number = first.number
    with pytest.raises(DBAPIError), session.begin_nested():
        session.flush()


@pytest.mark.race
def test_twenty_people_at_once_get_twenty_numbers(tmp_path: Path, now: datetime) -> None:
    uri = fresh_uri(tmp_path).replace("postgresql:", "postgresql+psycopg:", 1)
    engine = create_engine(uri, pool_size=20, **engine_options(uri))
    prepare_engine(engine)
    engine.update_execution_options(**{SITE_KEYS: SiteKeys(tmp_path)})
    with writing(), Session(engine) as session:
        Model.metadata.create_all(engine)
        round_ = round_in(session, Phase.SUBMISSION, areas=small_city(session), now=now)
        author = person(session)
        ids = [start_proposal(session, round_, draft(round_), by=author, now=now).id for _ in range(20)]
        author_id, round_id = author.id, round_.id
        session.commit()
    start = threading.Barrier(20)

    def submit(proposal_id: int) -> None:
        start.wait()
        with writing(), Session(engine) as session:
            proposal = session.get_one(Proposal, proposal_id)
            author = session.get_one(User, author_id)
            submit_proposal(session, proposal, seen=proposal.version, by=author, now=now)
            session.commit()

    threads = [threading.Thread(target=submit, args=(proposal_id,)) for proposal_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with Session(engine) as session:
        numbers = session.scalars(select(Proposal.number).where(Proposal.round_id == round_id)).all()
    engine.dispose()
    assert sorted(numbers) == list(range(1, 21))
