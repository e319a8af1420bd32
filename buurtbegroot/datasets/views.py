"""Open data for everyone: a page and files of each data set, and the files that prove the outcome of a round."""

from collections.abc import Iterable
from json import dumps

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from buurtbegroot.core.pabulib import PbFile, lines
from buurtbegroot.database import snapshot
from buurtbegroot.datasets.domain.description import Choice, DataSet
from buurtbegroot.datasets.forms import address_of, read_choice
from buurtbegroot.datasets.queries import DATA_SETS, LICENCE, Asked, ask, count_by_code, count_of, file_called, told
from buurtbegroot.datasets.queries.scope import unknown_in
from buurtbegroot.extensions import db
from buurtbegroot.results.domain.outcome import Result, result_of_round
from buurtbegroot.results.domain.pabulib import pabulib_files
from buurtbegroot.results.domain.plain import result_json
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.queries import HAS_PUBLIC_OUTCOME
from buurtbegroot.tables.columns import KIND_WORDS
from buurtbegroot.tables.files import forms_of
from buurtbegroot.tally.queries import ballot_lines, ballots_of, small_votes
from buurtbegroot.web.access import Audience, admits, makes_files
from buurtbegroot.web.clock import now
from buurtbegroot.web.downloads import attachment, not_made, spooled
from buurtbegroot.web.pagination import page_number, paginate

bp = Blueprint("datasets", __name__, url_prefix="/open-data")

JSON, JSON_LINES, PLAIN = "application/json", "application/x-ndjson", "text/plain"


@bp.get("")
@admits(Audience.EVERYONE)
def index() -> ResponseReturnValue:
    """List the data sets, and the files of each outcome."""
    certified = select(Round).where(HAS_PUBLIC_OUTCOME)
    rounds = paginate(
        db.session(), certified.order_by(Round.certified_at.desc(), Round.id.desc()), number=page_number()
    )
    small = small_votes(db.session(), [round_.id for round_ in rounds.rows])
    return render_template("datasets/index.html", page=rounds, small=small, data_sets=list(DATA_SETS.values()))


@bp.get("/gegevens/<name>")
@admits(Audience.EVERYONE)
def show(name: str) -> ResponseReturnValue:
    """Explain a data set: its columns and codes, what is not in it, and its files."""
    data_set = DATA_SETS.get(name) or abort(404)
    asked = _asked(data_set, Choice())
    by_code = count_by_code(db.session(), asked, data_set.state) if data_set.state else {}
    return render_template(
        "datasets/show.html",
        data_set=data_set,
        number=count_of(db.session(), asked),
        by_code=by_code,
        forms=forms_of(has_places=bool(data_set.place)),
        kinds=KIND_WORDS,
        licence=LICENCE,
        others=len(DATA_SETS),
        now=asked.now,
    )


@bp.get("/<filename>")
@admits(Audience.EVERYONE)
@makes_files
def file(filename: str) -> ResponseReturnValue:
    """Send a data set in one of its forms, as far as the address asks for it."""
    data_set, form = file_called(filename) or abort(404)
    choice, unclear = read_choice(request.args, data_set)
    unclear |= unknown_in(db.session(), choice)
    if unclear:
        page = url_for(".show", name=data_set.name, _external=True)
        return not_made(unclear, title=str(data_set.title), page=page)
    asked = _asked(data_set, choice)
    db.session.rollback()
    with snapshot(db.session()):
        address = url_for(".file", filename=filename, _external=True, **address_of(choice))
        return attachment(spooled(form.make(told(db.session(), asked, url=address))), filename, form.media)


@bp.get("/rondes/<slug>/uitslag.json")
@admits(Audience.EVERYONE)
@makes_files
def result_json_file(slug: str) -> ResponseReturnValue:
    """Send the whole result with every step."""
    return _file(f"{slug}-uitslag.json", [dumps(result_json(_whole(slug)), ensure_ascii=False, indent=1)], JSON)


@bp.get("/rondes/<slug>/telling.json")
@admits(Audience.EVERYONE)
@makes_files
def trace_json(slug: str) -> ResponseReturnValue:
    """Send the trace byte for byte as it was hashed."""
    return _file(f"{slug}-telling.json", [_whole(slug).tally.trace], JSON)


@bp.get("/rondes/<slug>/stemmen.pb")
@admits(Audience.EVERYONE)
@makes_files
def ballots_pb(slug: str) -> ResponseReturnValue:
    """Send the vote in the Pabulib format."""
    file, _document = _pabulib(slug)
    return _file(f"{slug}-stemmen.pb", (f"{line}\n" for line in lines(file)), PLAIN)


@bp.get("/rondes/<slug>/stemmen-erbij.json")
@admits(Audience.EVERYONE)
@makes_files
def beside_pb(slug: str) -> ResponseReturnValue:
    """Send what the Pabulib file has no field for; it holds the SHA-256 of that file."""
    _pb, document = _pabulib(slug)
    return _file(f"{slug}-stemmen-erbij.json", [document.decode()], JSON)


@bp.get("/rondes/<slug>/stembiljetten.jsonl")
@admits(Audience.EVERYONE)
@makes_files
def ballots_jsonl(slug: str) -> ResponseReturnValue:
    """Send every valid ballot byte for byte as they were hashed."""
    round_id = _whole(slug).round.id
    return _file(
        f"{slug}-stembiljetten.jsonl", (f"{line}\n" for line in ballot_lines(db.session(), round_id)), JSON_LINES
    )


def _asked(data_set: DataSet, choice: Choice) -> Asked:
    return ask(db.session(), data_set, choice, config=current_app.config, now=now())


def _whole(slug: str) -> Result:
    """Return a result whose ballots, and steps that tell of them, are for everyone."""
    result = result_of_round(db.session(), slug) or abort(404)
    return abort(404) if result.tally.is_small else result


def _pabulib(slug: str) -> tuple[PbFile, bytes]:
    result = _whole(slug)
    return pabulib_files(result, ballots_of(db.session(), result.round.id))


def _file(name: str, content: Iterable[str], kind: str) -> Response:
    return attachment(spooled(part.encode() for part in content), name, kind)
