"""What a room tells the house about itself, once: the types of its descriptor; no room and no Flask is known here.

Every field has one reader, named beside it. Views and commands are named by dotted path (`package.module:name`), so
that a descriptor can be read without them. docs/new-room.md shows how to write one.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from types import ModuleType
from typing import Any, ClassVar, Protocol

from sqlalchemy import Select
from sqlalchemy.orm import Session

from buurtbegroot.acts import By, Fault, Person, RefusedError
from buurtbegroot.texts import Spoken, Text

Payload = Mapping[str, Any]


class Recorded(Protocol):
    """A kind of event, known by its name, such as `rounds.published`."""

    name: ClassVar[str]


EventWords = Mapping[type[Recorded], Text | Callable[[Payload], str]]
"""How each event is told: a text whose gaps are fields of its payload, or a function that shows them in another way."""
FaultWords = Mapping[Fault, Text | Callable[[RefusedError], str]]
"""How each refusal is said: a text whose gaps are its facts, or a function that says it."""


class Menu(StrEnum):
    """The menus of the frame around every page."""

    MAIN = "main"
    ACCOUNT = "account"
    WORKPLACE = "workplace"
    FOOTER = "footer"


class Reader(StrEnum):
    """For whom a menu is made."""

    VISITOR = "visitor"
    RESIDENT = "resident"
    ORGANISER = "organiser"
    ADMINISTRATOR = "administrator"


ORGANISERS = frozenset({Reader.ORGANISER, Reader.ADMINISTRATOR})
SIGNED_IN = ORGANISERS | {Reader.RESIDENT}
EVERYONE = SIGNED_IN | {Reader.VISITOR}


@dataclass(frozen=True, kw_only=True)
class Link:
    """A place in a menu for these readers; it shows as current on all pages of its blueprint, or on its own only.

    `aside` names a function by dotted path (`package.module:name`) that returns what stands behind the label for
    whoever asks, anew on each page; None leaves the place out. The menu of the workplace asks for it.
    """

    menu: Menu
    endpoint: str
    label: Text
    readers: frozenset[Reader] = EVERYONE
    own_page_only: bool = False
    anchor: str = ""
    aside: str = ""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A person as every room can know them: by the number of the account, its address, and who they are in the log.

    `settings` are those of the site, when it is asked what is kept: some of it is found only with the keys.
    """

    user_id: int
    email: str
    person: Person
    settings: Mapping[str, Any] = field(default_factory=dict)


class Give(Protocol):
    """Return what is kept of a person, as plain JSON."""

    def __call__(self, session: Session, subject: Subject) -> object:
        """Read, never write."""


class Erase(Protocol):
    """Let go of what is kept of a person who deletes the account, in the transaction that does so."""

    def __call__(self, session: Session, subject: Subject, *, by: By, now: datetime) -> None:
        """Begin with `require(erases(by, subject))`, as every act begins with its policy."""


def erases(by: By, subject: Subject) -> bool:
    """Tell whether this may be erased: by the person whose it is, and nobody else."""
    return by is subject.person


@dataclass(frozen=True, kw_only=True)
class Promise:
    """A row of the privacy page: what is kept, why and how long; a gap is filled with the setting of its name."""

    what: Text
    why: Text
    until: Text


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One thing that a room keeps of people: told on the privacy page, given in their own data, erased on request.

    `columns` are those that lead to a person or say something of one, as `table.column`; their tables are written anew
    when something was erased. `told` is empty when another one tells it as well. What is not given or not erased has
    its reason in `because`.
    """

    name: str
    columns: tuple[str, ...] = ()
    told: tuple[Promise, ...] = ()
    give: Give | None = None
    erase: Erase | None = None
    because: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError when something stays without a reason."""
        if not (self.give and self.erase) and not self.because:
            raise ValueError(f"{self.name} is not given or not erased: say why")

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of its columns."""
        return tuple(dict.fromkeys(column.partition(".")[0] for column in self.columns))


@dataclass(frozen=True, kw_only=True)
class Moderated:
    """A kind of thing, as the log calls it, whose words a moderator can hide.

    `find` returns by its number one that everyone may read, a `moderation.models.Hideable`, or None; `find_all` returns
    those of several numbers with all that a list of them needs, in as many queries for many as for one; `made_by` the
    SELECT of the numbers of all that some people made. `change` and `take_back` return the path on which somebody may
    change it or take it back now, "" when they may not. `spoken` has an entry for each `noun` that such a thing says it
    is. `shown` has the macros `text`, of all its words, and `beside`, of what is next to it, for maker and moderators.
    """

    kind: str
    find: Callable[[Session, int], Any]
    find_all: Callable[[Session, Collection[int]], Sequence[Any]]
    made_by: Callable[[Collection[int]], Select[Any]]
    spoken: Mapping[str, Spoken]
    shown: str
    change: Callable[[By, Any, datetime], str] = lambda _by, _thing, _now: ""
    take_back: Callable[[By, Any, datetime], str] = lambda _by, _thing, _now: ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Room:
    """One room, by the name of its package; `title` is what the log's filter calls it.

    `objects` say what the kinds in `kind:id` are called, of which its events speak.
    """

    name: str
    title: Text | None = None
    models: ModuleType | None = None  # migrations
    blueprints: tuple[str, ...] = ()  # app
    commands: tuple[str, ...] = ()  # cli
    tasks: tuple[str, ...] = ()  # app, for the worker
    events: EventWords = field(default_factory=dict)  # audit
    objects: Mapping[str, Text] = field(default_factory=dict)  # audit
    roles: Mapping[str, Text] = field(default_factory=dict)  # audit
    faults: FaultWords = field(default_factory=dict)  # web.refusals
    template_functions: Mapping[str, Callable[..., object]] = field(default_factory=dict)  # app
    links: tuple[Link, ...] = ()  # pages.frame
    kept: tuple[Kept, ...] = ()  # accounts, pages.privacy
    moderated: tuple[Moderated, ...] = ()  # moderation

    def __post_init__(self) -> None:
        """Raise ValueError when the room is in the log and the filter there could not call it by a name."""
        if self.events and not self.title:
            raise ValueError(f"{self.name} has events, so it needs a title")


@dataclass(frozen=True, eq=False)
class Register:
    """The rooms of an app, in its order, and what they bring together."""

    rooms: tuple[Room, ...]

    def __post_init__(self) -> None:
        """Raise ValueError when two rooms, events, objects or kept things have the same name."""
        for names in (
            [room.name for room in self.rooms],
            [kind.name for room in self.rooms for kind in room.events],
            [kind for room in self.rooms for kind in room.objects],
            [each.name for each in self.kept],
        ):
            twice = {name for name in names if names.count(name) > 1}
            if twice:
                raise ValueError(f"declared by two rooms: {', '.join(sorted(twice))}")

    @cached_property
    def event_words(self) -> dict[str, Text | Callable[[Payload], str]]:
        """How each event is told, by its name."""
        return {kind.name: words for room in self.rooms for kind, words in room.events.items()}

    @cached_property
    def log_titles(self) -> dict[str, Text]:
        """What the log's filter calls the first words of events; rooms that share a first word share its title."""
        titled = [(room.title, kind) for room in self.rooms if room.title for kind in room.events]
        return {kind.name.partition(".")[0]: title for title, kind in titled}

    @cached_property
    def object_words(self) -> dict[str, Text]:
        """What the kinds of things that events are about are called."""
        return {kind: words for room in self.rooms for kind, words in room.objects.items()}

    @cached_property
    def role_words(self) -> dict[str, Text]:
        """What the roles are called in which people act."""
        return {role: words for room in self.rooms for role, words in room.roles.items()}

    @cached_property
    def kept(self) -> tuple[Kept, ...]:
        """All that is kept of people."""
        return tuple(each for room in self.rooms for each in room.kept)

    @cached_property
    def moderated(self) -> dict[str, Moderated]:
        """What a moderator can hide words of, by kind."""
        return {each.kind: each for room in self.rooms for each in room.moderated}

    @cached_property
    def spoken(self) -> dict[str, Spoken]:
        """How things are spoken of that can be moderated, by noun."""
        return {noun: words for kind in self.moderated.values() for noun, words in kind.spoken.items()}

    def links(self, menu: Menu) -> tuple[Link, ...]:
        """Return the places of a menu."""
        return tuple(link for room in self.rooms for link in room.links if link.menu is menu)
