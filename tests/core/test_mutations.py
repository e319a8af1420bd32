"""Of a bundle that was changed, in whatever way, no copy holds; the long form draws a thousand changes of each kind."""

from dataclasses import replace
from random import Random

import pytest

from buurtbegroot.core.verifying.checks import Trust, check, key_fingerprint
from buurtbegroot.core.verifying.reading import Bundle
from tests.core.bundles import SIGNER, whole_vote
from tests.core.mutations import KINDS, ONLY_FOR_RECEIPTS

FILES = whole_vote()[1]
TRUST = Trust(key=key_fingerprint(SIGNER.verifier.key))
SHORT, LONG = 4, 1_000


def held(kind: str, times: int) -> list[int]:
    """Return with which numbers a change of this kind was not found."""
    found = []
    for number in range(times):
        changed = KINDS[kind](Random(f"{kind} {number}"), FILES)
        if changed != FILES and not check(Bundle(changed), TRUST).findings:
            found.append(number)
    return found


def unseen_by_receipts(kind: str, times: int) -> list[int]:
    """Return with which numbers a bundle of this kind did not hold without the receipt, or counted it with it."""
    found = []
    for number in range(times):
        files, receipt = ONLY_FOR_RECEIPTS[kind](Random(f"{kind} {number}"))
        bundle = Bundle(files)
        with_receipt = check(bundle, replace(TRUST, receipts=(receipt,)))
        shows = with_receipt.findings or [fate.fate for fate in with_receipt.fates] == ["superseded"]
        if check(bundle, TRUST).findings or not shows:
            found.append(number)
    return found


def test_there_are_more_than_thirty_kinds_and_without_a_change_all_holds() -> None:
    assert len(KINDS) >= 30
    assert check(Bundle(FILES), TRUST).findings == ()


@pytest.mark.parametrize("kind", KINDS)
def test_no_change_holds(kind: str) -> None:
    assert held(kind, SHORT) == []


@pytest.mark.nightly
@pytest.mark.parametrize("kind", KINDS)
def test_no_change_of_a_thousand_holds(kind: str) -> None:
    assert held(kind, LONG) == []


@pytest.mark.parametrize("kind", ONLY_FOR_RECEIPTS)
def test_a_receipt_finds_what_no_bundle_shows(kind: str) -> None:
    assert unseen_by_receipts(kind, SHORT) == []


@pytest.mark.nightly
@pytest.mark.parametrize("kind", ONLY_FOR_RECEIPTS)
def test_a_thousand_receipts_find_it(kind: str) -> None:
    assert unseen_by_receipts(kind, LONG) == []
