"""A vote in the Pabulib format, and the JSON beside it for what that format has no field for."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

from buurtbegroot.core.ballots import Choices
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.pabulib import Beyond, Election, PbFile, PbProject, election_file, with_beside
from buurtbegroot.core.pabulib.model import WITHDRAWN
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.records import to_plain
from buurtbegroot.core.rules import CountingRules
from buurtbegroot.core.tally.document import Votes
from buurtbegroot.core.tally.election import Election as CountedElection
from buurtbegroot.core.tally.election import by_pot
from buurtbegroot.core.tally.ties import tie_order
from buurtbegroot.core.votes_file import SELECTED, marked_words, withdrawn_words
from buurtbegroot.results.domain.outcome import Result
from buurtbegroot.results.domain.pabulib_rule import rule_name
from buurtbegroot.rounds.queries import window_of
from buurtbegroot.timezone import AMSTERDAM

WHOLE_AREA = "Some plans are for the whole area. Where the others are is in the JSON beside this file."


def pabulib_files(result: Result, ballots: Counter[Choices]) -> tuple[PbFile, bytes]:
    """Return the vote in the Pabulib format and the document beside it: with both the count can be done again."""
    document = result.document
    cast = Votes(
        round=document.round,
        rules=result.rules,
        plans=document.plans,
        ballots=ballots,
        seed=bytes.fromhex(document.seed),
        ballots_sha256=document.ballots_sha256,
        withdrawn=frozenset(one.plan for one in document.withdrawn),
    )
    file = _pabulib_file(result, ballots, cast.election)
    return with_beside(file, _beyond(result, ballots, cast.election))


def _beyond(result: Result, ballots: Counter[Choices], election: CountedElection) -> Beyond:
    """Return what the format cannot hold: the rules in full, plans tied to each other, the order among equals."""
    document, counting = result.document, result.rules.counting
    if document.reported:  # by no rule that anybody could count by
        return Beyond(plans={str(plan.id): plan for plan in document.plans}, blank_ballots=ballots[()])
    parts = by_pot(election, result.rules)
    return Beyond(
        exclusive=tuple(tuple(map(str, group)) for group in counting.incompatible),
        requires=tuple((str(plan), str(other)) for plan, other in counting.requires),
        tie_order=tuple(str(plan.id) for part in parts for plan in tie_order(part, counting)),
        parameters=_parameters(counting),
        seed=document.seed,
        plans={str(plan.id): plan for plan in document.plans},
        pots=result.rules.pots,
        pots_by=result.rules.pots_by,
        blank_ballots=ballots[()],
    )


def _parameters(counting: CountingRules) -> dict[str, str]:
    """Return the rules of the count by name, those left empty left out, what is no text as canonical JSON."""
    plain = to_plain(counting)
    assert isinstance(plain, dict)
    filled = {name: value for name, value in plain.items() if value or value == 0}
    return {name: value if isinstance(value, str) else canonical_json(value).decode() for name, value in filled.items()}


def _pabulib_file(result: Result, ballots: Counter[Choices], election: CountedElection) -> PbFile:
    voting = window_of(result.round, Phase.VOTING)
    begin, end = (voting.begins_at, voting.ends_at) if voting else (result.round.created_at,) * 2
    whole = result.rules.ballot.whole
    named = rule_name(result.document, result.rules, election)
    described = Election(
        description=result.round.title,
        unit="Amsterdam",
        district=result.round.owner.name,
        instance=result.round.slug,
        budget=result.rules.budget_cents,
        date_begin=_day(begin),
        date_end=_day(end),
        rule=named.rule,
        min_length=whole.min_choices or None,
        max_length=whole.max_choices,
        max_sum_cost=whole.max_cost_cents,
        comments=(*_comments(result), *named.comments),
        extra=named.extra,
    )
    cast = [tuple(str(plan) for plan in choices) for choices, voters in ballots.items() for _ in range(voters)]
    return election_file(described, plans=_pabulib_plans(result), ballots=cast)


def _pabulib_plans(result: Result) -> Iterator[PbProject]:
    """Yield the plans by rank: among equal votes the format has no other way to say which one came first."""
    rows = {row.plan: row for outcome in result.document.outcomes for row in outcome.judgements}
    last, has_areas = len(rows) + 1, _has_areas(result)
    gone = {one.plan for one in result.document.withdrawn}
    for plan in sorted(result.document.plans, key=lambda one: rows[one.id].rank if one.id in rows else last):
        yield PbProject(
            project_id=str(plan.id),
            cost=plan.cost_cents if plan.id not in gone else WITHDRAWN,
            name=result.plans[plan.id].title or f"plan {plan.id}",  # hidden words; the format wants a name
            category=(plan.theme,) if plan.theme else (),
            neighborhood=plan.area or "" if has_areas else "",
            selected=SELECTED.get(rows[plan.id].verdict, 0) if plan.id in rows else 0,
        )


def _has_areas(result: Result) -> bool:
    """Tell whether the file says where plans are: where some are for the whole area, it cannot leave a cell empty."""
    return all(plan.area for plan in result.document.plans)


def _comments(result: Result) -> Iterator[str]:
    """Yield what the file says for people of the round and of its plans."""
    if result.round.note:
        yield " ".join(result.round.note.split())
    yield from withdrawn_words(result.document)
    if not _has_areas(result):
        yield WHOLE_AREA
    yield from marked_words(result.document)


def _day(moment: datetime) -> date:
    return moment.astimezone(AMSTERDAM).date()
