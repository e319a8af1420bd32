"""Votes from an opened box to a certified outcome, with keys in a folder of the test and cheap codes."""

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import ANYONE
from buurtbegroot.areas.models import Area
from buurtbegroot.audit.actions import record
from buurtbegroot.audit.actions.signing import sign_log
from buurtbegroot.audit.domain.keys import site_keys
from buurtbegroot.booth.actions.casting import cast_ballot
from buurtbegroot.booth.events import BoxOpened
from buurtbegroot.box.actions.sealing import empty_box
from buurtbegroot.box.domain.anchors import anchor_opening
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import (
    ListedPlan,
    Terms,
    check_time,
    manifest_hash,
    registry_of_list,
    round_name,
    utc_text,
    write_manifest,
)
from buurtbegroot.box.models import Booth
from buurtbegroot.box.opener import open_box
from buurtbegroot.core.closing import registry_list
from buurtbegroot.core.credentials import commitment as code_commitment
from buurtbegroot.core.credentials import locator, nullifier
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.plan_texts import PlanTexts, plans_json
from buurtbegroot.core.receipts import Receipt
from buurtbegroot.core.rules import Ruleset, to_json
from buurtbegroot.core.tally.ties import commitment
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.proposals.queries import ballot_plans
from buurtbegroot.registry.models import RegisteredCode
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import about as about_round
from buurtbegroot.rounds.queries import rules_of, window_of
from buurtbegroot.tally import actions
from buurtbegroot.tally.actions import explain_losses
from buurtbegroot.tally.actions.opening import make_bundle, take_in
from buurtbegroot.tally.queries.counting import counted
from buurtbegroot.timezone import local_date
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.proposals import plan
from tests.factories.rounds import budget_rules, round_in
from tests.factories.voting import form

NIGHT = timedelta(days=8)
AT_ONCE = Terms(least_ballots=0, check_days=0)


def forget(session: Session, round_: Round, *, keys: KeyStore) -> None:
    """Destroy what led to the ballots of a box that was shut, as the worker does, and commit."""
    keys.destroy_link(round_.id)
    while empty_box(session, round_, keys=keys, by=PROGRAM):
        session.commit()


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
    revisions: Counter[bytes] = field(default_factory=Counter)
    receipts: list[Receipt] = field(default_factory=list)
    last_place: bytes = b""

    def cast(self, *choices: int, voter: bytes | None = None) -> None:
        """Cast for a new voter, or again for a given one; choices are places in `plans`, from 0."""
        self.voters = self.voters if voter else self.voters[1:] + self.voters[:1]
        k = voter or self.voters[-1]
        done = cast_ballot(
            self.session,
            round_id=self.round.id,
            k=k,
            choices=[self.plans[place].id for place in choices],
            form=form(self.revisions[k]),
            keys=self.keys,
            by=ANYONE,
            now=self.now,
        )
        self.revisions[k] += 1
        self.receipts.append(done.receipt)
        self.last_place = locator(self.keys.load(self.round.id).link_key, k)

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

    def open(self) -> "Vote":
        """Do what the worker does, in this process."""
        forget(self.session, self.round, keys=self.keys)
        open_box(self.keys.folder(self.round.id).path, now=self.later)
        take_in(self.session, self.round, keys=self.keys, by=PROGRAM, now=self.later)
        return self._kept()

    def count(self) -> "Vote":
        found = counted(self.session, self.round, keys=self.keys)
        actions.count_round(self.session, self.round, found, by=PROGRAM, now=self.later)
        self._kept().sign()
        make_bundle(self.session, self.round, keys=self.keys, by=PROGRAM)
        return self._kept()

    def sign(self) -> "Vote":
        """Sign the log as it is, as the worker does."""
        sign_log(self.session, by=PROGRAM, now=self.later)
        return self._kept()

    def explain(self) -> "Vote":
        for _ in explain_losses(self.session, self.round, by=PROGRAM, now=self.later):
            self.session.commit()
        return self

    def certify(self) -> "Vote":
        first, second = self.people
        now = self.later + check_time(self.keys.anchors(self.round.id).manifest)
        asked = actions.request_certify(self.session, self.round, by=first, now=now)
        actions.certify(self.session, self.round, seen=asked.fingerprint, keys=self.keys, by=second, now=now)
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
    terms: Terms = AT_ONCE,
) -> Vote:
    """Return a round of € 1.000 that is open for votes, with plans of these costs in cents and codes for `voters`.

    A few ballots are published too, unless `terms` say otherwise.
    """
    round_ = round_in(session, Phase.VOTING, areas=areas, now=now, rules=rules or budget_rules(100_000))
    plans = [plan(session, round_, now=now, cents=cents) for cents in costs]
    return start_vote(session, round_, plans, folder=folder, voters=voters, now=now, terms=terms)


def start_vote(
    session: Session,
    round_: Round,
    plans: Sequence[Proposal],
    *,
    folder: Path,
    voters: int,
    now: datetime,
    terms: Terms = AT_ONCE,
) -> Vote:
    """Open the box of a round whose plans are admitted."""
    store = KeyStore(folder / "keys")
    keys = store.create(round_.id)
    codes = [secrets.token_bytes(32) for _ in range(voters)]
    registered = sorted(code_commitment(round_name(round_.id), nullifier(k)) for k in codes)
    session.execute(insert(RegisteredCode), [{"round_id": round_.id, "commitment": c} for c in registered])
    registry = registry_list(dict.fromkeys(registered, "letter"))
    rules = replace(rules_of(round_), lot_commitment=commitment(keys.lot_seed))
    texts = {row.id: PlanTexts(keys.texts_salt(row.id), {"title": row.title}) for row in plans}
    listed = [
        ListedPlan(plan=one, number=row.number, texts=texts[one.id].commitment)
        for one, row in zip(ballot_plans(session, round_), plans, strict=True)
    ]
    window = window_of(round_, Phase.VOTING)
    assert window is not None
    about = {
        "id": round_name(round_.id).decode(),
        "slug": round_.slug,
        "voting": {"begins": utc_text(window.begins_at), "ends": utc_text(window.ends_at)},
        "date_begin": local_date(window.begins_at).isoformat(),
        "date_end": local_date(window.ends_at).isoformat(),
    }
    public: dict[str, Any] = {"signing": str(keys.signer.verifier), "sealing": keys.sealing_public.hex()}
    public |= {"site": str(site_keys(session).verifier), "witnesses": []}
    listed_codes = registry_of_list(registry)
    manifest = write_manifest(about, rules=rules, plans=listed, keys=public, registry=listed_codes, terms=terms)
    anchor_opening(store.folder(round_.id), manifest, registry=registry, plans=plans_json(texts), now=now)
    session.add(
        Booth(
            round_id=round_.id,
            salt=bytes(16),
            sealing_public=keys.sealing_public,
            signing_public=keys.signing_public,
            manifest=manifest,
            manifest_hash=manifest_hash(manifest),
        )
    )
    round_.rules, round_.fingerprint = to_json(rules).decode(), manifest_hash(manifest).hex()
    round_.opened_at = now
    session.flush()
    people = (person(session, Role.COORDINATOR, "E"), person(session, Role.COORDINATOR, "E"))
    root = registry_of_list(registry).root.hex()
    opened = BoxOpened(**about_round(round_), manifest=round_.fingerprint, registry=root, codes=voters)
    record(session, opened, by=people[0], now=now)
    session.commit()
    return Vote(session, round_, plans, store, codes, people, now)
