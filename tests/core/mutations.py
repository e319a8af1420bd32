"""Kinds of changes to the files of a bundle, each drawn anew: none may hold.

Left out is what changes nothing that was promised: fewer notes or signatures of witnesses, which are counted in public,
and texts of plans that were erased.
"""

import json
from collections.abc import Callable
from random import Random
from typing import Any

from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.envelope import CastMaterial
from buurtbegroot.core.receipts import receipt_text
from tests.core.bundles import SEED, Vote, counted

Files = dict[str, bytes]
Receipted = tuple[Files, str]
Mutation = Callable[[Random, Files], Files]
LISTS = ("ballots.jsonl", "envelopes.txt", "leaves.txt", "nullifiers.txt", "registry.txt", "superseded.txt", "void.txt")
WHOLE = ("manifest.json", "plans.json", "result.json", "seals.json", "votes.pb", "closing.note", "strangers.txt")
HEX = b"0123456789abcdef"


def line_goes(name: str) -> Mutation:
    def change(random: Random, files: Files) -> Files:
        lines = files[name].splitlines(keepends=True)
        lines.pop(random.randrange(len(lines)))
        return files | {name: b"".join(lines)}

    return change


def line_twice(name: str) -> Mutation:
    def change(random: Random, files: Files) -> Files:
        lines = files[name].splitlines(keepends=True)
        lines.insert(random.randrange(len(lines) + 1), random.choice(lines))
        return files | {name: b"".join(lines)}

    return change


def digit(name: str) -> Mutation:
    """Change one hexadecimal digit of a line."""

    def change(random: Random, files: Files) -> Files:
        lines = files[name].splitlines(keepends=True)
        place = random.randrange(len(lines))
        line = bytearray(lines[place])
        at = random.choice([at for at, sign in enumerate(line) if sign in HEX])
        line[at] = random.choice([sign for sign in HEX if sign != line[at]])
        lines[place] = bytes(line)
        return files | {name: b"".join(lines)}

    return change


def byte(name: str) -> Mutation:
    """Change one byte of a file."""

    def change(random: Random, files: Files) -> Files:
        content = bytearray(files[name])
        content[random.randrange(len(content))] ^= random.randrange(1, 256)
        return files | {name: bytes(content)}

    return change


def entry(change: Callable[[Random, list[dict[str, Any]]], None]) -> Mutation:
    """Change the log."""

    def changed(random: Random, files: Files) -> Files:
        entries = [json.loads(line) for line in files["audit.jsonl"].splitlines()]
        change(random, entries)
        return files | {"audit.jsonl": b"".join(canonical_json(each) + b"\n" for each in entries)}

    return changed


def _gone(random: Random, entries: list[dict[str, Any]]) -> None:
    entries.pop(random.randrange(len(entries)))


def _exchanged(random: Random, entries: list[dict[str, Any]]) -> None:
    one, other = random.sample(range(len(entries)), 2)
    entries[one], entries[other] = entries[other], entries[one]


def _words(random: Random, entries: list[dict[str, Any]]) -> None:
    said = random.choice(entries)["entry"]
    said[random.choice(["action", "actor", "object", "minute"])] += random.choice("abc")


def _details(random: Random, entries: list[dict[str, Any]]) -> None:
    said = random.choice([each for each in entries if "details" in each])["details"]
    said["payload"][random.choice([*said["payload"], "anders"])] = random.randrange(10**6)


def other_choice(random: Random, files: Files) -> Files:
    """Let one ballot choose other plans, as the rules allow, and count again."""
    lines = files["ballots.jsonl"].splitlines(keepends=True)
    place = random.randrange(len(lines))
    ballot = json.loads(lines[place])
    others = [[1], [2], [3], [1, 4], [2, 3, 5]]
    other = random.choice([each for each in others if each != ballot["choices"]])
    ballot["choices"] = other
    lines[place] = canonical_json(ballot) + b"\n"
    found = files | {"ballots.jsonl": b"".join(lines)}
    return found | counted(found)


def choices_exchanged(random: Random, files: Files) -> Files:
    """Let two ballots have each other's choices: the count stays the same."""
    ballots = [json.loads(line) for line in files["ballots.jsonl"].splitlines()]
    while True:
        one, other = random.sample(ballots, 2)
        if one["choices"] != other["choices"]:
            break
    one["choices"], other["choices"] = other["choices"], one["choices"]
    found = files | {"ballots.jsonl": b"".join(canonical_json(each) + b"\n" for each in ballots)}
    return found | counted(found)


def ballot_goes(random: Random, files: Files) -> Files:
    """Take a ballot out of every list, and count again."""
    found = line_goes("ballots.jsonl")(random, files)
    for name in ("leaves.txt", "envelopes.txt", "nullifiers.txt"):
        found = line_goes(name)(random, found)
    return found | counted(found)


def other_seed(random: Random, files: Files) -> Files:
    """Draw another lot, and count again."""
    return files | counted(files, seed=random.randbytes(len(SEED)))


def other_plan(field: str) -> Mutation:
    """Let a plan cost something else, or be in another group, and count again."""

    def change(random: Random, files: Files) -> Files:
        manifest = json.loads(files["manifest.json"])
        random.choice(manifest["plans"])[field] = random.randrange(1, 9_999) if field == "cost_cents" else "anders"
        found = files | {"manifest.json": canonical_json(manifest)}
        return found | counted(found)

    return change


def other_budget(random: Random, files: Files) -> Files:
    """Let there be more or less money, and count again."""
    manifest = json.loads(files["manifest.json"])
    manifest["rules"]["rules"]["pots"][0]["cents"] = random.randrange(1, 80_000)
    found = files | {"manifest.json": canonical_json(manifest)}
    return found | counted(found)


def judgement(random: Random, files: Files) -> Files:
    """Let the result say something else of a plan."""
    result = json.loads(files["result.json"])
    one = random.choice(result["count"]["outcomes"][0]["judgements"])
    one[random.choice(["votes", "rank", "awarded_cents", "cost_cents"])] += random.randrange(1, 100)
    return files | {"result.json": canonical_json(result)}


def note_text(random: Random, files: Files) -> Files:
    """Change a byte of what a note says, above its signatures."""
    name = random.choice([each for each in files if each.startswith("notes/")])
    text, _, signatures = files[name].rpartition(b"\n\n")
    changed = bytearray(text)
    changed[random.randrange(len(changed))] ^= random.randrange(1, 32)
    return files | {name: bytes(changed) + b"\n\n" + signatures}


KINDS: dict[str, Mutation] = {
    **{f"a line goes from {name}": line_goes(name) for name in LISTS},
    **{f"a line twice in {name}": line_twice(name) for name in LISTS},
    **{f"a digit of {name}": digit(name) for name in LISTS},
    **{f"a byte of {name}": byte(name) for name in (*WHOLE, "audit.jsonl")},
    "an entry goes": entry(_gone),
    "two entries change places": entry(_exchanged),
    "other words in an entry": entry(_words),
    "other details of an entry": entry(_details),
    "another choice": other_choice,
    "choices change places": choices_exchanged,
    "a ballot goes everywhere": ballot_goes,
    "another lot": other_seed,
    "another cost": other_plan("cost_cents"),
    "another theme": other_plan("theme"),
    "another budget": other_budget,
    "another judgement": judgement,
    "another size of the log": note_text,
}


def removed_on_its_day(random: Random) -> Receipted:
    """Take an envelope away before the first night came; return the receipt of its voter."""
    vote, casts = _cast(random)
    gone = random.choice(casts)
    vote.envelopes.remove(gone.sealed)
    vote.night()
    return vote.finish(), receipt_text(gone.receipt)


def voted_for_again(random: Random) -> Receipted:
    """Let the server vote once more for somebody, with the keys that it has; return the receipt of that voter."""
    vote, casts = _cast(random)
    voter = random.randrange(len(casts))
    vote.cast(voter, random.choice(CHOICES), rev=2)
    return vote.finish(), receipt_text(casts[voter].receipt)


def _cast(random: Random) -> tuple[Vote, list[CastMaterial]]:
    vote = Vote()
    return vote, [vote.cast(voter, random.choice(CHOICES)) for voter in range(random.randrange(2, 7))]


CHOICES = ([1], [2], [3], [1, 2], [2, 4], [1, 3, 4])
ONLY_FOR_RECEIPTS: dict[str, Callable[[Random], Receipted]] = {
    "an envelope goes on the day on which it was cast": removed_on_its_day,
    "the server votes again for somebody": voted_for_again,
}
"""What the keys of the site allow, and no bundle can show: the receipt of whom it happened to does."""
