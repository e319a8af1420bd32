"""What happens to each sample round and when, as dated steps through the actions that people use themselves."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.akkoord.models import Point
from buurtbegroot.areas.models import Area, Level
from buurtbegroot.booth.actions.opening import open_vote
from buurtbegroot.booth.dual_acts import OPEN
from buurtbegroot.box.actions.sealing import prepare_booth
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import Terms
from buurtbegroot.core.phases import Phase, Window
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.rules import Eligibility
from buurtbegroot.core.tally.presets import PRESETS
from buurtbegroot.demo.ballots import ballots_for, certify_vote, count_vote, hold_vote, register_voters
from buurtbegroot.demo.city import SampleRound, spread, windows_of
from buurtbegroot.demo.discussions import TALKS, MadeUp, Talk, idea_of, say, talk_about
from buurtbegroot.demo.people import AUTHORS
from buurtbegroot.demo.texts import Version, flavour_of, versions_of
from buurtbegroot.demo.themes import theme_of
from buurtbegroot.demo.votes import RealVote
from buurtbegroot.discussion.actions.following_up import take_over
from buurtbegroot.discussion.models.threads import About
from buurtbegroot.dual_control.actions import request_act
from buurtbegroot.proposals.actions import Verdict, decide_proposal, edit_proposal, start_proposal, submit_proposal
from buurtbegroot.proposals.domain.drafts import Draft, DraftLine
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.registry.actions.issuing import issue_codes
from buurtbegroot.registry.actions.pool import fill_pool
from buurtbegroot.registry.domain.codes import draw_codes
from buurtbegroot.rounds.actions import (
    create_round,
    publish_round,
    save_basics,
    save_points,
    save_windows,
)
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries.setup import Basics, ThemeChoice, pot_rules
from buurtbegroot.rules.actions import save_rules
from buurtbegroot.support.actions import give_support

Step = tuple[datetime, Callable[[datetime], None]]


@dataclass
class Life:
    """One sample round on its way: what it comes from, who acts, and what exists so far."""

    session: Session
    keys: KeyStore
    sample: SampleRound
    vote: RealVote
    windows: dict[Phase, Window]
    people: dict[str, User]
    round: Round
    proposals: dict[int, Proposal]
    codes: list[str]
    ks: list[bytes]

    def steps(self, today: datetime) -> Iterator[Step]:
        """Yield what has happened before today, each with its moment."""
        yield from (step for step in self._all_steps() if step[0] < today)

    def _all_steps(self) -> Iterator[Step]:
        submission, voting = self.windows[Phase.SUBMISSION], self.windows[Phase.VOTING]
        feasibility = self.windows[Phase.FEASIBILITY]
        yield submission.begins_at - timedelta(days=30), self._set_up
        gap = (submission.ends_at - submission.begins_at) / (len(self.plans) + 1)
        yield from self._talking(None, submission.begins_at, gap)
        for moment, plan in spread(self.plans, submission):
            yield moment, partial(self._submit, plan)
            yield from self._talking(plan, moment, gap * 0.9)
            if self._is_early(plan):
                yield moment + gap * 0.95, partial(self._improve, plan, 1)
        for moment, (plan, place) in spread(self._improvements, self.windows[Phase.COCREATION]):
            yield moment, partial(self._improve, plan, place)
        if self.sample.admitted:
            for moment, plan in spread(self.plans, feasibility):
                yield moment, partial(self._admit, plan)
            yield voting.begins_at - timedelta(days=1), self._open
        if self.sample.ballots:
            yield voting.ends_at + timedelta(hours=1), self._hold_vote
            yield voting.ends_at + timedelta(hours=2, days=Terms().check_days), self._certify

    def _talking(self, plan: Plan | None, begin: datetime, gap: timedelta) -> Iterator[Step]:
        talk = self._talk_about(plan) if plan else TALKS["ronde"][0]
        for place, remark in enumerate(talk, start=1):
            yield begin + gap * place / (len(talk) + 1), partial(self._talk, plan, place=place, remark=remark)

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The real plans that are in this round already."""
        return self.vote.plans[: self.sample.most_plans]

    def _set_up(self, now: datetime) -> None:
        session, by, sample = self.session, self.people["samira"], self.sample
        owner = session.get_one(Area, sample.owner)
        self.round = create_round(session, title=sample.title, owner=owner, by=by, now=now)
        self.round.slug, self.round.note = sample.slug, sample.note
        session.flush()
        save_basics(session, self.round, self._basics(), seen=self.round.version, by=by, now=now)
        save_windows(session, self.round, tuple(self.windows.values()), seen=self.round.version, by=by, now=now)
        counting = PRESETS[sample.counting] if sample.counting else self.vote.ruleset.counting
        rules = replace(
            self.vote.ruleset, counting=counting, pots=pot_rules(self.round), eligibility=Eligibility(minimum_age=12)
        )
        save_rules(session, self.round, rules, seen=self.round.version, by=by, now=now)
        points = session.scalars(select(Point).where(Point.number.in_(sample.points)).order_by(Point.number)).all()
        save_points(session, self.round, points, seen=self.round.version, by=by, now=now)
        publish_round(session, self.round, seen=self.round.version, by=self.people["joost"], now=now)

    def _basics(self) -> Basics:
        themes = dict.fromkeys(theme for plan in self.vote.plans if (theme := theme_of(plan.theme)))
        return Basics(
            title=self.sample.title,
            summary=self.sample.summary,
            contact="Bel of app 06 0000 0000, elke werkdag van 9 tot 17 uur (voorbeeld)",
            decision_url="",
            buurten=frozenset(self._buurten()),
            themes=tuple(ThemeChoice(name=name, scene=flavour_of(name).scene) for name in themes),
            pots_by=None,
            budget_cents=self.vote.ruleset.budget_cents,
            area_cents={},
        )

    def _buurten(self) -> list[str]:
        named = select(Area.code).where(Area.name == self.sample.area, Area.level != Level.BUURT)
        around = self.session.scalars(named).all()
        inside = (
            Area.parent_code.in_(around) | Area.gebied_code.in_(around) | Area.district_code.in_(around)
        ) & Area.district_code.in_([self.sample.owner])
        buurten = select(Area.code).where(Area.level == Level.BUURT, inside).order_by(Area.code)
        return list(self.session.scalars(buurten))

    def _submit(self, plan: Plan, now: datetime) -> None:
        author = self._author(plan)
        proposal = start_proposal(self.session, self.round, self._draft(plan, 0), by=author, now=now)
        proposal.scene = flavour_of(proposal.title).scene
        self.session.flush()
        submit_proposal(self.session, proposal, seen=proposal.version, by=author, now=now)
        self.proposals[plan.id] = proposal
        if not self.sample.admitted:  # on a ballot it is no longer told
            for each in AUTHORS[: plan.id % len(AUTHORS)]:  # the author comes after them
                give_support(self.session, proposal, by=self.people[each.key], now=now)

    def _talk_about(self, plan: Plan) -> Talk:
        every = 6 if self.sample.ballots else 3 if self.sample.admitted else 1
        return talk_about(plan.id, scene=flavour_of(self._title(plan)).scene, every=every)

    def _is_early(self, plan: Plan) -> bool:
        return plan.id % 4 == 1 and any(each.taken for each in self._talk_about(plan))

    def _talk(self, plan: Plan | None, now: datetime, *, place: int, remark: MadeUp) -> None:
        about = About(self.round, self.proposals[plan.id] if plan else None)
        say(self.session, about, remark, people=self.people, turn=place + (plan.id if plan else 0), now=now)

    @property
    def _improvements(self) -> tuple[tuple[Plan, int], ...]:
        """Each plan with the places of its later versions, told before there is a round."""
        named = ((plan, versions_of(self._title(plan), plan.cost_cents, buurt="")) for plan in self.plans)
        return tuple(
            (plan, place) for plan, versions in named for place in range(1 + self._is_early(plan), len(versions))
        )

    def _improve(self, plan: Plan, place: int, now: datetime) -> None:
        proposal, draft = self.proposals[plan.id], self._draft(plan, place)
        edit_proposal(self.session, proposal, draft, seen=proposal.version, by=self._author(plan), now=now)
        if place == 1 and (found := idea_of(self.session, proposal)):
            idea, words = found
            about: dict[str, Any] = {"version": 2, "words": words, "seen": idea.version}
            take_over(self.session, idea, **about, by=self._author(plan), now=now)

    def _author(self, plan: Plan) -> User:
        return self.people[AUTHORS[plan.id % len(AUTHORS)].key]

    def _versions(self, plan: Plan) -> list[Version]:
        """Return the plan as its makers improved it, from what they submitted to what it is."""
        buurt, least = self._buurt(plan), self.vote.ruleset.plan_cost.min_cents or 0
        name = buurt.name if buurt else self.sample.area
        return versions_of(self._title(plan), plan.cost_cents, buurt=name, least=least)

    def _title(self, plan: Plan) -> str:
        return self.vote.names[plan.id][:120]

    def _buurt(self, plan: Plan) -> Area | None:
        return self.round.buurten[plan.id % len(self.round.buurten)] if plan.id % 2 else None

    def _draft(self, plan: Plan, place: int) -> Draft:
        """Return a version of a plan, counted from 0."""
        title, theme, buurt = self._title(plan), theme_of(plan.theme), self._buurt(plan)
        version = self._versions(plan)[place]
        taken = [each.taken for each in self._talk_about(plan) if each.taken and place]
        return Draft(
            title=title,
            summary=flavour_of(title).summary,
            body="\n\n".join([version.story, *(f"## Dit namen wij over\n\n{words}" for words in taken)]),
            theme=next((each for each in self.round.themes if each.name == theme), None),
            buurt=buurt,
            author_name=self._author(plan).name,
            lines=tuple(DraftLine(what=what, quantity=1, unit_cents=cents) for what, cents in version.lines),
            point_ids=frozenset({self.round.points[plan.id % len(self.round.points)].id}),
        )

    def _admit(self, plan: Plan, now: datetime) -> None:
        verdict = Verdict(admitted=True, reason="Dit plan kan. (voorbeeld)", cost_cents=plan.cost_cents)
        found, by = self.proposals[plan.id], self.people["joost"]
        decide_proposal(self.session, found, verdict, seen=found.version, by=by, now=now)

    def _open(self, now: datetime) -> None:
        session, by = self.session, self.people["samira"]
        booth = prepare_booth(session, self.round, keys=self.keys, by=by)
        if self.sample.ballots:
            self.ks = register_voters(session, self.round, self.vote.voters, by=by, now=now)
        else:
            self.codes = issue_codes(session, self.round, count=self.sample.codes, by=by, now=now)
        if self.sample.pool:
            waiting = draw_codes(self.sample.pool, round_id=self.round.id, salt=booth.salt)
            fill_pool(session, self.round, waiting, keys=self.keys, by=by, now=now)
        asked = request_act(session, OPEN, self.round, by=by, now=now)
        open_vote(session, self.round, seen=asked.fingerprint, keys=self.keys, by=self.people["joost"], now=now)

    def _hold_vote(self, now: datetime) -> None:
        ballots = ballots_for(self.vote, numbers={plan: proposal.id for plan, proposal in self.proposals.items()})
        hold_vote(self.session, self.round, ballots, ks=self.ks, keys=self.keys)
        count_vote(self.session, self.round, keys=self.keys, two=self._two, now=now)

    def _certify(self, now: datetime) -> None:
        certify_vote(self.session, self.round, keys=self.keys, two=self._two, now=now)

    @property
    def _two(self) -> tuple[User, User]:
        return self.people["samira"], self.people["joost"]


def life_of(
    session: Session, sample: SampleRound, vote: RealVote, *, keys: KeyStore, people: dict[str, User], today: datetime
) -> Life:
    """Return the life of a sample round that has not begun."""
    windows = {window.phase: window for window in windows_of(sample, today)}
    return Life(session, keys, sample, vote, windows, people, Round(), {}, [], [])
