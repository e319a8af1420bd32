"""The account pool: one code for an account, out of rows that tell nothing, and nothing left of it afterwards."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role, User
from buurtbegroot.acts import ANYONE, ChangedSinceError, Fault, RefusedError
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.booth.actions.casting import cast_ballot
from buurtbegroot.box.actions.sealing import prepare_booth
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import round_name
from buurtbegroot.box.models import SealedBallot
from buurtbegroot.core.credentials import commitment, format_code, locator, nullifier
from buurtbegroot.database import Model, writing
from buurtbegroot.dual_control.actions import DualFault
from buurtbegroot.extensions import db
from buurtbegroot.mail.messages import compose
from buurtbegroot.mail.models import OutboxMail
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.registry.actions.pool import PoolFault, draw_code, empty_pool, fill_pool, shut_pool
from buurtbegroot.registry.domain.codes import draw_codes
from buurtbegroot.registry.models import CodePool, CodeStatus, PoolCode, PoolDraw, RegisteredCode
from buurtbegroot.registry.queries import code_counts, code_status, draws_per_day, has_waiting_code, pool_of
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import lock_round
from buurtbegroot.tally.actions import confirm_close, request_close
from tests.conftest import NOW
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.voting import OpenVote, cheap_key, form, open_vote_in
from tests.refusals import refused as refused_for

POOL, LETTERS = 4, 2
REASONS = {fault.value for fault in PoolFault}
AFTER = timedelta(days=30)


@pytest.fixture
def pooled(session: Session, round_: Round, plans: list[Proposal], now: datetime, tmp_path: Path) -> OpenVote:
    """Return an open vote with two codes in letters and four in the pool."""
    return open_vote_in(session, round_, folder=tmp_path / "keys", now=now, codes=LETTERS, pool=POOL)


@pytest.fixture
def draw(session: Session, pooled: OpenVote, now: datetime) -> Callable[..., str]:
    def one(email: str = "mens@example.org", at: datetime = now) -> str:
        return draw_code(session, round_id=pooled.round.id, keys=pooled.keys, by=owner_of(email), now=at)

    return one


def owner_of(email: str) -> User:
    """Return somebody with this address, whose account does not matter."""
    return User(email=email, pseudonym=email, language="nl", grants=[])


def refused(draw: Callable[..., str], *args: Any, **kwargs: Any) -> Fault:
    with pytest.raises(RefusedError) as refusal:
        draw(*args, **kwargs)
    return refusal.value.fault


def rows(session: Session, table: type[Model]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def close(session: Session, vote: OpenVote, now: datetime) -> None:
    first, second = (person(session, Role.COORDINATOR, "E") for _ in range(2))
    seen = request_close(session, vote.round, by=first, now=now).fingerprint
    confirm_close(session, vote.round, seen=seen, by=second, keys=vote.keys, now=now)


def test_a_drawn_code_votes_and_is_gone(
    session: Session, pooled: OpenVote, plans: list[Proposal], draw: Callable[..., str], now: datetime
) -> None:
    k = cheap_key(draw(), pooled.booth.salt)
    c = commitment(round_name(pooled.round.id), nullifier(k))
    assert code_status(session, pooled.round.id, c) is CodeStatus.ACTIVE
    cast_ballot(
        session,
        round_id=pooled.round.id,
        k=k,
        choices=[plans[0].id],
        form=form(),
        keys=pooled.keys,
        by=ANYONE,
        now=now,
    )
    assert (rows(session, SealedBallot), rows(session, PoolCode)) == (1, POOL - 1)


def test_the_pool_counts_among_the_codes(session: Session, pooled: OpenVote) -> None:
    pool = pool_of(session, pooled.round.id)
    assert pool is not None
    assert (pool.codes, pool.drawn) == (POOL, None)
    assert code_counts(session, pooled.round.id).active == LETTERS + POOL
    assert f'"pool":{POOL}' in pooled.booth.manifest
    assert f'"letter":{LETTERS}' in pooled.booth.manifest


def test_each_account_draws_once_until_there_are_none(
    session: Session, pooled: OpenVote, draw: Callable[..., str], now: datetime
) -> None:
    drawn = {draw(f"mens{number}@example.org") for number in range(POOL)}
    assert len(drawn) == POOL
    assert not drawn & set(pooled.codes)
    assert not has_waiting_code(session, pooled.round.id)
    assert refused(draw, "mens0@example.org") is PoolFault.DRAWN
    assert refused(draw, "laatste@example.org") is PoolFault.EMPTY
    assert draws_per_day(session, pooled.round.id)[0][0] == now.date()


@pytest.mark.parametrize("email", ["mens@example.org", "Mens@Example.org", "mens+nog-een@example.org"])
def test_a_mailbox_is_one_account_whatever_becomes_of_it(draw: Callable[..., str], email: str) -> None:
    draw("mens@example.org")
    assert refused(draw, email) is PoolFault.DRAWN


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("mens@gmail.com", "M.e.n.s+2@googlemail.com"),
        ("de.mens@proton.me", "de_mens@pm.me"),
        ("de-mens@protonmail.com", "demens@proton.me"),
        ("mens@icloud.com", "mens@me.com"),
    ],
)
def test_an_address_in_another_way_is_the_same_mailbox(draw: Callable[..., str], first: str, second: str) -> None:
    draw(first)
    assert refused(draw, second) is PoolFault.DRAWN


def test_another_mailbox_is_another_account(draw: Callable[..., str]) -> None:
    assert len({draw("mens@example.org"), draw("mens@example.com"), draw("m.ens@example.org")}) == 3


def test_a_mark_says_nothing_without_the_keys_and_nothing_in_another_round(tmp_path: Path) -> None:
    keys = KeyStore(tmp_path / "keys")
    marks = {keys.create(round_id).account_mark("mens@example.org") for round_id in (1, 2)}
    assert len(marks) == 2
    own = keys.load(1)
    assert len({own.pool_key, own.account_key, own.link_key}) == 3


def test_outside_the_window_nothing_is_drawn(draw: Callable[..., str], now: datetime) -> None:
    assert refused(draw, at=now + AFTER) is PoolFault.CLOSED


def test_a_round_without_a_pool_gives_no_codes(session: Session, vote: OpenVote, now: datetime) -> None:
    with pytest.raises(RefusedError) as refusal:
        draw_code(session, round_id=vote.round.id, keys=vote.keys, by=owner_of("mens@example.org"), now=now)
    assert refusal.value.fault is PoolFault.OFF


def test_drawing_follows_no_order(session: Session, pooled: OpenVote, now: datetime) -> None:
    """The first account gets each of the waiting rows about as often."""
    stored = sorted(session.scalars(select(PoolCode.sealed)))
    taken: Counter[int] = Counter()
    for _ in range(40):
        with session.begin_nested() as attempt:
            draw_code(session, round_id=pooled.round.id, keys=pooled.keys, by=owner_of("a@example.org"), now=now)
            [gone] = set(stored) - set(session.scalars(select(PoolCode.sealed)))
            taken[stored.index(gone)] += 1
            attempt.rollback()
        session.expire_all()
    assert len(taken) > 1


def test_closing_voids_and_destroys_what_nobody_drew(
    session: Session, pooled: OpenVote, draw: Callable[..., str], now: datetime
) -> None:
    code = draw()
    close(session, pooled, now + AFTER)
    pool, counts = pool_of(session, pooled.round.id), code_counts(session, pooled.round.id)
    assert pool is not None
    assert (pool.codes, pool.drawn, rows(session, PoolCode)) == (POOL, 1, 0)
    assert (counts.active, counts.void) == (LETTERS + 1, POOL - 1)
    own = commitment(round_name(pooled.round.id), nullifier(cheap_key(code, pooled.booth.salt)))
    assert code_status(session, pooled.round.id, own) is CodeStatus.ACTIVE
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "voting.pool_shut")).one()
    assert entry is not None


def test_one_person_shuts_no_pool(session: Session, pooled: OpenVote, now: datetime) -> None:
    with refused_for(DualFault.NOT_REQUESTED):
        shut_pool(session, pooled.round, keys=pooled.keys, by=person(session, Role.COORDINATOR, "E"), now=now)


def test_who_drew_is_let_go_of_when_the_box_is_shut(
    session: Session, pooled: OpenVote, draw: Callable[..., str], now: datetime
) -> None:
    draw()
    close(session, pooled, now + AFTER)
    assert (rows(session, PoolDraw), session.get_one(CodePool, pooled.round.id).drawn) == (0, 1)


def test_a_pool_can_be_given_up_before_the_opening_only(
    session: Session, round_: Round, plans: list[Proposal], now: datetime, tmp_path: Path
) -> None:
    keys, by = KeyStore(tmp_path / "keys"), person(session, Role.COORDINATOR, "E")
    booth = prepare_booth(session, round_, keys=keys, by=PROGRAM)
    waiting = draw_codes(3, round_id=round_.id, salt=booth.salt, derive=cheap_key)
    for _ in range(2):
        pool = fill_pool(session, round_, waiting, keys=keys, by=by, now=now)
        assert (pool.codes, rows(session, PoolCode), rows(session, RegisteredCode)) == (3, 3, 3)
        with pytest.raises(ChangedSinceError):
            empty_pool(session, round_, seen=2, keys=keys, by=by, now=now)
        empty_pool(session, round_, seen=3, keys=keys, by=by, now=now)
        assert (rows(session, CodePool), rows(session, PoolCode), rows(session, RegisteredCode)) == (0, 0, 0)
    with refused_for(PoolFault.OFF):
        empty_pool(session, round_, seen=3, keys=keys, by=by, now=now)
    opened = open_vote_in(session, round_, folder=tmp_path / "keys", now=now, pool=1)
    with refused_for(PoolFault.ALREADY_OPEN):
        empty_pool(session, round_, seen=3, keys=keys, by=by, now=now)
    with refused_for(PoolFault.ALREADY_OPEN):
        fill_pool(session, opened.round, waiting, keys=keys, by=by, now=now)


def _fill_late(session: Session, vote: OpenVote) -> None:
    session.add(PoolCode(round_id=vote.round.id, sealed=b"x" * 88))


def _swap(session: Session, vote: OpenVote) -> None:
    session.scalars(select(PoolCode)).all()[0].sealed = b"x" * 88


def _grow(session: Session, vote: OpenVote) -> None:
    session.get_one(CodePool, vote.round.id).codes += 1


def _forget(session: Session, vote: OpenVote) -> None:
    session.delete(session.scalars(select(PoolDraw)).one())


def _redate(session: Session, vote: OpenVote) -> None:
    session.scalars(select(PoolDraw)).one().day += timedelta(days=1)


def _void(session: Session, vote: OpenVote) -> None:
    session.scalars(select(RegisteredCode)).all()[0].status = CodeStatus.VOID


@pytest.mark.parametrize("change", [_fill_late, _swap, _grow, _forget, _redate, _void])
def test_the_database_itself_keeps_an_opened_pool(
    session: Session, pooled: OpenVote, draw: Callable[..., str], change: Callable[[Session, OpenVote], None]
) -> None:
    draw()
    change(session, pooled)
    with pytest.raises(IntegrityError):
        session.flush()


def snapshot(session: Session) -> dict[str, Counter[str]]:
    tables = Model.metadata.sorted_tables
    return {table.name: Counter(repr(tuple(row)) for row in session.execute(table.select())) for table in tables}


def test_drawing_changes_two_tables_and_mail_and_no_row_leads_from_one_to_another(
    session: Session, pooled: OpenVote, now: datetime
) -> None:
    resident = person(session)
    before = snapshot(session)
    code = draw_code(session, round_id=pooled.round.id, keys=pooled.keys, by=resident, now=now)
    after = snapshot(session)
    assert {name for name in before if before[name] != after[name]} == {"pool_code", "pool_draw", "outbox_mail"}
    assert (before["pool_code"] - after["pool_code"]).total() == 1
    assert not after["pool_code"] - before["pool_code"]
    drawn = session.scalars(select(PoolDraw)).one()
    assert drawn.day == now.date()
    k = cheap_key(code, pooled.booth.salt)
    c = commitment(round_name(pooled.round.id), nullifier(k))
    place = locator(pooled.keys.load(pooled.round.id).link_key, k)
    assert drawn.account not in {code.encode(), k, c, place, nullifier(k)}
    mail = session.scalars(select(OutboxMail).filter_by(template="registry_code_drawn")).one()
    assert (mail.recipient, mail.values) == (resident.email, {"round": pooled.round.title, "slug": pooled.round.slug})
    said = compose(mail).as_string()
    assert pooled.round.slug in said
    assert not any(each in said for each in (code, format_code(code)))
    waiting = "".join(before["pool_code"])
    assert code not in waiting
    assert repr(c)[2:-1] not in waiting


def test_no_table_of_codes_or_ballots_knows_people_or_times() -> None:
    """People appear beside a commitment only where two organisers made a code void; residents never do."""
    secret = {"commitment", "locator", "sealed", "leaf", "nullifier", "account"}
    for table in Model.metadata.sorted_tables:
        if not secret & set(table.columns.keys()) or table.name == "code_void":
            continue
        targets = {key.column.table.name for key in table.foreign_keys}
        assert "user_account" not in targets, table.name
        if table.name in {"pool_code", "pool_draw", "registered_code", "ballot_box"}:
            assert targets == {"round"}, table.name
            assert not any("DATETIME" in str(column.type).upper() for column in table.columns), table.name


@pytest.mark.race
def test_forty_requests_of_ten_accounts_at_once(
    own_app: Callable[..., Flask], own_vote: Callable[..., OpenVote]
) -> None:
    """Ten accounts each ask four times for one of eight codes: eight get exactly one, all others hear why not."""
    accounts, tries, codes, workers = 10, 4, 8, 8
    app = own_app()
    with app.app_context():
        vote = own_vote(codes=1, pool=codes)
        round_id = vote.round.id
    start = threading.Barrier(workers)

    def ask(number: int) -> tuple[int, str]:
        if number < workers:
            start.wait()
        account = number % accounts
        with app.app_context(), writing():
            try:
                code = draw_code(
                    db.session(), round_id=round_id, keys=vote.keys, by=owner_of(f"mens{account}@example.org"), now=NOW
                )
            except RefusedError as refusal:
                db.session.rollback()
                return account, refusal.fault.value
            db.session.commit()
            return account, code

    with ThreadPoolExecutor(workers) as pool:
        answers = list(pool.map(ask, range(accounts * tries)))
    given = [(account, answer) for account, answer in answers if answer not in REASONS]
    assert len(given) == len({account for account, _ in given}) == len({code for _, code in given}) == codes
    with app.app_context():
        assert (rows(db.session(), PoolDraw), rows(db.session(), PoolCode)) == (codes, 0)


@pytest.mark.race
def test_closing_while_people_draw(own_app: Callable[..., Flask], own_vote: Callable[..., OpenVote]) -> None:
    """Whoever got a code before the box was shut is counted, and the code stays good; nobody gets one afterwards."""
    people, codes = 16, 40
    app = own_app()
    with app.app_context():
        vote = own_vote(codes=1, pool=codes)
        round_id, salt = vote.round.id, vote.booth.salt

    def ask(number: int) -> str:
        with app.app_context(), writing():
            try:
                code = draw_code(
                    db.session(), round_id=round_id, keys=vote.keys, by=owner_of(f"mens{number}@example.org"), now=NOW
                )
            except RefusedError as refusal:
                db.session.rollback()
                return str(refusal.fault.value)
            db.session.commit()
            return code

    def shut() -> None:
        with app.app_context(), writing():
            close(db.session(), replace(vote, round=lock_round(db.session(), round_id)), NOW + AFTER)
            db.session.commit()

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(ask, number) for number in range(people // 2)]
        shutting = pool.submit(shut)
        asked += [pool.submit(ask, number) for number in range(people // 2, people)]
        shutting.result()
        answers = [each.result() for each in asked]
    given = [answer for answer in answers if answer not in REASONS]
    assert set(answers) - set(given) <= {PoolFault.CLOSED.value}
    with app.app_context():
        found = pool_of(db.session(), round_id)
        assert found is not None
        assert (found.drawn, rows(db.session(), PoolDraw)) == (len(given), 0)
        assert code_counts(db.session(), round_id).active == 1 + len(given)
        for code in given:
            c = commitment(round_name(round_id), nullifier(cheap_key(code, salt)))
            assert code_status(db.session(), round_id, c) is CodeStatus.ACTIVE
