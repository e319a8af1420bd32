"""Codes that are made on another computer: the list of commitments line by line, the commands and the page."""

import csv
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from buurtbegroot.accounts.models import Role
from buurtbegroot.acts import RefusedError
from buurtbegroot.audit.models import AuditEntry
from buurtbegroot.box.actions.sealing import prepare_booth
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import round_name
from buurtbegroot.core.credentials import commitment, nullifier
from buurtbegroot.core.phases import Phase
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.proposals.models import Proposal
from buurtbegroot.registry.actions.issuing import load_codes
from buurtbegroot.registry.commands import codes
from buurtbegroot.registry.domain.codes import key_of
from buurtbegroot.registry.domain.lists import CodeList, ListError, ListFault, issuer_command, read_list, write_list
from buurtbegroot.registry.models import CodeBatch, RegisteredCode
from buurtbegroot.registry.queries import code_counts, registry_of
from buurtbegroot.rounds.models import Round
from tests.conftest import NOW
from tests.factories import PROGRAM
from tests.factories.accounts import person
from tests.factories.areas import small_city
from tests.factories.rounds import round_in
from tests.factories.voting import OpenVote
from tests.pages import SignIn

SALT = bytes(range(16))

lists = st.builds(
    CodeList,
    round_id=st.integers(1, 10**9),
    salt=st.binary(min_size=16, max_size=16),
    batch=st.integers(1, 9_999),
    codes=st.dictionaries(st.binary(min_size=32, max_size=32), st.booleans(), min_size=1, max_size=6)
    .filter(lambda kinds: not all(kinds.values()))
    .map(lambda kinds: tuple(sorted(kinds.items()))),
)


@given(listed=lists, windows=st.booleans())
def test_what_is_written_is_read(listed: CodeList, windows: bool) -> None:
    text = write_list(listed)
    assert read_list("\ufeff" + text.replace("\n", "\r\n") if windows else text) == listed


@given(listed=lists, data=st.data())
def test_no_line_can_be_left_out_repeated_or_exchanged(listed: CodeList, data: st.DataObject) -> None:
    lines = write_list(listed).splitlines(keepends=True)
    place = data.draw(st.integers(0, len(lines) - 1))
    other = data.draw(st.integers(0, len(lines) - 1).filter(lambda number: number != place))
    exchanged = list(lines)
    exchanged[place], exchanged[other] = lines[other], lines[place]
    for wrong in (lines[:place] + lines[place + 1 :], [*lines[:place], lines[place], *lines[place:]], exchanged):
        with pytest.raises(ListError):
            read_list("".join(wrong))


def listing(*numbers: int, round_id: int = 1, salt: bytes = SALT, batch: int = 1, spares: int = 0) -> str:
    made = tuple((bytes([number]) * 32, place >= len(numbers) - spares) for place, number in enumerate(numbers))
    return write_list(CodeList(round_id=round_id, salt=salt, batch=batch, codes=made))


@pytest.mark.parametrize(
    ("text", "fault", "line"),
    [
        ("", ListFault.NOT_A_LIST, 1),
        ("nummer;soort;stemcode;adres\r\n", ListFault.NOT_A_LIST, 1),
        ("bb-codes/v1\n", ListFault.BAD_LINE, 2),
        (listing(1).replace("round: 1", "round: ronde"), ListFault.BAD_LINE, 2),
        (listing(1).replace("salt: 00", "salt: "), ListFault.BAD_LINE, 3),
        (listing(1, 2).replace("0202", "02zz"), ListFault.BAD_LINE, 8),
        (listing(1, 2) + "\n", ListFault.BAD_LINE, 9),
        (listing(1, 2).replace("codes: 2", "codes: 3"), ListFault.WRONG_NUMBER, 8),
        (listing(1, 2).replace("code 02", "spare 02"), ListFault.WRONG_NUMBER, 8),
        (listing(1, 2, 3).replace("02" * 32, "04" * 32), ListFault.UNSORTED, 9),
        (listing(1, 2, 3).replace("03" * 32, "02" * 32), ListFault.REPEATED, 9),
        (listing(1, 2, spares=2), ListFault.WRONG_NUMBER, 5),
    ],
)
def test_the_first_wrong_line_is_named(text: str, fault: ListFault, line: int) -> None:
    with pytest.raises(ListError) as caught:
        read_list(text)
    assert (caught.value.fault, caught.value.line) == (fault, line)


@pytest.fixture
def keys(app: Flask, session: Session, round_: Round, tmp_path: Path) -> KeyStore:
    app.config["KEY_DIRECTORY"] = str(tmp_path / "keys")
    store = KeyStore(tmp_path / "keys")
    prepare_booth(session, round_, keys=store, by=PROGRAM)
    session.commit()
    return store


def load(session: Session, round_: Round, text: str, now: datetime) -> CodeBatch:
    return load_codes(session, round_, text, by=person(session, Role.COORDINATOR, "E"), now=now)


def test_a_list_is_loaded_once_under_its_own_number(
    session: Session, round_: Round, keys: KeyStore, now: datetime
) -> None:
    salt = keys.load(round_.id).salt
    batch = load(session, round_, listing(5, 6, 7, round_id=round_.id, salt=salt, batch=4, spares=1), now)
    assert (batch.number, batch.codes, batch.spares) == (4, 2, 1)
    counts = code_counts(session, round_.id)
    assert (counts.active, counts.spare) == (2, 1)
    assert session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq.desc())).first() == "voting.codes_issued"
    for text, fault, line in [
        (listing(8, round_id=round_.id, salt=salt, batch=4), ListFault.BATCH_TAKEN, 4),
        (listing(4, 6, round_id=round_.id, salt=salt, batch=5), ListFault.REGISTERED, 8),
        (listing(8, round_id=round_.id + 1, salt=salt, batch=5), ListFault.OTHER_ROUND, 2),
        (listing(8, round_id=round_.id, salt=bytes(16), batch=5), ListFault.OTHER_SALT, 3),
    ]:
        with pytest.raises(ListError) as caught:
            load(session, round_, text, now)
        assert (caught.value.fault, caught.value.line) == (fault, line)
    assert len(registry_of(session, round_.id)) == 3, "nothing is loaded by half"


def test_an_opened_vote_takes_no_list(session: Session, vote: OpenVote, now: datetime) -> None:
    text = listing(1, round_id=vote.round.id, salt=vote.booth.salt, batch=9)
    with pytest.raises(RefusedError, match="already open"):
        load(session, vote.round, text, now)


def test_the_page_leads_the_issuer_and_takes_the_list(
    app: Flask, session: Session, round_: Round, plans: list[Proposal], signed_in: SignIn, tmp_path: Path
) -> None:
    app.config["KEY_DIRECTORY"] = str(tmp_path / "keys")
    browser, slug = signed_in(person(session, Role.COORDINATOR, "E")), round_.slug
    assert "Maak eerst de sleutels" in browser.get("registry_organiser.offline", slug=slug).text
    early = {"lijst": (BytesIO(listing(1).encode()), "codes.txt")}
    browser.post("registry_organiser.load", early, status=409, slug=slug)
    browser.post("registry_organiser.prepare", slug=slug)
    salt = KeyStore(tmp_path / "keys").load(round_.id).salt
    command = issuer_command(round_.id, salt=salt, batch=1, site=app.config["SITE_URL"])
    assert command in browser.get("registry_organiser.offline", slug=slug).text

    def send(text: bytes, status: int) -> str:
        form = {"lijst": (BytesIO(text), "codes.txt")}
        page = browser.post("registry_organiser.load", form, status=status, slug=slug)
        assert page.title.startswith("Fout: ") == (status == 422)
        return page.text

    right = listing(1, 2, round_id=round_.id, salt=salt).encode()
    assert "Regel 1: Dit is geen bestand met controlecodes" in send(b"\xff\x00;stemcode", 422)
    assert "Regel 8: Deze regel is niet goed" in send(right.replace(b"code 02", b"code 0x"), 422)
    assert "Regel 2: Deze codes zijn voor een andere ronde" in send(listing(1, round_id=10**6).encode(), 422)
    missing = browser.post("registry_organiser.load", {}, status=422, slug=slug)
    assert "Kies het bestand met controlecodes" in missing.text
    assert session.scalar(select(func.count()).select_from(RegisteredCode)) == 0
    send(right, 303)
    assert "2 codes zijn ingelezen" in browser.get("registry_organiser.codes", slug=slug).text
    stranger = signed_in(person(session, Role.COORDINATOR, "K"))
    stranger.get("registry_organiser.offline", status=404, slug=slug)
    stranger.post("registry_organiser.load", status=404, slug=slug)
    stranger.post("registry_organiser.prepare", status=404, slug=slug)


def test_an_opened_vote_says_so_on_the_page(session: Session, vote: OpenVote, signed_in: SignIn) -> None:
    browser, slug = signed_in(person(session, Role.COORDINATOR, "E")), vote.round.slug
    assert "ligt vast" in browser.get("registry_organiser.offline", slug=slug).text
    form = {"lijst": (BytesIO(b"bb-codes/v1"), "codes.txt")}
    assert "ligt vast" in browser.post("registry_organiser.load", form, status=409, slug=slug).text


def test_codes_made_elsewhere_vote_here(own_app: Callable[..., Flask], tmp_path: Path) -> None:
    app, letters, listed = own_app(), tmp_path / "letters.csv", tmp_path / "codes.txt"
    with app.app_context(), writing():
        round_ = round_in(db.session(), Phase.FEASIBILITY, areas=small_city(db.session()), now=NOW)
        slug, round_id = round_.slug, round_.id
        db.session.commit()
    runner = app.test_cli_runner()
    said = runner.invoke(codes, ["prepare", slug]).output.split()[3:]
    order = ["offline", *said[: said.index("--count")], "--count", "2", "--spares", "1"]
    made = runner.invoke(codes, [*order, "--letters", str(letters), "--commitments", str(listed)])
    assert made.exit_code == 0, made.output
    assert {stat.S_IMODE(path.stat().st_mode) for path in (letters, listed)} == {0o600}
    rows = list(csv.DictReader(letters.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    assert [row["nummer"] for row in rows] == ["P1-1", "P1-2", "P1-3"]
    assert not any(row["stemcode"] in listed.read_text() for row in rows)
    loaded = runner.invoke(codes, ["load", slug, str(listed)])
    assert "2 codes and 1 spares are registered" in loaded.output
    again = runner.invoke(codes, ["load", slug, str(listed)])
    assert (again.exit_code, "batch taken (line 4)" in again.output) == (1, True)
    with app.app_context():
        salt = bytes.fromhex(said[said.index("--salt") + 1])
        ks = [key_of(row["stemcode"], salt) for row in rows]
        wanted = sorted(commitment(round_name(round_id), nullifier(k)) for k in ks)
        assert list(registry_of(db.session(), round_id)) == wanted
    here = tmp_path / "here.csv"
    runner.invoke(codes, ["issue", slug, "--count", "1", "--out", str(here)])
    assert "P2-1;" in here.read_text(encoding="utf-8-sig"), "numbers are unique over batches"


def made_elsewhere(folder: Path) -> list[str]:
    order = issuer_command(7, salt=SALT, batch=3, site="https://begroot.example.nl").split()[2:]
    order[order.index("10000")], order[order.index("200")] = "1", "0"
    return [str(folder / part) if part.endswith((".csv", ".txt")) else part for part in order]


@pytest.mark.slow  # starts a process
def test_an_issuer_needs_no_settings(tmp_path: Path) -> None:
    broken = {"BUURTBEGROOT_SQLALCHEMY_DATABASE_URI": "nowhere://", "BUURTBEGROOT_INSTANCE": str(tmp_path / "none")}
    call = [sys.executable, "-c", "from buurtbegroot.cli import main; main()", "codes", *made_elsewhere(tmp_path)]
    subprocess.run(call, env=os.environ | broken, cwd=tmp_path, check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["codes.txt", "letters.csv"]
    assert read_list((tmp_path / "codes.txt").read_text()).batch == 3


def test_an_issuer_replaces_no_file(tmp_path: Path) -> None:
    runner, order = CliRunner(), made_elsewhere(tmp_path)
    assert runner.invoke(codes, order).exit_code == 0
    assert "letters.csv is there already" in runner.invoke(codes, order).output
    (tmp_path / "letters.csv").unlink()
    assert "codes.txt is there already" in runner.invoke(codes, order).output
    assert not (tmp_path / "letters.csv").exists(), "letters without commitments would never vote"


@pytest.mark.parametrize("salt", ["", "00", "zz" * 16, "00" * 17])
def test_an_impossible_salt(app: Flask, salt: str, tmp_path: Path) -> None:
    order = ["offline", "--round", "1", "--batch", "1", "--site", "x", "--count", "1", "--salt", salt]
    files = ["--letters", str(tmp_path / "a"), "--commitments", str(tmp_path / "b")]
    assert app.test_cli_runner().invoke(codes, [*order, *files]).exit_code == 2
