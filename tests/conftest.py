"""What every test may use: a clock under control and the real votes; and which tests run when none are named.

The fixtures of the app (`app_fixtures.py`) are loaded only for the folders that need it: who tests pure code waits for
no framework, and would notice if it needed one.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Examples are bounded by their number: how long one takes on a busy machine says nothing of the code.
settings.register_profile("buurtbegroot", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("buurtbegroot")

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
TESTS = Path(__file__).parent
PURE = "core"
FAST = "not journey and not race and not slow and not nightly"


def pytest_configure(config: pytest.Config) -> None:
    """Run the fast tests when neither files nor markers are named."""
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS and not config.option.markexpr:
        config.option.markexpr = FAST


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Load the fixtures of the app with the tests of the first room that is not pure."""
    if collector.path.parent == TESTS and collector.path.name != PURE:
        collector.config.pluginmanager.import_plugin("tests.app_fixtures")


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
    return f"database under test: {os.environ.get('TEST_DATABASE', 'sqlite')}"
