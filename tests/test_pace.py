"""The bars on time themselves: what a slower machine passes and slower code does not."""

import gc
from collections.abc import Callable

import pytest

from tests import pace
from tests.pace import within


class Machine:
    """A clock that goes by what was done, on a machine that takes so many times as long for everything."""

    def __init__(self, slower: float, monkeypatch: pytest.MonkeyPatch) -> None:
        self.slower = slower
        self.now = 0.0
        monkeypatch.setattr(pace, "piece", self.does(pace.PIECE))
        monkeypatch.setattr(gc, "collect", lambda: 0)  # nothing is measured here, and the heap is large

    def does(self, seconds: float) -> Callable[[], int]:
        def work() -> int:
            self.now += seconds * self.slower
            return 1

        return work

    def clock(self) -> float:
        return self.now


@pytest.mark.parametrize("slower", [0.5, 2])
def test_a_bar_asks_the_same_of_the_code_on_every_machine(slower: float, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(slower, monkeypatch)
    assert within(1.5, machine.does(1), clock=machine.clock) == 1
    with pytest.raises(AssertionError, match=r"takes 2\.000 s"):
        within(1.5, machine.does(2), clock=machine.clock)


def test_what_was_disturbed_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(1, monkeypatch)
    took = iter([4, 1])

    def work() -> int:
        return machine.does(next(took))()

    assert within(1.5, work, clock=machine.clock) == 1
