"""A plan taken off the open ballot that would have won, from the vote to what anybody checks at home."""

import csv
import io
import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from buurtbegroot.areas.models import Area
from buurtbegroot.audit.actions import record
from buurtbegroot.booth.actions.opening import request_withdrawal, withdraw_plan
from buurtbegroot.box.domain.anchors import DiffersError, KeysFault, anchor_withdrawal
from buurtbegroot.box.domain.ballots import BallotFault
from buurtbegroot.box.events import PlanWithdrawn
from buurtbegroot.core.tally.trace import WINNING
from buurtbegroot.core.verifying.checks import key_fingerprint
from buurtbegroot.rounds.queries import about
from buurtbegroot.tally.queries import tally_of
from tests.factories.accounts import person
from tests.factories.akkoord import small_accord
from tests.factories.guards import unguarded
from tests.factories.tally import Vote, open_vote
from tests.pages import Browser, SignIn
from tests.refusals import refused

REASON = "De grond is niet te koop."
MARK = "Teruggetrokken van het stembiljet"


@pytest.fixture
def vote(session: Session, areas: dict[str, Area], now: datetime, tmp_path: Path) -> Vote:
    """The first plan, of € 600, has most votes; beside it no other plan fits in € 1.000."""
    return open_vote(session, tmp_path, areas=areas, now=now).cast_all([[0], [0], [0, 2], [1]])


def withdraw(vote: Vote, place: int = 0) -> None:
    first, second = vote.people
    how = {"keys": vote.keys, "now": vote.now}
    asked = request_withdrawal(vote.session, vote.plans[place], reason=REASON, by=first, **how)  # type: ignore[arg-type]
    withdraw_plan(vote.session, vote.plans[place], seen=asked.fingerprint, by=second, **how)  # type: ignore[arg-type]
    vote.session.commit()


def winners(vote: Vote) -> set[int]:
    tally = tally_of(vote.session, vote.round.id)
    assert tally is not None
    judged = [one for pot in json.loads(tally.trace)["count"]["outcomes"] for one in pot["judgements"]]
    won = {one["plan"] for one in judged if one["verdict"] in set(WINNING)}
    return {place for place, plan in enumerate(vote.plans) if plan.id in won}


def test_it_would_have_won_and_wins_no_more(vote: Vote, browser: Browser, tmp_path: Path) -> None:
    withdraw(vote)
    vote.cast(1, 2)
    vote.finish()
    assert winners(vote) == {1, 2}
    tally = tally_of(vote.session, vote.round.id)
    assert tally is not None
    assert json.loads(tally.trace)["count"]["withdrawn"] == [{"plan": vote.plans[0].id, "votes": 3}]
    assert (tally.valid_ballots, tally.faults) == (5, [])
    program = browser.raw("box.verifier_file").data
    (tmp_path / "verify.py").write_bytes(program)
    bundle, key = vote.keys.folder(vote.round.id).bundle, key_fingerprint(vote.keys.anchors(vote.round.id).signer.key)
    command = [sys.executable, "-I", "-S", "-E", "verify.py", str(bundle), "--en", "--key", key]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"plan {vote.plans[0].id}. Votes for it buy nothing." in done.stdout


def test_without_withdrawing_it_wins(vote: Vote) -> None:
    vote.cast(1, 2)
    vote.finish()
    assert winners(vote) == {0, 2}
    tally = tally_of(vote.session, vote.round.id)
    assert tally is not None
    assert "withdrawn" not in json.loads(tally.trace)["count"]


def test_who_writes_in_the_database_withdraws_nothing(vote: Vote) -> None:
    plan = vote.plans[0].id
    asked = request_withdrawal(
        vote.session, vote.plans[0], reason=REASON, keys=vote.keys, by=vote.people[0], now=vote.now
    )
    vote.session.commit()
    with unguarded(vote.session):
        agreed = "state = 'confirmed', ended_at = requested_at, ended_by_id = (SELECT max(id) FROM user_account)"
        vote.session.execute(text(f"UPDATE dual_request SET {agreed}"))
        vote.session.execute(text(f"UPDATE proposal SET status = 'withdrawn' WHERE id = {plan}"))
    vote.session.commit()
    assert asked.fingerprint
    assert vote.keys.anchors(vote.round.id).withdrawn == {}
    vote.cast(0)
    vote.cast(1, 2)
    vote.close().open().count()
    assert winners(vote) == {0, 2}
    tally = tally_of(vote.session, vote.round.id)
    assert tally is not None
    assert tally.faults == []


def test_a_line_in_the_log_that_nobody_anchored_keeps_the_box_open(vote: Vote) -> None:
    forged = PlanWithdrawn(**about(vote.round), plan=vote.plans[0].id, number=1, reason=REASON)
    record(vote.session, forged, by=vote.people[0], now=vote.now)
    vote.session.commit()
    with refused(KeysFault.DIFFERS):
        vote.close()


def test_what_the_trusted_values_say_wins_without_the_log(vote: Vote) -> None:
    """Also when it could not be committed: then it is told when the box is shut."""
    anchor_withdrawal(vote.keys.folder(vote.round.id), vote.plans[0].id, reason=REASON)
    with refused(BallotFault.INVALID):
        vote.cast(0)
    vote.cast(1, 2)
    vote.close().open().count()
    assert winners(vote) == {1, 2}
    tally = tally_of(vote.session, vote.round.id)
    assert tally is not None
    assert tally.faults == []
    with pytest.raises(DiffersError):
        anchor_withdrawal(vote.keys.folder(vote.round.id), vote.plans[1].id, reason=REASON)


def test_everyone_reads_it_at_once_and_in_the_outcome(
    vote: Vote, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(browser.app.config, "KEY_DIRECTORY", str(tmp_path / "keys"))
    slug, plan = vote.round.slug, vote.plans[0].id
    pages: dict[str, dict[str, Any]] = {
        "rounds.show": {"slug": slug},
        "proposals.show": {"proposal_id": plan},
        "booth.choose": {"slug": slug},
    }
    for name, where in pages.items():
        assert REASON not in browser.get(name, **where).text
    withdraw(vote)
    for name, where in pages.items():
        assert REASON in browser.get(name, **where).text, name
    assert "u kunt dit plan niet meer kiezen" in browser.get("booth.choose", slug=slug).text
    assert REASON in browser.get("audit.index", over=f"round:{slug}").text
    vote.cast(1, 2)
    vote.finish()
    page = browser.get("results.show", slug=slug).text
    assert "Het staat op 3 stembiljetten." in page
    assert "deden mee2 plannen" in page
    assert REASON in page
    text = browser.raw("datasets.file", filename="uitslag-machine.csv", ronde=slug).get_data(as_text=True)
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["planId"] == str(plan)]
    told = [(row["stemmen"], row["rang"], row["gekozen"], row["uitkomst"]) for row in rows]
    assert told == [("3", "", "false", "withdrawn_from_ballot")]


def test_wherever_the_plan_stands_it_says_that_it_left_the_ballot(
    vote: Vote, signed_in: SignIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, slug, point = vote.plans[0], vote.round.slug, small_accord(vote.session)[0]
    maker = person(vote.session)
    with unguarded(vote.session):
        plan.author, plan.points = maker, [point]
    vote.session.commit()
    everyone: dict[str, dict[str, Any]] = {
        "rounds.show": {"slug": slug},
        "proposals.index": {},
        "proposals.in_round": {"slug": slug},
        "proposals.show": {"proposal_id": plan.id},
        "areas.show": {"code": vote.round.owner_code},
        "akkoord.show": {"number": point.number},
        "booth.choose": {"slug": slug},
        "datasets.file": {"filename": "plannen.csv"},
    }
    pages = [(signed_in(vote.people[0]), name, where) for name, where in everyone.items()]
    pages.append((signed_in(maker), "proposals.mine", {}))
    organising: dict[str, dict[str, Any]] = {"index": {"toon": "alles"}, "dossier": {"number": plan.number}}
    for name, extra in organising.items():
        pages.append((signed_in(vote.people[0]), f"proposals_organiser.{name}", extra | {"slug": slug}))
    monkeypatch.setitem(pages[0][0].app.config, "KEY_DIRECTORY", str(tmp_path / "keys"))

    def marks() -> dict[str, int]:
        return {name: who.raw(name, **where).get_data(as_text=True).count(MARK) for who, name, where in pages}

    assert set(marks().values()) == {0}
    withdraw(vote)
    assert marks() == dict.fromkeys(marks(), 1)
    shown = pages[0][0].get("proposals.show", proposal_id=plan.id)
    assert shown.text_of(".//*[@class='bb-chip bb-chip--ok']") == ""


def test_a_plan_that_nobody_chose_is_told_to_be_on_no_ballot(
    session: Session, areas: dict[str, Area], now: datetime, browser: Browser, tmp_path: Path
) -> None:
    vote = open_vote(session, tmp_path, areas=areas, now=now).cast_all([[1], [0]])
    withdraw(vote, 2)
    vote.finish()
    assert "Het staat op geen enkel geteld stembiljet." in browser.get("results.show", slug=vote.round.slug).text
