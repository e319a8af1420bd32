"""A vote of few ballots: totals and outcome are public, and nothing that tells one ballot from another."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.box.domain.manifest import FEW_BALLOTS, Terms
from buurtbegroot.core.closing import LISTS
from buurtbegroot.core.methods import EqualShares, Method, Stop, Tail
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.rounds.queries import rules_of
from buurtbegroot.tally import actions
from buurtbegroot.tally.models import Nullifier, OpenedBallot
from buurtbegroot.tally.policy import TallyFault
from buurtbegroot.tally.queries import certified_rounds, earlier_vote, tally_of
from buurtbegroot.tally.queries.counting import recount
from tests.conftest import Clock
from tests.factories.guards import unguarded
from tests.factories.rounds import budget_rules
from tests.factories.tally import Vote, open_vote
from tests.pages import Browser, SignIn
from tests.refusals import refused

RULES = {
    "most_votes": CountingRules(),
    "equal_shares": CountingRules(
        method=Method.EQUAL_SHARES, equal_shares=EqualShares(step_cents=100, stop=Stop.OVERSPENT, tail=Tail.KEEP)
    ),
}
LEAST = Terms().least_ballots
BALLOTS = [[0], [1, 2], [0, 2], [1, 2], [2], [0], [1], [1, 2], [0, 2], [0]]
FILES = ("result_json_file", "trace_json", "ballots_pb", "beside_pb", "ballots_jsonl")


@pytest.fixture
def vote(
    request: pytest.FixtureRequest,
    session: Session,
    areas: dict[str, Area],
    now: datetime,
    tmp_path: Path,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> Vote:
    monkeypatch.setitem(browser.app.config, "KEY_DIRECTORY", str(tmp_path / "keys"))
    rules = replace(budget_rules(100_000), counting=RULES[getattr(request, "param", "most_votes")])
    return open_vote(session, tmp_path, areas=areas, now=now, rules=rules, terms=Terms())


def told(browser: Browser, vote: Vote) -> Iterator[tuple[str, bytes]]:
    """Yield every public page and file that can tell of this vote, by its address, with what is there."""
    slug, kept = vote.round.slug, {"slug": vote.round.slug, "name": "", "proposal_id": vote.plans[0].id}
    for rule in browser.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or not rule.arguments <= kept.keys() or "werkplek" in rule.rule:
            continue
        for name in LISTS if "name" in rule.arguments else ("",):
            given = {each: kept[each] for each in rule.arguments} | ({"name": name} if name else {})
            found = browser.raw(rule.endpoint, **given)
            yield f"{rule.endpoint} {name}", found.data
    yield "log", browser.raw(f"/logboek?over=round:{slug}").data


def secrets_of(vote: Vote) -> set[bytes]:
    """Return what stands on one line of one list each: trackers, blinds, nullifiers and leaves."""
    found = {each.hex().encode() for each in vote.session.scalars(select(Nullifier.nullifier))}
    for row in vote.session.scalars(select(OpenedBallot)):
        found |= {row.tracker.hex().encode(), row.blind.hex().encode()}
    return found | {receipt.leaf.hex().encode() for receipt in vote.receipts}


@pytest.mark.parametrize("vote", RULES, indirect=True)
def test_of_fewer_ballots_than_promised_only_totals_are_public(vote: Vote, browser: Browser) -> None:
    vote.cast_all(BALLOTS[: LEAST - 1]).finish()
    slug, secrets = vote.round.slug, secrets_of(vote)
    assert len(secrets) == 4 * (LEAST - 1)
    seen = dict(told(browser, vote))
    assert len(seen) > 30
    assert {place for place, data in seen.items() if any(each in data for each in secrets)} == set()
    files = [browser.raw(f"datasets.{name}", slug=slug) for name in FILES]
    files += [browser.raw("box.list_file", slug=slug, name=name) for name in LISTS]
    files.append(browser.raw("box.bundle_file", slug=slug))
    assert {each.status_code for each in files} == {404}
    page = browser.get("results.show", slug=slug).text
    assert "Er telden maar 9 stembiljetten mee. Daarom zijn alleen de totalen en de uitslag openbaar." in page
    assert "Dat kan onder toezicht, tot ze worden vernietigd." in page
    assert "Wat als er anders was geteld?" not in page
    assert "van de stemmers ziet" not in page
    follows_from_totals = rules_of(vote.round).counting.method is Method.MOST_VOTES
    assert ("Klaar na" in page) == follows_from_totals
    assert ("De stappen van de telling zijn niet openbaar" in page) != follows_from_totals
    assert "onder toezicht inzien, tot ze worden vernietigd" in browser.get("box.show", slug=slug).text
    assert "alleen de totalen en de uitslag openbaar" in browser.get("datasets.index").text
    assert b"Stemmen" in browser.raw("datasets.file", filename="uitslag.csv", ronde=slug).data
    assert "Wat had" not in browser.get("proposals.show", proposal_id=vote.plans[0].id).text
    assert certified_rounds(vote.session, most=10) == []
    assert earlier_vote(vote.session, slug) is None


def test_of_as_many_as_promised_everything_is(vote: Vote, browser: Browser) -> None:
    vote.cast_all(BALLOTS[:LEAST]).finish()
    slug = vote.round.slug
    files = [browser.raw(f"datasets.{name}", slug=slug) for name in FILES]
    files += [browser.raw("box.list_file", slug=slug, name=name) for name in LISTS]
    files.append(browser.raw("box.bundle_file", slug=slug))
    assert {each.status_code for each in files} == {200}
    assert any(each in data for _place, data in told(browser, vote) for each in secrets_of(vote))
    page = browser.get("results.show", slug=slug).text
    assert "Er telden maar 10 stembiljetten mee. Wie de stemmers kent" in page
    assert "Wat als er anders was geteld?" in page


def test_nobody_is_warned_from_a_hundred_on(
    session: Session, areas: dict[str, Area], now: datetime, tmp_path: Path, signed_in: SignIn, clock: Clock
) -> None:
    vote = open_vote(session, tmp_path, areas=areas, now=now, voters=FEW_BALLOTS)
    clock.now = vote.later
    page = signed_in(vote.people[0]).get("tally_organiser.show", slug=vote.round.slug).text
    assert "Stap 1: sluit de stembus" in page
    assert "mensen stemmen." not in page
    vote.cast_all([[0]] * FEW_BALLOTS).finish()
    assert "stembiljetten mee" not in signed_in(vote.people[0]).get("results.show", slug=vote.round.slug).text


def test_they_are_destroyed_with_the_keys(vote: Vote, browser: Browser) -> None:
    vote.cast_all(BALLOTS[: LEAST - 1]).finish()
    folder, (first, second) = vote.keys.folder(vote.round.id), vote.people
    there = [folder.bundle, *map(folder.list, LISTS)]
    assert all(path.exists() for path in there)
    with pytest.raises(DBAPIError, match="final"), vote.session.begin_nested():
        vote.session.execute(text("DELETE FROM opened_ballot"))
    seen = actions.request_destroy(vote.session, vote.round, by=first, now=vote.later).fingerprint
    actions.destroy_secrets(vote.session, vote.round, seen=seen, by=second, keys=vote.keys, now=vote.later)
    vote.session.commit()
    assert not any(path.exists() for path in there)
    for table in (OpenedBallot, Nullifier):
        assert vote.session.scalar(select(func.count()).select_from(table)) == 0
    with refused(TallyFault.ALREADY_DESTROYED):
        recount(vote.session, vote.round, keys=vote.keys)
    page = browser.get("results.show", slug=vote.round.slug).text
    assert "Ze zijn vernietigd op" in page
    assert "Er telden maar 9 stembiljetten mee" in page


def test_who_owns_the_database_makes_no_small_vote_public(vote: Vote) -> None:
    vote.cast_all(BALLOTS[: LEAST - 1]).close().open().count()
    with unguarded(vote.session):
        vote.session.execute(text("UPDATE tally SET is_small = false"))
    vote.session.commit()
    tally = tally_of(vote.session, vote.round.id)
    assert tally is not None
    assert not tally.is_small
    with refused(TallyFault.RECOUNT_DIFFERS):
        vote.certify()
