"""Every route declares who may enter and has its module, its template and a Dutch kebab-case address."""

import importlib
import re

import pytest
from flask import Flask

from buurtbegroot.paths import TEMPLATES
from buurtbegroot.web.access import audience_of

ADDRESS = re.compile(r"(/(\.well-known|[a-z0-9]+([-.][a-z0-9]+)*|<(int|string|path|uuid)?:?[a-z_]+>([.][a-z]+)?))*/?")


def endpoints(app: Flask) -> list[str]:
    return [endpoint for endpoint in app.view_functions if endpoint != "static"]


def test_every_route_says_who_may_enter(app: Flask) -> None:
    mapped = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert mapped == set(app.view_functions)
    assert [endpoint for endpoint in mapped if audience_of(app, endpoint) is None] == []


def test_a_view_without_declaration_stops_the_start() -> None:
    from_nowhere = Flask("nowhere")
    from_nowhere.add_url_rule("/x", "x", lambda: "x")
    from_nowhere.view_functions.pop("static")
    access = importlib.import_module("buurtbegroot.web.access")
    with pytest.raises(RuntimeError, match="x"):
        access.check_declarations(from_nowhere)


def test_endpoint_names_module_and_function(app: Flask) -> None:
    for endpoint in endpoints(app):
        view = app.view_functions[endpoint]
        room, name = endpoint.split(".")
        file = "organiser_views" if room.endswith("_organiser") else "views"
        module = f"buurtbegroot.{room.removesuffix('_organiser')}.{file}"
        assert (getattr(view, "__module__", ""), view.__name__) == (module, name), endpoint


def test_every_template_has_an_endpoint(app: Flask) -> None:
    known = {endpoint.replace("_organiser.", "/organiser/").replace(".", "/") for endpoint in endpoints(app)}
    rooms = {name.split("/")[0] for name in known}
    pages = {
        str(path.relative_to(TEMPLATES).with_suffix(""))
        for path in TEMPLATES.rglob("*.html")
        if not path.name.startswith("_") and path.relative_to(TEMPLATES).parts[0] in rooms
    }
    assert pages - known == set()


def test_addresses_are_kebab_case(app: Flask) -> None:
    addresses = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    assert [address for address in addresses if not ADDRESS.fullmatch(address)] == []
