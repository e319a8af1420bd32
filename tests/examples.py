"""On how many examples a property is tried: few by day, many by night (`python -m tests.nightly properties`)."""

from typing import Any

from hypothesis import HealthCheck, settings

SLOW = [HealthCheck.too_slow]
BY_DAY, BY_NIGHT = 40, 1_000


def register_profiles() -> None:
    """Make both known to hypothesis and choose the day; the option `--hypothesis-profile=night` chooses the other."""
    for name, number in (("day", BY_DAY), ("night", BY_NIGHT)):
        # Examples are bounded by their number: how long one takes on a busy machine says nothing of the code.
        settings.register_profile(name, max_examples=number, deadline=None, suppress_health_check=SLOW)
    settings.load_profile("day")


def examples(by_day: int, **others: Any) -> settings:
    """Try a property on so many examples by day, where those of most are too few or take too long; by night on more.

    `others` are more settings of hypothesis.
    """
    return settings(max_examples=by_day * settings().max_examples // BY_DAY, **others)
