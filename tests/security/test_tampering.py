"""Whoever changes the public record behind the program's back is refused by the database or found by `audit verify`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Column, Enum, Table, UniqueConstraint, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.akkoord.actions import record_figure, record_status
from buurtbegroot.akkoord.models import Milestone, Point, Standing
from buurtbegroot.audit.actions.signing import sign_log
from buurtbegroot.audit.models import AuditCheckpoint, AuditCosignature
from buurtbegroot.audit.queries.verification import verify_log
from buurtbegroot.database import Model
from buurtbegroot.discussion.models import EarlierText
from buurtbegroot.guards import drop_guards, make_guards
from buurtbegroot.house import ROOMS
from buurtbegroot.population.models import PopulationFile, PopulationRow
from buurtbegroot.proposals.models import CostLine, Decision, Proposal
from buurtbegroot.proposals.models.changes import ProposalRevision
from buurtbegroot.registry.models import CodeBatch, CodePool, CodeVoid, PoolDraw, RegisteredCode
from buurtbegroot.vouching import parts_in
from tests.conftest import NOW
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.akkoord import small_accord
from tests.factories.areas import small_city
from tests.factories.audit import vouch_for_all
from tests.factories.discussion import contribution
from tests.factories.dual_control import agreed
from tests.factories.tally import open_vote

assert ROOMS
NO_RECORD = {
    "attempt": "a try that counts against a limit, for a day",
    "waiting_form": "what a visitor wrote, until they open the link in their mail; theirs alone, for a week",
    "waiting_link": "does once what waits; only its hash, for a day",
    "held_form": "what somebody typed when the session had ended; theirs alone, for an hour",
    "job": "work that waits; what it does has lines of its own",
    "notice": "how far makers were mailed of what has lines of its own",
    "told_work": "of what waits organisers were mailed; what they do has lines of its own",
    "outbox_mail": "mail that waits",
    "export": "a file that waits for whoever asked for it, for a week",
    "plan_list": "tells a process that what it remembers of a list is old",
    "postcode": "helps a visitor find a buurt; no right rests on it",
    "sign_in_link": "lets one person in once; only its hash",
    "sent_form": "that a form was done, for a day",
    "user_session": "a browser that is signed in",
    "box_pulse": "a minute, held against the one beside the keys",
    "ballot_box": "voters replace ballots; what counts follows from the envelopes, which seals and the box file bind",
    "superseded_ballot": "the same",
    "audit_withheld": "keeps words from readers; that they were hidden has a line of its own, and commitments stay",
    "support": "advice on which no outcome rests; who gave it is told nowhere",
    "moderation_case": "work of moderators; what they did has lines of its own, and what is hidden is vouched for",
    "moderation_appeal": "what a maker asks of moderators and they answer; what came of it has lines of its own",
    "moderation_judge": "who decided anything in a case; each decision has a line of its own",
    "moderation_handed_on": "who left an appeal to a colleague, which has a line of its own",
    "moderation_report": "what somebody says to a moderator; who that was is told nowhere, and goes",
    "thread": "figures that follow from its contributions; lines of the log say what those are about",
    "useful": "what people find useful; no outcome rests on it, and who did is told nowhere",
    "pool_code": "a sealed code that waits, and goes when somebody draws it; how many there are is fixed",
}
PRIVATE = {"email", "name", "language", "totp_secret", "totp_last_step", "created_at", "may_publish_at", "deleted_at"}
LOOSE = {
    **{f"user_account.{name}": "its owner's own, and in no public record" for name in PRIVATE},
    "contribution.useful": "follows from what people find useful",
    "contribution.answers": "follows from its answers",
    "pool_draw": "is forgotten when the box is shut; which account drew is told nowhere",
}
"""What may go unnoticed, each with its reason; `version` counts changes in every table and tells nothing."""


@dataclass
class World:
    """A city whose round is certified, with a row in every table that the public record rests on."""

    session: Session

    def row(self, table: Table) -> dict[str, Any]:
        found = self.session.execute(select(table).order_by(*table.primary_key).limit(1)).mappings().first()
        assert found is not None, f"give the world a row of {table.name}"
        return dict(found)

    def new_key(self, column: Column[Any]) -> int:
        return int(self.session.scalar(select(func.max(column))) or 0) + 1

    def is_noticed(self, statement: Any) -> bool:
        """Tell whether the database refuses, or the check of the log finds it."""
        savepoint = self.session.begin_nested()
        try:
            self.session.execute(statement)
            self.session.expire_all()
            found = verify_log(self.session)
        except DBAPIError:
            return True
        finally:
            savepoint.rollback()
        return bool(found.problem or found.otherwise)


@pytest.fixture
def world(session: Session, tmp_path: Path) -> World:
    points = small_accord(session)
    vote = open_vote(session, tmp_path, areas=small_city(session), now=NOW, voters=4)
    vote.cast_all([[0], [1], [2]])
    vote.cast(1, voter=vote.voters[-1])
    vote.finish()
    drop_guards(session.connection())
    _fill(session, vote.round.id, vote.plans[0].id, points[0])
    make_guards(session.connection(), Model.metadata)
    vouch_for_all(session, now=NOW)
    session.commit()
    sign_log(session, by=PROGRAM, now=NOW)
    session.add(AuditCosignature(size=session.scalar(select(AuditCheckpoint.size)), witness="x", line="x"))
    session.commit()
    return World(session)


def _fill(session: Session, round_id: int, proposal_id: int, point: Point) -> None:
    """Add what this round has not seen: it was opened without letters, pool, costs and decisions."""
    two = person(session, Role.ADMINISTRATOR, "0363"), person(session, Role.ADMINISTRATOR, "0363")
    record_figure(session, point, measured_on=date(2026, 1, 1), value=1, source="bron", by=two[0], now=NOW)
    how = Standing.UNDER_WAY
    record_status(session, point, happened_on=date(2026, 1, 1), standing=how, source="bron", by=two[0], now=NOW)
    request = agreed(session, "void_code", "code:x", two=two, now=NOW)
    commitment = session.scalars(select(RegisteredCode.commitment)).first()
    tables = Model.metadata.tables
    said = contribution(session.get_one(Proposal, proposal_id), now=NOW)
    session.add(said)
    session.add(PopulationFile(owner_code="E", source="bron", counted_on=date(2026, 1, 1), loaded_at=NOW))
    session.flush()
    session.add_all(
        [
            PopulationRow(owner_code="E", area_code="EA", inhabitants=5, households=2),
            EarlierText(contribution_id=said.id, number=1, body="Eerst.", replaced_at=NOW),
            Milestone(edition_id=point.edition_id, happened_on=date(2020, 1, 1), what="x", source="bron"),
            CostLine(proposal_id=proposal_id, position=1, what="Bank", quantity=1, unit_cents=5),
            Decision(proposal_id=proposal_id, admitted=True, cost_cents=5, reason="Ja.", decided_at=NOW),
            ProposalRevision(proposal_id=proposal_id, number=1, content="{}", estimate_cents=5, saved_at=NOW),
            CodeBatch(round_id=round_id, number=1, codes=4, spares=0, issued_at=NOW),
            CodePool(round_id=round_id, codes=2, drawn=1),
            PoolDraw(round_id=round_id, account=bytes(32), day=date(2026, 1, 1)),
            CodeVoid(request_id=request.id, round_id=round_id, commitment=commitment),
        ]
    )
    session.execute(tables["round_point"].insert().values(round_id=round_id, point_id=point.id))
    session.execute(tables["proposal_point"].insert().values(proposal_id=proposal_id, point_id=point.id))
    session.flush()


def other(session: Session, column: Column[Any], value: Any) -> Any:
    """Return another value that the column can hold; of what it points to, another row where there is one."""
    for key in column.foreign_keys:
        rows = select(key.column).where(key.column != value) if value is not None else select(key.column)
        return session.scalars(rows.limit(1)).first()
    if isinstance(column.type, Enum):
        return next(each for each in column.type.enums if each != value)
    if isinstance(column.type, JSON):
        return {"x": 1} if value != {"x": 1} else {}
    return _other_plain(getattr(column.type, "impl_instance", column.type).python_type, value)


def _other_plain(kind: type, value: Any) -> Any:
    if kind is bool:
        return not value
    if kind is datetime:
        return (value or NOW) + timedelta(days=1)
    if kind is date:
        return (value or NOW.date()) + timedelta(days=1)
    if kind is bytes:
        return bytes(byte ^ 1 for byte in value or bytes(32))
    return (value or 0) + 1 if kind in {int, float} else ("y" if (value or "").startswith("x") else "x")


def attempts(world: World, table: Table) -> Iterator[tuple[str, Any]]:
    """Yield every change of one column of a row, and its end, as a statement with its name."""
    row = world.row(table)
    here = [column == row[column.name] for column in table.primary_key]
    for column in table.columns:
        if column.name != "version":
            changed = {column.name: other(world.session, column, row[column.name])}
            yield f"{table.name}.{column.name}", table.update().where(*here).values(changed)
    yield table.name, table.delete().where(*here)


def unnoticed(world: World, tables: list[Table]) -> set[str]:
    return {
        name
        for table in tables
        for name, statement in attempts(world, table)
        if name not in LOOSE and not world.is_noticed(statement)
    }


def added(world: World, table: Table) -> Iterator[tuple[str, Any]]:
    """Yield a row more of a table as a statement with its name: another one of the same thing, and of each other."""
    row = world.row(table)
    fresh = {c.name: world.new_key(c) for c in table.primary_key if not c.foreign_keys and c.type.python_type is int}
    unique = {c.name for each in table.constraints if isinstance(each, UniqueConstraint) for c in each.columns}
    others = {c.name: other(world.session, c, row[c.name]) for c in table.columns if c.name in unique}
    others |= {c.name: other(world.session, c, row[c.name]) for c in table.primary_key if c.name not in fresh}
    yield f"{table.name} more", table.insert().values({**row, **others, **fresh})
    for column in table.columns:
        if column.foreign_keys and column.name not in others:
            for key in column.foreign_keys:
                for value in world.session.scalars(select(key.column).where(key.column != row[column.name])).all()[:20]:
                    moved = {**row, **others, **fresh, column.name: value}
                    yield f"{table.name} for {column.name} {value}", table.insert().values(moved)


def test_the_exceptions_are_tables_and_columns() -> None:
    tables = Model.metadata.tables
    assert set(NO_RECORD) <= set(tables)
    assert {name.split(".")[0] for name in LOOSE} <= set(tables) - set(NO_RECORD)


def test_no_change_of_the_record_goes_unnoticed(world: World) -> None:
    untouched = verify_log(world.session)
    assert (untouched.problem, untouched.otherwise) == (None, {})
    tables = [table for table in Model.metadata.sorted_tables if table.name not in NO_RECORD]
    assert unnoticed(world, tables) == set()


@pytest.mark.nightly
def test_nor_by_who_takes_the_guards_away(world: World) -> None:
    drop_guards(world.session.connection())
    vouched = {part.table.name for part in parts_in(Model.metadata)}
    left = {f"{part.table.name}.{name}" for part in parts_in(Model.metadata) for name in part.without}
    tables = [Model.metadata.tables[name] for name in sorted(vouched)]
    assert unnoticed(world, tables) <= left
    intruder = person(world.session, Role.ADMINISTRATOR, "0363")
    assert verify_log(world.session).otherwise == {f"person:{intruder.pseudonym}": 0}


def test_no_row_more_goes_unnoticed(world: World) -> None:
    drop_guards(world.session.connection())
    vouched = {part.table.name for part in parts_in(Model.metadata)}
    tables = [Model.metadata.tables[name] for name in sorted(vouched)]
    found = {name for table in tables for name, statement in added(world, table) if not world.is_noticed(statement)}
    assert found == set()
