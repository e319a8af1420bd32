"""Nothing is promised without a test: docs/claims.md has the claims, pages.txt and docs.txt where they are said."""

import re
from collections import Counter
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import Path

import pytest

from tests.claims.listed import BY_PEOPLE, NO_PROMISE, claims, faults_of_tests, read_claims, read_lines
from tests.claims.sentences import (
    IS_PROMISE,
    IS_PROMISE_IN_ENGLISH,
    LIST,
    ROOT,
    files,
    in_page,
    of_catalogs,
    of_docs,
    split,
)

FOLDER = Path(__file__).parent
SAID = {"pages.txt": of_catalogs, "docs.txt": of_docs}
NAMED = re.compile(r"\b(tests/[\w/.:*-]*[\w*])")
MODULE = re.compile(r"python -m (tests[\w.]*\w)")
MODULE_FILES = (".py", "/__main__.py")
TO_DO = """{number} sentences promise something and are not in tests/claims/{file}:

{lines}

For each of them:
1. Find out whether it is true, for everyone who reads it. If not, correct the sentence; a Dutch one in the code or
   template, then `make catalogs` and its English.
2. If it is true, put it, as it stands here, in tests/claims/{file} under the [claim] that it belongs to. If no claim
   covers it, write the test that shows it and add both to docs/claims.md.
3. If it promises nothing, put it under one of these:
{reasons}
"""


def test_each_claim_has_tests_that_run() -> None:
    """If this fails: name the test that shows the claim now, in docs/claims.md, or promise it no longer."""
    faults = [f"[{key}] {fault}" for key, claim in claims().items() for fault in faults_of_tests(claim.tests)]
    untested = {key for key, claim in claims().items() if not claim.tests and claim.group != BY_PEOPLE}
    assert (faults, untested) == ([], set()), f"in {LIST}: name a test that shows the claim, or promise it no longer"


@pytest.mark.parametrize("file", SAID)
def test_every_promise_belongs_to_a_claim_or_is_none(file: str) -> None:
    listed = dict(read_lines((FOLDER / file).read_text(encoding="utf-8")))
    missing = SAID[file]() - listed.keys()
    old = {line: heading for line, heading in listed.items() if line not in SAID[file]()}
    assert not missing, what_to_do(file, missing, old)
    assert not old, f"tests/claims/{file}: nobody says this any more, take these lines out:\n" + "\n".join(sorted(old))


def what_to_do(file: str, missing: Collection[str], old: dict[str, str]) -> str:
    lines = []
    for sentence in sorted(missing):
        words = {
            match[0].lower() for match in (IS_PROMISE.search(sentence), IS_PROMISE_IN_ENGLISH.search(sentence)) if match
        }
        lines.append(f"  {sentence}\n      (it says: {', '.join(sorted(words))})")
        lines += [f"      in place of, under [{old[each]}]: {each}" for each in get_close_matches(sentence, old, n=1)]
    reasons = "\n".join(f"   [no promise: {name}] {why}" for name, why in NO_PROMISE.items())
    return TO_DO.format(number=len(missing), file=file, lines="\n".join(lines), reasons=reasons)


@pytest.mark.parametrize("file", SAID)
def test_lines_stand_once_under_a_heading_that_there_is(file: str) -> None:
    lines = [*read_lines((FOLDER / file).read_text(encoding="utf-8"))]
    headings = {*claims(), *(f"no promise: {name}" for name in NO_PROMISE)}
    assert {heading for _line, heading in lines} <= headings
    assert [line for line, times in Counter(line for line, _heading in lines).items() if times > 1] == []


@pytest.mark.parametrize("page", sorted(files()), ids=lambda page: page.name)
def test_what_a_page_tells_to_run_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    wanted = {path for path in NAMED.findall(text) if "<" not in path}
    tests = {path for path in wanted if "::" in path}
    modules = {name.replace(".", "/") for name in MODULE.findall(text)}
    assert [*faults_of_tests(tuple(sorted(tests)))] == []
    assert {path for path in wanted - tests if not [*ROOT.glob(path)]} == set()
    assert {each for each in modules if not any((ROOT / f"{each}{end}").is_file() for end in MODULE_FILES)} == set()


def test_a_test_that_is_gone_or_marked_away_is_found(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        "def test_a(): pass\n"
        "@pytest.mark.skip(reason='later')\ndef test_b(): pass\n"
        "@pytest.mark.xfail\nclass TestC:\n    def test_d(self): pass\n"
        "def test_e():\n    pytest.skip('later')\n"
        "@pytest.mark.slow\nclass TestF:\n    def test_g(self): pass\n"
    )
    names = ("test_a", "test_b", "TestC::test_d", "test_e", "TestF::test_g", "test_h", "test_g")
    told = [*faults_of_tests(tuple(f"test_it.py::{name}" for name in names), root=tmp_path)]
    assert [fault.split(": ")[0].removeprefix("test_it.py::") for fault in told] == [
        "test_b", "TestC::test_d", "test_e", "test_h", "test_g",
    ]  # fmt: skip
    assert [*faults_of_tests(("test_gone.py::test_a",), root=tmp_path)] == [
        "test_gone.py::test_a: there is no such file"
    ]


def test_sentences_are_found_wherever_they_stand() -> None:
    page = (
        "# Nobody here\nText. It is never\nlost; [anyone](x.md) sees it. Fine.\n\n    never(in, code)\n\n"
        "- **Always** first.\n- Not this.\n\n| a | b |\n| --- | --- |\n| kept apart | no |\n"
    )
    assert [*in_page(page)] == ["Nobody here", "It is never lost; anyone sees it.", "Always first.", "kept apart"]
    assert [*split("Dat kan. ‘Nooit’ zei u? Nee, 2 keer.")] == ["Dat kan.", "‘Nooit’ zei u?", "Nee, 2 keer."]


def test_a_page_of_claims_is_read_or_refused() -> None:
    page = "# T\nWords.\n\n## One\nMore.\n- **a-b** It is.\n  `tests/x.py::test_y`\n  `tests/x.py::test_z`\n"
    assert read_claims(page) == {"a-b": ("One", "It is.", ("tests/x.py::test_y", "tests/x.py::test_z"))}
    for wrong in ("- no key\n", "- **a-b** Twice.\n", "- **c** It is. tests/x.py::test_y\n  more\n"):
        with pytest.raises(ValueError, match="write `- "):
            read_claims(page + wrong)
