"""The command `buurtbegroot count`: a tool by itself, which makes no app and opens no database."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import BinaryIO

import click

from buurtbegroot.core.pabulib import Beyond, PbError, read, read_beside, read_profile
from buurtbegroot.core.tally.knapsack import TooHardError
from buurtbegroot.counting import table
from buurtbegroot.counting.asked import ALL, NAMES, Asked, AskedError, asked, too_long
from buurtbegroot.counting.counted import PATHS, Counted, NotTheSameError, PotCounts, counted, together, trace_document
from buurtbegroot.counting.output import STDOUT, TargetError, check_targets, printable, tell, unpacked, write
from buurtbegroot.counting.pages import LANGUAGES
from buurtbegroot.counting.plot import plot
from buurtbegroot.counting.progress import Progress, shown
from buurtbegroot.counting.report import report
from buurtbegroot.counting.vote import Vote, pots_of, vote_beside, vote_of

SHOWN_WARNINGS = 10
WRITABLE = click.Path(dir_okay=False, writable=True, allow_dash=True, path_type=Path)


class _Refusal(click.ClickException):
    """What was given cannot be counted."""

    exit_code = 2

    def format_message(self) -> str:
        """Return the message without what would steer the terminal."""
        return printable(super().format_message())


@click.command("count", epilog=f"NAME is one of {', '.join(NAMES)}; with --compare also all.")
@click.argument("file", type=click.File("rb"), metavar="FILE.pb")
@click.option("--rule", "rules", multiple=True, metavar="NAME", help="A method, preset, `file` or .json; repeatable.")
@click.option("--compare", multiple=True, metavar="NAME", help="As --rule, beside the first; `all`: every method.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter of the rules asked for.")
@click.option("--beside", type=click.File("rb"), metavar="FILE.json", help="What the .pb cannot say: weights, ties, …")
@click.option("--allow-miscount", is_flag=True, help="Count also if META says another number of votes or projects.")
@click.option("--seed", default="", metavar="HEX", help="The seed of the lot.")
@click.option("--path", type=click.Choice(list(PATHS)), default="fastest", help="How equal shares are computed.")
@click.option("--certify", is_flag=True, help="Count again with plain fractions and compare byte by byte.")
@click.option("--trace", type=WRITABLE, metavar="OUT.json", help="Write every step as canonical JSON.")
@click.option("--html", type=WRITABLE, metavar="OUT.html", help="Write a report that explains the count.")
@click.option("--plot", type=WRITABLE, metavar="OUT.svg", help="Write a picture of the outcome.")
@click.option("--language", type=click.Choice(LANGUAGES), default="nl", help="Of the report and the picture.")
def command(  # each option of a command is a parameter; `files` are those to write
    *,
    file: BinaryIO,
    rules: Sequence[str],
    compare: Sequence[str],
    settings: Sequence[str],
    beside: BinaryIO | None,
    allow_miscount: bool,
    seed: str,
    path: str,
    certify: bool,
    language: str,
    **files: Path | None,
) -> None:
    """Count the votes in a Pabulib FILE.pb (- reads them from the pipe; .gz too) and tell who won, and why.

    Without --rule by the rule that the file names. docs/counting.md explains methods, presets and parameters. A - for
    an OUT is the standard output.

    \b
    count vote.pb --html report.html              count by the file's own rule, and write why
    count vote.pb --compare equal_shares          what would equal shares have given?
    count vote.pb --rule most_votes --set rest=stop --set min_votes=50
    """
    targets = _targets({f"--{name}": target for name, target in files.items()}, sources=(file, beside))
    data = _bytes(file)
    progress = Progress()
    with shown(progress):
        progress.start("reading")
        vote = _read(data, beside, seed=seed, name=file.name, allow_miscount=allow_miscount)
        found = _asked((*(rules or ("file",)), *compare), settings, vote)
        pots, hard = _counts(found, vote, path=path, certify=certify, progress=progress)
    digest = hashlib.sha256(data).hexdigest()
    made: Mapping[str, Callable[[], bytes]] = {
        "--trace": lambda: trace_document(vote, pots, sha256=digest),
        "--html": lambda: report(vote, pots, sha256=digest, language=language).encode(),
        "--plot": lambda: plot(vote, together(pots), language=language).encode(),
    }
    try:
        tell(_noticed(vote), err=True)
        tell(_left_out(vote, hard, {one.name for one in found}, names=(*rules, *compare)), err=True)
        if not pots[0].counts:
            raise click.exceptions.Exit(1)
        tell(table.lines(vote, pots, certified=certify), err=STDOUT in targets.values())
        _write(targets, made)
    except TargetError as error:
        raise click.ClickException(str(error)) from error


def _targets(given: Mapping[str, Path | None], *, sources: Sequence[BinaryIO | None]) -> Mapping[str, Path]:
    """Return the files to write by option; leave before a long count if one could not be written."""
    targets = {option: target for option, target in given.items() if target is not None}
    try:
        check_targets(targets, sources=[one.name for one in sources if one is not None])
    except TargetError as error:
        raise _Refusal(str(error)) from error
    return targets


def _bytes(file: BinaryIO) -> bytes:
    try:
        return unpacked(file)
    except ValueError as error:
        raise _Refusal(f"{file.name}: {error}") from error


def _write(targets: Mapping[str, Path], made: Mapping[str, Callable[[], bytes]]) -> None:
    """Write each file that was asked for, and tell it where nothing else is poured out."""
    for option, target in targets.items():
        write(target, made[option]())
        if target != STDOUT:
            tell([f"written: {target}"], err=STDOUT in targets.values())


def _noticed(vote: Vote) -> Iterator[str]:
    """Yield what the file says against itself."""
    yield from (f"note: {one}" for one in vote.warnings[:SHOWN_WARNINGS])
    if len(vote.warnings) > SHOWN_WARNINGS:
        yield f"note: and {len(vote.warnings) - SHOWN_WARNINGS} more of such; the report (--html) has them all"


def _left_out(vote: Vote, hard: Set[str], tried: Set[str], *, names: Sequence[str]) -> Iterator[str]:
    """Yield the rules that were asked for and not counted, each with why."""
    for name in sorted(hard):
        yield f"{name}: too hard for these projects, so left out"
    for name in too_long(vote) if ALL in names else ():
        if name not in tried:
            yield f"{name}: left out of `all`, as it may take minutes; ask for it by name"


def _read(data: bytes, beside: BinaryIO | None, *, seed: str, name: str, allow_miscount: bool) -> Vote:
    """Return the vote in these bytes; leave with 2 and a message for what cannot be counted."""
    try:
        lot = bytes.fromhex(seed)
    except ValueError as error:
        raise _Refusal(f"--seed {seed}: not an even number of hexadecimal digits") from error
    try:
        if beside is None:
            return vote_of(read_profile(data, allow_miscount=allow_miscount), seed=lot)
        beyond = read_beside(unpacked(beside), data)
        return vote_beside(read(data, allow_miscount=allow_miscount), beyond, seed=lot or _lot(beyond))
    except PbError as error:
        hint = "; --allow-miscount counts all the same" if error.field in {"num_votes", "num_projects"} else ""
        raise _Refusal(f"{name}: {error}{hint}") from error
    except ValueError as error:
        raise _Refusal(f"{beside.name if beside else name}: {error}") from error


def _lot(beyond: Beyond) -> bytes:
    """Return the seed of the document; raises ValueError, which names the field."""
    try:
        return bytes.fromhex(beyond.seed)
    except ValueError as error:
        raise ValueError("seed: not an even number of hexadecimal digits") from error


def _asked(names: Sequence[str], settings: Sequence[str], vote: Vote) -> list[Asked]:
    pairs = dict(one.partition("=")[::2] for one in settings)
    try:
        if len(pairs) < len(settings):
            raise AskedError("--set: a parameter is set twice")
        return asked(names, pairs, vote)
    except AskedError as error:
        raise _Refusal(str(error)) from error


def _counts(
    found: Sequence[Asked], vote: Vote, *, path: str, certify: bool, progress: Progress
) -> tuple[list[PotCounts], Set[str]]:
    """Return the counts of each pot, and the names of the rules that are too hard in one of them and so left out."""
    pots = pots_of(vote)
    tried = [[_counted(one, pot, path=path, certify=certify, progress=progress) for one in found] for pot in pots]
    hard = {one.name for counts in tried for one, count in zip(found, counts, strict=True) if count is None}
    kept = [[one for one in counts if one is not None and one.asked.name not in hard] for counts in tried]
    return [PotCounts(vote=pot, counts=counts) for pot, counts in zip(pots, kept, strict=True)], hard


def _counted(one: Asked, vote: Vote, *, path: str, certify: bool, progress: Progress) -> Counted | None:
    try:
        return counted(one, vote, path=path, certify=certify, progress=progress)
    except TooHardError:
        return None
    except NotTheSameError as error:
        raise click.ClickException(str(error)) from error
    except (ValueError, OSError) as error:
        raise _Refusal(f"--rule {one.name}: {error}") from error
