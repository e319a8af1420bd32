"""Who counts as another person is said twice, in Python and in SQL: both say the same of any roles."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, RoleGrant
from buurtbegroot.accounts.policy import are_independent
from buurtbegroot.accounts.queries import not_independent_of
from buurtbegroot.areas.models import Area
from tests.factories.accounts import person

PEOPLE, PLACES = 4, ("E", "K")
given_roles = st.lists(
    st.tuples(st.integers(0, PEOPLE - 1), st.sampled_from(PLACES), st.integers(-1, PEOPLE - 1)),
    unique_by=lambda grant: grant[:2],
    max_size=PEOPLE * len(PLACES),
)
"""Who has a role, where, and by whom; -1 is somebody else."""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(grants=given_roles)
def test_sql_and_python_agree(session: Session, areas: dict[str, Area], grants: list[tuple[int, str, int]]) -> None:
    with session.begin_nested() as tried:
        people = [person(session) for _ in range(PEOPLE)]
        for holder, place, giver in grants:
            by = people[giver].pseudonym if giver >= 0 else "c-000001"
            people[holder].grants.append(RoleGrant(role=Role.COORDINATOR, area_code=areas[place].code, granted_by=by))
        session.flush()
        ids = {each.id for each in people}
        for each in people:
            found = set(session.scalars(not_independent_of(each))) & ids
            assert found == {other.id for other in people if not are_independent(each, other)}
        tried.rollback()
