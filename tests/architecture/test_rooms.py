"""Every room describes itself, and what it names is there."""

import pkgutil
from pkgutil import resolve_name

import click
from flask import Blueprint

import buurtbegroot
from buurtbegroot.house import ROOMS


def test_the_house_lists_every_descriptor() -> None:
    found = [module.name.split(".") for module in pkgutil.walk_packages(buurtbegroot.__path__, "buurtbegroot.")]
    assert sorted(room.name for room in ROOMS) == sorted(name[1] for name in found if name[-1] == "room")


def test_what_a_room_names_is_there() -> None:
    for room in ROOMS:
        assert all(isinstance(resolve_name(path), Blueprint) for path in room.blueprints), room.name
        assert all(isinstance(resolve_name(path), click.Command) for path in room.commands), room.name
        blueprints = {resolve_name(path).name for path in room.blueprints}
        assert {link.endpoint.partition(".")[0] for link in room.links} <= blueprints
