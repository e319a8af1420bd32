"""The page of lost letters: the codes in a form, and which codes are void."""

import re
from functools import partial

from flask import abort, render_template, url_for
from flask.typing import ResponseReturnValue

from buurtbegroot.accounts.asking import me
from buurtbegroot.accounts.queries import names_of
from buurtbegroot.acts import RefusedError
from buurtbegroot.box.queries import booth_of
from buurtbegroot.core.credentials import CodeError
from buurtbegroot.dual_control.models import DualRequest
from buurtbegroot.extensions import db
from buurtbegroot.registry import words
from buurtbegroot.registry.actions.voiding import Letters, VoidFault
from buurtbegroot.registry.domain.codes import key_of
from buurtbegroot.registry.forms import LetterForm, VoidForm
from buurtbegroot.registry.models import VoidReason
from buurtbegroot.registry.queries import code_counts, void_counts, voids_in
from buurtbegroot.rounds.asking import managed_round
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.web.fields import Text
from buurtbegroot.web.pagination import page_number, paginate
from buurtbegroot.web.refusals import Answer, words_of

CONFIRM = "bevestig-"  # both forms stand on one page
_AT_SPARE = {VoidFault.NOT_A_SPARE, VoidFault.OTHER_SPARE}


def entered_letters(form: LetterForm, round_: Round) -> Letters | None:
    """Return the keys of the lost letter and of the spare one, if any; None with the reasons at the fields.

    Ends the transaction: nobody should wait for the database while keys are worked out.
    """
    if not form.validate():
        return None
    booth = booth_of(db.session(), round_.id)
    if booth is None:
        form.stemcode.errors = [str(words.REFUSALS[VoidFault.UNKNOWN])]
        return None
    salt = booth.salt
    db.session.rollback()
    lost, spare = _key(form.stemcode, salt), _key(form.reserve, salt) if form.reserve.data else None
    return None if lost is None or form.reserve.errors else Letters(lost, spare)


def voids_page(round_: Round, form: LetterForm | None = None) -> str:
    """Return the page of void codes, with a form as it was sent."""
    page = paginate(db.session(), voids_in(round_.id), number=page_number(), size=50)
    return render_template(
        "registry/organiser/voids.html",
        round=round_,
        page=page,
        page_url=partial(_page_url, round_.slug),
        ask=form if isinstance(form, VoidForm) else VoidForm(formdata=None),
        confirm=LetterForm(formdata=None, prefix=CONFIRM) if form is None or isinstance(form, VoidForm) else form,
        sent=form,
        counts=code_counts(db.session(), round_.id),
        done=void_counts(db.session(), round_),
        may_void=may_manage(me(), round_) and round_.closed_at is None,
        names=names_of(db.session(), {each for void in page.rows for each in _people(void.request)}),
        reasons={reason.value: words.void_reason(reason) for reason in VoidReason},
    )


def refused(form: LetterForm, slug: str) -> Answer:
    """Return how a refusal is answered: by the page with the reason at the field that it is about."""

    def answer(refusal: RefusedError) -> ResponseReturnValue:
        field = form.reserve if refusal.fault in _AT_SPARE else form.stemcode
        field.errors = [words_of(refusal)]
        return voids_page(managed_round(slug), form), 409 if refusal.fault is VoidFault.CLOSED else 422

    return answer


def commitment_in(address: str) -> bytes:
    """Read a commitment in an address; anything else is not found."""
    if re.fullmatch("[0-9a-f]{64}", address) is None:
        abort(404)
    return bytes.fromhex(address)


def _people(request: DualRequest) -> set[int]:
    return {request.requested_by_id, request.ended_by_id or request.requested_by_id}


def _page_url(slug: str, number: int) -> str:
    return url_for("registry_organiser.voids", slug=slug, pagina=number)


def _key(field: Text, salt: bytes) -> bytes | None:
    try:
        return key_of(field.data or "", salt)
    except CodeError as error:
        field.errors = [words.mistyped(error)]
        return None
