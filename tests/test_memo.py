"""What a process remembers: what its key says and nothing older, not more than it may, for all threads alike."""

import threading

import pytest

from buurtbegroot.memo import Memo


class Made:
    """Makes a value, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        return self.times


def test_a_key_is_made_once_and_another_key_anew() -> None:
    memo, made = Memo[int](10), Made()
    assert [memo.get(key, made) for key in ("before", "before", "after", "before")] == [1, 1, 2, 1]


def test_what_has_no_key_is_never_remembered() -> None:
    memo, made = Memo[int](10), Made()
    assert [memo.get(None, made) for _ in range(3)] == [1, 2, 3]


def test_nothing_that_is_remembered_is_made_again_because_it_is_empty() -> None:
    memo, made = Memo[list[int]](10), Made()
    for _ in range(2):
        assert memo.get("key", lambda: [made()][1:]) == []
    assert made.times == 1


def test_what_nobody_asked_for_longest_goes_first() -> None:
    memo, made = Memo[int](2), Made()
    for key in ("a", "b", "a", "c"):
        memo.get(key, made)
    assert [memo.get(key, made) for key in ("a", "c")] == [1, 3]
    assert memo.get("b", made) == 4


def test_what_could_not_be_made_is_made_the_next_time() -> None:
    memo, made = Memo[int](10), Made()

    def fails() -> int:
        raise LookupError

    with pytest.raises(LookupError):
        memo.get("key", fails)
    assert memo.get("key", made) == 1


def test_two_threads_make_one_value_each_and_keep_one_while_others_go_on() -> None:
    memo, both = Memo[int](10), threading.Barrier(2, timeout=10)
    found: list[int] = []

    def make(number: int) -> int:
        both.wait()  # both are making at once; with the lock held this would never come
        return number

    threads = [threading.Thread(target=lambda n=n: found.append(memo.get("key", lambda: make(n)))) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(found) == [1, 2]
    assert memo.get("key", Made()) in found
