"""Every version gives the traces that earlier versions published, to the byte."""

import hashlib
import json
from pathlib import Path

import pytest

from buurtbegroot.core.records import from_plain, to_plain
from buurtbegroot.core.tally import COUNTS
from buurtbegroot.core.tally.trace import Outcome, trace_fingerprint, trace_json
from tests.core.frozen_traces import CASES, FOLDER, recount

FILES = sorted(FOLDER.glob("*.json"))


def test_every_method_has_a_frozen_trace_and_no_file_was_lost() -> None:
    assert {case.method for case in CASES.values()} == set(COUNTS)
    assert {path.stem for path in FILES} == CASES.keys()


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_the_trace_is_what_it_was(path: Path) -> None:
    written = json.loads(path.read_text(encoding="utf-8"))
    outcome = recount(written)
    assert to_plain(outcome) == written["trace"]
    assert hashlib.sha256(trace_json(outcome)).hexdigest() == written["sha256"]
    assert trace_fingerprint(outcome) == written["fingerprint"]


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_a_trace_can_be_read_back(path: Path) -> None:
    trace = json.loads(path.read_text(encoding="utf-8"))["trace"]
    assert to_plain(from_plain(Outcome, trace)) == trace
