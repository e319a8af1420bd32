"""What the .pb format cannot hold: the document beside the file and the comment in it."""

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.pabulib import Beyond, read, read_beside, tells_of_more, with_beside, write
from buurtbegroot.core.plans import Grouping, Plan
from buurtbegroot.core.rules import Pot
from tests.core.pabulib_checks import SEEDS

BEYOND = Beyond(
    voter_weights={"a": Fraction(3, 2)},
    start_budgets={"b": 12_345},
    exclusive=(("1", "a b"),),
    requires=(("3", "1"),),
    tie_order=("3", "1", "a b"),
    parameters={"increment": "1 cent", "start": 'budget / "voters"; exact'},
    seed="5eed",
)
FILE = read(SEEDS["approval"])
PLANS = {
    one.project_id: Plan(id=7 + place, cost_cents=one.cost, theme=",".join(one.category), area="y" if place else "x, 1")
    for place, one in enumerate(FILE.projects)
}
WHOLE = Beyond(
    plans=PLANS,
    pots=(Pot(id="x, 1", name="X", cents=1), Pot(id="y", name="Y", cents=FILE.budget - 1)),
    pots_by=Grouping.AREA,
    blank_ballots=3,
)


def exported(beyond: Beyond = BEYOND) -> tuple[bytes, bytes]:
    noted, document = with_beside(FILE, beyond)
    return write(noted).encode(), document


def test_the_document_is_read_back_equal_and_the_comment_tells_the_same() -> None:
    pb, document = exported()

    assert read_beside(document, pb) == BEYOND
    assert json.loads(document)["beyond"]["voter_weights"] == {"a": "3/2"}
    assert read(pb).meta["comment"] == (
        "#1: Voters who count with another weight than 1: 1, see the JSON file beside this one. "
        "#2: Voters who begin with a budget of their own: 1, see the JSON file beside this one. "
        "#3: Of each of these groups at most one project is funded: 1 or a b. "
        "#4: Funded only with another project: 3 with 1. #5: Equal projects go in this order: 3, 1, a b. "
        '#6: Counted with increment = 1 cent, start = budget / "voters"; exact. '
        "#7: The lot was drawn from the seed 5eed."
    )


def test_plans_pots_and_blank_ballots_are_read_back_equal() -> None:
    pb, document = exported(WHOLE)

    assert read_beside(document, pb) == WHOLE
    assert tells_of_more(read(pb.decode()).meta["comment"])


@pytest.mark.parametrize(
    ("comment", "tells"),
    [("#1: Counted with method = phragmen.", True), ("#1: Counted with 3 volunteers.", False), ("", False)],
)
def test_a_comment_tells_of_the_document(comment: str, tells: bool) -> None:
    assert tells_of_more(comment) is tells


@pytest.mark.parametrize(("comment", "number"), [("#1: x #2: y", 3), ("x", 2), ("", 1)])
def test_comments_are_numbered_on(comment: str, number: int) -> None:
    noted, _ = with_beside(replace(FILE, meta={**FILE.meta, "comment": comment}), Beyond(seed="s"))

    assert noted.meta["comment"].endswith(f"#{number}: The lot was drawn from the seed s.")
    assert "x" not in comment or noted.meta["comment"].startswith("#1: x")


def test_with_nothing_to_say_the_file_is_as_it_was() -> None:
    noted, document = with_beside(FILE, Beyond())

    assert noted == FILE
    assert read_beside(document, write(FILE).encode()) == Beyond()


@pytest.mark.parametrize(
    ("beyond", "name"),
    [
        (Beyond(voter_weights={"z": Fraction(2)}), "voter_weights"),
        (Beyond(voter_weights={"a": Fraction(0)}), "voter_weights"),
        (Beyond(voter_weights={"a": Fraction(10**19)}), "voter_weights"),
        (Beyond(voter_weights={"a": Fraction(1, 10**18)}), "voter_weights"),
        (Beyond(start_budgets={"z": 2}), "start_budgets"),
        (Beyond(start_budgets={"a": -1}), "start_budgets"),
        (Beyond(exclusive=(("1",),)), "exclusive"),
        (Beyond(exclusive=(("1", "9"),)), "exclusive"),
        (Beyond(requires=(("1", "1"),)), "requires"),
        (Beyond(tie_order=("1",)), "tie_order"),
        (Beyond(tie_order=("1", "3", "3")), "tie_order"),
        (replace(WHOLE, tie_order=("3", "1", "a b"), parameters={}), "tie_order"),
        (Beyond(blank_ballots=-1), "blank_ballots"),
        (Beyond(blank_ballots=10**9), "blank_ballots"),
        (Beyond(voter_weights={"a": Fraction(1, 10**12)}, blank_ballots=10**7), "voter_weights"),
        (replace(WHOLE, plans={**PLANS, "9": Plan(id=9, cost_cents=0)}), "plans"),
        (replace(WHOLE, plans={"1": PLANS["1"]}), "plans"),
        (replace(WHOLE, plans={**PLANS, "1": replace(PLANS["1"], cost_cents=1)}), "plans"),
        (replace(WHOLE, plans={**PLANS, "1": replace(PLANS["1"], id=PLANS["3"].id)}), "plans"),
        (replace(WHOLE, plans={**PLANS, "1": replace(PLANS["1"], id=0)}), "plans"),
        (replace(WHOLE, plans={**PLANS, "1": replace(PLANS["1"], id=10**30)}), "plans"),
        (replace(WHOLE, plans={**PLANS, "1": replace(PLANS["1"], theme="another")}), "plans"),
        (replace(WHOLE, plans={**PLANS, "1": replace(PLANS["1"], area="z")}), "pots"),
        (replace(WHOLE, plans={}), "pots"),
        (replace(WHOLE, pots=()), "pots_by"),
        (replace(WHOLE, pots_by=None), "pots"),
        (replace(WHOLE, pots=WHOLE.pots[:1]), "pots"),
        (replace(WHOLE, pots=(*WHOLE.pots, WHOLE.pots[0])), "pots"),
        (replace(WHOLE, pots=(*WHOLE.pots, Pot(id="z", name="", cents=-1))), "pots"),
        (replace(WHOLE, start_budgets={"b": 1}), "start_budgets"),
    ],
)
def test_what_is_not_of_the_file_is_refused(beyond: Beyond, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name}: "):
        with_beside(FILE, beyond)


def test_an_area_that_is_not_the_one_in_the_file_is_refused() -> None:
    areas = ["x 1", "y", "y"]
    projects = [replace(one, neighborhood=area) for one, area in zip(FILE.projects, areas, strict=True)]
    with_beside(replace(FILE, projects=tuple(projects)), WHOLE)
    moved = replace(WHOLE, plans={**PLANS, "1": replace(PLANS["1"], area="y")})
    with pytest.raises(ValueError, match=r"^plans: '1' has another cost, category or neighborhood"):
        with_beside(replace(FILE, projects=tuple(projects)), moved)


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    plain = json.loads(exported()[1])
    change(plain)
    return canonical_json(plain)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (exported()[1] + b"\n", "not canonical"),
        (b"{", "no canonical JSON"),
        (b"[" * 100_000, "no canonical JSON"),
        (b"1.5", "no canonical JSON"),
        (changed(lambda plain: plain.update(format="x")), "format is 'x'"),
        (changed(lambda plain: plain.update(pb_sha256="00")), "pb_sha256 is that of another file"),
        (changed(lambda plain: plain.update(more=1)), "unknown field more"),
        (changed(lambda plain: plain["beyond"].update(seed=1)), "beyond.seed is 1"),
        (changed(lambda plain: plain["beyond"].update(voter_weights={"a": "1/0"})), "beyond.voter_weights.a"),
        (
            changed(lambda plain: plain["beyond"].update(requires=[["1", "3", "a b"]])),
            "requires: a requirement is a pair",
        ),
        (changed(lambda plain: plain["beyond"].update(tie_order=["1"])), "tie_order: "),
    ],
)
def test_a_document_that_is_not_of_this_file_is_refused(document: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_beside(document, exported()[0])
