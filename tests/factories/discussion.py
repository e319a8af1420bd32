"""Contributions as they are stored, without the acts that lead to them."""

from datetime import datetime
from typing import Any

from buurtbegroot.discussion.models import Contribution
from buurtbegroot.discussion.models.threads import Stance, Thread
from buurtbegroot.proposals.models import Proposal


def contribution(proposal: Proposal, *, now: datetime, **values: Any) -> Contribution:
    """Return a readable contribution about a plan, in a new discussion unless one is given; the caller adds it."""
    thread = values.pop("thread", None) or Thread(round=proposal.round, proposal=proposal)
    known: dict[str, Any] = {"shown_at": now, "stance": Stance.FOR, "author_name": "An", "body": "Mooi."}
    return Contribution(thread=thread, created_at=now, **known | values)
