"""What is said in one place stays in one place, and no room outgrows its house."""

import re
from pathlib import Path

import pytest

from buurtbegroot.proposals.domain.drafts import TEXTS

PACKAGE = Path(__file__).parents[2] / "buurtbegroot"
SOURCES = {
    path.relative_to(PACKAGE): path.read_text(encoding="utf-8")
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.relative_to(PACKAGE).parts[0] not in {"frontend", "demo"}
}
MOST_MODULES = {"accounts": 15}
ROOMS = {path.parts[0] for path in SOURCES if path.name == "room.py"} - {"demo"}

SAID_ONCE = {
    "who writes files for the owner only": (r"O_EXCL", {"owner_files.py"}),
    "how a download is named": (r"attachment; filename", {"web/downloads.py"}),
    "which time zone pages are in": (r"Europe/Amsterdam", {"timezone.py"}),
    "how a trigger is written": (r"CREATE TRIGGER|LANGUAGE plpgsql", {"guards.py"}),
    "what every event of a round carries": (r"^def about\(", {"rounds/queries/__init__.py"}),
    "who may vote now": (r"opened_at\.is_not\(None\),\s+Round\.closed_at\.is_\(None\)", {"rounds/queries/__init__.py"}),
    "who sees an outcome": (r"certified_at\.is_not\(None\), Round\.published_at", {"rounds/queries/__init__.py"}),
    "how a refusal is raised": (r"^def (insist|require|_require)\(", {"acts.py"}),
    "how what people type is cleaned": (r"replace\(\"\\x00\"|\"NFC\"", {"typed.py", "tables/spelling.py"}),
    "that two people decide": (r"requested_by_id: Mapped", {"dual_control/models.py"}),
}


@pytest.mark.parametrize("what", SAID_ONCE)
def test_is_said_in_one_place(what: str) -> None:
    pattern, places = SAID_ONCE[what]
    found = {str(path) for path, source in SOURCES.items() if re.search(pattern, source, re.MULTILINE)}
    assert found == places


@pytest.mark.parametrize("name", [name for name in TEXTS if name == "help_wanted"])
def test_a_text_of_a_plan_is_named_in_four_places(name: str) -> None:
    found = [str(path) for path, source in SOURCES.items() if re.search(rf"\b{name}\b", source)]
    assert len(found) <= 4, found


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_has_at_most_sixteen_modules(room: str) -> None:
    modules = [
        path
        for path, source in SOURCES.items()
        if path.parts[0] == room and not (path.name == "__init__.py" and source.count("\n") < 3)
    ]
    assert len(modules) <= MOST_MODULES.get(room, 16), [str(path) for path in modules]
