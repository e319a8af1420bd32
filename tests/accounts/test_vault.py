"""The secrets of authenticators: sealed in the database, under a key that is not in it."""

import stat
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from buurtbegroot.accounts.domain import Vault, VaultError
from tests.factories.accounts import SECRET, code_at, person, tie_authenticator
from tests.pages import Browser, SignIn


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "keys" / "second-factor.key")


def test_what_is_sealed_opens_for_its_own_account_only(vault: Vault) -> None:
    sealed = [vault.seal(SECRET, owner="m-1") for _ in range(2)]
    assert [vault.open(each, owner="m-1") for each in sealed] == [SECRET, SECRET]
    assert sealed[0] != sealed[1]
    assert all(len(each) == 64 and SECRET not in each for each in sealed)
    with pytest.raises(VaultError):
        vault.open(sealed[0], owner="m-2")


def test_the_key_is_made_once_and_for_its_owner_alone(vault: Vault, tmp_path: Path) -> None:
    vault.seal(SECRET, owner="m-1")
    (file,) = (tmp_path / "keys").iterdir()
    before = file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    vault.seal(SECRET, owner="m-1")
    assert file.read_bytes() == before


@pytest.mark.parametrize("harm", ["gone", "open", "other", "short", "no hex"])
def test_without_its_key_nothing_opens(vault: Vault, tmp_path: Path, harm: str) -> None:
    sealed = vault.seal(SECRET, owner="m-1")
    (file,) = (tmp_path / "keys").iterdir()
    if harm == "gone":
        file.unlink()
    elif harm == "open":
        file.chmod(0o640)
    else:
        file.write_text({"other": "00" * 32, "short": "00", "no hex": "x"}[harm])
    with pytest.raises(VaultError, match=r"second-factor\.key"):
        vault.open(sealed, owner="m-1")


@pytest.mark.parametrize("stored", [SECRET, "JBSWY3DPEHPK3PXP", "x", "é" * 64])
def test_what_was_never_sealed_does_not_open(vault: Vault, stored: str) -> None:
    vault.seal(SECRET, owner="m-1")
    with pytest.raises(VaultError):
        vault.open(stored, owner="m-1")


def test_a_lost_key_is_said_plainly_and_lets_nobody_in(
    app: Flask, session: Session, signed_in: SignIn, now: datetime
) -> None:
    user = tie_authenticator(person(session))
    user.totp_secret = user.totp_secret[:-4] + "AAAA"
    browser: Browser = signed_in(user)
    app.config["CLOCK"].now = datetime.fromtimestamp(now.timestamp() + 700, now.tzinfo)
    browser.post("accounts.devices", {"sessie": "alle", "bewijs": code_at(app.config["CLOCK"].now)}, status=503)
