"""What the command that serves the sample city says first."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from buurtbegroot.demo import commands
from buurtbegroot.demo.people import DOMAIN, SIGN_INS
from tests.factories.accounts import person


def test_a_city_of_which_somebody_deleted_the_account_is_still_served(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(commands, "first_unused", lambda *_args, **_how: {})
    gone, *there = SIGN_INS
    for each in there:
        person(session).email = f"{each.key}@{DOMAIN}"
    session.commit()
    with app.app_context():
        commands._introduce("http://x")
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  ")]
    assert [line.count("http://x/account/demo/") for line in said] == [0, *(1 for _ in there)]
    assert gone.name in said[0]
    assert "verwijderd" in said[0]
