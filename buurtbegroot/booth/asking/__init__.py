"""One visit to the booth of a round: what its pages share, from address, cookies and database; no page lives here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, wraps

from flask import abort, current_app, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from buurtbegroot.acts import insist
from buurtbegroot.booth import words
from buurtbegroot.booth.actions.casting import CastFault
from buurtbegroot.booth.asking.cookies import Kept, Voter, kept_basket, mark_of, remembered_voter
from buurtbegroot.booth.domain import Basket, basket_of
from buurtbegroot.booth.forms import CodeForm
from buurtbegroot.booth.queries import ListedPlan, VotingRound, area_names, listed_plans, voting_round
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import BallotPaper, round_name
from buurtbegroot.box.queries import booth_of, paper_of, revision_at, withdrawn_plans
from buurtbegroot.core.credentials import CodeError, commitment, locator, nullifier
from buurtbegroot.core.plans import Grouping
from buurtbegroot.core.standing import Stage
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.limits import asking as limits
from buurtbegroot.registry.actions.pool import PoolFault
from buurtbegroot.registry.domain.codes import key_of
from buurtbegroot.registry.models import CodeStatus
from buurtbegroot.registry.queries import code_status
from buurtbegroot.registry.words import mistyped
from buurtbegroot.web.clock import now
from buurtbegroot.web.pagination import ORDER, shuffle_number
from buurtbegroot.web.refusals import on_refusal
from buurtbegroot.web.transaction import repeatable

PAST = {Stage.ENDED, Stage.COUNTING, Stage.NO_BALLOTS, Stage.RESULT, Stage.NOT_HELD}


@dataclass(frozen=True)
class Visit:
    """A visitor in the booth of an open round at one moment."""

    round: VotingRound
    now: datetime

    @cached_property
    def url(self) -> str:
        """The address of the ballot page."""
        return url_for("booth.choose", slug=self.round.slug, _external=False)

    @cached_property
    def paper(self) -> BallotPaper:
        """The frozen ballot paper."""
        return paper_of(db.session(), self.round.id, bytes.fromhex(self.round.fingerprint))

    @cached_property
    def order(self) -> int:
        """The number of the shuffled order: that of the address, or else the one that this browser began with."""
        number = shuffle_number()
        return number if ORDER in request.args else int(session.setdefault(ORDER, number))

    @cached_property
    def plans(self) -> list[ListedPlan]:
        """The plans on the ballot in the order of this page."""
        return listed_plans(db.session(), self.round, seed=self.order)

    @cached_property
    def titles(self) -> dict[int, str]:
        """The titles of the plans by id."""
        return {plan.id: plan.title for plan in self.plans}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What to call the groups that the ballot has bounds for; themes are their own names."""
        ballot = self.paper.rules.ballot
        return area_names(db.session(), ballot.per_group) if ballot.grouping is Grouping.AREA else {}

    @cached_property
    def basket(self) -> Basket:
        """What the visitor has chosen so far."""
        return basket_of(self.paper, self.kept.choices, withdrawn=self.withdrawn)

    @cached_property
    def kept(self) -> Kept:
        """What this browser keeps of the choice; nothing of a choice that was made with another code."""
        kept = kept_basket(self.round)
        return Kept() if self.voter and kept.of not in {"", mark_of(self.voter.k)} else kept

    @property
    def mark(self) -> str:
        """Whose choice this is: that of the code that is here, or else of the one that was."""
        return mark_of(self.voter.k) if self.voter else self.kept.of

    @property
    def withdrawn(self) -> Mapping[int, str]:
        """The plans that can no longer be chosen, by id, and why; read anew each time."""
        return withdrawn_plans(current_app.config, self.round.id)

    @cached_property
    def voter(self) -> Voter | None:
        """Whose code this browser still keeps."""
        return remembered_voter(self.round.id, now=self.now)

    @property
    def has_code(self) -> bool:
        """Whether this browser still keeps a code."""
        return self.voter is not None

    @property
    def is_done(self) -> bool:
        """Whether the code that this browser keeps voted here, and nobody asked to choose anew."""
        return self.voter is not None and self.voter.is_done

    @cached_property
    def revision(self) -> int:
        """Which ballot of this voter lies in the box, from 1; 0 for none, or as long as no code was entered."""
        if self.voter is None:
            return 0
        link_key = KeyStore.from_config(current_app.config).load(self.round.id).link_key
        return revision_at(db.session(), self.round.id, locator(link_key, self.voter.k))

    def chosen(self, basket: Basket) -> list[ListedPlan]:
        """Return the plans in a basket as pages show them, in the order of choosing."""
        by_id = {plan.id: plan for plan in self.plans}
        return [by_id[plan.id] for plan in basket.plans]


def visit(slug: str) -> Visit:
    """Return a visit to the booth; 404 for an unknown round; refused outside its time, then and later."""
    round_, moment = voting_round(db.session(), slug) or abort(404), now()
    on_refusal(lambda _refusal: _closed_page(round_), only={CastFault.BOX_CLOSED, PoolFault.CLOSED})
    insist(round_.standing(moment).takes_votes, CastFault.BOX_CLOSED)
    return Visit(round_, moment)


def _closed_page(round_: VotingRound) -> ResponseReturnValue:
    """Say since or until when the booth is shut; 410 once the vote is over."""
    standing = round_.standing(now())
    is_past = standing.stage in PAST
    status = 410 if is_past else 409 if request.method == "POST" else 200
    return render_template("booth/_closed.html", round=round_, standing=standing, is_past=is_past), status


def accepted_key(form: CodeForm, round_id: int) -> bytes | None:
    """Return the key of the code in a form, or None with the reason at its field.

    An unknown, a void and a spare code and one of another round take the same time and get the same words. Each of them
    counts for the network, and after too many the answer is 429; good codes and typing errors do not count.
    """
    booth = booth_of(db.session(), round_id) or abort(404)
    try:
        k = key_of(form.stemcode.data or "", booth.salt)
    except CodeError as error:
        form.stemcode.errors = [mistyped(error)]
        return None
    tries = limits.of_network("codes", rates=current_app.config["CODE_TRIES"])
    limits.check(tries)
    if code_status(db.session(), round_id, commitment(round_name(round_id), nullifier(k))) is CodeStatus.ACTIVE:
        return k
    limits.count_failure(tries)
    form.stemcode.errors = [words.unknown_code()]
    return None


def reads_only(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Let a POST that writes nothing to the database leave the database's one writing place to others."""

    @repeatable
    @wraps(view)
    def reading(*args: object, **kwargs: object) -> ResponseReturnValue:
        with writing(False):
            return view(*args, **kwargs)

    return reading
