"""What a task is, and how the app lists all that its rooms have; no Flask and no tables."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from buurtbegroot.acts import System

EXTENSION = "tasks"
"""Where the app keeps them among its extensions."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """Something that the worker can do, by a name that begins with its room; `title` is what people call it.

    All functions run within an app context and may use the database. `run` gets who acts and the arguments of the job;
    it commits itself, as often as it likes, must bear being stopped anywhere and run again, and keeps no transaction
    open while it takes long. A RefusedError fails the job at once, anything else after some tries.

    With `every` the task comes back by itself that long after it ended and never fails for good; `has_work` then tells
    cheaply whether it would do anything. `reasons` gives words to why it fails, and `place` the name and the address of
    what a job is about. `given_up` counts by reason what the task does no more by itself; `take_up` lets it do so yet.
    """

    name: str
    title: object
    run: Callable[..., object]
    every: timedelta | None = None
    has_work: Callable[[], bool] = lambda: True
    reasons: Mapping[Any, object] = field(default_factory=dict)
    place: Callable[..., tuple[str, str]] | None = None
    given_up: Callable[[], Counter[str]] = Counter
    take_up: Callable[[], None] = lambda: None

    @property
    def by(self) -> System:
        """Who acts when this task does."""
        return System(f"work {self.name}")


def registered(tasks: Iterable[Task]) -> dict[str, Task]:
    """Return tasks by name; raises ValueError when two have the same."""
    found: dict[str, Task] = {}
    for task in tasks:
        if task.name in found:
            raise ValueError(f"there are two tasks {task.name}")
        found[task.name] = task
    return found
