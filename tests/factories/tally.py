"""Votes from an opened box to a certified outcome, with keys in a folder of the test and cheap codes."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import ANYONE
from buurtbegroot.areas.models import Area
from buurtbegroot.booth.actions.casting import cast_ballot
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import ListedPlan, Registry, manifest_hash, round_name, write_manifest
from buurtbegroot.box.models import Booth
from buurtbegroot.core.credentials import commitment as code_commitment
from buurtbegroot.core.credentials import nullifier
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.rules import Ruleset, to_json
from buurtbegroot.core.tally.ties import commitment
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.proposals.queries import ballot_plans
from buurtbegroot.registry.models import RegisteredCode
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import rules_of
from buurtbegroot.tally import actions
from buurtbegroot.tally.actions import explain_losses
from buurtbegroot.tally.actions.opening import open_envelopes
from buurtbegroot.tally.queries.counting import counted
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.proposals import plan
from tests.factories.rounds import budget_rules, round_in

NIGHT = timedelta(days=8)


@dataclass
class Vote:
    """A round whose box is open, with everything that a test needs to vote in it and count it."""

    session: Session
    round: Round
    plans: Sequence[Proposal]
    keys: KeyStore
    voters: list[bytes]
    people: tuple[User, User]
    now: datetime

    def cast(self, *choices: int, voter: bytes | None = None) -> None:
        """Cast for a new voter, or again for a given one; choices are places in `plans`, from 0."""
        self.voters = self.voters if voter else self.voters[1:] + self.voters[:1]
        cast_ballot(
            self.session,
            round_id=self.round.id,
            k=voter or self.voters[-1],
            choices=[self.plans[place].id for place in choices],
            nonce=secrets.token_bytes(16),
            keys=self.keys,
            by=ANYONE,
            now=self.now,
        )

    def cast_all(self, ballots: Iterable[Sequence[int]]) -> "Vote":
        for choices in ballots:
            self.cast(*choices)
        return self._kept()

    def _kept(self) -> "Vote":
        """Commit, as a request would: what is not committed is gone after the next GET."""
        self.session.commit()
        return self

    @property
    def later(self) -> datetime:
        """A moment after the vote has ended."""
        return self.now + NIGHT

    def close(self) -> "Vote":
        first, second = self.people
        asked = actions.request_close(self.session, self.round, by=first, now=self.later)
        seen = asked.fingerprint
        actions.confirm_close(self.session, self.round, seen=seen, by=second, keys=self.keys, now=self.later)
        return self._kept()

    def open(self, batch: int = 500) -> "Vote":
        for _ in self.opening(batch):
            self.session.commit()
        return self

    def opening(self, batch: int = 500) -> Iterator[object]:
        return open_envelopes(self.session, self.round, keys=self.keys, by=PROGRAM, now=self.later, batch=batch)

    def count(self) -> "Vote":
        actions.count_round(self.session, self.round, counted(self.session, self.round), by=PROGRAM, now=self.later)
        return self._kept()

    def explain(self) -> "Vote":
        for _ in explain_losses(self.session, self.round, by=PROGRAM, now=self.later):
            self.session.commit()
        return self

    def certify(self) -> "Vote":
        first, second = self.people
        asked = actions.request_certify(self.session, self.round, by=first, now=self.later)
        actions.certify(self.session, self.round, seen=asked.fingerprint, by=second, now=self.later)
        return self._kept()

    def finish(self) -> "Vote":
        return self.close().open().count().explain().certify()


def open_vote(
    session: Session,
    folder: Path,
    *,
    areas: dict[str, Area],
    now: datetime,
    costs: Sequence[int] = (60_000, 50_000, 40_000),
    rules: Ruleset | None = None,
    voters: int = 12,
) -> Vote:
    """Return a round of € 1.000 that is open for votes, with plans of these costs in cents and codes for `voters`."""
    round_ = round_in(session, Phase.VOTING, areas=areas, now=now, rules=rules or budget_rules(100_000))
    plans = [plan(session, round_, now=now, cents=cents) for cents in costs]
    return start_vote(session, round_, plans, folder=folder, voters=voters, now=now)


def start_vote(
    session: Session, round_: Round, plans: Sequence[Proposal], *, folder: Path, voters: int, now: datetime
) -> Vote:
    """Open the box of a round whose plans are admitted."""
    store = KeyStore(folder / "keys")
    keys = store.create(round_.id)
    codes = [secrets.token_bytes(32) for _ in range(voters)]
    registered = sorted(code_commitment(round_name(round_.id), nullifier(k)) for k in codes)
    session.add_all(RegisteredCode(round_id=round_.id, commitment=c) for c in registered)
    rules = replace(rules_of(round_), lot_commitment=commitment(keys.lot_seed))
    listed = [
        ListedPlan(plan=one, number=row.number, title=row.title)
        for one, row in zip(ballot_plans(session, round_), plans, strict=True)
    ]
    manifest = write_manifest(
        {"id": round_.id}, rules=rules, plans=listed, keys={}, registry=Registry(root=b"", codes=voters, spares=0)
    )
    session.add(
        Booth(
            round_id=round_.id,
            salt=bytes(16),
            sealing_public=keys.sealing.public,
            signing_public=keys.signing_public,
            manifest=manifest,
            manifest_hash=manifest_hash(manifest),
        )
    )
    round_.rules, round_.fingerprint = to_json(rules).decode(), manifest_hash(manifest).hex()
    round_.opened_at = now
    session.flush()
    people = (person(session, Role.COORDINATOR, "E"), person(session, Role.COORDINATOR, "E"))
    session.commit()
    return Vote(session, round_, plans, store, codes, people, now)
