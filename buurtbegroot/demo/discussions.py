"""What the made-up people of the sample city say about plans; all of it is made up."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.discussion.actions import Remark, answer, contribute, find_useful
from buurtbegroot.discussion.actions.following_up import settle_question
from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import About, Stance, Thread
from buurtbegroot.proposals.models import Proposal


class MadeUp(NamedTuple):
    """Something that a resident says of a plan, how many find it useful, and what the maker answers, if anything.

    With `official` a coordinator answers too; with `settled` whoever asked says that the answer will do.
    """

    stance: Stance
    text: str
    useful: int = 0
    answer: str = ""
    official: str = ""
    settled: bool = False


TALKS: tuple[tuple[MadeUp, ...], ...] = (
    (
        MadeUp(
            Stance.QUESTION,
            "Blijft er genoeg stoep over voor een rolstoel of een kinderwagen?",
            5,
            "Ja. Wij laten overal 1,80 meter vrij.",
            "1,80 meter is ook wat de gemeente vraagt. Bij de controle kijken wij dit na.",
            settled=True,
        ),
        MadeUp(Stance.FOR, "Hier loop ik elke dag langs. Het wordt er **veel fijner** van.", 7),
        MadeUp(Stance.IDEA, "Vraag de school om mee te doen. Kinderen zijn dan trots en maken niets stuk.", 4),
        MadeUp(Stance.AGAINST, "Wie betaalt het onderhoud na het eerste jaar?", 3, "Dat doen wij zelf."),
    ),
    (
        MadeUp(Stance.QUESTION, "Wanneer zou dit klaar zijn? Mijn dochter hoopt voor de zomer.", 2),
        MadeUp(Stance.FOR, "Mooi plan. Ik help graag een zaterdag mee.", 6, "Fijn! Wij nemen contact op."),
    ),
    (
        MadeUp(Stance.AGAINST, "Dit trekt ook mensen uit andere buurten. Het is hier al zo druk.", 2),
        MadeUp(Stance.FOR, "Juist gezellig als er meer mensen komen.", 1),
        MadeUp(
            Stance.QUESTION,
            "Kan het ook iets kleiner? Dan blijft er geld over voor een ander plan.",
            3,
            "Dat zoeken wij uit. De helft kan ook al helpen.",
        ),
        MadeUp(Stance.IDEA, "Zet er een bankje bij, met een leuning. Dan kan ik ook komen.", 8),
        MadeUp(Stance.FOR, "Mijn buurvrouw en ik zijn voor.", 0),
        MadeUp(Stance.FOR, "Zo leer je elkaar kennen. Dat mis ik in deze straat.", 5),
    ),
    (MadeUp(Stance.IDEA, "Misschien wil de buurtwinkel sponsoren. Ik kan het vragen.", 2, "Heel graag!"),),
)


def talk_about(number: int) -> tuple[MadeUp, ...]:
    """Return what is said of the plan of this number: of every third one something."""
    return TALKS[number // 3 % len(TALKS)] if number % 3 == 0 else ()


def first_idea(session: Session, proposal: Proposal) -> Contribution | None:
    """Return the first idea that somebody had about a plan, if anybody had one."""
    about = Thread.proposal_id == proposal.id, Contribution.stance == Stance.IDEA
    rows = select(Contribution).join(Contribution.thread).where(*about)
    return session.scalars(rows.order_by(Contribution.id)).first()


def say(
    session: Session, proposal: Proposal, made_up: MadeUp, *, people: Sequence[User], official: User, now: datetime
) -> None:
    """Let the first of these people say something of a plan, others find it useful, and those answer who would."""
    by, about = people[0], About(proposal.round, proposal)
    remark = Remark(body=made_up.text, author_name=by.name, stance=made_up.stance)
    said = contribute(session, about, remark, by=by, now=now)
    for reader in people[1 : made_up.useful + 1]:
        find_useful(session, said, by=reader, now=now)
    for text, speaker in ((made_up.answer, proposal.author), (made_up.official, official)):
        if text and speaker is not None:
            reply = answer(session, said, Remark(body=text, author_name=speaker.name), by=speaker, now=now)
            if made_up.settled and text == made_up.answer:
                how: dict[str, Any] = {"answer_id": reply.id, "answered": True, "seen": said.version}
                settle_question(session, said, **how, by=by, now=now)
