"""Plans in a round, and what a resident types to make one."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import User
from buurtbegroot.proposals.domain.drafts import Draft, DraftLine, search_text
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.rounds.models import Round


def plan(
    session: Session,
    round_: Round,
    *,
    now: datetime,
    cents: int = 10_000,
    status: ProposalStatus = ProposalStatus.ADMITTED,
    author: User | None = None,
    title: str = "",
    buurt: str | None = "EA01",
) -> Proposal:
    """Return a plan with the next number of the round (0 for a concept), in its first theme."""
    last = session.scalar(select(func.max(Proposal.number)).where(Proposal.round_id == round_.id)) or 0
    number = 0 if status is ProposalStatus.CONCEPT else last + 1
    title = title or f"Plan {number}"
    found = Proposal(
        round_id=round_.id,
        number=number,
        title=title,
        summary=f"Wat plan {number} doet.",
        search=search_text(title, f"Wat plan {number} doet.", ""),
        theme=round_.themes[0],
        buurt_code=buurt,
        author=author,
        author_name="Een bewoner",
        status=status,
        estimate_cents=cents,
        cost_cents=cents if status is ProposalStatus.ADMITTED else 0,
        created_at=now,
        changed_at=now,
        submitted_at=None if status is ProposalStatus.CONCEPT else now,
    )
    session.add(found)
    session.flush()
    return found


def draft(round_: Round, **changes: Any) -> Draft:
    """Return a draft of € 300 that lacks nothing."""
    values: dict[str, Any] = {
        "title": "Nestkastjes in het plantsoen",
        "summary": "Kastjes voor mussen.",
        "body": "Wij hangen **tien** kastjes op.",
        "theme": round_.themes[0],
        "buurt": round_.buurten[0],
        "place": "Plantsoen",
        "author_name": "Bewonersgroep",
        "lines": (
            DraftLine(what="Kastje", quantity=10, unit_cents=2_500),
            DraftLine(what="Ladder", quantity=1, unit_cents=5_000),
        ),
    }
    return Draft(**values | changes)


def typed(round_: Round, **changes: Any) -> dict[str, Any]:
    """Return the fields of the form for a plan of € 300 that lacks nothing."""
    fields: dict[str, Any] = {
        "title": "Nestkastjes in het plantsoen",
        "summary": "Kastjes voor mussen.",
        "body": "Wij hangen **tien** kastjes op.",
        "theme": str(round_.themes[0].id),
        "buurt": "EA01",
        "place": "Plantsoen",
        "help_wanted": "",
        "author_name": "Bewonersgroep",
        "lines-0-what": "Kastje",
        "lines-0-quantity": "10",
        "lines-0-unit_cents": "25",
        "lines-0-source": "Tuincentrum",
        "lines-1-what": "Ladder",
        "lines-1-quantity": "1",
        "lines-1-unit_cents": "50,00",
        "lines-1-source": "",
        "actie": "verder",
    }
    return fields | changes
