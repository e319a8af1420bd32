"""Many clients at few codes at once, over HTTP, against three processes: one ballot for each code."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from buurtbegroot.core.receipts import Receipt
from tests.races.voters import Answer, Voter, vote_on
from tests.servers import serving

pytestmark = pytest.mark.race
AT_ONCE = 40
CROWDS = [(10, 40), pytest.param(50, 200, marks=pytest.mark.nightly)]
WORKERS = 3


@pytest.mark.parametrize("kind", [pytest.param("sqlite", marks=pytest.mark.nightly), "postgresql"])
@pytest.mark.parametrize(("codes", "clients"), CROWDS)
def test_many_clients_with_few_codes(kind: str, codes: int, clients: int, tmp_path: Path) -> None:
    with vote_on(kind, tmp_path, codes=codes) as vote, serving(vote.settings, workers=WORKERS) as server:
        voters = [Voter(server.url, vote.slug) for _ in range(clients)]
        start = threading.Barrier(AT_ONCE)

        def review(number: int) -> Answer:
            voters[number].choose(vote.plans[number % 2])
            voters[number].enter(vote.codes[number % codes])
            return voters[number].get("/controleren")

        def cast(number: int) -> Receipt | None:
            if number < AT_ONCE:
                start.wait()
            answer = voters[number].resend(reviews[number])
            while answer.status == 409:  # somebody with the same code was earlier: the page says so, and can be sent
                answer = voters[number].resend(replace(answer, status=200))
            assert answer.status == 303, answer.text
            assert answer.headers["Location"].endswith("/klaar")
            return voters[number].receipt_if_any()

        with ThreadPoolExecutor(AT_ONCE) as pool:
            reviews = list(pool.map(review, range(clients)))
            receipts = list(filter(None, pool.map(cast, range(clients))))
        in_box, superseded = vote.in_box(), vote.superseded()
    assert len(in_box) == codes
    assert len(in_box | superseded) == clients, "each acknowledged cast is one leaf"
    assert all(vote.is_promised(receipt) for receipt in receipts)
    assert {receipt.leaf for receipt in receipts} <= in_box | superseded
    assert {status for voter in voters for status in voter.statuses} <= {200, 303, 409}


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)])
def test_one_form_sent_by_many_hands_is_one_ballot(kind: str, tmp_path: Path) -> None:
    with vote_on(kind, tmp_path, codes=1) as vote, serving(vote.settings, workers=WORKERS) as server:
        voter = Voter(server.url, vote.slug)
        voter.choose(vote.plans[0])
        voter.enter(vote.codes[0])
        page = voter.get("/controleren")
        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda _: voter.resend(page), range(16)))
        assert {answer.status for answer in answers} == {303}
        assert vote.in_box() == {voter.receipt().leaf}
        assert vote.superseded() == set()
