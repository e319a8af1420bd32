"""A city made large by rows that bring their own numbers."""

from datetime import datetime

from sqlalchemy.orm import Session

from buurtbegroot.core.phases import Phase
from buurtbegroot.demo.large import Size, enlarge
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in


def test_what_comes_after_gets_a_number_of_its_own(session: Session, now: datetime) -> None:
    round_ = round_in(session, Phase.COCREATION, areas=small_city(session), now=now)
    size = Size(plans=3, contributions=6, at_one=2, supports=5, reports=2)
    most = enlarge(session, round_, size, now=now)
    newcomer, last = person(session), plan(session, round_, now=now)
    session.flush()
    assert last.id > most
    assert newcomer.id
