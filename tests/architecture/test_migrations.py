"""The migrations lead to exactly the models' tables and triggers, up and down, with data in them, on both databases."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.orm import Session

from buurtbegroot import migrating
from buurtbegroot.accounts.models import Role
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import Model, engine_options, prepare_engine, writing
from buurtbegroot.house import ROOMS
from tests.conftest import NOW
from tests.databases import fresh_uri
from tests.factories.accounts import person
from tests.factories.akkoord import small_accord
from tests.factories.areas import small_city
from tests.factories.proposals import plan
from tests.factories.rounds import round_in

assert ROOMS
SCHEMA = {  # everything that the database itself enforces: tables, constraints, indexes, triggers and their functions
    "sqlite": ["SELECT type, name, sql FROM sqlite_master WHERE tbl_name <> 'alembic_version' ORDER BY type, name"],
    "postgresql": [
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY 1, ordinal_position",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND conname NOT LIKE 'alembic%' ORDER BY 1, 2",
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " AND tablename <> 'alembic_version' ORDER BY 1",
        "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
        "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
    ],
}


PART = re.compile(r"\n|, (?![^(]*\))")  # SQLite writes an added column behind a comma, the others on lines


def engine_for(uri: str) -> Engine:
    engine = create_engine(uri.replace("postgresql:", "postgresql+psycopg:", 1), **engine_options(uri))
    prepare_engine(engine)
    return engine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = engine_for(fresh_uri(tmp_path))
    yield engine
    engine.dispose()


def schema(engine: Engine) -> list[list[str]]:
    """Return what the database enforces, each statement as its sorted parts: columns and constraints in any order."""
    with engine.connect() as connection:
        rows = [row for query in SCHEMA[engine.dialect.name] for row in connection.execute(text(query))]
    statements = ["\n".join(map(str, row)).replace('"', "") for row in rows]
    parts = [[part.strip().removesuffix(",") for part in re.split(PART, each)] for each in statements]
    return [sorted(filter(None, each)) for each in parts]


def test_head_equals_the_models(engine: Engine) -> None:
    migrating.upgrade(engine)
    assert migrating.is_current(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Model.metadata) == []


def test_schema_is_that_of_the_models(engine: Engine, tmp_path: Path) -> None:
    migrating.upgrade(engine)
    folder = tmp_path / "other"
    folder.mkdir()
    other = engine_for(fresh_uri(folder))
    with writing(), other.begin() as connection:
        Model.metadata.create_all(connection)
    assert schema(engine) == schema(other)
    assert any("TRIGGER" in line for each in schema(engine) for line in each)
    other.dispose()


def test_up_down_up_with_data(engine: Engine) -> None:
    migrating.upgrade(engine)
    with writing(), Session(engine) as session:
        areas = small_city(session)
        small_accord(session)
        plan(session, round_in(session, Phase.VOTING, areas=areas, now=NOW), now=NOW)
        person(session, Role.COORDINATOR, "E")
        session.commit()
    migrating.downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    migrating.upgrade(engine)
    assert migrating.is_current(engine)


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    migrating.upgrade(engine)
    before = schema(engine)
    migrating.upgrade(engine)
    assert schema(engine) == before
