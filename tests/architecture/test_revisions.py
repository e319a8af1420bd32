"""A migration is written with alembic's own command from a checkout: what differs from the models, and no more."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command as alembic
from alembic.config import Config

from buurtbegroot import migrating
from buurtbegroot.database import writing
from tests.architecture.test_migrations import engine_for
from tests.databases import fresh_uri

ROOT = Path(__file__).parents[2]
WITH_A_TOY = """
import shlex, sys
from alembic.config import main as alembic
from sqlalchemy import Column
from buurtbegroot.cli import main as buurtbegroot
from buurtbegroot.database import Model, UTCDateTime
from buurtbegroot.house import ROOMS
Model.metadata.tables["area"].append_column(Column("toy", UTCDateTime))
for command in (*sys.argv[1:], "alembic upgrade head", "alembic check", "alembic downgrade -1"):
    program, *arguments = shlex.split(command)
    alembic(argv=arguments) if program == "alembic" else buurtbegroot(arguments, standalone_mode=False)
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of a checkout as alembic needs, to write in."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "migrations", folder / "migrations")
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def written(checkout: Path) -> str:
    """Return what the one new revision does, without alembic's remarks."""
    known = {path.name for path in (ROOT / "migrations" / "versions").glob("*.py")}
    (new,) = (path for path in (checkout / "migrations" / "versions").glob("*.py") if path.name not in known)
    assert new.name.startswith(f"{len(known) + 1:04}_"), "the files sort in the order in which they run"
    return re.sub(r"^ *#.*\n", "", new.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_at_the_newest_revision_nothing_is_left_to_write(checkout: Path, tmp_path: Path) -> None:
    engine = engine_for(fresh_uri(tmp_path))
    migrating.upgrade(engine)
    with writing(), engine.begin() as connection:
        config = Config(toml_file=checkout / "pyproject.toml", attributes={"connection": connection})
        alembic.revision(config, "Add nothing", autogenerate=True)
    engine.dispose()
    assert written(checkout).count("-> None:\n    pass\n") == 2


@pytest.mark.slow
def test_a_new_column_is_written_in_plain_types_and_runs(checkout: Path, tmp_path: Path) -> None:
    address = {"BUURTBEGROOT_SQLALCHEMY_DATABASE_URI": fresh_uri(tmp_path), "BUURTBEGROOT_INSTANCE": str(tmp_path)}
    told = [line.strip() for line in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()]
    told = [line for line in told if line.startswith(("buurtbegroot ", "alembic "))]
    assert len(told) == 2
    command = [sys.executable, "-c", WITH_A_TOY, *told]
    ran = subprocess.run(command, check=False, cwd=checkout, env=os.environ | address, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "No new upgrade operations detected" in ran.stdout
    text = written(checkout)
    assert 'batch_op.add_column(sa.Column("toy", sa.DateTime(timezone=True), nullable=True))' in text
    assert 'batch_op.drop_column("toy")' in text
    assert "buurtbegroot" not in text
