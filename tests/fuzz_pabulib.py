"""Look for bytes on which the .pb readers crash or disagree: python -m tests.fuzz_pabulib [SECONDS].

Needs the dependency group `fuzz` (atheris). Starts from small files of every vote type and mutates them, guided by the
code they reach. Exits 1 at the first input that breaks `tests.core.pabulib_checks.check` and leaves it in a file.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["buurtbegroot.core.pabulib"]):
    from buurtbegroot.core.pabulib import ballots
    from tests.core.pabulib_checks import SEEDS, check

SECONDS = 600
LONGEST = 2_000  # bytes

WORDS = [r"\"", ";", ",", r"\x0a", r"\x0d", "META", "PROJECTS", "VOTES", "999999999", "-1", "0.5", r"\xef\xbb\xbf"]


def main() -> None:
    """Fuzz until the time is over."""
    seconds = int(sys.argv[1]) if sys.argv[1:] else SECONDS
    ballots.BATCH = 2  # so that small files have several
    folder = Path(tempfile.mkdtemp(prefix="fuzz-pabulib-"))
    for vote_type, text in SEEDS.items():
        (folder / vote_type).write_text(text, encoding="utf-8")
    (folder / "words.dict").write_text("".join(f'"{word}"\n' for word in WORDS), encoding="utf-8")
    options = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", f"-dict={folder / 'words.dict'}"]
    atheris.Setup([sys.argv[0], str(folder), *options, f"-artifact_prefix={folder}/"], _try)
    atheris.Fuzz()


def _try(data: bytes) -> None:
    check(data)


if __name__ == "__main__":
    main()
