"""Marked code does what it did, and says which ways it went."""

from pathlib import Path
from typing import Any

from tests.marking import TAKEN, marked

SOURCE = '''
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import never


def halves(number):
    """Return how often a number can be halved."""
    times = 0
    while True:
        if number % 2:
            return times
        number //= 2
        times += 1
'''


def test_a_way_is_noted_when_it_is_gone() -> None:
    code, branches = marked(SOURCE, Path("halves.py"))
    names: dict[str, Any] = {TAKEN: bytearray(len(branches))}
    exec(code, names)
    assert branches == [(11, 12), (12, 13), (12, 14)], "no branch for types, and no end of a loop without one"
    assert names["halves"](1) == 0
    assert [*names[TAKEN]] == [1, 1, 0]
    assert names["halves"](12) == 2
    assert [*names[TAKEN]] == [1, 1, 1]
