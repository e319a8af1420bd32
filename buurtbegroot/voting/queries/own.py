"""What the vote keeps of who has an account: that they drew a code, as those may read it themselves."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.rooms import Subject
from buurtbegroot.rounds.models import Round
from buurtbegroot.voting.models import PoolDraw


def own_draws(session: Session, subject: Subject) -> object:
    """Return in which rounds a person drew a code, and on which day.

    Only the key of a round tells whose draw is whose. Where it is not on this machine the day is None and nobody knows.
    """
    keys = KeyStore.from_config(subject.settings)
    anybody = select(Round.id, Round.slug).where(exists().where(PoolDraw.round_id == Round.id)).order_by(Round.id)
    found = []
    for round_id, slug in session.execute(anybody):
        if not keys.exists(round_id):
            found.append({"round": slug, "drew": "unknown", "day": None})
        elif draw := session.get(PoolDraw, (round_id, keys.load(round_id).account_mark(subject.email))):
            found.append({"round": slug, "drew": "yes", "day": draw.day.isoformat()})
    return found
