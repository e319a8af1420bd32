"""Nobody decides alone on what they made: every act that a person can do is listed here, and tried by the maker."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from buurtbegroot.accounts.actions import AccountFault, grant_role
from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import ANYONE, Fault, Person
from buurtbegroot.akkoord.models import Point
from buurtbegroot.areas.models import CITY, Area
from buurtbegroot.discussion.actions import TalkFault
from buurtbegroot.discussion.actions.following_up import let_through
from buurtbegroot.dual_control.actions import DualFault, confirm_act
from buurtbegroot.dual_control.models import DualRequest
from buurtbegroot.dual_control.policy import declared_acts
from buurtbegroot.moderation.actions import (
    Hiding,
    ModerationFault,
    Ruling,
    ask_for_change,
    hide_words,
    keep_words,
    show_words,
)
from buurtbegroot.moderation.actions.appeals import AppealFault, Judgement, appeal, judge_appeal
from buurtbegroot.moderation.actions.reports import Told, report_words
from buurtbegroot.moderation.models import Ground, Reason
from buurtbegroot.proposals.actions import PlanFault, Verdict, decide_proposal
from buurtbegroot.proposals.models import ProposalStatus
from buurtbegroot.registry.dual_acts import VoidedCode
from buurtbegroot.rounds.actions import SetupFault, create_round, publish_round, save_points
from buurtbegroot.rounds.queries import makers_of
from tests.conftest import NOW
from tests.factories.accounts import person
from tests.factories.audit import something_happened
from tests.factories.discussion import contribution
from tests.factories.proposals import plan
from tests.refusals import refused
from tests.security.conftest import City
from tests.security.test_acts import ACTS, kinds_of

FINE = Ruling(reason=Ground.ALLOWED)
YES = Verdict(admitted=True, reason="Een goed plan.", cost_cents=10_000)
ALONE = {
    "moderation.actions.ask_for_change",
    "discussion.actions.following_up.let_through",
    "moderation.actions.hide_words",
    "moderation.actions.keep_words",
    "moderation.actions.appeals.judge_appeal",
    "moderation.actions.show_words",
    "proposals.actions.decide_proposal",
    "rounds.actions.publish_round",
    "accounts.actions.grant_role",
}
TOGETHER = {
    "accounts.actions.confirm_erasure",
    "accounts.actions.confirm_reset",
    "dual_control.actions.confirm_act",
    "rounds.actions.freeze",
    "rounds.actions.mark_certified",
    "rounds.actions.mark_closed",
    "tally.actions.certify",
    "tally.actions.confirm_close",
    "tally.actions.destroy_secrets",
    "tally.actions.note_code_lists_gone",
    "booth.actions.opening.open_vote",
    "registry.actions.voiding.confirm_void",
    "booth.actions.opening.withdraw_plan",
    "booth.actions.restoring.confirm_restore",
}
NO_DECISION = {
    "making and changing, which is no judgement on it": (
        "archive.actions.bring_in"
        " akkoord.actions.record_figure akkoord.actions.record_status akkoord.actions.write_plan"
        " population.actions.load_population population.actions.remove_population"
        " proposals.actions.edit_proposal proposals.actions.start_proposal proposals.actions.submit_proposal"
        " rounds.actions.begin_change rounds.actions.create_round rounds.actions.log_change rounds.actions.save_basics"
        " rounds.actions.save_points rounds.actions.save_windows rules.actions.save_rules"
        " registry.actions.issuing.issue_codes registry.actions.issuing.load_codes box.actions.sealing.prepare_booth"
        " discussion.actions.contribute discussion.actions.answer discussion.actions.edit_contribution"
        " discussion.actions.following_up.settle_question discussion.actions.following_up.take_over"
        " registry.actions.issuing.register_codes registry.actions.pool.fill_pool accounts.actions.find_or_add_user"
    ),
    "saying that something is wrong, which a moderator judges": (
        "moderation.actions.appeals.appeal "
        "moderation.actions.reports.add_to_report moderation.actions.reports.report_words"
    ),
    "taking one's own back, or saying no": (
        "moderation.actions.reports.take_back_report moderation.actions.appeals.hand_on_appeal"
        " proposals.actions.withdraw_proposal discussion.actions.delete_contribution"
        " dual_control.actions.withdraw_request"
        " registry.actions.voiding.withdraw_void"
        " registry.actions.pool.empty_pool accounts.actions.revoke_role"
    ),
    "asking, which somebody else answers": (
        "dual_control.actions.request_act tally.actions.request_certify tally.actions.request_close"
        " tally.actions.request_destroy tally.actions.request_code_lists_gone"
        " registry.actions.voiding.request_void"
        " booth.actions.opening.request_withdrawal"
        " booth.actions.restoring.request_restore"
    ),
    "one's own account": (
        "accounts.actions.delete_account accounts.actions.end_session_of accounts.actions.enrol_second_factor"
        " accounts.actions.erase_account accounts.actions.pass_second_factor accounts.actions.sign_out_everywhere"
        " exports.actions.ask_for_export exports.actions.drop_export exports.actions.erase_exports"
        " exports.actions.try_export_again"
        " accounts.actions.update_profile accounts.actions.allow_publishing accounts.actions.keep_first_name"
        " waiting.actions.note_done waiting.actions.note_done_elsewhere"
        " waiting.actions.erase_waiting dual_control.actions.erase_shown mail.actions.erase_mail"
        " moderation.actions.reports.erase_reports moderation.actions.appeals.erase_appeals"
        " proposals.actions.erase_maker registry.actions.pool.draw_code support.actions.erase_support"
        " discussion.actions.erase_contributions discussion.actions.erase_useful"
        " discussion.actions.find_useful discussion.actions.find_no_longer_useful"
        " support.actions.give_support support.actions.take_back_support"
    ),
    "letting the program do what has one outcome": (
        "tally.actions.ask_to_bundle tally.actions.ask_to_explain tally.actions.ask_to_open"
        " tally.actions.ask_to_rewrite tally.actions.count_round"
        " tally.actions.record_recount work.actions.take_up work.actions.try_again"
    ),
    "a part of what two people do": (
        "audit.actions.record box.actions.sealing.shut_box registry.actions.pool.shut_pool"
        " registry.actions.pool.void_parts registry.actions.voiding.void_again"
        " box.actions.sealing.tell_withdrawn"
    ),
    "a door that is shut for somebody, who can come back in": "accounts.actions.sign_out_by_administrator",
}


def own_plan(city: City, maker: User) -> Callable[..., object]:
    found = plan(city.session, city.submitting, now=NOW, status=ProposalStatus.SUBMITTED, author=maker)
    return lambda by: decide_proposal(city.session, found, YES, seen=found.version, by=by, now=NOW)


def own_words(city: City, maker: User) -> Callable[..., object]:
    found = plan(city.session, city.submitting, now=NOW, status=ProposalStatus.SUBMITTED, author=maker)
    hiding = Hiding(reason=Reason.OTHER)
    return lambda by: hide_words(city.session, found, hiding, seen=found.version, by=by, now=NOW)


def own_reported_words(city: City, maker: User) -> Callable[..., object]:
    found = plan(city.session, city.submitting, now=NOW, status=ProposalStatus.SUBMITTED, author=maker)
    report_words(city.session, found, Told(reason=Reason.HATE, language="nl", networks=(b"n",)), by=ANYONE, now=NOW)
    return lambda by: keep_words(city.session, found, FINE, seen=found.version, by=by, now=NOW)


def own_words_to_change(city: City, maker: User) -> Callable[..., object]:
    found = plan(city.session, city.submitting, now=NOW, status=ProposalStatus.SUBMITTED, author=maker)
    ruling = Ruling(reason=Reason.HATE)
    return lambda by: ask_for_change(city.session, found, ruling, seen=found.version, by=by, now=NOW)


def own_appeal(city: City, maker: User) -> Callable[..., object]:
    found = plan(city.session, city.submitting, now=NOW, status=ProposalStatus.SUBMITTED, author=maker)
    first = person(city.session, Role.ADMINISTRATOR, CITY)
    hide_words(city.session, found, Hiding(reason=Reason.OTHER), seen=found.version, by=first, now=NOW)
    appeal(city.session, found, "Het klopt wel.", by=maker, now=NOW)
    judgement = Judgement(shown=True, reason=Ground.ALLOWED)
    return lambda by: judge_appeal(city.session, found, judgement, seen=found.version, by=by, now=NOW)


def own_hidden_words(city: City, maker: User) -> Callable[..., object]:
    found = plan(city.session, city.submitting, now=NOW, status=ProposalStatus.SUBMITTED, author=maker)
    found.hidden_at, found.hidden_because = NOW, Reason.OTHER
    city.session.flush()
    return lambda by: show_words(city.session, found, FINE, seen=found.version, by=by, now=NOW)


def own_contribution(city: City, maker: User) -> Callable[..., object]:
    found = plan(city.session, city.submitting, now=NOW, status=ProposalStatus.SUBMITTED)
    said = contribution(found, now=NOW, author=maker)
    said.shown_at = None
    city.session.add(said)
    city.session.flush()
    return lambda by: let_through(city.session, said, seen=said.version, by=by, now=NOW)


def own_round(city: City, maker: User) -> Callable[..., object]:
    city.draft.summary, session = "Geld voor plannen.", city.session
    points = session.scalars(select(Point)).all()[:1]
    save_points(session, city.draft, points, seen=city.draft.version, by=maker, now=NOW)
    return lambda by: publish_round(session, city.draft, seen=city.draft.version, by=by, now=NOW)


def own_role(city: City, maker: User) -> Callable[..., object]:
    where, role = city.session.get_one(Area, CITY), Role.STAFF
    return lambda by: grant_role(city.session, maker, seen=maker.version, role=role, area=where, by=by, now=NOW)


def test_every_act_of_a_person_was_thought_of() -> None:
    listed = [*ALONE, *TOGETHER, *" ".join(NO_DECISION.values()).split()]
    assert sorted(listed) == sorted(name for name, act in ACTS.items() if Person in kinds_of(act))


@pytest.mark.parametrize(
    ("made", "fault"),
    [
        (own_plan, PlanFault.OWN),
        (own_round, SetupFault.OWN),
        (own_role, AccountFault.OWN_ROLE),
        (own_contribution, TalkFault.OWN),
        (own_words, ModerationFault.OWN),
        (own_hidden_words, ModerationFault.OWN),
        (own_reported_words, ModerationFault.OWN),
        (own_words_to_change, ModerationFault.OWN),
        (own_appeal, AppealFault.NOT_YOURS),
    ],
)
def test_the_maker_is_refused_and_somebody_else_is_not(
    city: City, made: Callable[..., Callable[..., object]], fault: Fault
) -> None:
    maker, other = (person(city.session, Role.ADMINISTRATOR, CITY) for _ in range(2))
    act = made(city, maker)
    with refused(fault), city.session.begin_nested():
        act(by=maker)
    act(by=other)


@pytest.mark.parametrize(
    ("made", "fault"),
    [(own_plan, PlanFault.OWN), (own_round, SetupFault.OWN), (own_words, ModerationFault.OWN)],
)
def test_a_second_mailbox_of_the_maker_is_refused_too(
    city: City, made: Callable[..., Callable[..., object]], fault: Fault
) -> None:
    maker, other = person(city.session, Role.ADMINISTRATOR, CITY), person(city.session, Role.COORDINATOR)
    other.grants[0].granted_by = maker.pseudonym
    act = made(city, maker)
    with refused(fault), city.session.begin_nested():
        act(by=other)


def test_whoever_began_a_round_made_it_as_it_is(city: City) -> None:
    maker = person(city.session, Role.COORDINATOR)
    begun = create_round(city.session, title="Oost begroot", owner=city.draft.owner, by=maker, now=NOW)
    assert makers_of(city.session, begun) == [maker]


def test_whoever_made_a_part_of_a_round_does_not_publish_it_after_a_comma_of_another(city: City) -> None:
    maker, helper, other = (person(city.session, Role.ADMINISTRATOR, CITY) for _ in range(3))
    own_round(city, maker)
    publish = own_round(city, helper)
    for co_maker in (maker, helper):
        with refused(SetupFault.OWN), city.session.begin_nested():
            publish(by=co_maker)
    publish(by=other)


def test_no_act_of_two_people_is_confirmed_by_who_asked(city: City) -> None:
    asker, session = person(city.session, Role.ADMINISTRATOR, CITY), city.session
    things = {
        "erase_payload": something_happened(session, now=NOW),
        "reset_second_factor": city.people["coordinator"],
        "void_code": VoidedCode(round=city.voting.round, commitment=b"c" * 32, spare=None),
        "withdraw_plan": city.draft_plan,
    }
    for act in declared_acts().values():
        thing: Any = things.get(act.name, city.draft)
        asked: dict[str, Any] = {"object": act.key(thing), "requested_by_id": asker.id, "requested_at": NOW}
        session.add(DualRequest(act=act.name, fingerprint="f", shown={}, **asked))
        session.flush()
        with refused(DualFault.SAME_PERSON), session.begin_nested():
            confirm_act(session, act, thing, seen="f", by=asker, now=NOW)


@pytest.mark.parametrize("name", sorted(TOGETHER - {"dual_control.actions.confirm_act"}))
def test_what_two_people_do_asks_for_both(name: str) -> None:
    source = inspect.getsource(ACTS[name])
    assert "confirm_act(" in source or "require_consent(" in source
