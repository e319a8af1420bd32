"""What an act by two people says of itself, which acts there are, and who may do what with a request for one."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar, cast

from sqlalchemy.orm import Session

from buurtbegroot.acts import Actor, By, Person, System
from buurtbegroot.dual_control.domain import Shown
from buurtbegroot.texts import Text

Thing = TypeVar("Thing")


class Organiser(Protocol):
    """What this room needs to know of a person."""

    id: int
    name: str
    email: str
    language: str

    @property
    def actor(self) -> Actor:
        """Who this is in the log."""


@dataclass(frozen=True, kw_only=True)
class People:
    """How people are found by the ids that requests keep, and whether two people count as two.

    `all_by_id` finds many in one query. `still_there` finds somebody for a mail: None when the account is gone, else
    it does not end before this transaction.
    """

    by_id: Callable[[Session, int], Organiser]
    all_by_id: Callable[[Session, Collection[int]], Mapping[int, Organiser]]
    still_there: Callable[[Session, int], Organiser | None]
    are_independent: Callable[[Any, Any], bool]


@dataclass(frozen=True, kw_only=True)
class Act(Generic[Thing]):
    """Something that only two different people do together, to a thing of the room that declares it.

    `to_do` says it after "vroeg om", `title` is a heading with a gap for the `subject` of what is shown.

    `key` names the thing (`kind:id`): there is one open request for each. `about` gives the object and the accord
    points of its events. `find` returns things by key, those that are gone left out. `lock` reads a thing freshly and
    holds off whoever could change what is shown. `shown` builds the record that the confirming template is given.
    `people` are all who may confirm, `path` is the page on which they do, `until` when it should be done.
    """

    name: str
    to_do: Text
    title: Text
    people_known: People
    key: Callable[[Thing], str]
    about: Callable[[Thing], Mapping[str, Any]]
    find: Callable[[Session, Collection[str]], Mapping[str, Thing]]
    lock: Callable[[Session, Thing], Thing]
    shown: Callable[[Session, Thing], Shown]
    is_possible: Callable[[Session, Thing, datetime], bool]
    may_ask: Callable[[By, Thing], bool]
    may_confirm: Callable[[By, Thing], bool]
    people: Callable[[Session, Thing], Sequence[Organiser]]
    path: Callable[[Thing], str]
    until: Callable[[Thing, datetime], datetime | None] = lambda _thing, _now: None


_declared: dict[str, Act[Any]] = {}


def declare(act: Act[Thing]) -> Act[Thing]:
    """Make an act known by its name, so that its requests lapse when their thing changes and show where they wait."""
    if act.name in _declared:
        raise ValueError(f"there is an act {act.name} already")
    _declared[act.name] = act
    return act


def declared_acts() -> Mapping[str, Act[Any]]:
    """Return the acts that the rooms declared, by name."""
    return _declared


def may_request(by: By, act: Act[Thing], thing: Thing) -> bool:
    """Tell whether this person may ask for the act."""
    return isinstance(by, Person) and act.may_ask(by, thing)


def may_confirm(by: By, act: Act[Thing], thing: Thing) -> bool:
    """Tell whether this person may be the second one, whoever asked."""
    return isinstance(by, Person) and act.may_confirm(by, thing)


def may_withdraw(by: By, act: Act[Thing], thing: Thing) -> bool:
    """Tell whether this person may end a request: who could have made it takes it back, who confirms turns it down."""
    return may_request(by, act, thing) or may_confirm(by, act, thing)


def may_end(by: By) -> bool:
    """Tell whether this ends what nobody can confirm any more: only the worker does."""
    return isinstance(by, System)


def organiser(by: By) -> Organiser:
    """Return whoever acts as a person; what the policies above allow, only people do."""
    return cast(Organiser, by)


def as_person(known: Organiser) -> Person:
    """Return an organiser as somebody who acts; who is found by the id in a request, has an account."""
    return cast(Person, known)
