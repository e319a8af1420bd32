"""What a hostile or damaged file, terminal or folder does to `buurtbegroot count`: an answer, never half a count."""

import json
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import html5lib
import pytest
from click.testing import CliRunner, Result

from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.methods import EqualShares, Method
from buurtbegroot.core.pabulib import Beyond, read, with_beside, write
from buurtbegroot.core.records import to_plain
from buurtbegroot.core.tally.presets import PRESETS
from buurtbegroot.counting.commands import command
from tests.counting.small_votes import APPROVALS, POINTS, RANKS, small

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(text: str, *options: object) -> Result:
        (tmp_path / "vote.pb").write_text(text, encoding="utf-8")
        found = CliRunner().invoke(command, [str(tmp_path / "vote.pb"), *map(str, options)])
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return found

    return run


VOTES_BESIDE = APPROVALS.replace("cost;name", "cost;votes")
for NAME, VOTES in (("<b>Bankjes</b>", "9"), ("Bomen & struiken", "3"), ("Speeltuin", "2"), ("Ingetrokken", "0")):
    VOTES_BESIDE = VOTES_BESIDE.replace(NAME, VOTES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (APPROVALS.replace("3;a\n", "3;a,a\n"), "line 24, vote: project 'a' is named again"),
        (VOTES_BESIDE, "line 16, votes: says 9, the ballots give 3"),
        (small("voter_id;vote\n1;a,b\n", vote_type="choose-1"), "line 22, vote: more projects than max_length, 1"),
        (APPROVALS.replace("num_votes;5\n", ""), "line 12, num_votes: the format requires this key"),
    ],
)
def test_what_a_file_says_against_itself_is_told(run: Run, text: str, said: str, tmp_path: Path) -> None:
    found = run(text, "--html", tmp_path / "out.html")
    assert f"note: {said}" in found.stderr
    assert "winners" in found.stdout
    page = html5lib.parse((tmp_path / "out.html").read_text(encoding="utf-8"))
    assert said in "".join(page.itertext())


@pytest.mark.parametrize(("default", "votes"), [("0.5", "2.5"), ("0", "2"), ("-1", "1"), ("1", "3")])
def test_the_score_of_a_project_not_named_is_exact(run: Run, default: str, votes: str, tmp_path: Path) -> None:
    text = small("voter_id;vote;points\n1;a;2\n2;b;1\n", vote_type="scoring", more=f"default_score;{default}\n")
    noted, document = with_beside(read(text), Beyond())
    (tmp_path / "beside.json").write_bytes(document)
    for found in (run(text), run(write(noted), "--beside", tmp_path / "beside.json")):
        line = next(line for line in found.stdout.splitlines() if "Bankjes" in line)
        assert line.split()[3] == votes, found.stdout


def test_points_beside_rankings_do_not_scale_votes(run: Run) -> None:
    """Four projects could be ranked, one of which was withdrawn: three points for each first place."""
    text = small("voter_id;vote;points\n1;a,b;1,0.5\n2;a;1\n", vote_type="ordinal", more="scoring_fn;Borda\n")
    line = next(line for line in run(text).stdout.splitlines() if "Bankjes" in line)
    assert line.split()[3] == "6"


@pytest.mark.parametrize("longest", [10**18 - 1, 30_000_000])
def test_rankings_longer_than_the_list_take_no_memory(run: Run, longest: int) -> None:
    text = small("voter_id;vote\n1;a,b\n2;c,b,a\n", vote_type="ordinal", more=f"max_length;{longest}\n")
    assert "2 winners" in run(text).stdout


@pytest.mark.parametrize("positions", ["[9000000000000000000]", "[99999999999999999999999]"])
@pytest.mark.parametrize("rule", ["most_votes", "welfare", "bos", "equal_shares", "majority_judgment"])
def test_points_that_no_sum_holds_are_refused(run: Run, rule: str, positions: str) -> None:
    found = run(RANKS, "--rule", rule, "--set", "score=positions", "--set", f"positions={positions}")
    assert (found.exit_code, found.stdout) == (2, "")


def test_control_characters_reach_no_terminal_page_or_picture(run: Run, tmp_path: Path) -> None:
    text = APPROVALS.replace("Bomen", "Bo\x1b[2J\x07\x00\u202e\x9bmen").replace(
        "instance;2024", "instance;\x1b]0;x\x07"
    )
    page, picture = tmp_path / "out.html", tmp_path / "out.svg"
    found = run(text.replace("unit;Dorp", "unit;Do\x00rp"), "--html", page, "--plot", picture)
    for said in (found.stdout, page.read_text(encoding="utf-8"), picture.read_text(encoding="utf-8")):
        assert not any(one in said for one in "\x1b\x07\x00\u202e\x9b")
    html5lib.HTMLParser(strict=True).parse(page.read_text(encoding="utf-8"))
    ET.fromstring(picture.read_text(encoding="utf-8"))
    found = run(text.replace("unit;", "\x1b[2Junit;").replace("country;", "\x1b[2Junit;"))
    assert found.exit_code == 2
    assert "\x1b" not in found.stderr


def test_the_file_that_is_read_stays_and_no_output_takes_anothers_place(run: Run, tmp_path: Path) -> None:
    same = tmp_path / "same"
    for options in (["--trace", tmp_path / "vote.pb"], ["--trace", same, "--html", same]):
        found = run(APPROVALS, *options)
        assert (found.exit_code, found.stdout) == (2, "")
        assert "named twice" in found.stderr
    assert (tmp_path / "vote.pb").read_text(encoding="utf-8") == APPROVALS
    assert not same.exists()


def test_a_folder_that_is_not_there_is_told_before_the_count(run: Run, tmp_path: Path) -> None:
    found = run(APPROVALS, "--html", tmp_path / "absent" / "out.html")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "--html" in found.stderr


def test_what_fails_halfway_leaves_the_old_file(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out.json").write_text("old")
    whole = Path.write_bytes

    def half(self: Path, data: bytes) -> int:
        whole(self, data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    found = run(APPROVALS, "--trace", tmp_path / "out.json")
    assert found.exit_code == 1
    assert "No space left" in found.stderr
    assert sorted(one.name for one in tmp_path.iterdir()) == ["out.json", "vote.pb"]
    assert (tmp_path / "out.json").read_text() == "old"


def apart(text: str, tmp_path: Path, *, stdout: Any = subprocess.PIPE, env: dict[str, str] | None = None) -> Any:
    (tmp_path / "vote.pb").write_text(text, encoding="utf-8")
    code = "from buurtbegroot.counting.commands import command; command()"
    words = [sys.executable, "-c", code, str(tmp_path / "vote.pb")]
    return subprocess.run(words, stdout=stdout, stderr=subprocess.PIPE, env=env, check=False)


def test_a_full_disk_behind_the_output_is_said(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = apart(APPROVALS, tmp_path, stdout=full)
    assert done.returncode == 1
    assert done.stderr == b"Error: the output: No space left on device\n"


def test_a_terminal_of_another_encoding_gets_what_it_can_show(tmp_path: Path) -> None:
    done = apart(APPROVALS.replace("Bomen", "Bäumen 𝄞"), tmp_path, env={"PYTHONIOENCODING": "latin-1"})
    assert done.returncode == 0, done.stderr
    assert "Bäumen ?".encode("latin-1") in done.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--set", "requires=[[1,2],[2,3],[3,1]]"], "requires: cycle"),
        (["--set", "requires=[[1,9]]"], "unknown plan"),
        (["--set", "min_votes=NaN"], "min_votes"),
        (["--set", "min_votes=1e400"], "min_votes"),
        (["--set", "min_votes=1", "--set", "min_votes=2"], "set twice"),
    ],
)
def test_a_question_that_contradicts_itself(run: Run, options: list[str], said: str) -> None:
    found = run(APPROVALS, *options)
    assert (found.exit_code, found.stdout) == (2, "")
    assert said in found.stderr


def test_rules_that_say_a_thing_twice_are_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rules.json").write_text('{"min_votes": 1, "min_votes": 3}')
    found = run(APPROVALS, "--rule", tmp_path / "rules.json")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "occurs twice" in found.stderr


@pytest.mark.parametrize(
    ("beyond", "said"),
    [
        (Beyond(requires=(("a", "d"),)), "'a' needs a project that is withdrawn"),
        (Beyond(requires=(("a", "b"), ("b", "a"))), "requires: cycle"),
        (Beyond(seed="zz"), "seed: not an even number of hexadecimal digits"),
        (Beyond(parameters={"method": "phragmen", "min_votes": "x"}), "parameters: min_votes is 'x'"),
    ],
)
def test_what_stands_beside_and_cannot_be(run: Run, beyond: Beyond, said: str, tmp_path: Path) -> None:
    noted, document = with_beside(read(APPROVALS), beyond)
    (tmp_path / "beside.json").write_bytes(document)
    found = run(write(noted), "--beside", tmp_path / "beside.json")
    assert (found.exit_code, found.stdout) == (2, "")
    assert said in found.stderr


@pytest.mark.parametrize("weight", ["9" * 30, "1/" + "9" * 30])
def test_weights_that_no_sum_holds_are_refused(run: Run, weight: str, tmp_path: Path) -> None:
    noted, document = with_beside(read(APPROVALS), Beyond(voter_weights={"1": Fraction(3, 7)}))
    plain = json.loads(document)
    plain["beyond"]["voter_weights"]["1"] = weight
    (tmp_path / "beside.json").write_text(json.dumps(plain, sort_keys=True, separators=(",", ":")))
    found = run(write(noted), "--beside", tmp_path / "beside.json")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "voter_weights: too large or too fine" in found.stderr


@pytest.mark.parametrize("rule", [*Method, *PRESETS])
def test_a_project_dearer_than_all_money_wins_by_no_rule(run: Run, rule: str, tmp_path: Path) -> None:
    text = small("voter_id;vote;points\n1;a,b;2,3\n2;a;1\n3;a,c;2,1\n", vote_type="cumulative")
    dear = text.replace("a;60;", "a;100.51;")
    found = run(dear, "--rule", rule, "--trace", tmp_path / "trace.json")
    assert found.exit_code == 0, found.output
    (counted,) = json.loads((tmp_path / "trace.json").read_text())["counts"]
    judged = {one["plan"]: one for one in counted["outcome"]["judgements"]}
    assert (judged[1]["awarded_cents"], judged[1]["verdict"]) != (10051, "funded")
    assert sum(one["awarded_cents"] for one in judged.values()) <= 10050


def test_the_seed_draws_the_lot(run: Run) -> None:
    text = small("voter_id;vote\n1;a\n2;b\n3;c\n").replace("b;40.50", "b;60").replace("c;41", "c;60")
    seeds = ("", "00", "01", "02", "03")
    won = {seed: run(text, "--seed", seed).stdout.partition("gets\n")[2].split()[1] for seed in seeds}
    assert won[""] == "a"
    assert len(set(won.values())) > 1
    assert "by lot: " in run(text, "--seed", "00").stdout


def test_an_interrupted_count_writes_nothing(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("buurtbegroot.counting.commands.counted", interrupted)
    found = run(APPROVALS, "--trace", tmp_path / "trace.json", "--html", tmp_path / "report.html")
    assert (found.exit_code, found.stdout) == (1, "")
    assert "Aborted" in found.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["vote.pb"]


@pytest.mark.parametrize("text", [APPROVALS, POINTS, RANKS], ids=["approval", "points", "ranks"])
@pytest.mark.parametrize("rule", ["file", "equal_shares", "welfare"])
def test_both_ways_to_read_a_file_count_alike(run: Run, text: str, rule: str, tmp_path: Path) -> None:
    noted, document = with_beside(read(text), Beyond())
    (tmp_path / "beside.json").write_bytes(document)
    traces = []
    for name, options in (("one", []), ("other", ["--beside", tmp_path / "beside.json"])):
        assert run(write(noted), "--rule", rule, "--trace", tmp_path / name, *options).exit_code == 0
        traces.append((tmp_path / name).read_bytes())
    assert traces[0] == traces[1]


def test_the_rules_beside_a_file_are_its_rules(run: Run, tmp_path: Path) -> None:
    shares = canonical_json(to_plain(EqualShares(compare=True))).decode()
    text = small("voter_id;vote\n1;a\n2;a\n3;b,c\n", rule="unknown")
    for parameters, said in (
        (
            {"method": "votes_per_euro", "rest": "stop", "min_votes": "1", "requires": "[[1,77]]"},
            "method votes_per_euro",
        ),
        ({"method": "equal_shares", "equal_shares": shares}, "compare true"),
        ({"increment": "1 cent"}, "no rules of ours: increment"),
    ):
        noted, document = with_beside(read(text), Beyond(parameters=parameters))
        (tmp_path / "beside.json").write_bytes(document)
        found = run(write(noted), "--beside", tmp_path / "beside.json")
        assert found.exit_code == 0, found.output
        assert said in found.stdout
    noted, document = with_beside(read(text), Beyond(parameters={"method": "most_votes", "min_votes": "many"}))
    (tmp_path / "beside.json").write_bytes(document)
    found = run(write(noted), "--beside", tmp_path / "beside.json")
    assert (found.exit_code, found.stdout) == (2, "")
    assert "parameters: min_votes" in found.stderr
