"""Questions about money, for everyone: the answer in a sentence, figures, tables and a map; its rows and its files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot.accounts.asking import who
from buurtbegroot.areas.models import Level
from buurtbegroot.areas.queries import atlas
from buurtbegroot.areas.queries.atlas import Atlas, Place
from buurtbegroot.database import snapshot
from buurtbegroot.extensions import db
from buurtbegroot.figures.domain.money import Side, Split
from buurtbegroot.figures.domain.question import Question, splits_of
from buurtbegroot.figures.forms import NAMES, SPLIT, address_of, read_question
from buurtbegroot.figures.queries import Facts, Row, Table, behind, facts, plans_by_id, table
from buurtbegroot.figures.queries.drawing import drawing
from buurtbegroot.figures.queries.files import ENDINGS, NAME, ROWS, Figure, told, told_rows
from buurtbegroot.figures.queries.reading import OpenedRound, opened_rounds
from buurtbegroot.figures.words import COLOURS, DIVISIONS, HEADS, MEASURES, PER, SPLITS
from buurtbegroot.population.policy import may_load_some
from buurtbegroot.population.queries import population
from buurtbegroot.tables.files import FORMS, Told
from buurtbegroot.timezone import local_date
from buurtbegroot.web.access import Audience, admits, makes_files
from buurtbegroot.web.clock import now
from buurtbegroot.web.downloads import attachment, not_made, spooled
from buurtbegroot.web.pagination import page_number, slice_page

bp = Blueprint("figures", __name__, url_prefix="/cijfers")

LINES = ROWS_SHOWN = 50
SIDE, KEY = "geld", "rij"
WORDS = {"SPLITS": SPLITS, "PER": PER, "HEADS": HEADS, "MEASURES": MEASURES, "COLOURS": COLOURS, "DIVISIONS": DIVISIONS}


@bp.get("")
@admits(Audience.EVERYONE)
def index() -> ResponseReturnValue:
    """Answer a question about the money of an area."""
    with _asked() as (found, rounds, unclear):
        question = found.question
        main = table(db.session(), found, question.split)
        others = [each for each in (Split.POINTS, Split.YEARS) if each is not question.split]
        return render_template(
            "figures/index.html",
            found=found,
            question=question,
            totals=found.totals,
            unclear=unclear,
            main=main,
            page=slice_page(main.rows, number=page_number(), size=LINES),
            beside=[table(db.session(), found, each) for each in others],
            map=drawing(found, main),
            sources=found.people.sources(_codes(found, main)),
            may_load=may_load_some(who()),
            years=sorted({each.year for each in rounds} | {question.first, question.last}),
            splits=splits_of(question.area.level),
            offered=_offered(found.atlas, question.area),
            address=address_of(question),
            link=_link(question),
            rows_of=_rows_link(question),
            now=now(),
            **WORDS,
        )


@bp.get("/rijen")
@admits(Audience.EVERYONE)
def rows() -> ResponseReturnValue:
    """List the rounds or plans that a figure consists of, with what of each counts in it."""
    with _asked() as (found, _rounds, unclear):
        question, (figure, line) = found.question, _figure(found)
        page = slice_page(figure.rows, number=page_number(), size=ROWS_SHOWN)
        of_rows: dict[str, Any] = {SIDE: figure.side.value, KEY: figure.key}
        return render_template(
            "figures/rows.html",
            found=found,
            question=question,
            unclear=unclear,
            side=figure.side,
            line=line,
            page=page,
            cents=sum(each.cents for each in figure.rows),
            plans=plans_by_id(db.session(), [each.plan_id for each in page.rows if each.plan_id]),
            back=url_for(".index", **address_of(question)),
            page_url=lambda number: _rows_link(question)(figure.side.value, key=figure.key, pagina=number),
            file_url=lambda ending: url_for(".file", filename=ROWS + ending, **address_of(question), **of_rows),
            **WORDS,
        )


@bp.get("/<filename>")
@admits(Audience.EVERYONE)
@makes_files
def file(filename: str) -> ResponseReturnValue:
    """Send the table of an answer, or the rows of a figure; none for a question that it does not know."""
    name, ending = next(((name, end) for name in (NAME, ROWS) for end in ENDINGS if filename == name + end), ("", ""))
    form, known = FORMS.get(ending) or abort(404), NAMES | ({SIDE, KEY} if name == ROWS else set())
    with _asked() as (found, _rounds, unclear):
        unknown = {*unclear, *(set(request.args) - known), *([SPLIT] if found.question.asked_split else [])}
        if unknown:
            return not_made(unknown, title=_("Cijfers"), page=url_for(".index", _external=True))
        content = spooled(form.make((_told_rows if name == ROWS else _told)(found, filename)))
    return attachment(content, filename if name == NAME else f"{NAME}-{filename}", form.media)


def _told(found: Facts, filename: str) -> Told:
    url = url_for(".file", filename=filename, _external=True, **address_of(found.question))
    return told(table(db.session(), found, found.question.split), found, url=url, now=now())


def _told_rows(found: Facts, filename: str) -> Told:
    figure, _line = _figure(found)
    of_rows: dict[str, Any] = {SIDE: figure.side.value, KEY: figure.key}
    url = url_for(".file", filename=filename, _external=True, **address_of(found.question), **of_rows)
    return told_rows(db.session(), found, figure, url=url, now=now())


def _figure(found: Facts) -> tuple[Figure, Row | None]:
    """Return the figure that the address names, with its line unless it is of the whole area; 404 without one."""
    side = next((each for each in Side if each.value == request.args.get(SIDE)), None) or abort(404)
    key, split = request.args.get(KEY), found.question.split
    line = next((row for row in table(db.session(), found, split).rows if row.key == key), None)
    if key is not None and line is None:
        abort(404)
    return Figure(side=side, key=key, rows=behind(found, side=side, split=split, key=key)), line


@contextmanager
def _asked() -> Iterator[tuple[Facts, Sequence[OpenedRound], Sequence[str]]]:
    """Read the question of the address and what it is answered from, all of one moment; 404 before there are areas."""
    db.session.rollback()
    with snapshot(db.session()):
        book = atlas(db.session())
        if not book.at(Level.DISTRICT):
            abort(404)
        rounds = opened_rounds(db.session())
        years = [each.year for each in rounds] or [local_date(now()).year]
        question, unclear = read_question(request.args, atlas=book, years=years)
        people = population(db.session(), book)
        yield facts(db.session(), question, rounds, atlas=book, people=people), rounds, unclear


def _codes(found: Facts, main: Table) -> list[str]:
    """Return the areas of which the people are shown."""
    return [found.question.area.code, *(row.key for row in main.rows if found.question.level and row.key)]


def _offered(book: Atlas, area: Place) -> list[tuple[Level, list[Place]]]:
    """Return the areas to choose from: all stadsdelen, and what lies in the one that is asked about."""
    inside = (Level.GEBIED, Level.WIJK, Level.BUURT) if area.district_code else ()
    return [
        (Level.DISTRICT, book.at(Level.DISTRICT)),
        *((level, book.at(level, district_code=area.district_code)) for level in inside),
    ]


def _link(question: Question) -> Any:
    """Return a function that makes the address of this page for the question with changes."""
    return lambda **changes: url_for(".index", **address_of(replace(question, asked_split=None), **changes))


def _rows_link(question: Question) -> Any:
    """Return a function that makes the address of the rows behind a figure."""

    def link(side: str, split: Split | None = None, key: str | None = None, **changes: Any) -> str:
        asked = replace(question, split=split or question.split)
        return url_for(".rows", **{**address_of(asked, **changes), SIDE: side, KEY: key})

    return link
