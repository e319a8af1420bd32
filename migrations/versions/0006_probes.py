"""What would have been enough for a plan that lost: a column that may be filled in once, also after certification."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CERTIFIED = "EXISTS (SELECT 1 FROM round WHERE round.id = OLD.round_id AND round.certified_at IS NOT NULL)"
KEPT = ("round_id", "proposal_id", "votes", "rank", "verdict", "awarded_cents", "why")
CHANGED = " OR ".join(f"CAST(NEW.{one} AS TEXT) IS DISTINCT FROM CAST(OLD.{one} AS TEXT)" for one in KEPT)
REFUSAL = "final: the outcome of this round is certified"
TRIGGER = "CREATE TRIGGER guard_plan_result_update BEFORE UPDATE ON plan_result"
EURO = 100

RESULTS = sa.table(
    "plan_result",
    sa.column("round_id"),
    sa.column("proposal_id"),
    sa.column("why", sa.JSON(none_as_null=True)),
    sa.column("probe", sa.JSON(none_as_null=True)),
)


def upgrade() -> None:
    """Add the column, and move to it what stood among the reasons; there both numbers were exact."""
    op.add_column("plan_result", sa.Column("probe", sa.JSON(none_as_null=True), nullable=True))
    _drop_guard()
    _rewrite(_moved)
    _guard(f"({CHANGED} OR OLD.probe IS NOT NULL) AND {CERTIFIED}")


def downgrade() -> None:
    """Put exact numbers back among the reasons; what is only known in part is lost."""
    _drop_guard()
    _rewrite(_moved_back)
    op.drop_column("plan_result", "probe")
    _guard(CERTIFIED)


def _rewrite(moved: Callable[[dict[str, Any], Any], dict[str, Any]]) -> None:
    bind = op.get_bind()
    for row in bind.execute(sa.select(RESULTS).where(RESULTS.c.why.is_not(None))).all():
        here = (RESULTS.c.round_id == row.round_id) & (RESULTS.c.proposal_id == row.proposal_id)
        bind.execute(RESULTS.update().where(here).values(**moved(row.why, row.probe)))


def _moved(why: dict[str, Any], _probe: Any) -> dict[str, Any]:
    cheaper, more = why.pop("cheaper_by_cents", None), why.pop("more_votes", None)
    if cheaper is None or more is None:  # worked out anew by `tally explain`
        return {"why": why}
    probe = {
        "cheaper": {"too_little": cheaper - EURO, "enough": cheaper},
        "more_votes": {"too_little": more - 1, "enough": more},
    }
    return {"why": why, "probe": probe}


def _moved_back(why: dict[str, Any], probe: Any) -> dict[str, Any]:
    names = {"cheaper_by_cents": ("cheaper", EURO), "more_votes": ("more_votes", 1)}
    found = {name: probe[part] if probe else {} for name, (part, _step) in names.items()}
    return {"why": why | {name: _exact(one, names[name][1]) for name, one in found.items()}}


def _exact(change: dict[str, Any], step: int) -> int | None:
    enough: int | None = change.get("enough")
    return enough if enough is not None and enough - change["too_little"] == step else None


def _drop_guard() -> None:
    on = " ON plan_result" if op.get_bind().dialect.name == "postgresql" else ""
    op.execute(f"DROP TRIGGER guard_plan_result_update{on}")


def _guard(when: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.get_bind().exec_driver_sql(f"{TRIGGER} WHEN {when} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END")
        return
    op.get_bind().exec_driver_sql(
        "CREATE OR REPLACE FUNCTION guard_plan_result_update() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {when} THEN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
    )
    op.get_bind().exec_driver_sql(f"{TRIGGER} FOR EACH ROW EXECUTE FUNCTION guard_plan_result_update()")
