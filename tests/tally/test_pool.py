"""A count in a round with an account pool: drawn codes are the electorate, and a code that nobody drew never counts."""

from datetime import datetime, timedelta
from pathlib import Path

from nacl.secret import SecretBox
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.acts import ANYONE
from buurtbegroot.audit.actions.signing import sign_log
from buurtbegroot.booth.actions.casting import cast_ballot
from buurtbegroot.box.domain.manifest import check_time
from buurtbegroot.box.opener import open_box
from buurtbegroot.consistency import faults
from buurtbegroot.core.credentials import CODE_SYMBOLS
from buurtbegroot.core.phases import Phase
from buurtbegroot.registry.actions.pool import draw_code
from buurtbegroot.registry.actions.voiding import Letters, confirm_void, request_void
from buurtbegroot.registry.models import CodeKind, PoolCode, PoolDraw, RegisteredCode, VoidReason
from buurtbegroot.registry.queries import void_counts
from buurtbegroot.tally import actions
from buurtbegroot.tally.actions.opening import make_bundle, take_in
from buurtbegroot.tally.queries import tally_of
from buurtbegroot.tally.queries.counting import counted
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.guards import unguarded
from tests.factories.proposals import plan
from tests.factories.rounds import round_in
from tests.factories.tally import Vote
from tests.factories.voting import cheap_key, form, open_vote_in

LETTERS, POOL = 2, 4


def test_a_drawn_code_that_somebody_voids_in_the_database_shows(
    session: Session, now: datetime, tmp_path: Path
) -> None:
    round_ = round_in(session, Phase.VOTING, areas=small_city(session), now=now)
    plans = [plan(session, round_, now=now, cents=cents) for cents in (40_000, 50_000)]
    opened = open_vote_in(session, round_, folder=tmp_path / "keys", now=now, codes=LETTERS, pool=POOL)
    two = person(session, Role.COORDINATOR, "E"), person(session, Role.COORDINATOR, "E")
    vote = Vote(session, round_, plans, opened.keys, [], two, now)
    drawn, drawn_too = (
        draw_code(session, round_id=round_.id, keys=opened.keys, by=person(session), now=now) for _ in range(2)
    )

    def voids() -> list[str]:
        return [each.what for each in faults(session, keys=opened.keys, tasks={}, now=now) if each.name == "voids"]

    vote.cast_all([]).cast(0, voter=cheap_key(drawn, opened.booth.salt))
    letters = Letters(cheap_key(drawn_too, opened.booth.salt))
    request_void(session, round_, letters, reason=VoidReason.STOLEN, keys=opened.keys, by=two[0], now=now)
    confirm_void(session, round_, letters, keys=opened.keys, by=two[1], now=now)
    assert voids() == [], "what two people did is no fault"
    assert void_counts(session, round_).voids == 1
    with unguarded(session):
        session.execute(update(RegisteredCode).where(RegisteredCode.kind == CodeKind.POOL).values(status="void"))
    session.commit()
    assert voids() == ["4 codes of the pool are void, and at most 1 can be"]
    assert void_counts(session, round_).voids == 1, "the others by nobody"
    vote.close().open().count()
    tally = tally_of(session, round_.id)
    assert tally is not None
    assert (tally.valid_ballots, tally.faults) == (0, [["V4", "void_beyond_waiting", "1"]])
    assert voids() == ["4 codes of the pool are void, and at most 3 can be"]


def test_drawn_codes_are_the_electorate_and_neither_a_stolen_nor_a_void_one_counts(
    session: Session, now: datetime, tmp_path: Path
) -> None:
    round_ = round_in(session, Phase.VOTING, areas=small_city(session), now=now)
    first_plan, _ = (plan(session, round_, now=now, cents=cents) for cents in (40_000, 50_000))
    vote = open_vote_in(session, round_, folder=tmp_path / "keys", now=now, codes=LETTERS, pool=POOL)
    keys, later = vote.keys, now + timedelta(days=8)
    drawn = draw_code(session, round_id=round_.id, keys=keys, by=person(session), now=now)
    sealed = session.scalars(select(PoolCode.sealed)).first() or b""
    stolen = SecretBox(keys.load(round_.id).pool_key).decrypt(sealed)[:CODE_SYMBOLS].decode()
    for code in (drawn, stolen):
        cast_ballot(
            session,
            round_id=round_.id,
            k=cheap_key(code, vote.booth.salt),
            choices=[first_plan.id],
            form=form(),
            keys=keys,
            by=ANYONE,
            now=now,
        )
    one, other = (person(session, Role.COORDINATOR, "E") for _ in range(2))
    lost = draw_code(session, round_id=round_.id, keys=keys, by=person(session), now=now)
    letters = Letters(cheap_key(lost, vote.booth.salt))
    request_void(session, round_, letters, reason=VoidReason.LOST, keys=keys, by=one, now=now)
    confirm_void(session, round_, letters, keys=keys, by=other, now=now)
    seen = actions.request_close(session, round_, by=one, now=later).fingerprint
    actions.confirm_close(session, round_, seen=seen, by=other, keys=keys, now=later)
    keys.destroy_link(round_.id)
    open_box(keys.folder(round_.id).path, now=later)
    take_in(session, round_, keys=keys, by=PROGRAM, now=later)
    tally = actions.count_round(session, round_, counted(session, round_, keys=keys), by=PROGRAM, now=later)
    assert tally.left_out["replaced"] == 1
    assert (tally.valid_ballots, tally.figures["codes"]) == (1, LETTERS + 1)
    session.commit()
    sign_log(session, by=PROGRAM, now=later)
    make_bundle(session, round_, keys=keys, by=PROGRAM)
    assert tally.faults == [], "a drawn code was made void, and the log says so"
    later += check_time(vote.booth.manifest)
    seen = actions.request_certify(session, round_, by=one, now=later).fingerprint
    actions.certify(session, round_, seen=seen, keys=keys, by=other, now=later)
    seen = actions.request_destroy(session, round_, by=one, now=later).fingerprint
    actions.destroy_secrets(session, round_, seen=seen, by=other, keys=keys, now=later)
    assert session.scalar(select(func.count()).select_from(PoolDraw)) == 0
    assert not keys.exists(round_.id)
    assert tally_of(session, round_.id) is not None
