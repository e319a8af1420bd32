"""Links to a part of a page: the part is there, on every kind of page of the sample city, also of the workplace."""

import re
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import pytest

from buurtbegroot.accounts.asking import demo_sign_in_path
from buurtbegroot.app import create_app
from buurtbegroot.demo.people import person_of
from buurtbegroot.extensions import db
from tests.city import copied, crawl, database
from tests.pages import Page

pytestmark = pytest.mark.slow  # making the city takes ten seconds


@pytest.mark.parametrize("who", ["", "noor", "samira", "ad"])
def test_what_a_link_points_at_is_there(who: str, tmp_path: Path) -> None:
    moment = copied(tmp_path).moment
    app = create_app({"INSTANCE": str(tmp_path), "SECRET_KEY": "test", "DEMO": True, **database(tmp_path)})
    app.config |= {"CLOCK": lambda: moment, "SESSION_COOKIE_SECURE": False}
    client = app.test_client()
    if who:
        with app.app_context():
            person = person_of(db.session(), who)
            assert person is not None
            page = Page(client.get(path := demo_sign_in_path(person)))
            client.post(path, data=page.hidden(path))
    pages = crawl(client, most=200)
    assert ("/werkplek" in pages) is (who in {"samira", "ad"})
    tried, gone = set(), []
    for here, page in list(pages.items()):
        forms = [each.get("action") or "" for each in page.find(".//form")]
        for link in [*forms, *(each.get("href") or "" for each in page.find(".//a"))]:
            there, part = urldefrag(urljoin(here, link))
            if not part or not there.startswith("/") or (kind := re.sub(r"\d+", "0", there + part)) in tried:
                continue
            tried.add(kind)
            pages[there] = pages.get(there) or Page(client.get(there, buffered=True))
            if not any(each.get("id") == part for each in pages[there].tree.iter()):
                gone.append(f"{here} leads to {there}#{part}")
    assert len(tried) > 10
    assert gone == []
