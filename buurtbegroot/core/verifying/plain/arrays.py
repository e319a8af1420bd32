"""In the place of NumPy: the few things that counts do with arrays, on lists of integers of any size.

An `Array` of two dimensions is an array of its rows. Types of numbers are asked for and passed over, but for bool.
"""

import operator
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, chain, cycle, islice
from typing import Any

int32 = int64 = intp = int
bool_ = bool
inf = float("inf")
Operator = Callable[[Any, Any], Any]


class NDArray:
    """In the place of NumPy's type of arrays, which is only asked for in annotations."""

    def __class_getitem__(cls, item: object) -> type["Array"]:
        return Array


class Array:
    """Numbers in a row, or rows of them."""

    __slots__ = ("items",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, items: Iterable[Any]) -> None:
        self.items = list(items)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, Array):
            return Array(self.items[place] for place in index.places())
        if isinstance(index, tuple):
            rows, column = index
            return Array(row[column] for row in self.items[rows])
        return Array(self.items[index]) if isinstance(index, slice) else self.items[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        if isinstance(index, tuple):
            rows, column = index
            for row, one in zip(self.items[rows], _spread(value), strict=False):
                row[column] = one
        elif isinstance(index, Array | slice):
            places = index.places() if isinstance(index, Array) else range(len(self))[index]
            for place, one in zip(places, _spread(value), strict=False):
                self.items[place] = one
        else:
            self.items[index] = value

    def places(self) -> Sequence[int]:
        """Return the places that this array stands for as an index: its numbers, or where it is true."""
        if self.items and isinstance(self.items[0], bool):
            return [place for place, holds in enumerate(self.items) if holds]
        return self.items

    def _by(self, operation: Operator, other: Any) -> "Array":
        return Array(map(operation, self.items, _spread(other)))

    def __add__(self, other: Any) -> "Array":
        return self._by(operator.add, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> "Array":
        return self._by(operator.sub, other)

    def __rsub__(self, other: Any) -> "Array":
        return Array(map(operator.sub, _spread(other), self.items))

    def __mul__(self, other: Any) -> "Array":
        return self._by(operator.mul, other)

    __rmul__ = __mul__

    def __rtruediv__(self, other: Any) -> "Array":
        return Array(map(operator.truediv, _spread(other), self.items))

    def __neg__(self) -> "Array":
        return Array(map(operator.neg, self.items))

    def __invert__(self) -> "Array":
        return Array(map(operator.not_, self.items))

    def __eq__(self, other: Any) -> Any:
        return self._by(operator.eq, other)

    def __gt__(self, other: Any) -> Any:
        return self._by(operator.gt, other)

    def __ge__(self, other: Any) -> Any:
        return self._by(operator.ge, other)

    def __lt__(self, other: Any) -> Any:
        return self._by(operator.lt, other)

    def __le__(self, other: Any) -> Any:
        return self._by(operator.le, other)

    @property
    def shape(self) -> tuple[int, ...]:
        """How many numbers, or rows and numbers in each."""
        return (len(self), *(self.items[0].shape if self.items and isinstance(self.items[0], Array) else ()))

    @property
    def T(self) -> "Array":  # noqa: N802 - NumPy's name
        """The columns as rows."""
        return Array(map(Array, zip(*self.items, strict=True)))

    def tolist(self) -> list[Any]:
        """Return the numbers, or a list of them for each row."""
        return [one.tolist() if isinstance(one, Array) else one for one in self.items]

    def sum(self, axis: int | None = None) -> Any:
        """Return the sum of all numbers or, along axis 1, that of each row."""
        if axis == 1:
            return Array(row.sum() for row in self.items)
        return sum(self.items)

    def min(self, initial: Any) -> Any:
        """Return the least of the numbers and this one."""
        return min(chain([initial], self.items))

    def copy(self) -> "Array":
        """Return a copy."""
        return Array(self.items)

    def astype(self, kind: object) -> "Array":
        """Return the array as it is."""
        return self

    def reshape(self, size: int) -> "Array":
        """Return the array, which is one row already."""
        return self


class Universal:
    """An operation on numbers, made on arrays or, with `at`, in place for one number after another."""

    def __init__(self, operation: Operator) -> None:
        self.operation = operation

    def __call__(self, one: Array, other: Any) -> Array:
        """Return the array of what it makes of each pair."""
        return Array(map(self.operation, one, _spread(other)))

    def at(self, target: Array, places: Any, values: Any) -> None:
        """Let each place of the target become what the operation makes of it and its value."""
        operation = self.operation
        if isinstance(places, tuple):
            for row, column, value in zip(*places, _spread(values), strict=False):
                target.items[row].items[column] = operation(target.items[row].items[column], value)
            return
        for place, value in zip(places.places(), _spread(values), strict=False):
            target.items[place] = operation(target.items[place], value)


add, subtract = Universal(operator.add), Universal(operator.sub)
maximum, minimum = Universal(max), Universal(min)


def array(items: Iterable[Any], dtype: object = None) -> Array:
    """Return these numbers as an array, or rows as an array of copies."""
    return Array(one.copy() if isinstance(one, Array) else one for one in items)


asarray = array


def zeros(shape: Any, dtype: object = None) -> Array:
    """Return so many zeros, or rows of so many."""
    if isinstance(shape, tuple):
        return Array(zeros(shape[1], dtype) for _ in range(shape[0]))
    return Array([False if dtype is bool else 0] * shape)


def zeros_like(other: Array) -> Array:
    """Return as many zeros as the other has numbers."""
    return zeros(len(other))


def ones(size: int, dtype: object = None) -> Array:
    """Return so many ones."""
    return Array([1] * size)


def arange(size: int) -> Array:
    """Return 0, 1, 2, …: so many."""
    return Array(range(size))


def concatenate(parts: Iterable[Iterable[Any]]) -> Array:
    """Return the numbers of all, one after the other."""
    return Array(chain.from_iterable(parts))


def stack(rows: Iterable[Array]) -> Array:
    """Return these rows as an array."""
    return array(rows)


def cumsum(items: Iterable[Any], dtype: object = None) -> Array:
    """Return the sums of the first number, of the first two, and so on."""
    return Array(islice(accumulate(items, initial=0), 1, None))


def diff(items: Array) -> Array:
    """Return how much each number is more than the one before it."""
    return Array(map(operator.sub, items.items[1:], items.items))


def repeat(items: Array, times: Array) -> Array:
    """Return each number so many times."""
    return Array(chain.from_iterable([one] * number for one, number in zip(items, times, strict=True)))


def resize(items: Array, size: int) -> Array:
    """Return so many numbers: these, again and again."""
    return Array(islice(cycle(items), size))


def isin(items: Iterable[Any], among: Iterable[Any]) -> Array:
    """Return of each number whether it is among the others."""
    known = set(among)
    return Array(one in known for one in items)


def searchsorted(ordered: Iterable[Any], items: Iterable[Any]) -> Array:
    """Return of each number before how many of the ordered ones it does not come."""
    known = list(ordered)
    return Array(bisect_left(known, one) for one in items)


def flatnonzero(items: Array) -> Array:
    """Return the places that are not 0 or false."""
    return Array(place for place, one in enumerate(items) if one)


def argsort(items: Array, kind: str = "stable") -> Array:
    """Return the places from that of the lowest number on."""
    return Array(sorted(range(len(items)), key=items.items.__getitem__))


def unique(items: Any, axis: int | None = None, *, return_inverse: bool = False) -> Any:
    """Return each number, or with axis 1 each column, once and rising; also where each is, if asked."""
    found = list(zip(*items, strict=True)) if axis == 1 else list(items)
    known = sorted(set(found))
    place = {one: number for number, one in enumerate(known)}
    rows = len(items) if axis == 1 else 0
    once = Array(Array(one[row] for one in known) for row in range(rows)) if axis == 1 else Array(known)
    return (once, Array(map(place.__getitem__, found))) if return_inverse else once


def _spread(value: Any) -> Iterable[Any]:
    """The numbers of an array, or one number again and again."""
    return value.items if isinstance(value, Array) else cycle((value,))
