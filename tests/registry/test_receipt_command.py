"""`buurtbegroot receipt check`: with the own code a voter sees that a receipt was made for nobody else."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from buurtbegroot.box.domain.manifest import manifest_hash
from buurtbegroot.core.code_keys import derive_key
from buurtbegroot.core.credentials import generate_code, voter_tag
from buurtbegroot.core.envelope import make_tracker
from buurtbegroot.core.receipts import Receipt, receipt_text, sign_receipt
from buurtbegroot.core.signing import NoteSigner
from buurtbegroot.registry.commands import receipt

SALT, SEED, CODE, OTHER = bytes(16), bytes(32), generate_code(), generate_code()


def check(folder: Path, *, code: str = CODE, seed: bytes = SEED, manifest: bytes | None = None) -> Result:
    """Make a receipt for CODE, then check it with a code."""
    told = json.dumps({"keys": {"salt": SALT.hex(), "signing": str(NoteSigner("stembus", SEED).verifier)}})
    (folder / "manifest.json").write_text(told)
    tracker = make_tracker(voter_tag(derive_key(CODE, SALT)), round_id=b"1", s=bytes(16), rev=1)
    unsigned = Receipt(b"1", manifest or manifest_hash(told), tracker, bytes(16), 0, 1, bytes(32))
    (folder / "bewijs.txt").write_text(receipt_text(sign_receipt(unsigned, seed)))
    paths = [str(folder / name) for name in ("bewijs.txt", "manifest.json")]
    return CliRunner().invoke(receipt, ["check", *paths], input=f"{code.lower()}\n")


def test_the_own_code_fits_and_is_not_shown(tmp_path: Path) -> None:
    said = check(tmp_path)
    assert said.exit_code == 0, said.output
    assert "made for this code and for nobody else" in said.output
    assert CODE not in said.output.replace("-", "").upper()


def test_another_code_vote_or_signature_does_not(tmp_path: Path) -> None:
    found = [
        check(tmp_path, code=OTHER),
        check(tmp_path, manifest=bytes(32)),
        check(tmp_path, seed=bytes(31) + b"x"),
        check(tmp_path, code="0000"),
    ]
    assert [each.exit_code for each in found] == [1, 1, 1, 1]
    told = ["not made for this code", "another vote", "did not sign", "cannot be read"]
    assert all(text in each.output for text, each in zip(told, found, strict=True))
    (tmp_path / "bewijs.txt").write_text("bb-receipt/v2\n")
    paths = [str(tmp_path / name) for name in ("bewijs.txt", "manifest.json")]
    assert CliRunner().invoke(receipt, ["check", *paths, "--code", CODE]).exit_code == 1
