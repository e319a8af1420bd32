"""The rooms of the house, the process first, then what it stands on: in this order they come in every menu and list."""

from buurtbegroot.accounts import room as accounts
from buurtbegroot.akkoord import room as akkoord
from buurtbegroot.archive import room as archive
from buurtbegroot.areas import room as areas
from buurtbegroot.audit import room as audit
from buurtbegroot.booth import room as booth
from buurtbegroot.box import room as box
from buurtbegroot.database import Model
from buurtbegroot.datasets import room as datasets
from buurtbegroot.demo import room as demo
from buurtbegroot.discussion import room as discussion
from buurtbegroot.dual_control import room as dual_control
from buurtbegroot.exports import room as exports
from buurtbegroot.figures import room as figures
from buurtbegroot.limits import room as limits
from buurtbegroot.mail import room as mail
from buurtbegroot.moderation import room as moderation
from buurtbegroot.notices import room as notices
from buurtbegroot.pages import room as pages
from buurtbegroot.population import room as population
from buurtbegroot.proposals import room as proposals
from buurtbegroot.purging import keep_out_of_statistics
from buurtbegroot.registry import room as registry
from buurtbegroot.results import room as results
from buurtbegroot.revisions import room as revisions
from buurtbegroot.rooms import Room
from buurtbegroot.rounds import room as rounds
from buurtbegroot.rules import room as rules
from buurtbegroot.support import room as support
from buurtbegroot.tally import room as tally
from buurtbegroot.waiting import room as waiting
from buurtbegroot.work import room as work
from buurtbegroot.worklist import room as worklist

ROOMS: tuple[Room, ...] = (
    rounds.ROOM,
    rules.ROOM,
    proposals.ROOM,
    revisions.ROOM,
    support.ROOM,
    discussion.ROOM,
    box.ROOM,
    registry.ROOM,
    booth.ROOM,
    tally.ROOM,
    results.ROOM,
    notices.ROOM,
    worklist.ROOM,
    archive.ROOM,
    datasets.ROOM,
    figures.ROOM,
    population.ROOM,
    exports.ROOM,
    moderation.ROOM,
    audit.ROOM,
    dual_control.ROOM,
    waiting.ROOM,
    accounts.ROOM,
    akkoord.ROOM,
    areas.ROOM,
    limits.ROOM,
    mail.ROOM,
    work.ROOM,
    pages.ROOM,
    demo.ROOM,
)

keep_out_of_statistics(Model.metadata, (column for room in ROOMS for each in room.kept for column in each.columns))
