"""No small group shows in a published table, and nobody can work one out of all tables together."""

import random
from collections.abc import Hashable, Iterable
from fractions import Fraction
from itertools import product

import pytest

from buurtbegroot.tables.suppression import Sum, determined, hidden_cells

Cell = Hashable


def solved(figures: dict[Cell, int], sums: Iterable[Sum], hidden: set[Cell]) -> set[Cell]:
    """Return the hidden cells that all published sums together give away, by plain Gaussian elimination."""
    unknown = sorted(hidden, key=str)
    rows = []
    for each in sums:
        row = [Fraction((cell in each.parts) - (cell == each.total)) for cell in unknown]
        known = sum(figures[part] for part in each.parts if part not in hidden)
        rows.append([*row, Fraction((figures[each.total] if each.total not in hidden else 0) - known)])
    at = 0
    for place in range(len(unknown)):
        pivot = next((number for number in range(at, len(rows)) if rows[number][place]), None)
        if pivot is None:
            continue
        rows[at], rows[pivot] = rows[pivot], rows[at]
        rows[at] = [value / rows[at][place] for value in rows[at]]
        for number, row in enumerate(rows):
            if number != at and row[place]:
                rows[number] = [one - row[place] * other for one, other in zip(row, rows[at], strict=True)]
        at += 1
    alone = [row for row in rows if sum(map(bool, row[:-1])) == 1]
    return {unknown[next(place for place, value in enumerate(row) if value)] for row in alone}


def crossed(sizes: tuple[int, ...], seed: int) -> tuple[dict[Cell, int], list[Sum]]:
    """Return a table by day, buurt and channel with the totals over each of them, and over all."""
    chance = random.Random(seed)
    axes = [[*range(size), None] for size in sizes]
    figures: dict[Cell, int] = {}
    for cell in product(*(range(size) for size in sizes)):
        figures[cell] = chance.choice([0, 2, 7, 9, 10, 15, 40, 300])
    sums = []
    for place in range(len(sizes)):
        done = [[*range(size), None] if other < place else list(range(size)) for other, size in enumerate(sizes)]
        done[place] = [None]
        for total in product(*done):
            parts = tuple((*total[:place], one, *total[place + 1 :]) for one in axes[place] if one is not None)
            figures[total] = sum(figures[part] for part in parts)
            sums.append(Sum(total, parts))
    return figures, sums


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("sizes", [(4,), (3, 4), (3, 3, 2)])
def test_no_table_gives_a_hidden_cell_away(sizes: tuple[int, ...], seed: int) -> None:
    figures, sums = crossed(sizes, seed)
    hidden = hidden_cells(figures, sums)
    assert {cell for cell, value in figures.items() if value < 10} <= hidden
    assert solved(figures, sums, hidden) == set()
    for each in sums:
        parts = [figures[part] for part in each.parts if part in hidden]
        assert not parts or each.total in hidden or sum(parts) >= 10 or len(parts) == len(each.parts)


def test_the_solver_of_the_code_is_that_of_the_test() -> None:
    for seed in range(20):
        figures, sums = crossed((3, 3), seed)
        small = {cell for cell, value in figures.items() if value < 10}
        assert determined(sums, small) == solved(figures, sums, small)


def test_one_small_buurt_hides_the_next_smallest_too() -> None:
    figures = {"a": 4, "b": 25, "c": 12, "all": 41}
    assert hidden_cells(figures, [Sum("all", ("a", "b", "c"))]) == {"a", "c"}


def test_two_tiny_buurten_are_no_group_either() -> None:
    figures = {"a": 1, "b": 2, "c": 30, "d": 40, "all": 73}
    assert hidden_cells(figures, [Sum("all", ("a", "b", "c", "d"))]) == {"a", "b", "c"}


def test_nothing_is_hidden_among_large_groups() -> None:
    assert hidden_cells({"a": 10, "b": 11, "all": 21}, [Sum("all", ("a", "b"))]) == set()
