"""What the .pb format cannot hold: the document beside the file and the comment in it."""

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.pabulib import Beyond, read, read_beside, with_beside, write
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
        (Beyond(tie_order=("1", "3")), "tie_order"),
        (Beyond(tie_order=("1", "3", "3")), "tie_order"),
    ],
)
def test_what_is_not_of_the_file_is_refused(beyond: Beyond, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name}: "):
        with_beside(FILE, beyond)


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
