"""The command of verify.py: reads the files named, makes the checks, and says in plain words what came of them."""

import hashlib
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from types import FrameType
from typing import TextIO

from buurtbegroot.core.receipts import short_code
from buurtbegroot.core.tally.document import document_from
from buurtbegroot.core.verifying import words
from buurtbegroot.core.verifying.bundle import MOST_BYTES, BundleError, unpack
from buurtbegroot.core.verifying.checks import Finding, Report, Trust, check, key_fingerprint
from buurtbegroot.core.verifying.reading import Bundle
from buurtbegroot.core.verifying.words import Both

MOST_MINUTES = 30
MOST_SHOWN = 5
"""How many findings of one kind are shown one by one."""
LONGEST_SHOWN = 200
LARGEST_NOTE = 200_000
HOLDS, FAILS, UNREADABLE = 0, 1, 2


class TooLongError(BaseException):
    """The checks take longer than anybody waits."""


class UnreadableError(Exception):
    """A file that cannot be read; the message says why."""


@dataclass(frozen=True)
class Asked:
    """What the command was asked: names of files, and the key as it was typed."""

    bundle: str
    key: str = ""
    receipts: tuple[str, ...] = ()
    saved: tuple[str, ...] = ()
    plans: str = ""


@dataclass(frozen=True)
class Speaker:
    """Writes lines in one language. What comes from files is shown without anything that could steer a screen."""

    out: TextIO
    english: bool

    def text(self, said: Both, **shown: object) -> str:
        """Return a text, its gaps filled."""
        return (said.en if self.english else said.nl).format(**{name: clean(shown[name]) for name in shown})

    def say(self, said: Both, **shown: object) -> None:
        """Write a line."""
        self.line(self.text(said, **shown))

    def line(self, text: str) -> None:
        """Write a line that is text already."""
        self.out.write(f"{text}\n")


def clean(value: object) -> str:
    """Return a value on one line, of printable characters, and not for ever."""
    text = str(value)
    return "".join(sign if sign.isprintable() else "?" for sign in text[:LONGEST_SHOWN])


def main(arguments: Sequence[str]) -> int:
    """Check what the arguments name; return 0 when it holds, 1 when it does not, 2 when it cannot be read."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    speaker = Speaker(sys.stdout, english="--en" in arguments)
    asked = parsed([each for each in arguments if each != "--en"])
    if asked is None:
        speaker.say(words.USAGE)
        return UNREADABLE
    try:
        with at_most(MOST_MINUTES):
            return checked(asked, speaker)
    except (UnreadableError, BundleError) as error:
        speaker.line(str(error))
    except TooLongError:
        speaker.say(words.TOO_LONG, minutes=MOST_MINUTES)
    except (MemoryError, RecursionError) as error:
        speaker.say(words.NO_BUNDLE, name=asked.bundle, why=type(error).__name__)
    return UNREADABLE


def parsed(arguments: Sequence[str]) -> Asked | None:
    """Read the arguments; None for those that make no question. An option holds until the next one."""
    found: dict[str, list[str]] = {"": [], "--key": [], "--receipt": [], "--saved": [], "--plans": []}
    option = ""
    for each in arguments:
        if each.startswith("--"):
            option, _, value = each.partition("=")
            if option not in found or not option:
                return None
            found[option] += [value] if value else []
        else:
            # A bundle may stand behind the one word of --key too.
            place = "" if option == "--key" and found["--key"] else option
            found[place].append(each)
    if len(found[""]) != 1 or len(found["--key"]) > 1 or len(found["--plans"]) > 1:
        return None
    return Asked(
        bundle=found[""][0],
        key="".join(found["--key"]),
        receipts=tuple(found["--receipt"]),
        saved=tuple(found["--saved"]),
        plans="".join(found["--plans"]),
    )


@contextmanager
def at_most(minutes: int) -> Iterator[None]:
    """End what is still going on after so many minutes with a TooLongError, where the system can."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooLongError

    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, minutes * 60)
    try:
        yield
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)


def checked(asked: Asked, speaker: Speaker) -> int:
    """Make the checks and say what came of them."""
    data = _read(asked.bundle, MOST_BYTES, speaker)
    trust = Trust(
        key=asked.key,
        receipts=tuple(_text(name, speaker) for name in asked.receipts),
        saved=tuple(_text(name, speaker) for name in asked.saved),
    )
    speaker.say(words.FILE, name=asked.bundle, sha256=hashlib.sha256(data).hexdigest())
    beside = {"plans.json": _read(asked.plans, MOST_BYTES, speaker)} if asked.plans else {}
    try:
        bundle = Bundle(unpack(data) | beside)
    except BundleError as error:
        raise UnreadableError(speaker.text(words.NO_BUNDLE, name=asked.bundle, why=error)) from error
    del data
    report = check(bundle, trust)
    say_checks(report, speaker)
    say_facts(bundle, report, speaker)
    return FAILS if report.findings else HOLDS


def say_checks(report: Report, speaker: Speaker) -> None:
    """Say of each check whether it holds, and what does not."""
    wrong = {name: list(found) for name, found in groupby(report.findings, key=lambda each: each.check)}
    holds = words.HOLDS if report.anchors else words.HOLDS_ALONE
    for name, said in words.CHECKS.items():
        verdict = speaker.text(words.FAILS if name in wrong else holds)
        speaker.line(f"{name:<4} {verdict:<18}  {speaker.text(said)}")
        for line in _faults(wrong.get(name, []), speaker):
            speaker.line(f"       - {line}")


def _faults(found: Sequence[Finding], speaker: Speaker) -> Iterator[str]:
    kinds: dict[str, list[str]] = {}
    for each in found:
        kinds.setdefault(each.fault, []).append(each.about)
    for fault, about in kinds.items():
        said = speaker.text(words.FAULTS[fault])
        yield from (f"{said}: {clean(one)}" for one in about[:MOST_SHOWN])
        if len(about) > MOST_SHOWN:
            yield speaker.text(words.MORE, number=len(about) - MOST_SHOWN)


def say_facts(bundle: Bundle, report: Report, speaker: Speaker) -> None:
    """Say what was counted, what it was held against, what is gone and, last, what it comes to."""
    if not any(each.fault == "unreadable" for each in report.findings):
        _say_counted(bundle, report, speaker)
    for each in report.fates:
        fate = speaker.text(words.FATES[each.fate], choices=each.choices)
        speaker.say(words.FATE, code=short_code(each.tracker), fate=fate)
    if report.anchors:
        anchors = ", ".join(speaker.text(words.ANCHORS[each]) for each in report.anchors)
        speaker.say(words.ANCHORED, anchors=anchors)
    if report.findings:
        speaker.say(words.SOME_FAIL)
    elif report.anchors:
        speaker.say(words.ALL_HOLD)
    else:
        speaker.say(words.ALONE, key=key_fingerprint(bundle.manifest.signer.key))


def _say_counted(bundle: Bundle, report: Report, speaker: Speaker) -> None:
    manifest = bundle.manifest
    speaker.say(words.ROUND, slug=manifest.content["round"]["slug"], ballots=len(bundle.ballots))
    if not report.findings:
        outcomes = document_from(bundle.files["result.json"].decode()).outcomes
        won = [cents for outcome in outcomes for _plan, cents in outcome.funded]
        speaker.say(words.WON, plans=len(won), amount=speaker.text(_amount(sum(won))))
    speaker.say(words.COSIGNED, number=len(report.witnesses), all=len(manifest.witnesses))
    speaker.say(words.TEXTS, number=len(manifest.plans) - len(report.unread), all=len(manifest.plans))
    if bundle.withdrawn:
        speaker.say(words.WITHDRAWN, plans=", ".join(map(str, sorted(bundle.withdrawn))))
    speaker.say(words.GONE if report.gone else words.NONE_GONE, number=len(report.gone))
    for envelope in report.gone[:MOST_SHOWN]:
        speaker.line(f"       - {envelope}")
    if report.unsealed:
        speaker.say(words.UNSEALED, number=len(report.unsealed))
    for night in report.unsealed[:MOST_SHOWN]:
        speaker.line(f"       - {night}")
    for restored in report.restored:
        speaker.say(words.RESTORED, **restored._asdict())


def _amount(cents: int) -> Both:
    whole, rest = divmod(cents, 100)
    return Both(f"€ {whole:,}".replace(",", ".") + f",{rest:02}", f"€{whole:,}.{rest:02}")


def _read(name: str, most: int, speaker: Speaker) -> bytes:
    try:
        with open(name, "rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise UnreadableError(speaker.text(words.NO_FILE, name=name, why=error.strerror or error)) from error
    if len(data) > most:
        raise UnreadableError(speaker.text(words.NO_FILE, name=name, why=speaker.text(words.TOO_LARGE)))
    return data


def _text(name: str, speaker: Speaker) -> str:
    return _read(name, LARGEST_NOTE, speaker).decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
