"""What other rules would have given in a counted round, as the result page tells it; it counts nothing."""

from sqlalchemy.orm import Session

from buurtbegroot.proposals.queries import named_plans
from buurtbegroot.results.domain.outcome import Result
from buurtbegroot.rules.domain.alternatives import WhatIfs, alternatives


def what_ifs(session: Session, result: Result, *, asked: str) -> WhatIfs:
    """Return the rules that were compared when the round was counted; one query."""
    names = named_plans(session, result.plans)
    found = alternatives(result.figures.what_if, own=result.rules.counting, plans=names)
    return WhatIfs(
        all=list(found), asked=asked, ballots=result.document.valid_ballots, too_long=result.figures.too_long
    )
