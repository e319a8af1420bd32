"""What every test may use: a clock under control and the real votes; and which tests run when none are named.

The fixtures of the app (`app_fixtures.py`) are loaded only for the folders that need it: who tests pure code waits for
no framework, and would notice if it needed one.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from tests import databases
from tests.examples import register_profiles
from tests.shared import SHARED

register_profiles()

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
TESTS = Path(__file__).parent
PURE = "core"
FAST = "not journey and not race and not slow and not nightly"
MARKERS = {"journey", "race", "slow", "speed", "nightly"}
APP_FIXTURES = {"empty_app", "app", "session", "areas", "browser", "signed_in", "own_app"}
PAGES = {"browser", "signed_in", "desk"}
BY_DAY = "TEST_BY_DAY"
OWN_DATABASE = re.compile(r"\b(fresh_uri|ready_uri|live|own_app|small_server|taken_from|vote_on)\(")


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder that all processes share; run the fast tests when neither files nor markers are named."""
    if SHARED not in os.environ:
        folder = tempfile.TemporaryDirectory()
        config.add_cleanup(folder.cleanup)
        os.environ[SHARED] = folder.name
    os.environ.setdefault("BUURTBEGROOT_TEMPLATE_CACHE", f"{os.environ[SHARED]}/templates")
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.markexpr:
        config.option.markexpr = FAST


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Load the fixtures of the app with the tests of the first room that is not pure."""
    if collector.path.parent == TESTS and collector.path.name != PURE:
        collector.config.pluginmanager.import_plugin("tests.app_fixtures")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run on PostgreSQL only what meets a database: the rest was proved beside SQLite.

    Raises UsageError for a test whose file does not name its marker: `tests.run` would not find it.
    """
    for item in items:
        unnamed = [mark.name for mark in item.iter_markers() if mark.name in MARKERS - _named_in(item.path)]
        if unnamed:
            raise pytest.UsageError(f"{item.nodeid}: its file does not say mark.{unnamed[0]}")
    if databases.kind() == "postgresql":
        run = {item: meets_database(item) and not is_for_the_night(item) for item in items}
        config.hook.pytest_deselected(items=[item for item in items if not run[item]])
        items[:] = [item for item in items if run[item]]


def is_for_the_night(item: pytest.Item) -> bool:
    """Tell whether a test waits for the night on PostgreSQL: it reads pages, of which every route is tried by day."""
    fixtures: list[str] = getattr(item, "fixturenames", [])
    return BY_DAY in os.environ and not PAGES.isdisjoint(fixtures)


@cache
def _named_in(path: Path) -> set[str]:
    content = path.read_text(encoding="utf-8")
    return {name for name in MARKERS if f"mark.{name}" in content}


@cache
def meets_database(item: pytest.Item) -> bool:
    """Tell from its fixtures, or from the words of its module, whether a test meets the database under test."""
    fixtures: list[str] = getattr(item, "fixturenames", [])
    return not APP_FIXTURES.isdisjoint(fixtures) or bool(OWN_DATABASE.search(item.path.read_text("utf-8")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Refuse a test that met the database and would not be run on PostgreSQL."""
    before = len(databases.under_test)
    yield
    if len(databases.under_test) > before and not meets_database(item):
        pytest.fail("this test meets the database under test, and `meets_database` does not see it")


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real votes and ballots beside the checkout; tests that need it skip where it is absent."""
    folder = TESTS.parents[1] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real ballots are not beside this checkout (../shared/data)")
    return folder


@pytest.fixture
def clock() -> Clock:
    """The time that the app sees."""
    return Clock()


@pytest.fixture
def now(clock: Clock) -> datetime:
    """The moment at which a test begins."""
    return clock.now


def pytest_report_header() -> str:
    """Say which database this run is on."""
    return f"database under test: {databases.kind()}"
