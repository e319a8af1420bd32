"""What the pages of the booth cost: as many queries for many plans as for few."""

from datetime import datetime
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from buurtbegroot.core.phases import Phase
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.voting import open_vote_in
from tests.pages import Browser, QueryCount


def test_the_ballot_page_asks_as_much_for_100_plans_as_for_10(
    app: Flask, session: Session, browser: Browser, now: datetime, tmp_path: Path
) -> None:
    app.config["KEY_DIRECTORY"] = str(tmp_path / "keys")
    areas, counts = small_city(session), []
    for number in (10, 100):
        round_ = round_in(session, Phase.VOTING, areas=areas, now=now)
        plans = [plan(session, round_, now=now, cents=10_000) for _ in range(number)]
        open_vote_in(session, round_, folder=tmp_path / "keys", now=now)
        session.commit()
        browser.post("booth.change", {"kies": plans[0].id}, slug=round_.slug)
        with QueryCount() as queries:
            page = browser.get("booth.choose", slug=round_.slug)
        counts.append(queries.number)
        assert page.html.count('<li id="plan-') == min(number, 24)
    assert counts[0] == counts[1] <= 8, queries.statements
