"""What the terminal shows of a count."""

from collections.abc import Iterable, Iterator, Sequence

from buurtbegroot.core.methods import EqualShares, Score
from buurtbegroot.core.records import to_plain
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally.trace import WINNING, Judgement, Verdict
from buurtbegroot.counting.counted import Counted, PotCounts, with_winner
from buurtbegroot.counting.vote import Vote

LONGEST_NAME = 44
SHOWN_TIES = 5
MARKS = {2: "paid in part or from other money", 3: "paid from a reserve"}
"""What places mean by these codes of `selected`; neither 2 nor 3 is a winner or a loser of the count."""


def lines(vote: Vote, pots: Sequence[PotCounts], *, certified: bool = False) -> Iterator[str]:
    """Yield the lines: the vote, and of each pot what was counted; in the end what the pots come to together."""
    election = vote.election
    instance = " ".join(filter(None, (vote.meta.get(key, "") for key in ("country", "unit", "district", "instance"))))
    yield instance
    yield (
        f"{election.valid_ballots:,} ballots ({vote.terms.vote_type}), {len(election.plans)} projects, "
        f"budget {money(election.budget_cents)} {vote.meta.get('currency', '')}".rstrip()
    )
    yield from (f"warning: {one}" for one in vote.miscounts)
    for pot in pots:
        yield from _pot(pot.vote, pot.counts, certified=certified)
    if len(pots) > 1:
        first = [pot.counts[0] for pot in pots]
        won, spent = sum(len(one.winners) for one in first), sum(one.spent_cents for one in first)
        yield ""
        left = sum(one.outcome.left_cents for one in first)
        yield f"all pots: {won} winners, {money(spent)} spent, {money(left)} left"


def _pot(vote: Vote, counts: Sequence[Counted], *, certified: bool) -> Iterator[str]:
    """Yield the lines of a pot: the first count in full, how the others differ from it, and what was certified."""
    if vote.pot:
        yield ""
        yield f"Pot: {vote.pot}, {len(vote.election.plans)} projects, budget {money(vote.election.budget_cents)}"
    yield from _one(vote, counts[0])
    if len(counts) > 1:
        yield from _others(vote, counts)
    for one in counts if certified else ():
        if one.certified_in is None:
            yield f"{one.asked.name}: counted in whole numbers and fractions alone, so there is nothing to certify"
        else:
            yield f"{one.asked.name}: the reference gives the same, byte by byte, in {one.certified_in:.3f} s"


def money(cents: int) -> str:
    """Return an amount as 1,234 or 1,234.50."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole:,}{f'.{rest:02}' if rest else ''}"


def table(rows: Iterable[Sequence[str]], *, right: Iterable[int]) -> Iterator[str]:
    """Yield rows in columns of equal width; those in `right` end at one line."""
    listed, ends = list(rows), set(right)
    widths = [max(map(len, column)) for column in zip(*listed, strict=True)]
    for row in listed:
        cells = [
            cell.rjust(width) if place in ends else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _one(vote: Vote, counted: Counted) -> Iterator[str]:
    outcome = counted.outcome
    yield ""
    yield f"Rule: {counted.asked.name}"
    yield from (f"  {line}" for line in parameters(counted))
    yield from (f"  note: {note}" for note in counted.asked.notes)
    yield ""
    won = [one for one in outcome.judgements if one.verdict in WINNING]
    header = ("rank", "project", "name", figures(counted.asked.counting), "cost", "gets", "")
    rows = [_row(vote, one, counted) for one in won]
    yield from table([header, *rows], right=(0, 3, 4, 5))
    yield ""
    yield f"{len(won)} winners, {money(counted.spent_cents)} spent, {money(outcome.left_cents)} left"
    yield from _ties(vote, counted)
    yield from _official(vote, counted)
    yield f"counted in {counted.seconds:.3f} s"


def figures(rules: CountingRules) -> str:
    """Return what the plans have by these rules: votes or points."""
    return "votes" if rules.score is Score.VOTES else "points"


def _row(vote: Vote, one: Judgement, counted: Counted) -> tuple[str, ...]:
    project = vote.projects[one.plan]
    votes = one.votes / vote.parts(counted.asked.counting)
    said = {Verdict.PARTLY_FUNDED: "in part", Verdict.TOPPED_UP: "topped up"}.get(one.verdict, "")
    if one.plan in counted.from_rest:
        said = ", ".join(filter(None, (said, "from what was left")))
    name = project.name if len(project.name) <= LONGEST_NAME else f"{project.name[: LONGEST_NAME - 1]}…"
    amounts = (money(one.cost_cents), money(one.awarded_cents + one.extra_cents))
    return str(one.rank), project.project_id, " ".join(name.split()), f"{votes:,.10g}", *amounts, said


def parameters(counted: Counted) -> Iterator[str]:
    """Yield the parameters in words of the rules themselves: those of the method, and others that say something."""
    rules, defaults = counted.asked.counting, type(counted.asked.counting)()
    shares = rules.equal_shares
    yield f"method {rules.method}"
    if shares is not None:
        yield ", ".join(f"{name} {_said(getattr(shares, name))}" for name in EqualShares.__slots__)
    for name in type(rules).__slots__:
        value = getattr(rules, name)
        if name not in {"method", "equal_shares", "ties"} and value != getattr(defaults, name):
            yield f"{name} {_said(value)}"
    yield f"ties {', '.join(rules.ties)}; seed of the lot {counted.outcome.seed or 'empty'}"


def _said(value: object) -> str:
    plain = to_plain(value)
    if isinstance(plain, dict) and plain.keys() == {"num", "den"}:
        return f"{plain['num']}/{plain['den']}"
    return "none" if plain is None else str(plain).lower() if isinstance(plain, bool) else str(plain)


def _ties(vote: Vote, counted: Counted) -> Iterator[str]:
    ties = counted.ties()
    for tie in ties[:SHOWN_TIES]:
        names = ", ".join(vote.projects[plan].project_id for plan in tie.plans)
        yield f"tie, in this order by {tie.decided_by.replace('_', ' ')}: {names}"
    if len(ties) > SHOWN_TIES:
        yield f"and {len(ties) - SHOWN_TIES} more ties"


def _official(vote: Vote, counted: Counted) -> Iterator[str]:
    if not vote.selected:
        yield "the file names no winners"
    else:
        here, there = vote.against(counted.winners)
        if here or there:
            yield "differs from the winners in the file:"
            yield from _difference(here, there)
        else:
            yield f"agrees with the {len(vote.selected)} winners in the file"
    for code, plans in vote.marked.items():
        said = MARKS.get(code, "see its comment")
        funded = ", ".join(vote.named(counted.winners.intersection(plans))) or "none"
        yield f"marked {code} in the file ({said}): {', '.join(vote.named(plans))}; of these funded here: {funded}"


def _difference(here: Sequence[str], there: Sequence[str]) -> Iterator[str]:
    for said, projects in (("only here", here), ("only there", there)):
        if projects:
            yield f"  {said}: {', '.join(projects)}"


def _others(vote: Vote, counts: Sequence[Counted]) -> Iterator[str]:
    first, ballots = counts[0], vote.election.valid_ballots or 1
    rows = [("rule", "winners", "spent", "left", "voters with a winner", "won", "lost", "seconds")]
    for one in counts:
        voters = with_winner(vote, one.winners) / vote.election.parts / ballots
        gained, lost = len(one.winners - first.winners), len(first.winners - one.winners)
        amounts = (money(one.spent_cents), money(one.outcome.left_cents))
        figures = (f"{voters:.1%}", f"+{gained}", f"-{lost}", f"{one.seconds:.3f}")
        rows.append((one.asked.name, str(len(one.winners)), *amounts, *figures))
    yield ""
    yield from table(rows, right=range(1, len(rows[0])))
    for one in counts[1:]:
        if one.winners != first.winners:
            yield f"{one.asked.name} beside {first.asked.name}:"
            yield from _difference(vote.named(one.winners - first.winners), vote.named(first.winners - one.winners))
