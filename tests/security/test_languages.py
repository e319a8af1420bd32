"""What residents write in another language than that of the page says so, on every page, for who has it read aloud."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from sqlalchemy import event, select

from buurtbegroot.areas.models import Area
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.core.methods import Method
from buurtbegroot.core.rules import BallotRules, CountingRules, Limits, Pot, Ruleset
from buurtbegroot.proposals.models import CostLine, Proposal
from buurtbegroot.tally.actions import certify, request_certify
from tests.conftest import NOW
from tests.factories.tally import Vote, open_vote
from tests.security.conftest import City
from tests.security.test_kept import pages
from tests.security.test_versions import whole

assert whole  # a fixture

TURKISH = "Salıncak"
NO_MARKS = {"title", "textarea"}
"""Elements that hold one text, of which no part can be in another language."""


@pytest.fixture(autouse=True)
def _in_turkish() -> Iterator[None]:
    """Let every plan that the factories make be in Turkish."""

    def write(_plan: Proposal, _args: Any, texts: dict[str, Any]) -> None:
        texts["title"] = f"{TURKISH} {texts['title']}"
        texts |= {name: f"{TURKISH} {name}" for name in ("summary", "body", "help_wanted")}
        texts["lines"] = [CostLine(position=2, what=f"{TURKISH} ip", quantity=1, unit_cents=100)]
        texts["language"] = "tr"

    event.listen(Proposal, "init", write)
    yield
    event.remove(Proposal, "init", write)


def unmarked(element: Element, language: str = "") -> Iterator[str]:
    """Yield the texts with a Turkish word of which no element says that they are Turkish."""
    language = element.get("lang") or language
    texts = [element.text, *(child.tail for child in element)]
    if language != "tr" and element.tag not in NO_MARKS:
        yield from (f"<{element.tag}> {text.strip()}" for text in texts if text and TURKISH in text)
    for child in element:
        yield from unmarked(child, language)


def counted(city: City, folder: Path, **counting: Any) -> Vote:
    """Return a counted round in which plans tie."""
    areas = {area.code: area for area in city.session.scalars(select(Area))}
    rules = Ruleset(
        pots=(Pot(id="alles", name="Alles", cents=100_000),),
        ballot=BallotRules(whole=Limits(min_choices=1, max_choices=4)),
        counting=CountingRules(**counting),
    )
    vote = open_vote(city.session, folder, areas=areas, now=NOW, costs=(60_000, 50_000, 40_000, 10_000), rules=rules)
    vote.cast_all([[0], [0], [0], [1], [1], [2], [2, 3], [3], [0, 3], [1]])
    return vote.close().open().count()


@pytest.mark.slow  # walks every route
def test_texts_in_another_language_say_so_on_every_page(whole: City, tmp_path: Path) -> None:
    author, coordinator = whole.browser("author"), whole.browser("coordinator")
    read = [("proposals.mine", author.get("proposals.mine"))]
    for endpoint in ("proposals.withdraw", "proposals.submit"):
        read.append((endpoint, author.get(endpoint, proposal_id=whole.concept.id)))
    author.send("proposals.submit", proposal_id=whole.concept.id)
    coordinator.post("booth.change", {"kies": whole.plans[0].id}, slug=whole.voting.round.slug)
    read += [(address, page) for _, address, page in pages(whole, coordinator, having=TURKISH)]
    assert len(read) > 15
    entry = whole.session.scalars(select(AuditEntry).where(AuditEntry.action == "proposals.submitted")).one()
    read.append(("audit.show", coordinator.get("audit.show", seq=entry.seq)))
    for method in (Method.MOST_VOTES, Method.EQUAL_SHARES):
        vote = counted(whole, tmp_path, method=method)
        asked = request_certify(vote.session, vote.round, by=vote.people[0], now=vote.later)
        vote.session.commit()
        read.append((f"certifying {method}", coordinator.get("tally_organiser.show", slug=vote.round.slug)))
        certify(vote.session, vote.round, seen=asked.fingerprint, keys=vote.keys, by=vote.people[1], now=vote.later)
        vote.session.commit()
        read.append((f"results of {method}", coordinator.get("results.show", slug=vote.round.slug)))
        for plan in vote.plans:
            read.append((f"{plan.id} by {method}", coordinator.get("proposals.show", proposal_id=plan.id)))
    found = [f"{where}: {text}" for where, page in read for text in dict.fromkeys(unmarked(page.tree))]
    assert not found, "\n".join(found)
