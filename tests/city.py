"""The sample city, made once for all tests of one run that need it."""

import fcntl
import json
import os
import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

from buurtbegroot import migrating
from buurtbegroot.app import create_app
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.database import writing
from buurtbegroot.demo.seed import is_seeded, seed_city
from buurtbegroot.extensions import db
from tests.pages import Page
from tests.shared import SHARED


def database(folder: Path) -> dict[str, object]:
    """Return the settings of database and keys in the folder of a city."""
    return {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/city.sqlite", "KEY_DIRECTORY": f"{folder}/keys"}


class Made(NamedTuple):
    """A sample city that was made at a moment, with its unused codes by round."""

    codes: dict[str, list[str]]
    moment: datetime


def copied(folder: Path) -> Made:
    """Copy the sample city, which the first process that comes makes for all."""
    shared = Path(os.environ[SHARED])
    made, told = shared / "city", shared / "city.json"
    with (shared / "city.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            made.mkdir()
            moment = datetime.now(UTC)
            codes = make_city(made, uri=f"sqlite:///{made}/city.sqlite", moment=moment)
            told.write_text(json.dumps({"codes": codes, "moment": moment.isoformat()}))
    shutil.copytree(made, folder, dirs_exist_ok=True)
    plain = json.loads(told.read_text())
    return Made(plain["codes"], datetime.fromisoformat(plain["moment"]))


def make_city(folder: Path, *, uri: str, moment: datetime) -> dict[str, list[str]]:
    """Make the sample city in a folder and a database; return its unused codes by round."""
    settings = {"INSTANCE": str(folder), "SECRET_KEY": "test", "DEMO": True, **database(folder)}
    app = create_app(settings | {"SQLALCHEMY_DATABASE_URI": uri})
    with app.app_context(), writing():
        migrating.upgrade(db.engine)
        assert not is_seeded(db.session())
        db.session.rollback()
        keys = KeyStore.from_config(app.config)
        codes = seed_city(db.session(), keys=keys, today=moment, say=lambda _done, _steps: None)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return codes


def crawl(client: FlaskClient, *, most: int = 60, of_a_kind: int = 2) -> dict[str, Page]:
    """Follow links from the front page; return a few pages of each kind that this client can reach, by their paths."""
    app, found, waiting, kinds = client.application, dict[str, Page](), ["/"], Counter[str]()
    seen = set(waiting)
    while waiting and len(found) < most:
        path = waiting.pop(0)
        kind = _kind(app, path)
        if kinds[kind] >= of_a_kind:
            continue
        answer = client.get(path, buffered=True)
        if answer.mimetype != "text/html" or answer.status_code != 200:
            assert answer.status_code < 400, f"a broken link: {path}"
            continue
        kinds[kind] += 1
        found[path] = Page(answer)
        links = [link.get("href") or "" for link in found[path].find(".//a")]
        fresh = [link.split("#")[0] for link in links if link.startswith("/")]
        waiting += [link for link in dict.fromkeys(fresh) if link not in seen]
        seen.update(fresh)
    return found


def _kind(app: Flask, path: str) -> str:
    try:
        endpoint, _values = app.url_map.bind("localhost").match(path.split("?", maxsplit=1)[0])
    except HTTPException:
        raise AssertionError(f"a link to nowhere: {path}") from None
    return f"{endpoint}{'?' if '?' in path else ''}"
