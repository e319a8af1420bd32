"""Pages of the versions of a plan: all of them, and what differs between two."""

from collections.abc import Sequence

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from buurtbegroot.accounts.asking import who
from buurtbegroot.extensions import db
from buurtbegroot.proposals.domain.drafts import Content
from buurtbegroot.proposals.models import PUBLIC_STATUSES, Proposal
from buurtbegroot.proposals.models.changes import ProposalRevision
from buurtbegroot.proposals.policy import may_read
from buurtbegroot.proposals.queries import LARGEST_NUMBER, proposal_by_id
from buurtbegroot.proposals.queries.facts import number_of_revisions, revision_of, revisions_of
from buurtbegroot.proposals.words import in_words
from buurtbegroot.revisions import words
from buurtbegroot.revisions.domain.plans import difference
from buurtbegroot.revisions.domain.texts import Block, Kind
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.locale import NAMES
from buurtbegroot.web.markdown import readable_lines
from buurtbegroot.web.pagination import Page, page_number

bp = Blueprint("revisions", __name__)

SIZE = 24
LISTED = 6  # beside a difference
CHOICES = 50  # that one can compare with; an address takes any


@bp.get("/plannen/<int:proposal_id>/versies")
@admits(Audience.EVERYONE)
def index(proposal_id: int) -> ResponseReturnValue:
    """Show all versions of a plan, the newest first."""
    proposal = _readable(proposal_id)
    number, total = page_number(), number_of_revisions(db.session(), proposal.id)
    rows = revisions_of(db.session(), proposal.id, most=SIZE, skipped=(number - 1) * SIZE)
    page = Page(rows=rows, number=number, size=SIZE, total=total)
    return render_template("revisions/index.html", proposal=proposal, page=page, in_words=in_words)


@bp.get("/plannen/<int:proposal_id>/versies/vergelijk")
@admits(Audience.EVERYONE)
def compare(proposal_id: int) -> ResponseReturnValue:
    """Lead to the page of the two versions that were chosen."""
    proposal = _readable(proposal_id)
    number, other = (_number(request.args.get(name, "")) or abort(404) for name in ("naar", "van"))
    return redirect(url_for("revisions.show", proposal_id=proposal.id, number=number, met=other), 303)


@bp.get("/plannen/<int:proposal_id>/versies/<int:number>")
@admits(Audience.EVERYONE)
def show(proposal_id: int, number: int) -> ResponseReturnValue:
    """Show what changed in a version since the one before, or since the one that `met` names."""
    proposal = _readable(proposal_id)
    revision = _revision(proposal, number)
    asked = request.args.get("met")
    other = _revision(proposal, _number(asked)) if asked else _revision(proposal, number - 1) if number > 1 else None
    after, before = _content(revision), _content(other) if other else None
    return render_template(
        "revisions/show.html",
        proposal=proposal,
        revision=revision,
        other=other,
        content=after,
        found=difference(before, after, read=_blocks) if before and after else None,
        choices=revisions_of(db.session(), proposal.id, most=CHOICES),
        listed=LISTED,
        is_next=other is None or other.number == number - 1,
        words=words,
        language_names=NAMES,
    )


def _readable(proposal_id: int) -> Proposal:
    proposal = proposal_by_id(db.session(), proposal_id)
    is_public = proposal is not None and proposal.status in PUBLIC_STATUSES
    return proposal if proposal and is_public and may_read(who(), proposal) else abort(404)


def _revision(proposal: Proposal, number: int) -> ProposalRevision:
    return revision_of(db.session(), proposal.id, number) or abort(404)


def _number(text: str) -> int:
    """Read the number of a version from an address; 0, which none has, when it is none."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 11 else 0
    return number if number <= LARGEST_NUMBER else 0


def _content(revision: ProposalRevision) -> Content | None:
    """Return what everyone may read of a version; None while its words are hidden."""
    document = revision.content
    return Content.read(document, author_name=revision.author_name) if document else None


def _blocks(text: str) -> Sequence[Block]:
    return [Block(Kind(kind), line) for kind, line in readable_lines(text)]
