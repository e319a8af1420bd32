"""Where files come from and go to: packed, through pipes, and with other numbers in META than they have."""

import gzip
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from buurtbegroot.core.pabulib import Beyond, read, with_beside, write
from buurtbegroot.counting import output
from buurtbegroot.counting.commands import command
from tests.counting.small_votes import APPROVALS

Run = Callable[..., Result]
PACKED = gzip.compress(APPROVALS.encode(), mtime=0)  # the same for every process that collects these tests


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(data: bytes, *options: object, name: str = "vote.pb") -> Result:
        (tmp_path / name).write_bytes(data)
        found = CliRunner().invoke(command, [str(tmp_path / name), *map(str, options)])
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found

    return run


@pytest.mark.parametrize("name", ["vote.pb.gz", "vote.pb"])
def test_a_packed_file_is_counted_as_what_is_in_it(run: Run, tmp_path: Path, name: str) -> None:
    found = run(PACKED, "--trace", tmp_path / "out.json", name=name)
    assert "2 winners, 100.50 spent" in found.stdout
    told = json.loads((tmp_path / "out.json").read_text())
    assert told["pb_sha256"] == hashlib.sha256(APPROVALS.encode()).hexdigest()


def test_packed_votes_come_and_go_through_pipes_too() -> None:
    line = [sys.executable, "-m", "buurtbegroot", "count", "-", "--trace", "-"]
    done = subprocess.run(line, input=PACKED, capture_output=True, check=True)
    assert json.loads(done.stdout)["pb_sha256"] == hashlib.sha256(APPROVALS.encode()).hexdigest()
    assert b"2 winners" in done.stderr


def test_the_document_beside_may_be_packed(run: Run, tmp_path: Path) -> None:
    noted, document = with_beside(read(APPROVALS), Beyond(exclusive=(("a", "b"),)))
    (tmp_path / "beside.json.gz").write_bytes(gzip.compress(document))
    found = run(gzip.compress(write(noted).encode()), "--beside", tmp_path / "beside.json.gz")
    assert "only there: a" in found.stdout


@pytest.mark.parametrize("data", [PACKED[:-9], PACKED[:20], PACKED[:12] + b"xxxx" + PACKED[16:], b"\x1f\x8b"])
def test_a_file_that_does_not_unpack_is_refused(run: Run, data: bytes) -> None:
    found = run(data)
    assert found.exit_code == 2
    assert "vote.pb: " in found.output


def test_a_small_file_cannot_unpack_without_end(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "MOST_BYTES", 100)
    found = run(PACKED)
    assert found.exit_code == 2
    assert "has more than 100 bytes, unpacked" in found.output


@pytest.mark.parametrize(("option", "begins"), [("--trace", "{"), ("--html", "<!doctype html>"), ("--plot", "<?xml")])
def test_a_dash_is_the_output_and_nothing_else_is_in_it(run: Run, tmp_path: Path, option: str, begins: str) -> None:
    found = run(APPROVALS.encode(), option, "-")
    assert found.stdout.startswith(begins)
    assert "2 winners" not in found.stdout
    assert "2 winners" in found.stderr
    assert "written" not in found.output
    if option == "--trace":
        run(APPROVALS.encode(), option, tmp_path / "out.json")
        assert found.stdout_bytes == (tmp_path / "out.json").read_bytes()
    assert not Path("-").exists()


def test_two_files_cannot_both_go_to_the_output(run: Run) -> None:
    found = run(APPROVALS.encode(), "--trace", "-", "--html", "-")
    assert found.exit_code == 2
    assert "cannot both go to the output" in found.output


@pytest.mark.parametrize(
    ("key", "wrong", "line"),
    [
        ("num_votes;5", "num_votes;6", "line 8, num_votes: says 6, but the file has 5"),
        ("num_projects;4", "num_projects;3", "line 7, num_projects: says 3, but the file has 4"),
    ],
)
@pytest.mark.parametrize("beside", [False, True])
def test_wrong_numbers_are_refused_unless_asked_and_then_said(
    run: Run, tmp_path: Path, key: str, wrong: str, line: str, beside: bool
) -> None:
    text, options = APPROVALS, list[object]()
    if beside:
        noted, document = with_beside(read(text), Beyond())
        text = write(noted)
        document = document.replace(hashlib.sha256(text.encode()).hexdigest().encode(), b"%s")
        text = text.replace(key, wrong)
        (tmp_path / "beside.json").write_bytes(document % hashlib.sha256(text.encode()).hexdigest().encode())
        options = ["--beside", tmp_path / "beside.json"]
    text = text.replace(key, wrong)
    refused = run(text.encode(), *options)
    assert refused.exit_code == 2
    assert f"{line}; --allow-miscount counts all the same" in refused.output
    trace, page = tmp_path / "out.json", tmp_path / "out.html"
    found = run(text.encode(), "--allow-miscount", "--trace", trace, "--html", page, *options)
    assert found.exit_code == 0, found.output
    assert f"warning: {line}: counted all the same" in found.stdout
    assert json.loads(trace.read_text())["miscounts"] == [f"{line}: counted all the same"]
    assert f"{line}: counted all the same" in page.read_text(encoding="utf-8")
    right = run(APPROVALS.encode(), "--allow-miscount", "--trace", trace)
    assert "warning" not in right.stdout
    assert json.loads(trace.read_text())["miscounts"] == []
