"""Which rooms this app has: told once when it is built, asked wherever a page shows something of every room."""

from collections.abc import Iterable

from flask import Flask, current_app

from buurtbegroot.rooms import Register, Room

ROOMS = "rooms"


def init_app(app: Flask, rooms: Iterable[Room]) -> None:
    """Keep the rooms of this app; raises ValueError when two of them declare the same."""
    app.extensions[ROOMS] = Register(tuple(rooms))


def rooms_of(app: Flask) -> tuple[Room, ...]:
    """Return the rooms of an app, in its order."""
    found: Register = app.extensions[ROOMS]
    return found.rooms


def register() -> Register:
    """Return the rooms of the app that answers."""
    found: Register = current_app.extensions[ROOMS]
    return found
