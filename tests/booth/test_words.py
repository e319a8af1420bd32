"""What a voter is told to choose, what is wrong with a choice and what is left, for every kind of bounds."""

from collections.abc import Iterator

import pytest
from flask import Flask

from buurtbegroot.booth import words
from buurtbegroot.booth.domain import Basket
from buurtbegroot.box.domain.manifest import BallotPaper
from buurtbegroot.core.ballots import Invalidity, Reason
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rules import BallotRules, Limits, Ruleset
from buurtbegroot.core.rules import Pot as PotRule

PLANS = tuple(Plan(id=number, cost_cents=10_000 * number, theme="groen") for number in (1, 2, 3))
TITLES = {1: "Bankjes", 2: "Een hek", 3: "Bomen"}


@pytest.fixture(autouse=True)
def in_dutch(app: Flask) -> Iterator[None]:
    with app.test_request_context(headers={"Accept-Language": "nl"}):
        yield


def basket(limits: Limits, *chosen: int) -> Basket:
    rules = Ruleset(pots=(PotRule(id="alles", name="Alles", cents=100_000),), ballot=BallotRules(whole=limits))
    return Basket(BallotPaper(rules=rules, plans=PLANS, numbers={}, capacity=64), chosen)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("limits", "task"),
    [
        (Limits(), ""),
        (Limits(min_choices=1), "Kies minstens 1 plan."),
        (Limits(min_choices=3), "Kies minstens 3 plannen."),
        (Limits(max_choices=1), "Kies hoogstens 1 plan."),
        (Limits(min_choices=1, max_choices=4), "Kies hoogstens 4 plannen."),
        (Limits(min_choices=2, max_choices=4), "Kies minstens 2 en hoogstens 4 plannen."),
        (Limits(min_choices=1, max_choices=1), "Kies precies 1 plan."),
        (Limits(min_choices=3, max_choices=3), "Kies precies 3 plannen."),
        (Limits(max_cost_cents=50_000), "Samen mogen ze € 500 kosten."),
        (Limits(min_choices=2, max_cost_cents=50_000), "Kies minstens 2 plannen. Samen mogen ze € 500 kosten."),
    ],
)
def test_the_task_says_every_bound_and_no_other(limits: Limits, task: str) -> None:
    always = "U kunt alles nog veranderen."
    assert plain(" ".join(words.task_sentences(limits))) == f"{task} {always}".strip()


def test_each_group_has_its_task_by_name() -> None:
    per_group = {"KA": Limits(max_choices=1), "groen": Limits(min_choices=2)}
    rules = BallotRules(whole=Limits(), grouping=Grouping.THEME, per_group=per_group)
    said = words.group_sentences(rules, {"KA": "Zuid"})
    assert said == ["Zuid: Kies hoogstens 1 plan.", "groen: Kies minstens 2 plannen."]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Invalidity(Reason.TOO_DEAR, 1, None, 500, 750), ("Past niet meer:", "€ 2,50 te veel")),
        (Invalidity(Reason.TOO_DEAR, 1, "KA", 500, 600), ("Past niet meer in Zuid:", "€ 1 te veel")),
        (Invalidity(Reason.TOO_MANY, 1, None, 1, 2), ("Uw keuze is vol:", "u koos al 1 plan")),
        (Invalidity(Reason.TOO_MANY, 1, "groen", 3, 4), ("Vol in groen:", "u koos al 3 plannen")),
    ],
)
def test_a_plan_that_cannot_be_added_says_why(fault: Invalidity, said: tuple[str, str]) -> None:
    head, comes_to = words.obstacle(fault, {"KA": "Zuid"})
    assert (head, plain(comes_to)) == said


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Invalidity(Reason.UNKNOWN_PLAN, 9), "Een plan in uw keuze staat niet op dit stembiljet. Kies opnieuw."),
        (Invalidity(Reason.REPEATED_PLAN, 1), "U koos “Bankjes” meer dan een keer. Een keer is genoeg."),
        (Invalidity(Reason.TOO_FEW, limit=3, chosen=1), "Kies nog 2 plannen erbij."),
        (Invalidity(Reason.TOO_FEW, group="KA", limit=1, chosen=0), "Zuid: Kies nog 1 plan erbij."),
        (Invalidity(Reason.TOO_MANY, limit=1, chosen=3), "Haal 2 plannen weg."),
        (Invalidity(Reason.TOO_MANY, group="groen", limit=1, chosen=2), "groen: Haal 1 plan weg."),
        (Invalidity(Reason.TOO_DEAR, limit=100, chosen=225), "Uw keuze kost € 1,25 te veel. Haal een plan weg."),
    ],
)
def test_what_is_wrong_says_what_to_do(fault: Invalidity, said: str) -> None:
    assert plain(words.fault(fault, titles=TITLES, names={"KA": "Zuid"})) == said


@pytest.mark.parametrize(
    ("limits", "chosen", "kept", "room"),
    [
        (Limits(), (1,), [], "1 plan gekozen"),
        (Limits(min_choices=1), (1, 2), ["U koos minstens 1 plan."], "2 plannen gekozen"),
        (Limits(max_choices=3), (1, 2), ["U koos niet meer dan 3 plannen."], "Nog 1 plan"),
        (Limits(max_choices=3), (), ["U koos niet meer dan 3 plannen."], "Nog 3 plannen"),
        (Limits(max_cost_cents=50_000), (1, 2), ["Samen kosten ze niet meer dan € 500."], "€ 200 over"),
        (
            Limits(min_choices=2, max_choices=3, max_cost_cents=30_000),
            (1, 2),
            ["U koos minstens 2 plannen.", "U koos niet meer dan 3 plannen.", "Samen kosten ze niet meer dan € 300."],
            "€ 0 over",
        ),
    ],
)
def test_the_review_says_which_bounds_are_kept_and_what_is_left(
    limits: Limits, chosen: tuple[int, ...], kept: list[str], room: str
) -> None:
    full = basket(limits, *chosen)
    assert [plain(each) for each in words.kept_promises(full)] == kept
    assert plain(words.room_left(full)) == room


def test_a_change_is_spoken() -> None:
    full = basket(Limits(max_choices=3), 1, 2)
    assert words.change_spoken(full, 2, TITLES) == "Toegevoegd: Een hek. 2 plannen in uw mandje. Nog 1 plan."
    assert words.change_spoken(full, 3, TITLES) == "Weggehaald: Bomen. 2 plannen in uw mandje. Nog 1 plan."
    assert words.change_spoken(full, 9, TITLES) == "", "a plan that is not on the ballot"


def test_other_languages_have_the_same_sentences(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert words.task_sentences(Limits(min_choices=2, max_choices=4))[0] == "Choose at least 2 and at most 4 plans."
