"""The form of the rules changes what a coordinator changes and nothing else, whoever made the rules."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.core.methods import EqualShares, Method, Score, Share, Start, Stop, Tail, Utility
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.rule_problems import problems
from buurtbegroot.core.rules import (
    BallotRules,
    BallotType,
    CountingRules,
    Eligibility,
    Limits,
    PlanCost,
    RestRule,
    Ruleset,
    TieKey,
    to_json,
)
from buurtbegroot.core.tally.comparing import EURO_BY_EURO
from buurtbegroot.proposals.queries import ballot_plans
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import rules_of
from buurtbegroot.rounds.queries.setup import pot_rules, refit
from buurtbegroot.rules.forms.values import merged
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.pages import Browser, Page

BUDGET = 100_000
THIRD = Share(num=1, den=3)
THEMES, AREAS = ("Groen", "Samen"), ("EA", "EA01")
EVERY_SHARE = EqualShares(
    utility=Utility.POINTS_COST,
    start=Start.SHARE_THEN_WHOLE,
    unit_cents=10,
    step_cents=7,
    step_share=THIRD,
    stop=Stop.OVERSPENT,
    tail=Tail.KEEP,
    compare=True,
)


@pytest.fixture
def draft(session: Session, areas: dict[str, Area], now: datetime) -> Round:
    """A round of € 1.000 with four plans of € 100 and rules that can still change."""
    round_ = round_in(session, Phase.VOTING, areas=areas, now=now)
    for _ in range(4):
        plan(session, round_, now=now)
    session.commit()
    return round_


def ids_of(session: Session, round_: Round) -> list[int]:
    return [one.id for one in ballot_plans(session, round_)]


def every_rule(round_: Round, ids: list[int]) -> CountingRules:
    """Return rules of which no field has its default; together they make no sense."""
    return CountingRules(
        method=Method.BOS,
        rest=RestRule.STOP,
        min_votes=3,
        min_share=THIRD,
        theme_caps={"Groen": 80_000, "Weg": 1},
        area_caps={"EA": 70_000, "EA01": 60_000},
        leftovers_ignore_caps=True,
        incompatible=((ids[2], ids[1]), (ids[0], 987_654)),
        ties=(TieKey.CHEAPEST_FIRST, TieKey.MOST_VOTES_FIRST, TieKey.LOT),
        score=Score.POSITIONS,
        positions=(5, 3, 1),
        default_score=2,
        utility=Utility.COST,
        top_up_from=Share(num=4, den=5),
        support_per_cost=Share(num=1, den=7),
        requires=((ids[3], ids[0]),),
        theme_minimums={"Samen": 1_234},
        area_minimums={"EA02": 4_321},
        equal_shares=EVERY_SHARE,
    )


def store(session: Session, round_: Round, rules: Ruleset) -> str:
    round_.rules = to_json(rules).decode()
    session.commit()
    return round_.rules


def sent_by(page: Page) -> dict[str, str]:
    """Return what a browser sends of the form of a page that nobody touched."""
    (form,) = page.find(".//form[@method='post'][@id='formulier']")
    return dict(_controls(form))


def _controls(form: Element) -> Iterator[tuple[str, str]]:
    for field in form.iter():
        name, kind = field.get("name"), field.get("type")
        if not name or field.tag == "button":
            continue
        if field.tag == "textarea":
            yield name, "".join(field.itertext())
        elif field.tag == "select":
            yield name, next(each.get("value") or "" for each in field.iter("option"))
        elif kind not in {"radio", "checkbox"} or field.get("checked") is not None:
            yield name, field.get("value") or ""


def saved(desk: Browser, round_: Round, **changes: str) -> None:
    page = desk.get("rules_organiser.show", slug=round_.slug)
    desk.send("rules_organiser.show", sent_by(page) | changes, slug=round_.slug)


def test_no_field_of_the_count_is_lost_in_the_form(
    desk: Browser, session: Session, draft: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = every_rule(draft, ids_of(session, draft))
    for record, whole in ((counting, CountingRules()), (EVERY_SHARE, EqualShares())):
        assert [one.name for one in fields(whole) if getattr(record, one.name) == getattr(whole, one.name)] == []
    before = store(
        session,
        draft,
        Ruleset(pots=pot_rules(draft), counting=counting, plan_cost=PlanCost(min_cents=0), lot_commitment="ab" * 32),
    )
    monkeypatch.setattr("buurtbegroot.rules.forms.ruleset.problems", lambda *_: ())
    saved(desk, draft)
    assert draft.rules == before
    saved(desk, draft, min_votes="4", least="2")
    now = rules_of(draft)
    assert now.counting == replace(counting, min_votes=4)
    assert now.ballot.whole.min_choices == 2


def shares(least: int = 1) -> st.SearchStrategy[Share]:
    """Return fractions of at most one, also such as no percentage with two decimals can say."""
    return st.integers(1, 100_000).flatmap(lambda den: st.builds(Share, num=st.integers(least, den), den=st.just(den)))


def cents(most: int = BUDGET) -> st.SearchStrategy[int]:
    return st.integers(1, most)


def groups(keys: tuple[str, ...], values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from((*keys, "Ergens anders")), values, max_size=3)


LIMITS = st.builds(
    Limits,
    min_choices=st.integers(0, 2),
    max_choices=st.none() | st.integers(2, 9),
    max_cost_cents=st.none() | st.integers(20_000, BUDGET),
)
EQUAL_SHARES = st.builds(
    EqualShares,
    utility=st.sampled_from((Utility.COST, Utility.COUNT)),
    start=st.sampled_from(Start),
    unit_cents=cents(),
    step_cents=st.none() | cents(),
    step_share=st.none() | shares(),
    stop=st.sampled_from(Stop),
    tail=st.sampled_from(Tail),
    compare=st.booleans(),
)
TIES = st.permutations([TieKey.CHEAPEST_FIRST, TieKey.MOST_VOTES_FIRST, TieKey.LISTED_FIRST])


@st.composite
def countings(draw: st.DrawFn, ids: list[int]) -> CountingRules:
    """Draw rules of the count that core finds nothing wrong with."""
    method = draw(st.sampled_from(sorted(set(Method) - {Method.MAJORITY_JUDGMENT})))
    by_shares = method in {Method.EQUAL_SHARES, Method.EXACT_EQUAL_SHARES}
    by_utility = method in {Method.WELFARE, Method.BOS}
    rest = draw(st.sampled_from(RestRule))
    caps = draw(groups(THEMES, cents()))
    return CountingRules(
        method=method,
        rest=rest,
        min_votes=draw(st.integers(0, 100_000)),
        min_share=draw(st.none() | shares(0)),
        theme_caps=caps,
        area_caps=draw(groups(AREAS, cents())),
        leftovers_ignore_caps=bool(caps) and draw(st.booleans()),
        incompatible=draw(st.sampled_from([(), ((ids[1], ids[0]),), ((ids[0], ids[3]), (ids[3], ids[1], ids[0]))])),
        ties=(*draw(TIES)[: draw(st.integers(0, 3))], TieKey.LOT),
        utility=draw(st.sampled_from((Utility.COST, Utility.COUNT))) if by_utility else Utility.COUNT,
        top_up_from=draw(st.none() | shares()) if rest is RestRule.STOP else None,
        support_per_cost=draw(st.none() | shares()),
        requires=draw(st.sampled_from([(), ((ids[2], ids[1]), (ids[1], ids[0])), ((ids[3], ids[2]),)])),
        theme_minimums=draw(groups(THEMES, cents(10_000))),
        area_minimums=draw(groups(AREAS, cents(10_000))),
        equal_shares=draw(EQUAL_SHARES) if by_shares else None,
    )


@st.composite
def rulesets(draw: st.DrawFn, round_: Round, ids: list[int]) -> Ruleset:
    """Draw rules of the round that core finds nothing wrong with."""
    grouping = draw(st.none() | st.sampled_from(Grouping))
    keys = THEMES if grouping is Grouping.THEME else AREAS
    kind = draw(st.sampled_from(BallotType))
    return Ruleset(
        pots=pot_rules(round_),
        ballot=BallotRules(
            type=kind,
            whole=draw(LIMITS),
            grouping=grouping,
            per_group=draw(groups(keys, LIMITS | st.just(Limits()))) if grouping else {},
        ),
        counting=draw(countings(ids)),
        plan_cost=PlanCost(
            min_cents=draw(st.none() | st.integers(0, 10_000)), max_cents=draw(st.none() | st.integers(10_000, BUDGET))
        ),
        eligibility=Eligibility(
            minimum_age=draw(st.none() | st.integers(0, 120)), who=draw(st.sampled_from(("", "Bewoners", " ruim ")))
        ),
    )


@pytest.mark.slow
@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_saving_what_was_not_touched_changes_no_byte(
    data: st.DataObject, desk: Browser, session: Session, draft: Round
) -> None:
    rules = data.draw(rulesets(draft, ids_of(session, draft)))
    assume(not problems(rules, BUDGET, ballot_plans(session, draft, rules=rules)))
    before = store(session, draft, rules)
    saved(desk, draft)
    assert draft.rules == before


NEW: dict[str, str] = {
    "method": "equal_shares",
    "shares-utility": "count",
    "shares-step_share": "2,5",
    "rest": "stop",
    "top_up_from": "80",
    "support_per_cost": "33%",
    "theme_minimums-0-key": "Groen",
    "theme_minimums-0-cents": "200",
    "area_minimums-0-key": "EA",
    "area_minimums-0-cents": "150,50",
}


def test_the_rare_fields_are_stored_and_shown_again(desk: Browser, session: Session, draft: Round) -> None:
    assert not desk.get("rules_organiser.show", slug=draft.slug).find(".//details[@open]")
    saved(desk, draft, **NEW)
    counting = rules_of(draft).counting
    assert counting.equal_shares is not None
    assert counting.equal_shares.utility is Utility.COUNT
    assert counting.equal_shares.step_share == Share(num=250, den=10_000)
    assert (counting.top_up_from, counting.support_per_cost) == (
        Share(num=8_000, den=10_000),
        Share(num=3_300, den=10_000),
    )
    assert (counting.theme_minimums, counting.area_minimums) == ({"Groen": 20_000}, {"EA": 15_050})
    assert {one.area for one in ballot_plans(session, draft)} == {"EA"}
    page = desk.get("rules_organiser.show", slug=draft.slug)
    assert sent_by(page) | {**NEW, "support_per_cost": "33"} == sent_by(page)
    assert len(page.find(".//details[@open]")) == 3
    told = page.text_of(".//section[@id='voorbeeld']").replace("\u00a0", " ")
    for words in (
        "Voor Groen is € 200 apart gezet",
        "minstens 80,0% van de kosten",
        "steeds 2,5% bij",
        "het minste kost",
    ):
        assert words in told
    saved(desk, draft, **{name: "" for name in NEW if name.endswith(("cents", "share", "from", "cost"))})
    assert rules_of(draft).counting == CountingRules(
        method=Method.EQUAL_SHARES, rest=RestRule.STOP, equal_shares=replace(EURO_BY_EURO, utility=Utility.COUNT)
    )


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"rest": "skip"}, "top_up_from", "Aanvullen kan alleen als het tellen stopt"),
        ({"support_per_cost": "200"}, "support_per_cost", "Kies een percentage van 0 tot 100."),
        ({"shares-step_share": "veel"}, "shares-step_share", "Schrijf een percentage"),
        ({"shares-utility": "points"}, "shares-utility", ""),
        ({"area_minimums-0-cents": "nul"}, "area_minimums-0-cents", "Schrijf een bedrag in euro's"),
        ({"theme_minimums-0-cents": "900"}, "area_minimums-0-cents", "Verlaag er een."),
        (
            {"theme_caps-0-key": "Groen", "theme_caps-0-cents": "199"},
            "theme_minimums-0-cents",
            "Het hoogste bedrag is hier € 199.",
        ),
    ],
)
def test_what_is_wrong_with_a_rare_field_stands_there(
    desk: Browser, draft: Round, change: dict[str, str], field: str, message: str
) -> None:
    before = draft.rules
    sent = sent_by(desk.get("rules_organiser.show", slug=draft.slug)) | NEW | change
    page = desk.post("rules_organiser.show", sent, slug=draft.slug, status=422)
    assert message in page.text.replace("\u00a0", " ")
    assert page.find(f".//div[@role='alert']//a[@href='#{field}']"), page.text_of(".//div[@role='alert']")
    assert page.find(f".//details[@open]//*[@id='{field}']")
    assert draft.rules == before


def test_another_method_leaves_what_was_only_of_the_old_one(desk: Browser, session: Session, draft: Round) -> None:
    counting = CountingRules(method=Method.WELFARE, utility=Utility.COST, support_per_cost=THIRD)
    store(session, draft, Ruleset(pots=pot_rules(draft), counting=counting))
    page = desk.get("rules_organiser.show", slug=draft.slug)
    assert "Een plan telt daarbij zo zwaar als het kost." in page.text
    saved(desk, draft, method="most_votes")
    assert rules_of(draft).counting == CountingRules(support_per_cost=THIRD)


def test_plans_that_left_the_ballot_are_no_other_plans(desk: Browser, session: Session, draft: Round) -> None:
    ids = ids_of(session, draft)
    rules = Ruleset(pots=pot_rules(draft), counting=CountingRules(incompatible=((ids[0], ids[-1] + 1),)))
    store(session, draft, rules)
    sent = sent_by(desk.get("rules_organiser.show", slug=draft.slug))
    assert sent["incompatible"] == "1, ?"
    page = desk.post("rules_organiser.show", sent, slug=draft.slug, status=422)
    assert page.find(".//div[@role='alert']//a[@href='#incompatible']")
    saved(desk, draft, incompatible="1, 3")
    assert rules_of(draft).counting.incompatible == ((ids[0], ids[2]),)


def test_a_changed_share_is_the_one_that_was_typed() -> None:
    typed = Share(num=3_400, den=10_000)
    rules = CountingRules(min_share=THIRD, theme_caps={"Weg": 5, "Groen": 7})
    shown = CountingRules(min_share=Share(num=3_333, den=10_000), theme_caps={"Groen": 7})
    assert merged(rules, shown, replace(shown, min_share=typed)) == replace(rules, min_share=typed)
    assert merged(rules, shown, replace(shown, theme_caps={})) == replace(rules, theme_caps={"Weg": 5})


def test_other_groups_bring_nothing_of_the_old_ones(desk: Browser, session: Session, draft: Round) -> None:
    ballot = BallotRules(grouping=Grouping.THEME, per_group={"Groen": Limits(), "Samen": Limits(max_choices=2)})
    store(session, draft, Ruleset(pots=pot_rules(draft), ballot=ballot))
    saved(desk, draft, **{"grouping": "area", "area_limits-0-key": "EA", "area_limits-0-most": "3"})
    assert rules_of(draft).ballot.per_group == {"EA": Limits(max_choices=3)}
    saved(desk, draft, grouping="whole")
    assert rules_of(draft).ballot == BallotRules()


def test_minimums_follow_the_names_of_themes(draft: Round) -> None:
    counting = CountingRules(theme_minimums={"Bomen": 5, "Weg": 6}, area_minimums={"EA": 7, "Z": 8})
    moved = refit(Ruleset(pots=pot_rules(draft), counting=counting), draft, renamed={"Bomen": "Groen"}).counting
    assert (moved.theme_minimums, moved.area_minimums) == ({"Groen": 5}, {"EA": 7})
