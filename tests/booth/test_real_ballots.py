"""Real ballots of Amsterdam, cast one by one through the application's own action and opened again."""

import json
import secrets
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from nacl.public import PrivateKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.acts import ANYONE
from buurtbegroot.booth.actions.casting import cast_ballot
from buurtbegroot.booth.actions.opening import open_vote
from buurtbegroot.booth.dual_acts import OPEN
from buurtbegroot.box.actions.sealing import prepare_booth
from buurtbegroot.box.domain.ballots import InvalidBallotError
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import round_name
from buurtbegroot.box.models import Booth, SealedBallot
from buurtbegroot.core.credentials import commitment, nullifier
from buurtbegroot.core.envelope import open_envelope
from buurtbegroot.core.pabulib import PbFile, cents, read
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.receipts import verify_receipt
from buurtbegroot.core.rules import BallotRules, BallotType, Limits, Ruleset
from buurtbegroot.core.rules import Pot as PotRule
from buurtbegroot.dual_control.actions import request_act
from buurtbegroot.registry.actions.issuing import register_codes
from buurtbegroot.registry.domain.codes import DrawnCode
from buurtbegroot.rounds.models import Round
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.voting import form

SMALL = ("Amsterdam_643", "Amsterdam_179")
LARGE = ("Amsterdam_604", "Amsterdam_490")
LARGEST = ("Amsterdam_212", "Amsterdam_285", "Amsterdam_252", "Amsterdam_621")


def rules_of(file: PbFile) -> Ruleset:
    meta = file.meta
    most = meta.get("max_length")
    dearest = meta.get("max_sum_cost")
    limits = Limits(
        min_choices=int(meta.get("min_length", 1)),
        max_choices=int(most) if most else None,
        max_cost_cents=cents(dearest) if dearest else None,
    )
    kind = BallotType.KNAPSACK if dearest else BallotType.APPROVAL
    pot = PotRule(id="alles", name="Alles", cents=file.budget)
    return Ruleset(pots=(pot,), ballot=BallotRules(type=kind, whole=limits))


class Election:
    """A round with the plans and rules of a file, opened for as many random keys as there are votes."""

    def __init__(self, session: Session, file: PbFile, *, folder: Path, now: datetime) -> None:
        self.session, self.now = session, now
        self.keys = KeyStore(folder)
        self.round = self._round(file)
        self.plans = {
            project.project_id: plan(session, self.round, now=now, cents=project.cost).id for project in file.projects
        }
        self.ks = [secrets.token_bytes(32) for _ in file.votes]
        self.booth = self._open()

    def _round(self, file: PbFile) -> Round:
        areas = small_city(self.session)
        round_ = round_in(self.session, Phase.VOTING, areas=areas, now=self.now, rules=rules_of(file))
        round_.pots[0].cents = file.budget
        self.session.flush()
        return round_

    def _open(self) -> Booth:
        prepare_booth(self.session, self.round, keys=self.keys, by=PROGRAM)
        first, second = (person(self.session, Role.COORDINATOR, "E") for _ in range(2))
        drawn = [DrawnCode("", commitment(round_name(self.round.id), nullifier(k))) for k in self.ks]
        register_codes(self.session, self.round, drawn, by=first, now=self.now)
        asked = request_act(self.session, OPEN, self.round, by=first, now=self.now)
        return open_vote(self.session, self.round, seen=asked.fingerprint, keys=self.keys, by=second, now=self.now)

    def cast(self, number: int, choices: tuple[str, ...]) -> bool:
        """Cast one ballot and check its receipt; False when the rules of the file refuse it."""
        try:
            done = cast_ballot(
                self.session,
                round_id=self.round.id,
                k=self.ks[number],
                choices={self.plans[choice] for choice in choices},
                form=form(),
                keys=self.keys,
                by=ANYONE,
                now=self.now,
            )
        except InvalidBallotError:
            return False
        assert verify_receipt(done.receipt, self.booth.signing_public)
        return True

    def totals(self) -> tuple[int, Counter[str]]:
        """Open every envelope; return their number and the votes for each plan of the file."""
        secret = PrivateKey(bytes.fromhex(self.keys.folder(self.round.id).secret.read_text()))
        names = {plan_id: project for project, plan_id in self.plans.items()}
        votes: Counter[str] = Counter()
        rows = self.session.scalars(select(SealedBallot.sealed)).all()
        about = {"round_id": round_name(self.round.id), "manifest": self.booth.manifest_hash}
        for sealed in rows:
            found = open_envelope(sealed, secret, signer=self.booth.signing_public, **about)
            votes.update(names[plan_id] for plan_id in json.loads(found.choices))
        return len(rows), votes


def repeats_in(file: PbFile) -> Counter[str]:
    """Count how often a vote names a plan it has named already: the published totals count those twice."""
    return sum((Counter(vote.choices) - Counter(set(vote.choices)) for vote in file.votes), Counter())


@pytest.mark.parametrize(
    "name",
    [
        *SMALL,
        *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE),
        *(pytest.param(name, marks=pytest.mark.nightly) for name in LARGEST),
    ],
)
def test_totals_equal_the_files(session: Session, shared_data: Path, tmp_path: Path, now: datetime, name: str) -> None:
    path = shared_data / "pabulib" / f"Netherlands_{name}.pb"
    if not path.exists():
        pytest.skip(f"{path.name} is not beside this checkout")
    file = read(path.read_text(encoding="utf-8"))
    election = Election(session, file, folder=tmp_path, now=now)
    refused = [number for number, vote in enumerate(file.votes) if not election.cast(number, vote.choices)]
    assert refused == [], "ballots that break the file's own rules"
    ballots, votes = election.totals()
    assert ballots == len(file.votes)
    published = Counter({project.project_id: project.votes or 0 for project in file.projects})
    repeats = repeats_in(file)
    assert votes + repeats == +published
    if repeats:
        print(f"{name}: {repeats.total()} times a vote names a plan twice; counted once here")
