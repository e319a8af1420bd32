"""A seal says nothing before closing, and afterwards that nothing that was sealed has gone."""

from hypothesis import given
from hypothesis import strategies as st

from buurtbegroot.core.seals import Seal, SealList, broken_seals

boxes = st.lists(st.sets(st.integers(0, 30).map(lambda number: bytes([number]) * 32)), max_size=5)


def sealed(nights: list[set[bytes]]) -> SealList:
    found = SealList()
    for number, box in enumerate(nights):
        found = found.sealed(box, salt=bytes([number]) * 32)
    return found


@given(boxes)
def test_every_seal_is_a_prefix_and_holds(nights: list[set[bytes]]) -> None:
    found = sealed(nights)
    assert broken_seals(found, [seal.commitment for seal in found.seals]) == []
    assert set(found.envelopes) == set().union(*nights)
    assert len(set(found.envelopes)) == len(found.envelopes)
    assert [seal.size for seal in found.seals] == sorted(seal.size for seal in found.seals)
    last = nights[-1] if nights else set()
    assert set(found.missing(last)) == set(found.envelopes) - last


def test_the_same_box_gets_another_seal_each_night() -> None:
    found = sealed([{bytes(32)}, {bytes(32)}])
    assert found.seals[0].root == found.seals[1].root
    assert found.seals[0].commitment != found.seals[1].commitment


def test_what_was_changed_is_named() -> None:
    nights = [{bytes([1]) * 32}, {bytes([2]) * 32}, {bytes([3]) * 32}]
    found = sealed(nights)
    said = [seal.commitment for seal in found.seals]
    assert broken_seals(SealList(found.envelopes[1:], found.seals), said) == [1, 2, 3]
    assert broken_seals(SealList(found.envelopes[:2], found.seals), said) == [3]
    assert broken_seals(SealList(found.envelopes, found.seals[:2]), said) == [3]
    assert broken_seals(found, said[:2]) == [3]
    assert broken_seals(found, [said[0], bytes(32), said[2]]) == [2]
    other = Seal(found.seals[0].salt, 0, found.seals[0].root)
    assert broken_seals(SealList(found.envelopes, (other, *found.seals[1:])), said) == [1]
