"""Work that has to give way to another transaction begins anew, a few times; everything else is raised at once."""

from dataclasses import dataclass, field
from unittest.mock import Mock

import pytest
from sqlalchemy.exc import DBAPIError

from buurtbegroot.web.transaction import COLLISIONS, TRIES, retried


class DriverError(Exception):
    """What a driver raises, with the state that the database gave."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


@dataclass
class Work:
    """Work that fails so many times before it succeeds."""

    failures: int
    sqlstate: str | None
    runs: int = field(default=0)

    def __call__(self) -> str:
        self.runs += 1
        if self.runs <= self.failures:
            raise DBAPIError("UPDATE", {}, DriverError(self.sqlstate))
        return "done"


@pytest.mark.parametrize("sqlstate", sorted(COLLISIONS))
@pytest.mark.parametrize("failures", [0, 1, TRIES - 1])
def test_it_begins_anew_in_a_new_transaction(sqlstate: str, failures: int) -> None:
    session, work = Mock(), Work(failures, sqlstate)
    assert retried(session, work) == "done"
    assert (work.runs, session.rollback.call_count) == (failures + 1, failures)


def test_the_last_collision_is_raised() -> None:
    session, work = Mock(), Work(TRIES, "40001")
    with pytest.raises(DBAPIError):
        retried(session, work)
    assert (work.runs, session.rollback.call_count) == (TRIES, TRIES - 1)


@pytest.mark.parametrize("sqlstate", ["23505", "55P03", None])
def test_other_trouble_is_raised_at_once(sqlstate: str | None) -> None:
    session, work = Mock(), Work(1, sqlstate)
    with pytest.raises(DBAPIError):
        retried(session, work)
    assert (work.runs, session.rollback.call_count) == (1, 0)
