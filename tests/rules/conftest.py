"""What tests of rules share."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.areas.models import Area
from tests.factories.accounts import person
from tests.pages import Browser


@pytest.fixture
def desk(session: Session, areas: dict[str, Area], signed_in: Callable[[User], Browser]) -> Browser:
    """The pages as a coordinator of the whole of stadsdeel E sees them."""
    user = person(session, Role.COORDINATOR, "E")
    session.commit()
    return signed_in(user)
