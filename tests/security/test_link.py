"""A thief with the database and the list of codes, but without the keys: nothing ties a letter to a ballot."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.conftest import NOW
from tests.factories.areas import small_city
from tests.factories.tally import open_vote


def test_what_was_opened_came_in_at_once(session: Session, tmp_path: Path) -> None:
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("only PostgreSQL keeps with each row which transaction wrote it")
    vote = open_vote(session, tmp_path, areas=small_city(session), now=NOW).cast_all([[0], [1], [2], [0], [1]])
    vote.close().open()
    for table in ("opened_ballot", "nullifier"):
        ages = session.execute(text(f"SELECT count(DISTINCT xmin::text), count(*) FROM {table}")).one()
        assert ages == (1, 5), table
