"""Open data for everyone: files of all rounds and plans, and of each result once it is certified."""

from collections.abc import Iterable, Iterator, Sequence
from json import dumps

from flask import Blueprint, Response, abort, current_app, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from buurtbegroot.box.queries import off_ballot
from buurtbegroot.core.pabulib import PbFile, lines
from buurtbegroot.extensions import db
from buurtbegroot.opendata.domain.tables import Cell, Spelling, csv_lines
from buurtbegroot.opendata.queries.exports import (
    PLAN_COLUMNS,
    RESULT_COLUMNS,
    ROUND_COLUMNS,
    plan_rows,
    result_json,
    result_rows,
    round_rows,
)
from buurtbegroot.opendata.queries.votes import pabulib_files
from buurtbegroot.results.domain.outcome import Result, result_of_round
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import HAS_PUBLIC_OUTCOME
from buurtbegroot.tally.queries import ballot_lines, ballots_of, small_votes
from buurtbegroot.web.access import Audience, admits
from buurtbegroot.web.clock import now
from buurtbegroot.web.downloads import attachment
from buurtbegroot.web.pagination import page_number, paginate

bp = Blueprint("opendata", __name__, url_prefix="/open-data")

CSV, JSON, JSON_LINES, PLAIN = "text/csv", "application/json", "application/x-ndjson", "text/plain"


@bp.get("")
@admits(Audience.EVERYONE)
def index() -> ResponseReturnValue:
    """List all files with what is in them."""
    certified = select(Round).where(HAS_PUBLIC_OUTCOME)
    rounds = paginate(
        db.session(), certified.order_by(Round.certified_at.desc(), Round.id.desc()), number=page_number()
    )
    columns = {"rondes": ROUND_COLUMNS, "plannen": PLAN_COLUMNS, "uitslag": RESULT_COLUMNS}
    small = small_votes(db.session(), [round_.id for round_ in rounds.rows])
    return render_template("opendata/index.html", page=rounds, columns=columns, small=small)


@bp.get("/rondes.csv")
@admits(Audience.EVERYONE)
def rounds_csv() -> ResponseReturnValue:
    """Send all rounds, for Excel."""
    return _table("rondes.csv", csv_lines(ROUND_COLUMNS, round_rows(db.session(), now()), Spelling.DUTCH))


@bp.get("/rondes-machine.csv")
@admits(Audience.EVERYONE)
def rounds_machine_csv() -> ResponseReturnValue:
    """Send all rounds, for programs."""
    return _table("rondes-machine.csv", csv_lines(ROUND_COLUMNS, round_rows(db.session(), now()), Spelling.MACHINE))


@bp.get("/plannen.csv")
@admits(Audience.EVERYONE)
def plans_csv() -> ResponseReturnValue:
    """Send all public plans, for Excel."""
    return _table("plannen.csv", csv_lines(PLAN_COLUMNS, _plan_rows(), Spelling.DUTCH))


@bp.get("/plannen-machine.csv")
@admits(Audience.EVERYONE)
def plans_machine_csv() -> ResponseReturnValue:
    """Send all public plans, for programs."""
    return _table("plannen-machine.csv", csv_lines(PLAN_COLUMNS, _plan_rows(), Spelling.MACHINE))


@bp.get("/rondes/<slug>/uitslag.csv")
@admits(Audience.EVERYONE)
def result_csv(slug: str) -> ResponseReturnValue:
    """Send what became of each plan, for Excel."""
    rows = list(result_rows(_result(slug)))
    return _table(f"{slug}-uitslag.csv", csv_lines(RESULT_COLUMNS, rows, Spelling.DUTCH))


@bp.get("/rondes/<slug>/uitslag-machine.csv")
@admits(Audience.EVERYONE)
def result_machine_csv(slug: str) -> ResponseReturnValue:
    """Send what became of each plan, for programs."""
    rows = list(result_rows(_result(slug)))
    return _table(f"{slug}-uitslag-machine.csv", csv_lines(RESULT_COLUMNS, rows, Spelling.MACHINE))


@bp.get("/rondes/<slug>/uitslag.json")
@admits(Audience.EVERYONE)
def result_json_file(slug: str) -> ResponseReturnValue:
    """Send the whole result with every step."""
    return _file(f"{slug}-uitslag.json", [dumps(result_json(_whole(slug)), ensure_ascii=False, indent=1)], JSON)


@bp.get("/rondes/<slug>/telling.json")
@admits(Audience.EVERYONE)
def trace_json(slug: str) -> ResponseReturnValue:
    """Send the trace byte for byte as it was hashed."""
    return _file(f"{slug}-telling.json", [_whole(slug).tally.trace], JSON)


@bp.get("/rondes/<slug>/stemmen.pb")
@admits(Audience.EVERYONE)
def ballots_pb(slug: str) -> ResponseReturnValue:
    """Send the vote in the Pabulib format."""
    file, _document = _pabulib(slug)
    return _file(f"{slug}-stemmen.pb", (f"{line}\n" for line in lines(file)), PLAIN)


@bp.get("/rondes/<slug>/stemmen-erbij.json")
@admits(Audience.EVERYONE)
def beside_pb(slug: str) -> ResponseReturnValue:
    """Send what the Pabulib file has no field for; it holds the SHA-256 of that file."""
    _pb, document = _pabulib(slug)
    return _file(f"{slug}-stemmen-erbij.json", [document.decode()], JSON)


@bp.get("/rondes/<slug>/stembiljetten.jsonl")
@admits(Audience.EVERYONE)
def ballots_jsonl(slug: str) -> ResponseReturnValue:
    """Send every valid ballot byte for byte as they were hashed."""
    round_id = _whole(slug).round.id
    return _file(
        f"{slug}-stembiljetten.jsonl", (f"{line}\n" for line in ballot_lines(db.session(), round_id)), JSON_LINES
    )


def _plan_rows() -> Iterator[Sequence[Cell]]:
    opened = db.session.scalars(select(Round.id).where(Round.opened_at.is_not(None)))
    return plan_rows(db.session(), now(), off_ballot=off_ballot(current_app.config, opened))


def _result(slug: str) -> Result:
    return result_of_round(db.session(), slug) or abort(404)


def _whole(slug: str) -> Result:
    """Return a result whose ballots, and steps that tell of them, are for everyone."""
    result = _result(slug)
    return abort(404) if result.tally.is_small else result


def _pabulib(slug: str) -> tuple[PbFile, bytes]:
    result = _whole(slug)
    return pabulib_files(result, ballots_of(db.session(), result.round.id))


def _table(name: str, content: Iterable[str]) -> Response:
    return _file(name, content, CSV)


def _file(name: str, content: Iterable[str], kind: str) -> Response:
    return attachment("".join(content), name, kind)
