"""What is wrong with the rules of a count, in words that say what to do."""

import pytest
from flask import Flask

from buurtbegroot.core.rule_problems import Problem, ProblemCode
from buurtbegroot.rules.words import rule_problem_words

NAMES = {3: "Plan 1 (Speeltuin)"}
COUNTING = [
    Problem("counting.equal_shares", ProblemCode.NEEDS_PARAMETERS),
    Problem("counting.equal_shares", ProblemCode.NOT_FOR_METHOD),
    Problem("counting.score", ProblemCode.NOT_FOR_BALLOT),
    Problem("counting.utility", ProblemCode.NEEDS_POINTS),
    Problem("counting.positions", ProblemCode.NEEDS_POSITIONS),
    Problem("counting.positions", ProblemCode.RISING),
    Problem("counting.top_up_from", ProblemCode.NEEDS_STOP),
    Problem("counting.top_up_from", ProblemCode.NOT_A_SHARE),
    Problem("counting.requires[0]", ProblemCode.UNKNOWN_PLAN, {"plan": 9}),
    Problem("counting.requires", ProblemCode.CYCLE, {"plan": 3}),
    Problem("counting.requires[0]", ProblemCode.CONTRADICTION, {"plan": 3, "other": 4}),
    Problem("counting.theme_minimums.groen", ProblemCode.ABOVE_CAP, {"cap_cents": 123_400}),
    Problem(
        "counting.theme_minimums",
        ProblemCode.MINIMUMS_ABOVE_BUDGET,
        {"minimums_cents": 200_000, "budget_cents": 123_400},
    ),
]


@pytest.mark.parametrize("problem", COUNTING, ids=lambda problem: str(problem.code))
def test_each_fault_in_the_count_has_words_of_its_own(empty_app: Flask, problem: Problem) -> None:
    with empty_app.test_request_context():
        words = rule_problem_words(problem, NAMES)
        assert words != rule_problem_words(Problem("", ProblemCode.NOT_A_COMMITMENT), NAMES)
        if problem.params.get("plan") == 3:
            assert "Plan 1 (Speeltuin)" in words
        if {"cap_cents", "budget_cents"} & problem.params.keys():
            assert "1.234" in words
