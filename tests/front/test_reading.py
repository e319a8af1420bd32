"""A request that only reads cannot write, whatever its code does."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.web.transaction import end_reading
from tests.live import live


def test_reading_leaves_nothing_behind(tmp_path: Path) -> None:
    with live(tmp_path) as app, app.app_context():
        with writing():
            db.session.execute(text("CREATE TABLE note (words TEXT)"))
            db.session.commit()
        if db.engine.dialect.name == "postgresql":
            with pytest.raises(DBAPIError, match="read-only"):
                db.session.execute(text("INSERT INTO note VALUES ('a')"))
            db.session.rollback()
        else:
            db.session.execute(text("INSERT INTO note VALUES ('a')"))
        end_reading(db.session())
        assert db.session.execute(text("SELECT count(*) FROM note")).scalar() == 0
