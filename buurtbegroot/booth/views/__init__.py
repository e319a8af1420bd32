"""The booth: choosing, entering a code, reviewing, casting and the receipt."""

import secrets
from collections import Counter
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, make_response, redirect, render_template, request
from flask import url_for as address
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from buurtbegroot import typed
from buurtbegroot.accounts.asking import me
from buurtbegroot.acts import ANYONE, RefusedError
from buurtbegroot.booth import words
from buurtbegroot.booth.actions.casting import CastFault, cast_ballot
from buurtbegroot.booth.asking import Visit, accepted_key, cookies, reads_only, visit
from buurtbegroot.booth.domain import Basket
from buurtbegroot.booth.forms import CodeForm, StartForm
from buurtbegroot.booth.queries import ListedPlan, open_rounds, slug_of, voting_round, withdrawn_from
from buurtbegroot.booth.views.draw import draw_page
from buurtbegroot.box.actions.ballots import receipt_for
from buurtbegroot.box.domain.ballots import BallotFault, Form
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.core.ballots import Invalidity
from buurtbegroot.core.credentials import FORM_BYTES
from buurtbegroot.core.receipts import MOST_REV, Receipt, receipt_text, short_code
from buurtbegroot.database import writing
from buurtbegroot.extensions import db
from buurtbegroot.proposals.domain.drafts import search_terms
from buurtbegroot.registry.queries import pool_of
from buurtbegroot.web.access import Audience, admits, unkept
from buurtbegroot.web.clock import now
from buurtbegroot.web.downloads import attachment
from buurtbegroot.web.locale import naming
from buurtbegroot.web.pagination import ORDER, page_number, slice_page
from buurtbegroot.web.qr import qr_code
from buurtbegroot.web.refusals import on_refusal, words_of
from buurtbegroot.web.transaction import repeatable, retried

bp = Blueprint("booth", __name__)
FORM_HEX = 2 * FORM_BYTES
LONGEST_ID = 12


@bp.get("/rondes/<slug>/stemmen")
@admits(Audience.EVERYONE)
def choose(slug: str) -> ResponseReturnValue:
    """Show the plans on the ballot with the basket; a code that voted here is asked first what it is for."""
    here = visit(slug)
    return _voted_page(here) if here.is_done else _with_choice(here, _ballot_page(here))


@bp.post("/rondes/<slug>/stemmen")
@admits(Audience.EVERYONE)
@reads_only
def change(slug: str) -> ResponseReturnValue:
    """Put a plan in the basket (`kies`) or take it out (`weg`); the basket stays in the browser."""
    here = visit(slug)
    added, removed = _plan_in("kies", here), _plan_in("weg", here)
    basket = here.basket
    if removed:
        basket = basket.without(removed)
    elif added and added not in basket.choices:
        basket = _added(here, added)
    is_done = removed or added in basket.choices  # else the page says why not
    response = _back_to_plans(slug, anchor=f"plan-{added or removed}")
    last = (added or removed) if is_done else 0
    cookies.keep_basket(response, here.round, basket.choices, of=here.mark, last=last)
    return response


@bp.route("/rondes/<slug>/stemmen/code", methods=["GET", "POST"])
@admits(Audience.EVERYONE)
@reads_only
def enter_code(slug: str) -> ResponseReturnValue:
    """Ask for the voting code and let the browser keep its key for an hour; the choice of another code goes."""
    here, form = visit(slug), CodeForm()
    if request.method == "POST" and form.validate():
        k = accepted_key(form, here.round.id)
        if k is not None:
            return _with_code(here, k)
    pool = pool_of(db.session(), here.round.id)
    others = len(open_rounds(db.session(), here.now)) > 1 if form.errors else False
    page = render_template("booth/enter_code.html", visit=here, round=here.round, form=form, pool=pool, others=others)
    return page, 422 if form.errors else 200


@bp.route("/rondes/<slug>/stemmen/account", methods=["GET", "POST"])
@admits(Audience.RESIDENT)
@unkept
def draw(slug: str) -> ResponseReturnValue:
    """Let somebody with an account draw one code from the pool; it is shown once."""
    return draw_page(visit(slug), me())


@bp.route("/stem", methods=["GET", "POST"])
@admits(Audience.EVERYONE)
@reads_only
def start() -> ResponseReturnValue:
    """Where the letter's QR code leads: choose the round, if there are more, and enter the code."""
    rounds, form = open_rounds(db.session(), now()), StartForm()
    form.ronde.choices = [(each.slug, each.title) for each in rounds]
    if len(rounds) == 1:
        form.ronde.process_data(rounds[0].slug)
    if request.method == "POST" and form.validate():
        chosen = next(each for each in rounds if each.slug == form.ronde.data)
        k = accepted_key(form, chosen.id)
        if k is not None:
            return _with_code(visit(chosen.slug), k)
    return render_template("booth/start.html", rounds=rounds, form=form), 422 if form.errors else 200


@bp.get("/stem/<int:number>")
@admits(Audience.EVERYONE)
def start_in(number: int) -> ResponseReturnValue:
    """Where the QR code of a letter leads: to the code page of its round. What stands behind a # goes along."""
    slug = slug_of(db.session(), number) or abort(404)
    return redirect(address("booth.enter_code", slug=slug))


@bp.get("/rondes/<slug>/stemmen/controleren")
@admits(Audience.EVERYONE)
def review(slug: str) -> ResponseReturnValue:
    """Show the choice once more; nothing is cast yet. A choice that is complete first needs a code."""
    here = visit(slug)
    if here.is_done:
        return _voted_page(here)
    if not here.has_code and here.basket.choices and not here.basket.faults:
        return redirect(address("booth.enter_code", slug=slug), 303)
    return _with_choice(here, _review_page(here, here.basket))


@bp.post("/rondes/<slug>/stemmen/opnieuw")
@admits(Audience.EVERYONE)
@reads_only
def again(slug: str) -> ResponseReturnValue:
    """Let whoever voted here choose anew; the ballot in the box counts until another one comes."""
    here = visit(slug)
    response = make_response(
        redirect(address("booth.review" if here.basket.choices else "booth.choose", slug=slug), 303)
    )
    if here.voter:
        cookies.remember_voter(response, here.round.id, here.voter._replace(again=True), now=here.now)
    return response


@bp.post("/rondes/<slug>/stemmen/controleren")
@admits(Audience.EVERYONE)
@repeatable
def cast(slug: str) -> ResponseReturnValue:
    """Put the ballot in the box; the answer leaves after COMMIT."""
    with writing(False):
        here = visit(slug)
    db.session.rollback()  # the ballot is sealed before this takes the database's one writing place
    voter = here.voter
    if voter is None:
        flash(_("Uw stemcode is verlopen. Vul hem nog eens in; uw keuze staat er nog."), "warning")
        return _keeping_choice(here, make_response(redirect(address("booth.enter_code", slug=slug), 303)))
    if _posted_mark() not in {"", here.mark}:
        flash(_("Op dit apparaat is intussen een andere stemcode ingevuld. Er is niets ingestuurd."), "error")
        return redirect(address("booth.choose", slug=slug), 303)
    on_refusal(lambda refusal: _not_cast(here, refusal), only={CastFault.CODE_REFUSED, *BallotFault})
    form = _posted_form()
    retried(db.session(), lambda: _cast(here, k=voter.k, form=form))
    response = make_response(redirect(address("booth.done", slug=slug), 303))
    cookies.drop_basket(response, here.round)
    cookies.remember_voter(response, here.round.id, cookies.Voter(voter.k, form.value), now=here.now)
    return response


def _not_cast(here: Visit, refusal: RefusedError) -> ResponseReturnValue:
    """Answer a ballot that was not taken: the choice with what is wrong in it, or the question for another code."""
    if refusal.fault is BallotFault.INVALID:
        return _review_page(here, _posted_basket(here), status=422)
    if refusal.fault is BallotFault.OTHER_BALLOT:
        flash(words_of(refusal), "warning")
        return _keeping_choice(here, make_response(_voted_page(here, _posted_basket(here)), 409))
    if refusal.fault in {BallotFault.OTHER_REVISION, BallotFault.TOO_OFTEN}:
        flash(words_of(refusal), "warning")
        return _review_page(here, _posted_basket(here), status=409)
    flash(words_of(refusal), "error")
    response = redirect(address("booth.enter_code", slug=here.round.slug), 303)
    cookies.forget_key(response, here.round.id)
    return response


@bp.get("/rondes/<slug>/stemmen/klaar")
@admits(Audience.EVERYONE)
def done(slug: str) -> ResponseReturnValue:
    """Show the receipt of the ballot that was cast in this browser."""
    here = visit(slug)
    receipt = _own_receipt(here)
    if receipt is None:
        return redirect(address("booth.review" if here.has_code else "booth.enter_code", slug=slug), 303)
    text = receipt_text(receipt)
    return render_template(
        "booth/done.html",
        visit=here,
        round=here.round,
        receipt=receipt,
        text=text,
        short=short_code(receipt.tracker),
        qr=qr_code(text, level="L", css="bb-qr__code"),
    )


@bp.get("/rondes/<slug>/stemmen/klaar/ontvangstbewijs.txt")
@admits(Audience.EVERYONE)
def receipt_file(slug: str) -> ResponseReturnValue:
    """Offer the receipt as a file."""
    here = visit(slug)
    receipt = _own_receipt(here) or abort(404)
    return attachment(receipt_text(receipt), f"ontvangstbewijs-{short_code(receipt.tracker)}.txt", "text/plain")


@bp.post("/rondes/<slug>/stemmen/vergeten")
@admits(Audience.EVERYONE)
@reads_only
def forget(slug: str) -> ResponseReturnValue:
    """Let the browser drop code and basket; then go to the round, or on to the next code (`naar`)."""
    round_ = voting_round(db.session(), slug) or abort(404)
    flash(
        _("Dit apparaat weet de stemcode en de keuze niet meer. Een stem die is ingestuurd, blijft liggen."), "success"
    )
    is_next = request.form.get("naar") == "code"
    response = redirect(address("booth.enter_code" if is_next else "rounds.show", slug=slug), 303)
    cookies.forget_key(response, round_.id)
    cookies.drop_basket(response, round_)
    return response


def _ballot_page(here: Visit) -> ResponseReturnValue:
    sought, theme = (typed.one_line(request.args.get(name, ""))[:120] for name in ("zoek", "thema"))
    found = _found(here.plans, search_terms(sought))
    page = slice_page([plan for plan in found if plan.theme == theme] if theme else found, number=page_number())
    return render_template(
        "booth/choose.html",
        visit=here,
        round=here.round,
        basket=here.basket,
        chosen=here.chosen(here.basket),
        page=page,
        cards=[_card(here, plan) for plan in page.rows],
        found=len(found),
        themes=tuple(sorted(Counter(plan.theme for plan in found if plan.theme).items())),
        wanted={"zoek": sought, "thema": theme},
        spoken=_spoken(here),
        withdrawn=withdrawn_from(db.session(), current_app.config, here.round),
        words=words,
    )


def _spoken(here: Visit) -> str:
    """Return what a screen reader says of the last change."""
    last = here.kept.last
    said = words.change_spoken(here.basket, last, here.titles)
    plan = next((plan for plan in here.plans if plan.id == last), None)
    return naming(said, plan.title, plan.language) if plan else said


def _found(plans: list[ListedPlan], terms: list[str]) -> list[ListedPlan]:
    def has(plan: ListedPlan, term: str) -> bool:
        return term in plan.search or term == str(plan.number)

    return [plan for plan in plans if all(has(plan, term) for term in terms)] if terms else plans


def _card(here: Visit, plan: ListedPlan) -> tuple[ListedPlan, bool, Invalidity | None]:
    """Return a plan, whether it is in the basket, and if not why it cannot be added, if so."""
    is_in = plan.id in here.basket.choices
    return plan, is_in, None if is_in else here.basket.obstacle(here.paper.by_id[plan.id])


def _voted_page(here: Visit, basket: Basket | None = None) -> str:
    """Say that this code has voted here, and ask what whoever sits here now wants."""
    return render_template("booth/_voted.html", visit=here, round=here.round, basket=basket or here.basket)


def _keeping_choice(here: Visit, response: Response) -> Response:
    """Put what a review page sent back in the basket."""
    cookies.keep_basket(response, here.round, _posted_basket(here).choices, of=_posted_mark())
    return response


def _with_choice(here: Visit, page: ResponseReturnValue) -> Response:
    """Mark a choice that was made before there was a code as that of the code that is here."""
    response = make_response(page)
    if here.voter and here.kept.choices and not here.kept.of:
        cookies.keep_basket(response, here.round, here.kept.choices, of=here.mark, last=here.kept.last)
    return response


def _review_page(here: Visit, basket: Basket, *, status: int = 200) -> ResponseReturnValue:
    faults = [words.fault(found, titles=here.titles, names=here.names) for found in basket.faults]
    page = render_template(
        "booth/review.html",
        visit=here,
        round=here.round,
        basket=basket,
        chosen=here.chosen(basket),
        faults=faults,
        promises=[] if faults else words.kept_promises(basket),
        form=secrets.token_hex(FORM_BYTES),
        replaces=here.revision,
        is_refused=status == 422,
    )
    return page, status


def _plan_in(field: str, here: Visit) -> int:
    """Return the plan id that a button sent, 0 when it sent none or no plan of this ballot."""
    number = _id(request.form.get(field, ""))
    return number if number in here.paper.by_id else 0


def _id(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_ID else 0


def _added(here: Visit, plan_id: int) -> Basket:
    obstacle = here.basket.obstacle(here.paper.by_id[plan_id])
    if obstacle is None:
        return here.basket.with_plan(plan_id)
    flash(" ".join(words.obstacle(obstacle, here.names)), "warning")
    return here.basket


def _back_to_plans(slug: str, *, anchor: str) -> Response:
    wanted: dict[str, Any] = {
        name: request.args[name][:120] for name in ("zoek", "thema", "pagina", ORDER) if request.args.get(name)
    }
    return make_response(redirect(address("booth.choose", slug=slug, _anchor=anchor, **wanted), 303))


def _with_code(here: Visit, k: bytes) -> ResponseReturnValue:
    kept, mark = cookies.kept_basket(here.round), cookies.mark_of(k)  # of which /stem is sent none
    before = here.voter if here.voter and here.voter.k == k else None
    is_of_another = kept.of not in {"", mark} or (here.voter is not None and before is None)
    to = "booth.review" if kept.choices and not is_of_another else "booth.choose"
    response = make_response(redirect(address(to, slug=here.round.slug), 303))
    cookies.remember_voter(response, here.round.id, before or cookies.Voter(k), now=here.now)
    if is_of_another:
        cookies.drop_basket(response, here.round)
        if kept.choices:
            flash(_("Op dit apparaat stond nog een keuze van wie eerder een code invulde. Die is weg."), "info")
    elif kept.choices:
        cookies.keep_basket(response, here.round, kept.choices, of=mark)
    return response


def _posted_basket(here: Visit) -> Basket:
    return Basket(here.paper, _posted_choices(), frozenset(here.withdrawn))


def _posted_choices() -> tuple[int, ...]:
    """Return what the form says was chosen; what is no number becomes plan 0, which no ballot has."""
    return tuple(_id(text) for text in request.form.getlist("keuze")[: cookies.MOST_CHOICES])


def _posted_mark() -> str:
    """Return for which code a review page was made, "" where that is not said."""
    return request.form.get("van", "")[: 2 * cookies.MARK_BYTES]


def _posted_form() -> Form:
    """Return which review page was sent; 400 for what no review page holds."""
    value, replaces = request.form.get("formulier", ""), request.form.get("vervangt", "")
    if len(value) != FORM_HEX or any(sign not in "0123456789abcdef" for sign in value):
        abort(400)
    if not (replaces.isascii() and replaces.isdigit() and len(replaces) <= len(str(MOST_REV))):
        abort(400)
    return Form(bytes.fromhex(value), int(replaces))


def _cast(here: Visit, *, k: bytes, form: Form) -> None:
    cast_ballot(
        db.session(),
        round_id=here.round.id,
        k=k,
        choices=_posted_choices(),
        form=form,
        keys=KeyStore.from_config(current_app.config),
        by=ANYONE,
        now=here.now,
    )


def _own_receipt(here: Visit) -> Receipt | None:
    voter = here.voter
    if voter is None or not voter.form:
        return None
    keys = KeyStore.from_config(current_app.config)
    return receipt_for(db.session(), round_id=here.round.id, k=voter.k, form=voter.form, keys=keys, by=ANYONE)
