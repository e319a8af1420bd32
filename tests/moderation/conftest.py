"""A city in which one word stands in every text of a plan in each state of a round, and a walk that finds it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.areas.models import Area
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.core.phases import Phase
from buurtbegroot.moderation.actions import Hiding, Ruling, hide_words, show_words
from buurtbegroot.moderation.models import Ground, Reason
from buurtbegroot.moderation.tasks import TASKS
from buurtbegroot.proposals.actions import edit_proposal, start_proposal, submit_proposal
from buurtbegroot.proposals.domain.drafts import DraftLine
from buurtbegroot.proposals.models import CostLine, Proposal
from buurtbegroot.rounds.models import Round
from tests.factories.accounts import person
from tests.factories.akkoord import small_accord
from tests.factories.areas import small_city
from tests.factories.proposals import draft, plan
from tests.factories.rounds import round_in
from tests.factories.tally import start_vote
from tests.factories.voting import open_vote_in
from tests.pages import Browser

CANARY = "kanariepiet"
FINE = Ruling(reason=Ground.ALLOWED)
WORDS = ("title", "summary", "body", "place", "help_wanted", "author_name")


def sung(name: str) -> str:
    return f"{CANARY} in {name}"


@dataclass
class Aviary:
    """Plans of `maker` with the word in every text."""

    session: Session
    app: Flask
    areas: dict[str, Area]
    moderator: User
    maker: User
    plans: list[Proposal]
    now: datetime

    @property
    def rounds(self) -> list[Round]:
        return [each.round for each in self.plans]

    def hide(self, *, title_too: bool = True, reason: Reason = Reason.PERSONAL) -> None:
        for each in self.plans:
            hiding = Hiding(reason=reason, explained="Het telefoonnummer mag niet.", title_too=title_too)
            hide_words(self.session, each, hiding, seen=each.version, by=self.moderator, now=self.now)
        self.session.commit()

    def show(self) -> None:
        for each in self.plans:
            show_words(self.session, each, FINE, seen=each.version, by=self.moderator, now=self.now)
        self.session.commit()

    def addresses(self) -> Iterator[str]:
        """Yield the address of every GET route with each of the things in which the word stands."""
        lines = range(1, (self.session.scalar(select(func.max(AuditEntry.seq))) or 0) + 1)
        slugs, own = [each.slug for each in self.rounds], [each.id for each in self.plans]
        known: dict[str, list[object]] = {
            "slug": [*slugs],
            "proposal_id": [*own],
            "seq": [*lines],
            "number": [1, 2],
            "code": ["E", "EA01"],
            "edition": ["2019"],
            "name": ["leaves.txt"],
            "size": [0],
        }
        adapter = self.app.url_map.bind("localhost")
        for rule in self.app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or not rule.arguments <= known.keys():
                continue
            made: list[dict[str, object]] = [{}]
            for name in rule.arguments:
                made = [{**each, name: value} for each in made for value in known[name]]
            yield from (adapter.build(rule.endpoint, each) for each in made)
        for query in (f"zoek={CANARY}", "stand=alles&volgorde=titel", "stand=alles&per=100"):
            yield f"/plannen?{query}"
            yield from (f"/rondes/{slug}/plannen?{query}" for slug in slugs)
        yield from (f"/rondes/{slug}/stemmen?zoek={CANARY}" for slug in slugs)
        yield from (f"/logboek?over=proposal:{plan}" for plan in own)

    def singing(self, browser: Browser, addresses: Iterable[str]) -> set[str]:
        """Return the addresses whose answer holds the word; asking for it on a page is no answer."""
        return {address for address in addresses if _holds(browser.raw(address).data, address)}


def _holds(answer: bytes, address: str) -> bool:
    text = answer.decode("utf-8", "replace").casefold()
    asked = rf'zoek={CANARY}|value="{CANARY}"|[‘“]{CANARY}[’”]'
    return CANARY in (re.sub(asked, "", text) if "zoek=" in address else text)


@pytest.fixture
def aviary(app: Flask, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: datetime) -> Aviary:
    """A plan that was submitted and edited, by its maker."""
    areas = small_city(session)
    small_accord(session)
    maker, moderator = person(session), person(session, Role.COORDINATOR, "E")
    taking = round_in(session, Phase.SUBMISSION, areas=areas, now=now)
    line = DraftLine(what=sung("een regel"), quantity=1, unit_cents=30_000, source=sung("een bron"))
    typed = draft(taking, **{name: sung(name) for name in WORDS}, lines=(line,))
    first = start_proposal(session, taking, typed, by=maker, now=now)
    submit_proposal(session, first, seen=first.version, by=maker, now=now)
    other = draft(taking, **{name: sung(f"de nieuwe {name}") for name in WORDS}, lines=(line,))
    edit_proposal(session, first, other, seen=first.version, by=maker, now=now)
    monkeypatch.setitem(app.config, "KEY_DIRECTORY", str(tmp_path / "keys"))
    session.commit()
    return Aviary(session, app, areas, moderator, maker, [first], now)


@pytest.fixture
def full(aviary: Aviary, tmp_path: Path) -> Aviary:
    """The same, with a plan on an open ballot and one that won."""
    session, now = aviary.session, aviary.now
    open_, counted = (round_in(session, Phase.VOTING, areas=aviary.areas, now=now) for _ in range(2))
    second, third = (_on_ballot(session, each, aviary.maker, now=now) for each in (open_, counted))
    plan(session, open_, now=now)
    open_vote_in(session, open_, folder=tmp_path / "keys", now=now)
    others = [plan(session, counted, now=now, cents=cents) for cents in (50_000, 40_000)]
    vote = start_vote(session, counted, [third, *others], folder=tmp_path, voters=12, now=now)
    vote.cast_all([[0], [0, 2], [0], [2]]).finish()
    aviary.plans += [second, third]
    return aviary


def _on_ballot(session: Session, round_: Round, maker: User, *, now: datetime) -> Proposal:
    found = plan(session, round_, now=now, cents=60_000, author=maker)
    for name in WORDS:
        setattr(found, name, sung(name))
    found.scene = "vogel"
    found.lines = [CostLine(position=1, what=sung("een regel"), quantity=1, unit_cents=60_000, source=sung("een bron"))]
    found.follow()
    session.flush()
    return found


def tidied(app: Flask) -> None:
    """Let the worker do what time brings along."""
    (task,) = TASKS
    with app.app_context():
        task.run(task.by)
