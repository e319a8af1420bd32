"""Who may do what with a plan, and when; what a plan must contain before it is submitted stands in drafts."""

from datetime import datetime

from buurtbegroot.accounts.models import User
from buurtbegroot.accounts.policy import may_judge_work_of
from buurtbegroot.acts import By
from buurtbegroot.proposals.models import PUBLIC_STATUSES, Proposal, ProposalStatus
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.rounds.queries import standing_of


def takes_plans(round_: Round, now: datetime) -> bool:
    """Tell whether residents can submit plans to this round now."""
    return standing_of(round_, now).takes_plans


def takes_changes(round_: Round, now: datetime) -> bool:
    """Tell whether the makers of submitted plans can still change them: while submitting and while co-creating."""
    return standing_of(round_, now).takes_changes


def may_start(by: By, round_: Round) -> bool:
    """Tell whether `by` may make a plan in the round: anybody with an account, once the round is public."""
    return isinstance(by, User) and round_.published_at is not None


def is_author(by: By, proposal: Proposal) -> bool:
    """Tell whether `by` made the plan; a visitor without an account made none."""
    return isinstance(by, User) and proposal.author_id is not None and proposal.author_id == by.id


def may_read(by: By, proposal: Proposal) -> bool:
    """Tell whether `by` may see the plan: a concept is its author's alone."""
    if proposal.status not in PUBLIC_STATUSES:
        return is_author(by, proposal)
    return proposal.round.published_at is not None or may_manage(by, proposal.round)


def may_edit(by: By, proposal: Proposal, *, now: datetime) -> bool:
    """Tell whether `by` may change the plan now: the author, until somebody decided on it."""
    if not is_author(by, proposal):
        return False
    if proposal.status is ProposalStatus.CONCEPT:
        return takes_plans(proposal.round, now)
    return proposal.status is ProposalStatus.SUBMITTED and takes_changes(proposal.round, now)


def may_withdraw(by: By, proposal: Proposal) -> bool:
    """Tell whether `by` may withdraw the plan, or throw the concept away: the author, until the vote opens."""
    ended = proposal.status in {ProposalStatus.WITHDRAWN, ProposalStatus.REFUSED}
    return is_author(by, proposal) and not ended and not is_frozen(proposal.round)


def where_to_change(by: By, proposal: Proposal, now: datetime) -> str:
    """Return the path on which `by` may change the plan now, or nothing."""
    return f"{proposal.path}/wijzigen" if may_edit(by, proposal, now=now) else ""


def where_to_withdraw(by: By, proposal: Proposal, _now: datetime) -> str:
    """Return the path on which `by` may withdraw the plan now, or nothing."""
    return f"{proposal.path}/intrekken" if may_withdraw(by, proposal) else ""


def may_decide(by: By, proposal: Proposal) -> bool:
    """Tell whether `by` may admit or refuse the plan: who manages the round and did not make it, until the vote."""
    return may_manage(by, proposal.round) and is_decidable(proposal) and may_judge(by, proposal)


def may_judge(by: By, proposal: Proposal) -> bool:
    """Tell whether `by` is independent of everybody who made the plan."""
    return may_judge_work_of(by, makers_of(proposal))


def makers_of(proposal: Proposal) -> tuple[User, ...]:
    """Return everybody who made the plan; nobody whose account is gone."""
    return proposal.makers


def is_decidable(proposal: Proposal) -> bool:
    """Tell whether a decision on this plan is possible at all: it was submitted and the ballot is not frozen."""
    ended = proposal.status in {ProposalStatus.CONCEPT, ProposalStatus.WITHDRAWN}
    return not ended and not is_frozen(proposal.round)


def is_frozen(round_: Round) -> bool:
    """Tell whether the plans on the ballot are fixed: from the opening of the vote on."""
    return bool(round_.fingerprint)
