"""From a person to what they chose: no attack on a whole vote does better than chance, and each could have.

The long form has 1,000 voters, all of whom come by the pages of the site.
"""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from buurtbegroot.core.credentials import commitment, format_code
from tests import databases
from tests.attacks.chance import ALPHA, Found, binomial_tail, judged, poisson_tail
from tests.attacks.leaks import Leaks
from tests.attacks.links import Case, attacks, rows_found
from tests.attacks.loot import Needles
from tests.attacks.story import AGENT, taken_from

pytestmark = pytest.mark.slow
SHORT, LONG, LEAKING = 160, 1_000, 100
KINDS = ("rows by", "who came when", "published value", "length", "receipts", "marks", "nullifiers in", "flooding")


def tried(case: Case) -> dict[str, Found]:
    return {name: case.judged(said) for name, said in attacks(case)}


def report(kind: str, case: Case, found: dict[str, Found]) -> None:
    right, everybody = rows_found(case)
    best = min(found, key=lambda name: found[name].p)
    print(f"\n{kind}: {len(case.people)} people, {len(case.loot.visits)} ballots, {len(found)} attacks")
    print(f"  person to sealed row by the journal: {right} of {everybody}")
    print(f"  person to choices, the best: {best}: {found[best]}; together at most {ALPHA}")


def held(case: Case, kind: str) -> None:
    """Demand that nothing of what is published was anywhere before, and that no attack beats chance."""
    found = tried(case)
    report(kind, case, found)
    assert case.values_before() == {}
    assert {name: each for name, each in found.items() if each.p < ALPHA / len(found)} == {}


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(taken_from(databases.kind(), tmp_path_factory.mktemp("vote"), people=SHORT, by_web=10))


@pytest.fixture(scope="module")
def leaking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with pytest.MonkeyPatch.context() as patch:
        folder, leaks = tmp_path_factory.mktemp("leaking"), Leaks(patch)
        yield Case(taken_from(databases.kind(), folder, people=LEAKING, by_web=0, leaks=leaks))


def test_nobody_gets_from_a_person_to_their_choices(taken: Case) -> None:
    held(taken, databases.kind())


def test_each_attack_finds_what_a_vote_deliberately_leaks(leaking: Case) -> None:
    found = tried(leaking)
    report(f"{databases.kind()}, leaking", leaking, found)
    succeeded = [name for name, each in found.items() if each.p < ALPHA / len(found)]
    assert [kind for kind in KINDS if not any(kind in name for name in succeeded)] == []
    assert leaking.values_before()


@pytest.mark.nightly
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nobody_gets_there_among_a_thousand(tmp_path: Path, kind: str) -> None:
    case = Case(taken_from(kind, tmp_path, people=LONG, by_web=LONG))
    held(case, kind)
    assert_no_canary(case)


def test_codes_keys_networks_and_browsers_are_nowhere(taken: Case) -> None:
    assert_no_canary(taken)


def assert_no_canary(case: Case) -> None:
    """Demand that nothing that leads to a voter is in any file, log, backup or list."""
    loot = case.loot
    codes = [*(voter.code for voter in loot.voters if voter.code), *loot.mistyped]
    text = [*codes, *map(format_code, codes), *(voter.address for voter in loot.voters), AGENT, "Kanarie/77.0"]
    hidden = Needles([*(each.encode() for each in text), *map(loot.k, case.voter_of.values())])
    known = Needles(commitment(case.about["round_id"], each) for each in case.voter_of)
    places = {**loot.before, "log": loot.logged}
    for moment, files in {**loot.after, "lists": loot.lists, "bundle": loot.bundle}.items():
        places |= {f"{moment}/{name}": content for name, content in files.items()}
    assert any(any(known.seen(content)) for content in places.values()), "what is looked for would be seen"
    assert b"a fault of the program" in loot.logged
    assert {
        name: next(hidden.seen(content), None) for name, content in places.items() if any(hidden.seen(content))
    } == {}


def test_what_was_counted_by_chance_is_counted_right() -> None:
    assert binomial_tail(10, 0.5, 0) == pytest.approx(1)
    assert binomial_tail(10, 0.5, 9) == pytest.approx(11 / 1024)
    assert poisson_tail(1, 1) == pytest.approx(1 - 1 / math.e)
    own, choices = list(range(100)), [each % 8 for each in range(100)]
    assert judged(dict(enumerate(own)), own, choices).p < ALPHA / 1_000
    assert judged(dict.fromkeys(own, 0), own, choices).p > ALPHA
