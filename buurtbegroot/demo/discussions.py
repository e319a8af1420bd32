"""What the made-up people of the sample city say about plans and rounds; all of it is made up."""

import json
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.demo.people import AUTHORS
from buurtbegroot.discussion.actions import Remark, answer, contribute, find_useful
from buurtbegroot.discussion.actions.following_up import settle_question
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import About, Stance, Thread
from buurtbegroot.proposals.models import Proposal


class MadeUp(NamedTuple):
    """Something that a resident says, how many find it useful, and what the maker answers, if anything.

    With `official` a coordinator answers too. Whoever asked a question says that the first answer will do. What is
    `taken` over of an idea is in the next version of the plan.
    """

    stance: Stance
    text: str
    useful: int = 0
    answer: str = ""
    official: str = ""
    taken: str = ""


Talk = tuple[MadeUp, ...]


def _read() -> dict[str, list[Talk]]:
    stored = json.loads(files("buurtbegroot.demo").joinpath("data/talks.json").read_text(encoding="utf-8"))
    return {
        about: [tuple(MadeUp(**each | {"stance": Stance(each["stance"])}) for each in talk) for talk in talks]
        for about, talks in stored.items()
    }


TALKS = _read()
"""What is said of plans, by their drawing, and of a round as a whole."""
TAKEN = {each.text: each.taken for talks in TALKS.values() for talk in talks for each in talk if each.taken}
"""What makers say of the ideas that they take over, by what those say."""


def talk_about(number: int, *, scene: str, every: int) -> Talk:
    """Return what is said of a plan of this number, of every so manieth one and never of all."""
    return () if number % every or number % 6 == 5 else TALKS[scene][number // 3 % 2]


def idea_of(session: Session, proposal: Proposal) -> tuple[Contribution, str] | None:
    """Return the idea about a plan that its makers took over, with what they say of that; None without one."""
    about = Thread.proposal_id == proposal.id, Contribution.stance == Stance.IDEA
    ideas = session.scalars(select(Contribution).join(Contribution.thread).where(*about).order_by(Contribution.id))
    return next(((idea, TAKEN[idea.body]) for idea in ideas if idea.body in TAKEN), None)


def say(
    session: Session, about: About, made_up: MadeUp, *, people: Mapping[str, User], turn: int, now: datetime
) -> None:
    """Let the resident whose turn it is say something, others find it useful, and those answer who would."""
    maker, official = about.proposal.author if about.proposal else None, people["samira"]
    others = [people[each.key] for each in AUTHORS if people[each.key] is not maker]
    by, *readers = [others[(turn + place) % len(others)] for place in range(len(others))]
    remark = Remark(body=made_up.text, author_name=by.name, stance=made_up.stance)
    said = contribute(session, about, remark, by=by, now=now)
    for reader in readers[: made_up.useful]:
        find_useful(session, said, by=reader, now=now)
    replies: list[Contribution] = []
    for text, speaker in ((made_up.answer, maker), (made_up.official, official)):
        if text and speaker is not None:
            remark = Remark(body=text, author_name=speaker.name)
            replies.append(answer(session, said, remark, by=speaker, now=now))
    if replies and made_up.stance is Stance.QUESTION:
        how: dict[str, Any] = {"answer_id": replies[0].id, "answered": True, "seen": said.version}
        settle_question(session, said, **how, by=by, now=now)
