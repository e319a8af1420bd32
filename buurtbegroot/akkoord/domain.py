"""Dividing money over points of the accord, so that each euro counts once."""

from collections.abc import Iterable, Mapping


def divided(cents: int, over: Iterable[int]) -> Mapping[int | None, int]:
    """Divide an amount equally over points; cents that are left go to the lowest numbers, one each.

    The parts are together exactly the amount. Without points all of it is of none.
    """
    points = sorted(set(over))
    if not points:
        return {None: cents}
    share, rest = divmod(cents, len(points))
    return {point: share + (place < rest) for place, point in enumerate(points)}
