"""Attacks that say of people which ballot is theirs, from what was taken; none has the key that opens envelopes.

To each is given for nothing which row of the box is whose: the journal tells that who knows who came when.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from buurtbegroot.box.models import SealedBallot
from buurtbegroot.core.ballots import ballot_leaf
from buurtbegroot.core.box_file import fingerprint
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.credentials import form_mark, locator, nullifier, receipt_key, voter_tag
from buurtbegroot.core.receipts import ReceiptError
from buurtbegroot.core.stored_receipts import open_receipt
from tests.attacks.chance import Found, judged
from tests.attacks.leaks import Leaks
from tests.attacks.loot import HEAP_PAGE, SQLITE_PAGE, Needles, Seen, by_age, orders
from tests.attacks.story import Loot

Said = dict[int, int]  # of each person, which ballot is theirs


@dataclass(frozen=True)
class Ballot:
    """A ballot as it is published, with all that anybody can compute from it."""

    tracker: bytes
    choices: tuple[int, ...]
    blind: bytes
    leaf: bytes


class Case:
    """A vote that is attacked, what was published of it, and what is true."""

    def __init__(self, loot: Loot) -> None:
        self.loot = loot
        receipt = loot.voters[0].receipts[0]
        self.about = {"round_id": receipt.round, "manifest": receipt.manifest}
        self.ballots = [self._ballot(line) for line in loot.lists["ballots.jsonl"].splitlines()]
        self.nullifiers = [bytes.fromhex(line.decode()) for line in loot.lists["nullifiers.txt"].splitlines()]
        self.place = {ballot.tracker: at for at, ballot in enumerate(self.ballots)}
        self.voter_of = {
            nullifier(loot.k(each)): each for each in range(len(loot.voters)) if loot.voters[each].receipts
        }
        self.people = loot.people
        self.own = [self.place[voter.receipts[-1].tracker] if voter.receipts else -1 for voter in loot.voters]
        self.row = {each: loot.rows[locator(loot.link_key, loot.k(each))] for each in self.voter_of.values()}

    def _ballot(self, line: bytes) -> Ballot:
        plain = json.loads(line)
        tracker, blind = bytes.fromhex(plain["tracker"]), bytes.fromhex(plain["blind"])
        leaf = ballot_leaf(tracker, canonical_json(plain["choices"]), blind, **self.about)
        return Ballot(tracker, tuple(plain["choices"]), blind, leaf)

    def judged(self, said: Said) -> Found:
        """Judge what an attack says of people; of its own ballots an attacker needs to know nothing."""
        people = set(self.people)
        mine = {each: at for each, at in said.items() if each in people}
        if not mine:
            return Found(people=0, choices=0, ballots=0, p=1.0)
        rank = {each: at for at, each in enumerate(self.people)}
        own = [self.own[each] for each in self.people]
        return judged({rank[each]: at for each, at in mine.items()}, own, [each.choices for each in self.ballots])

    @cached_property
    def published(self) -> Needles:
        """All values that are published of ballots, and were not before closing."""
        values = [value for each in self.ballots for value in (each.tracker, each.blind, each.leaf)]
        return Needles([*values, *self.nullifiers])

    @cached_property
    def names(self) -> dict[bytes, int]:
        """Which ballot a published value is of."""
        return {value: at for at, each in enumerate(self.ballots) for value in (each.tracker, each.blind, each.leaf)}

    @cached_property
    def seen_after(self) -> dict[str, dict[str, list[Seen]]]:
        """Where published values stand in files of after the closing, by moment and file; each content once."""
        moments = {**self.loot.after, "lists": self.loot.lists, "bundle": self.loot.bundle}
        known: dict[bytes, list[Seen]] = {}
        found: dict[str, dict[str, list[Seen]]] = {}
        for moment, files in moments.items():
            for name, content in _with_whole_journal(files):
                seen = known.get(content)
                if seen is None:
                    seen = known[content] = list(self.published.seen(content))
                if seen:
                    found.setdefault(moment, {})[name] = seen
        return found

    def values_before(self) -> dict[str, int]:
        """Return how many published values stand in each file of before the closing."""
        logs = {"log": self.loot.logged}
        found = {
            name: sum(1 for _ in self.published.seen(content)) for name, content in (self.loot.before | logs).items()
        }
        return {name: number for name, number in found.items() if number}


def attacks(case: Case) -> Iterator[tuple[str, Said]]:
    """Yield every attack by its name, with what it says."""
    yield from ranks(case)
    yield from arrivals(case)
    yield from beside_nullifiers(case)
    yield "a published value in the row or beside it", shared_bytes(case)
    yield "the length of the row", lengths(case)
    yield "codes and link key: receipts", receipts_opened(case)
    yield "codes and link key: marks", marks_guessed(case)
    yield "flooding: public files", flooded(case)


def ranks(case: Case) -> Iterator[tuple[str, Said]]:
    """Lay rows and ballots side by side, each in the order of one of its values."""
    fields: dict[str, Callable[[SealedBallot], bytes]] = {
        "locator": lambda row: row.locator,
        "mark": lambda row: row.mark,
        "envelope": lambda row: row.sealed,
        "SHA-256 of the envelope": lambda row: fingerprint(row.sealed),
        "stored receipt": lambda row: row.receipt_ct,
    }
    whose = {id(row): voter for voter, row in case.row.items()}
    for name, field in fields.items():
        rows = sorted(case.row.values(), key=field)
        for other, order in _orders_of(case.ballots):
            yield (
                f"rows by {name}, ballots by {other}",
                {whose[id(row)]: at for row, at in zip(rows, order, strict=False)},
            )
    for other, order in _orders_of(case.ballots):
        yield f"nullifiers beside ballots by {other}", _said(map(case.voter_of.get, sorted(case.nullifiers)), order)
    tags = sorted(case.voter_of.values(), key=lambda voter: voter_tag(case.loot.k(voter)))
    yield "tags of codes beside ballots by tracker", _said(tags, next(_orders_of(case.ballots))[1])


def arrivals(case: Case) -> Iterator[tuple[str, Said]]:
    """Lay people as they came beside ballots as they lie in each file."""
    everybody = list(dict.fromkeys(case.loot.visits))
    last = list(reversed(dict.fromkeys(reversed(case.loot.visits))))
    ways = (("first", everybody), ("last", last), ("last, without the attacker", case.loot.last_seen))
    found = {tuple(order): f"{moment}/{name}" for moment, name, order in _orders(case, set(case.place))}
    for order, name in found.items():
        for when, came in ways:
            yield f"who came when {when}, ballots in {name}", _said(came, map(case.place.__getitem__, order))


def beside_nullifiers(case: Case) -> Iterator[tuple[str, Said]]:
    """Lay nullifiers, which the codes give names, beside ballots of the same moment, as both lie in files."""
    ballots: dict[str, dict[tuple[bytes, ...], str]] = {}
    for moment, name, order in _orders(case, set(case.place)):
        ballots.setdefault(moment, {})[tuple(order)] = name
    known = set()
    for moment, name, codes in _orders(case, set(case.nullifiers)):
        for other_order, other in ballots.get(moment, {}).items():
            if (tuple(codes), other_order) not in known:
                known.add((tuple(codes), other_order))
                said = _said(map(case.voter_of.get, codes), map(case.place.__getitem__, other_order))
                yield f"nullifiers in {moment}/{name}, ballots in {other}", said


def shared_bytes(case: Case) -> Said:
    """Look for a published value in the row of each person."""
    said: Said = {}
    for voter, row in case.row.items():
        for value in (row.locator, row.mark, row.sealed, row.receipt_ct):
            for seen in case.published.seen(value):
                said[voter] = case.names.get(seen.value, 0)
    return said


def lengths(case: Case) -> Said:
    """Guess from how long a row is, as the attacker's own ballots of that length teach."""
    own: dict[int, Counter[tuple[int, ...]]] = {}
    for voter, row in case.row.items():
        if case.loot.voters[voter].is_attacker:
            own.setdefault(_length(row), Counter())[case.ballots[case.own[voter]].choices] += 1
    examples = {ballot.choices: at for at, ballot in enumerate(case.ballots)}
    likely = {length: examples[chosen.most_common(1)[0][0]] for length, chosen in own.items()}
    return {voter: likely[_length(row)] for voter, row in case.row.items() if _length(row) in likely}


def receipts_opened(case: Case) -> Said:
    """Open stored receipts with code and link key, trying all that could be the form."""
    said: Said = {}
    for voter, row in case.row.items():
        k = case.loot.k(voter)
        for form in forms(k, row):
            try:
                said[voter] = case.place[open_receipt(receipt_key(case.loot.link_key, k, form), row.receipt_ct).tracker]
            except ReceiptError:
                continue
    return said


def marks_guessed(case: Case) -> Said:
    """Make the mark of every possible choice with code and link key, trying all that could be the form."""
    said: Said = {}
    possible = {ballot.choices: at for at, ballot in enumerate(case.ballots)}
    for voter, row in case.row.items():
        k = case.loot.k(voter)
        for form in forms(k, row):
            for choices, at in possible.items():
                made = form_mark(case.loot.link_key, k, form=form, choices=canonical_json(choices))
                if made[16:] == row.mark[16:]:
                    said[voter] = at
    return said


def forms(k: bytes, row: SealedBallot) -> Iterable[bytes]:
    """Return what could be a form: nothing, what the row holds, and what follows from the code."""
    values = (bytes(32), k, row.locator, row.mark, row.mark[16:], row.sealed, row.receipt_ct, nullifier(k))
    return dict.fromkeys([*(value[:16] for value in values), Leaks.form(k)])


def flooded(case: Case) -> Said:
    """Take what the attacker sent away from what was published at once; what is left is the victim's.

    Version 1 published leaves in batches. What is public now until the closing has no leaf in it, so one batch is left.
    """
    dice = Random(0)
    said: Said = {}
    by_leaf = {ballot.leaf: at for at, ballot in enumerate(case.ballots)}
    mine = {leaf for _victim, own in case.loot.flooded for leaf in own}
    for victim, own in case.loot.flooded:
        batch = next((batch for batch in case.loot.batches if not set(own).isdisjoint(batch)), by_leaf.keys())
        left = dice.choice(sorted(set(batch) - mine))
        if left in by_leaf:
            said[victim] = by_leaf[left]
    return said


def rows_found(case: Case) -> tuple[int, int]:
    """Return of how many people the row is found by the journal and who came when, and how many there are."""
    rows = Needles(case.loot.rows, written=False)
    first: dict[bytes, int] = {}
    for name in case.loot.journal:
        for seen in sorted(rows.seen(case.loot.before[name]), key=lambda each: each.at):
            first.setdefault(seen.value, len(first))
    came = list(dict.fromkeys(case.loot.visits))
    whose = {row.locator: voter for voter, row in case.row.items()}
    right = sum(whose[found] == voter for found, voter in zip(first, came, strict=False))
    return right, len(came)


def _orders_of(ballots: Sequence[Ballot]) -> Iterator[tuple[str, list[int]]]:
    for name in ("tracker", "blind", "leaf"):
        yield name, sorted(range(len(ballots)), key=lambda at: getattr(ballots[at], name))


def _orders(case: Case, wanted: set[bytes]) -> Iterator[tuple[str, str, list[bytes]]]:
    """Yield moment, file and how it is read, for each order in which more than half of these values lie in a file."""
    for moment, files in case.seen_after.items():
        for name, seen in files.items():
            own = [each for each in seen if each.value in wanted]
            if len({each.value for each in own}) > len(wanted) / 2:
                page = HEAP_PAGE if name.startswith("base/") else SQLITE_PAGE
                for how, order in orders(own, page):
                    yield moment, f"{name} by {how}", order
                if name.startswith("base/"):
                    yield moment, f"{name} by age", by_age(case.loot.after[moment][name], own)


def _with_whole_journal(files: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield files, and the journal of PostgreSQL as one."""
    journal = {name.rpartition("/")[2]: content for name, content in sorted(files.items()) if _is_journal(name)}
    yield from ((name, content) for name, content in files.items() if not _is_journal(name))
    if journal:
        yield "journal", b"".join(journal[name] for name in sorted(journal))


def _is_journal(name: str) -> bool:
    return name.startswith(("archive/", "pg_wal/"))


def _said(people: Iterable[int | None], order: Iterable[int]) -> Said:
    return {voter: at for voter, at in zip(people, order, strict=False) if voter is not None}


def _length(row: SealedBallot) -> int:
    return len(row.sealed) + len(row.receipt_ct) + len(row.mark)
