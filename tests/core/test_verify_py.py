"""verify.py is one file of the core's own sources that runs on Python alone, and says plainly what it found."""

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from buurtbegroot.core.audit_chain import Fault
from buurtbegroot.core.methods import Method
from buurtbegroot.core.receipts import receipt_text
from buurtbegroot.core.verifying import assembling, checks, command, recount, words
from buurtbegroot.core.verifying.bundle import pack
from buurtbegroot.core.verifying.checks import key_fingerprint
from buurtbegroot.core.verifying.plain import older
from buurtbegroot.frontend import hatch_hook
from tests.bench import verifying
from tests.core.bundles import SIGNER, Vote, small_vote, whole_vote
from tests.core.frozen_traces import FOLDER as TRACES

ALONE = [sys.executable, "-I", "-S", "-E"]
KEY = key_fingerprint(SIGNER.verifier.key)
FILES = whole_vote()[1]
FROZEN = Path(__file__).parents[1] / "data" / "bundel-v2.zip"
RECOUNT = """
import json, pathlib, runpy, sys
held = runpy.run_path(sys.argv[1], run_name="held")
held["install"]()
import importlib
for name in held["SOURCES"]:
    importlib.import_module(name)
from fractions import Fraction
from buurtbegroot.core.plans import Plan
from buurtbegroot.core.records import from_plain
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally import count
from buurtbegroot.core.tally.election import Election
from buurtbegroot.core.tally.profile import Row
from buurtbegroot.core.tally.trace import trace_fingerprint
for path in sorted(pathlib.Path(sys.argv[2]).glob("*.json")):
    said = json.loads(path.read_text())
    rows = [Row(tuple(one), voters, tuple(points), Fraction(weight)) for one, voters, points, weight in said["rows"]]
    plans = [from_plain(Plan, plan) for plan in said["plans"]]
    election = Election.from_rows(plans, rows, budget_cents=said["budget_cents"], seed=bytes.fromhex(said["seed"]))
    outcome = count(election, from_plain(CountingRules, said["rules"]))
    assert trace_fingerprint(outcome) == said["fingerprint"], path.name
    print(path.stem)
assert not {"numpy", "nacl", "site"} & {module.partition(".")[0] for module in sys.modules} - {"numpy"}
assert sys.modules["numpy"].__spec__.origin == "verify.py"
"""


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("verify") / "verify.py"
    hatch_hook.assemble_verifier(Path(__file__).parents[2], target)
    return target


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    target = tmp_path / "bundel.zip"
    target.write_bytes(pack(FILES))
    return target


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    code = command.main([str(each) for each in arguments])
    return code, capsys.readouterr().out


@pytest.mark.slow  # reads sources, which those who measure branches change
def test_the_build_writes_what_is_assembled_and_that_holds_the_sources_as_they_are(verifier: Path) -> None:
    text = verifier.read_text(encoding="utf-8")
    assert text == assembling.verify_py()
    names = assembling.needed()
    assert {f"buurtbegroot.core.{name}" for name in ("ed25519", "tally.shares_reference", "verifying.checks")} <= names
    assert not {
        name for name in names if "numpy" in name or "kernel" in name or name.endswith((".envelope", ".opening"))
    }
    assert all(assembling.source_of(name) in text for name in names)


def test_every_method_counts_the_same_without_any_library(verifier: Path) -> None:
    """Each module that verify.py holds is imported, and each frozen trace comes out again."""
    done = subprocess.run([*ALONE, "-c", RECOUNT, verifier, TRACES], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert set(done.stdout.split()) == {path.stem for path in TRACES.glob("*.json")}


@pytest.mark.parametrize("python", [sys.executable, "python3.9", "python3.10", "python3.12", "python3.13"])
def test_it_checks_a_bundle_alone(verifier: Path, bundle: Path, python: str) -> None:
    if not shutil.which(python) or subprocess.run([python, "-V"], capture_output=True, check=False).returncode:
        pytest.skip(f"{python} is not here")
    done = subprocess.run([python, *ALONE[1:], verifier, bundle], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode().splitlines()[-1] == f"KLOPT MET ZICHZELF; vergelijk sleutel {KEY} met uw brief."


def test_what_older_pythons_lack_is_like_what_newer_ones_have() -> None:
    assert older._either(str, int) == (str, int)
    assert older._either(older._either(str, int), None) == (str, int, None)
    assert (older._either(5, 2), older._either({1}, {2})) == (7, {1, 2})
    assert [*older._pairwise("abc")] == [("a", "b"), ("b", "c")]
    assert [*older._zip("ab", "c")] == [("a", "c")]
    with pytest.raises(ValueError, match="lengths"):
        older._zip("ab", "c", strict=True)


def test_without_a_trusted_value_it_never_says_only_that_it_holds(
    capsys: pytest.CaptureFixture[str], bundle: Path
) -> None:
    code, text = said(capsys, bundle)
    assert code == 0
    assert not re.search(r"klopt(?! met zichzelf)", text.replace("klopt ook zonder", ""))
    assert "ALLES KLOPT" not in text
    code, text = said(capsys, bundle, "--en")
    assert (code, text.splitlines()[-1]) == (0, f"HOLDS IN ITSELF; compare key {KEY} with your letter.")


def test_it_says_what_it_was_held_against(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    vote = Vote()
    receipt, lost = (receipt_text(made.receipt) for made in (vote.cast(0, [1]), Vote().cast(1, [2])))
    saved = vote.sign("audit-1.note")
    vote.night()
    vote.cast(2, [1])
    vote.night()
    vote.envelopes.pop()
    for name, text in {"bewijs.txt": receipt.replace("\n", "\r\n"), "weg.txt": lost, "stand.txt": saved}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "b.zip").write_bytes(pack(vote.finish()))
    asked = [tmp_path / "b.zip", "--key", KEY.lower(), "--receipt", tmp_path / "bewijs.txt"]
    code, text = said(capsys, *asked, "--saved", tmp_path / "stand.txt")
    assert (code, text.splitlines()[-1]) == (0, "ALLES KLOPT.")
    assert "Vergeleken met: de sleutel die u opgaf, uw ontvangstbewijs, wat u eerder bewaarde." in text
    assert "Getuigen die meetekenden: 1 van 1." in text
    assert re.search(r"Ontvangstbewijs [0-9A-Z]{4}-[0-9A-Z]{4}: geteld, met de plannen \[1\]\.", text)
    assert "LET OP: 1 verzegelde enveloppen waren bij het sluiten weg." in text
    code, text = said(capsys, *asked, tmp_path / "weg.txt")
    assert code == 1
    assert "V1   klopt niet" in text
    assert "de stem van dit bewijs is weg" in text
    assert text.splitlines()[-1].startswith("HET KLOPT NIET.")


def test_it_says_how_many_texts_it_compared(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    plans = json.loads(FILES["plans.json"])
    plans["plans"] = plans["plans"][:3]
    shown = json.dumps(plans, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    (tmp_path / "p.json").write_bytes(shown)
    (tmp_path / "b.zip").write_bytes(pack({name: FILES[name] for name in FILES if name != "plans.json"}))
    code, text = said(capsys, tmp_path / "b.zip", "--key", KEY)
    assert (code, "Teksten vergeleken: 0 van 5 plannen" in text) == (0, True)
    code, text = said(capsys, tmp_path / "b.zip", "--key", KEY, "--plans", tmp_path / "p.json")
    assert (code, "Teksten vergeleken: 3 van 5 plannen" in text) == (0, True)
    (tmp_path / "p.json").write_bytes(shown.replace(b"Plan 1", b"Plan 9"))
    code, text = said(capsys, tmp_path / "b.zip", "--key", KEY, "--plans", tmp_path / "p.json")
    assert (code, "andere tekst dan bij het openen, plan: 1" in text) == (1, True)


def test_another_key_is_named(capsys: pytest.CaptureFixture[str], bundle: Path) -> None:
    code, text = said(capsys, bundle, "--key=0000-0000-0000-0000")
    assert code == 1
    assert f"de sleutel die u opgaf is een andere dan: {KEY}" in text


@pytest.mark.parametrize(
    "arguments", [[], ["a", "b"], ["a", "--sleutel", "x"], ["a", "--key", "x", "--key", "y"], ["--"]]
)
def test_what_is_no_question_gets_the_usage(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    code, text = said(capsys, *arguments)
    assert (code, text.splitlines()[0]) == (2, words.USAGE.nl.splitlines()[0])


def faults_in_sources() -> Iterator[str]:
    for module in (checks, recount):
        source = assembling.source_of(module.__name__)
        yield from re.findall(r'(?:yield |\(|, )"([a-z]+(?:_[a-z]+)+)"(?:, |\))', source)
    yield from Fault


@pytest.mark.slow  # the same
def test_every_fault_has_words() -> None:
    found = {fault for fault in faults_in_sources() if fault not in {"date_begin", "date_end", "cost_cents"}}
    assert found - words.FAULTS.keys() == set()
    assert {"leaf_not_listed", "other_result", "wrong_hash"} <= found
    assert checks._CHECKS.keys() == words.CHECKS.keys()


DEEP = b"[" * 200_000 + b"]" * 200_000
HOSTILE = {
    "deep manifest": {"manifest.json": DEEP},
    "deep ballots": {"ballots.jsonl": DEEP + b"\n"},
    "deep result": {"result.json": DEEP},
    "huge numbers": {"manifest.json": FILES["manifest.json"].replace(b":10000", b":1" + b"0" * 9000)},
    "huge choice": {"ballots.jsonl": FILES["ballots.jsonl"].replace(b"[1]", b"[1" + b"0" * 9000 + b"]", 1)},
    "a plan that is a list": {"manifest.json": FILES["manifest.json"].replace(b'"plans":[{', b'"plans":[[],{')},
    "no text": dict.fromkeys(FILES, b"\xff\xfe"),
    "nothing": dict.fromkeys(FILES, b""),
    "many values": {"seals.json": b"[" + b"[]," * 5_000_000 + b"[]]"},
    "many lines": {"leaves.txt": b"\n" * 5_000_000},
    "no numbers": {"strangers.txt": b"x\n"},
    "steers the screen": {"manifest.json": FILES["manifest.json"].replace(b'"noord"', b'"\\u001b[2J"')},
    "a note that is too long": {"notes/opening.note": b"x" * 10**6},
    "many notes": {f"notes/n-{number}.note": b"x" for number in range(3000)},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_bundle_is_named_and_never_a_crash(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    (tmp_path / "b.zip").write_bytes(pack(FILES | HOSTILE[name]))
    code, text = said(capsys, tmp_path / "b.zip", "--key", KEY)
    assert (code, text.splitlines()[-1][:14]) == (1, "HET KLOPT NIET")
    assert text.isprintable() or set(filter(lambda sign: not sign.isprintable(), text)) == {"\n"}
    assert max(map(len, text.splitlines())) < 400


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"PK\x03\x04" * 1000, pack(FILES)[:-10]])
def test_what_is_no_bundle_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b.zip").write_bytes(content)
    code, text = said(capsys, tmp_path / "b.zip")
    assert code == 2
    assert "is geen bundel van een stemming" in text
    assert said(capsys, tmp_path / "niets.zip", "--en")[0] == 2


def test_what_takes_too_long_is_ended(
    capsys: pytest.CaptureFixture[str], bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "check", lambda *_: signal.raise_signal(signal.SIGALRM))
    code, text = said(capsys, bundle, "--en")
    assert (code, text.splitlines()[-1].startswith("Stopped after")) == (2, True)


def test_a_frozen_bundle_holds_for_ever(verifier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was published once must hold with every later version: never write this file anew."""
    code, text = said(capsys, FROZEN, "--key", KEY)
    assert (code, text.splitlines()[-1]) == (0, "ALLES KLOPT.")
    done = subprocess.run([*ALONE, verifier, FROZEN, "--key", KEY], capture_output=True, text=True, check=False)
    assert done.stdout == text


@pytest.mark.slow
def test_the_bench_of_large_votes_holds_in_small(capsys: pytest.CaptureFixture[str]) -> None:
    assert verifying.main(["--ballots", "1000", "most_votes", "equal_shares_once"]) == 0
    assert capsys.readouterr().out.count("ok  ") == 3


@pytest.mark.parametrize("method", [each for each in Method if each is not Method.MAJORITY_JUDGMENT])
@pytest.mark.nightly
def test_each_method_is_counted_again_by_the_file(verifier: Path, tmp_path: Path, method: Method) -> None:
    (tmp_path / "b.zip").write_bytes(pack(small_vote(method)))
    done = subprocess.run([*ALONE, verifier, tmp_path / "b.zip", "--key", KEY], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
