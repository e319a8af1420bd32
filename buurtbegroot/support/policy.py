"""Who may support a plan, and when."""

from datetime import datetime

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import By
from buurtbegroot.proposals.models import PUBLIC_STATUSES, Proposal, ProposalStatus
from buurtbegroot.rounds.queries import standing_of

SUPPORTED = {ProposalStatus.SUBMITTED, ProposalStatus.ADMITTED}


def may_support(by: By, proposal: Proposal) -> bool:
    """Tell whether `by` may support public plans like this one: anybody with an account."""
    return isinstance(by, User) and proposal.status in PUBLIC_STATUSES and proposal.round.published_at is not None


def takes_support(proposal: Proposal, now: datetime) -> bool:
    """Tell whether support for the plan can be given and taken back now: as long as plans can still change."""
    return proposal.status in SUPPORTED and standing_of(proposal.round, now).takes_changes
