"""What people said in a city: versions of plans, contributions, a report, an appeal, and a form that waits."""

from sqlalchemy.orm import object_session

from buurtbegroot.accounts.domain import hash_token
from buurtbegroot.accounts.models import User
from buurtbegroot.moderation.domain import Act
from buurtbegroot.moderation.models import Appeal, Case, CaseState, Reason, Report
from buurtbegroot.proposals.models import Proposal, ProposalStatus
from buurtbegroot.proposals.models.changes import revision_after
from buurtbegroot.proposals.queries import typed_content
from buurtbegroot.waiting.asking import KEYS
from buurtbegroot.waiting.domain import FORM_WAITS, LINK_WORKS, Told
from buurtbegroot.waiting.models import WaitingForm, WaitingLink
from tests.conftest import NOW
from tests.factories.discussion import contribution
from tests.factories.proposals import plan
from tests.pages import Browser
from tests.security.conftest import City

WAITS = "x"
"""The key and the token of the form that waits."""


def let_people_talk(city: City, *, author: User, reporter: User, moderator: User) -> None:
    """Fill the city with one of each, by these people; `city.talked` and `city.hidden` are what it is about."""
    session, own = city.session, {"now": NOW, "author": author, "status": ProposalStatus.SUBMITTED}
    city.talked, city.hidden = (plan(session, city.submitting, **own) for _ in range(2))  # type: ignore[arg-type]
    first = revision_after(None, city.talked, typed_content(city.talked), now=NOW)
    session.add(first)
    session.flush()
    city.talked.body = f"{city.talked.body} Nog een bank."
    session.add(revision_after(first, city.talked, typed_content(city.talked), now=NOW))
    said = contribution(city.talked, now=NOW, author=author)
    session.add_all([said, contribution(city.talked, now=NOW, thread=said.thread, author=reporter)])
    _report(city.talked, by=reporter)
    _appeal(city.hidden, by=author, against=moderator)
    told = Told(
        what="uw steun",
        act="Geef mijn steun",
        back="/",
        page="/",
        lines=[["Titel", city.talked.title, city.talked.language]],
    )
    form = WaitingForm(key=WAITS, email="x@example.org", language="nl", path=f"/plannen/{city.talked.id}/steun")
    form.fields, form.once, form.content, form.told = [["titel", city.talked.title]], WAITS, "", told.plain()
    form.mailed_at, form.expires_at = NOW, NOW + FORM_WAITS
    session.add(form)
    session.flush()
    session.add(WaitingLink(token_hash=hash_token(WAITS), form_key=form.key, expires_at=NOW + LINK_WORKS))
    session.commit()


def see_what_waits(browser: Browser) -> None:
    """Let a browser be the one that sent the form that waits."""
    with browser.client.session_transaction() as cookie:
        cookie[KEYS] = [WAITS]


def _case(about: Proposal, state: CaseState) -> Case:
    session = object_session(about)
    assert session is not None
    found = Case(kind="proposal", number=about.id, area_code=about.round.owner_code, state=state, since=NOW)
    session.add(found)
    session.flush()
    return found


def _report(about: Proposal, *, by: User) -> None:
    case, session = _case(about, CaseState.OPEN), object_session(about)
    assert session is not None
    report = Report(case_id=case.id, user_id=by.id, reason=Reason.OTHER, words="Lelijk.", language="nl", version=1)
    report.reported_at = NOW
    session.add(report)


def _appeal(about: Proposal, *, by: User, against: User) -> None:
    about.hidden_at, about.hidden_because, about.hides_title = NOW, Reason.OTHER, False
    case, session = _case(about, CaseState.APPEALED), object_session(about)
    assert session is not None
    case.act, case.reason, case.rulings, case.ruled_by, case.ruled_at = Act.HIDE, "anders", 1, against, NOW
    case.judges = [against]
    case.explained = "Dit mag niet."
    session.add(Appeal(case_id=case.id, maker_id=by.id, hidden_at=NOW, words="Dat mag wel.", made_at=NOW))
