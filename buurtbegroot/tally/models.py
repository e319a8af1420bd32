"""Tables of the count: opened ballots, nullifiers, the outcome and its certificate."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from buurtbegroot.database import Cents, Model
from buurtbegroot.guards import Guard, any_changed, attach_guards, round_has
from buurtbegroot.rounds.models import Round
from buurtbegroot.vouching import Part, vouch


class OpenedBallot(Model):
    """A ballot after closing: its tracker and choices, tied to no voter; SQLite keeps the rows by tracker."""

    __tablename__ = "opened_ballot"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    tracker: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    choices: Mapped[list[int]] = mapped_column(JSON)
    blind: Mapped[bytes] = mapped_column(LargeBinary(32))


class Nullifier(Model):
    """The nullifier of a counted ballot, in sorted order and joined to none."""

    __tablename__ = "nullifier"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    nullifier: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)


class Tally(Model):
    """The count of a round: how many envelopes, how many ballots count, and the whole trace with its hash.

    `opened` counts the envelopes looked at and `opened_at` is when all of them were. `closing` is the SHA-256 of the
    closing note, and `left_out` says what of the envelopes does not count, as opening.LeftOut. `is_small` when fewer
    ballots are valid than the manifest asks for: then totals and outcome alone are public. `trace` is canonical JSON
    and `trace_hash` its SHA-256. `figures` holds what a page must not compute again: counting.Figures, and beside
    it explaining.flows. `bundle` is the SHA-256 of the bundle once it was made, and `faults` has what the published
    checks find wrong with it: the check, the fault and what it is about. `loss_reason` is why two people certified
    although sealed envelopes are gone.
    """

    __tablename__ = "tally"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    envelopes: Mapped[int]
    opened: Mapped[int] = mapped_column(default=0)
    closing: Mapped[str] = mapped_column(String(64), default="")
    left_out: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    valid_ballots: Mapped[int] = mapped_column(default=0)
    is_small: Mapped[bool] = mapped_column(default=False)
    spent_cents: Mapped[Cents] = mapped_column(default=0)
    left_cents: Mapped[Cents] = mapped_column(default=0)
    trace: Mapped[str] = mapped_column(Text, default="")
    trace_hash: Mapped[str] = mapped_column(String(64), default="")
    opened_at: Mapped[datetime | None]
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    counted_at: Mapped[datetime | None]
    bundle: Mapped[str] = mapped_column(String(64), default="")
    faults: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    loss_reason: Mapped[str] = mapped_column(String(300), default="")
    recounts: Mapped[int] = mapped_column(default=0)
    recounted_at: Mapped[datetime | None]
    destroyed_at: Mapped[datetime | None]


class PlanResult(Model):
    """What the count did with one plan; the certified outcome, never a running total.

    `why` is what a page needs to explain it, as explaining.Why; None for counts of before that was kept. `probe` is
    what would have been enough for a plan that lost, as probes.Probe; None as long as that is not worked out.
    """

    __tablename__ = "plan_result"
    __table_args__ = (Index("ix_plan_result_proposal_id", "proposal_id"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    votes: Mapped[int]
    rank: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(30))
    awarded_cents: Mapped[Cents] = mapped_column(default=0)
    why: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    probe: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


# What no program can change any more once the outcome of a round is certified.
CERTIFIED = "round.certified_at IS NOT NULL"
REFUSAL = "final: the outcome of this round is certified"
TALLY_COLUMNS = (
    "round_id",
    "envelopes",
    "opened",
    "closing",
    "left_out",
    "valid_ballots",
    "is_small",
    "spent_cents",
    "left_cents",
    "trace",
    "trace_hash",
    "opened_at",
    "figures",
    "counted_at",
    "bundle",
    "faults",
    "loss_reason",
)
PLAN_COLUMNS = ("round_id", "proposal_id", "votes", "rank", "verdict", "awarded_cents", "why")
"""All but `probe`, which may be worked out later than the round is certified, but only once."""
TABLES = ("opened_ballot", "nullifier", "plan_result")


# The ballots of a small vote go with its secrets.
KEPT = "NOT EXISTS (SELECT 1 FROM tally WHERE round_id = OLD.round_id AND is_small AND destroyed_at IS NOT NULL) AND "


def _guard(table: str, act: str, *, also: str = "") -> Guard:
    row = "NEW" if act == "INSERT" else "OLD"
    return Guard(table, act, also + round_has(CERTIFIED, row), REFUSAL)


GUARDS = (
    *(_guard(table, "INSERT") for table in TABLES),
    _guard("opened_ballot", "DELETE", also=KEPT),
    _guard("nullifier", "DELETE", also=KEPT),
    _guard("plan_result", "DELETE"),
    _guard("opened_ballot", "UPDATE"),
    _guard("nullifier", "UPDATE"),
    _guard("plan_result", "UPDATE", also=f"({any_changed(PLAN_COLUMNS, as_text=True)} OR OLD.probe IS NOT NULL) AND "),
    _guard("tally", "UPDATE", also=f"{any_changed(TALLY_COLUMNS, as_text=True)} AND "),
    _guard("tally", "DELETE"),
)

attach_guards(Model.metadata, GUARDS)
_IS_CERTIFIED = select(Round.id).where(Round.certified_at.is_not(None))
_IS_COUNTED = select(Tally.round_id).where(Tally.counted_at.is_not(None))
vouch(
    Model.metadata,
    # The bundle is made, and made again, after the count and before the certificate: that tells which one it is.
    Part(
        kind="round",
        table=Tally.__table__,
        key="round_id",
        without=("bundle", "faults"),
        where=Tally.counted_at.is_not(None),
    ),
    Part(
        kind="round",
        table=Tally.__table__,
        key="round_id",
        only=("round_id", "bundle", "faults"),
        where=Tally.round_id.in_(_IS_CERTIFIED),
    ),
    # `probe` is worked out plan by plan; a guard lets it be written once.
    Part(
        kind="round",
        table=PlanResult.__table__,
        key="round_id",
        without=("probe",),
        where=PlanResult.round_id.in_(_IS_COUNTED),
    ),
)
