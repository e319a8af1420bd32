"""What tests of rounds share."""

import pytest
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.areas.models import Area
from tests.factories.accounts import person
from tests.pages import Browser, SignIn


@pytest.fixture
def desk(session: Session, areas: dict[str, Area], signed_in: SignIn) -> Browser:
    """The pages as a coordinator of the whole of stadsdeel E sees them."""
    user = person(session, Role.COORDINATOR, "E")
    session.commit()
    return signed_in(user)
