"""The workplace of the registry: issuing codes here or elsewhere, the account pool and lost letters."""

from functools import partial
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from buurtbegroot.accounts.asking import me
from buurtbegroot.acts import RefusedError
from buurtbegroot.box.actions.sealing import prepare_booth
from buurtbegroot.box.domain.anchors import KeysFault
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.queries import booth_of
from buurtbegroot.core.verifying.checks import key_fingerprint
from buurtbegroot.extensions import db
from buurtbegroot.limits.asking.once import claim_again
from buurtbegroot.registry import words
from buurtbegroot.registry.actions import pool, voiding
from buurtbegroot.registry.actions.issuing import load_codes, register_codes
from buurtbegroot.registry.domain.codes import DrawnCode, draw_codes
from buurtbegroot.registry.domain.lists import ListFault, code_list, issuer_command
from buurtbegroot.registry.forms import BatchForm, LetterForm, ListForm, PoolForm, VoidForm
from buurtbegroot.registry.models import VoidReason
from buurtbegroot.registry.organiser_views.lost_letters import (
    CONFIRM,
    commitment_in,
    entered_letters,
    refused,
    voids_page,
)
from buurtbegroot.registry.queries import batches_of, code_counts, draws_per_day, next_batch, pool_of
from buurtbegroot.rounds.asking import managed_round, viewed_round
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.rounds.queries import round_key
from buurtbegroot.web.access import Audience, Weight, admits, unkept, weighs
from buurtbegroot.web.clock import now
from buurtbegroot.web.downloads import attachment
from buurtbegroot.web.refusals import Answer, on_refusal, refused_to, say_again, words_of
from buurtbegroot.web.versions import VersionedForm, versioned

bp = Blueprint("registry_organiser", __name__, url_prefix="/werkplek")


@bp.get("/rondes/<slug>/codes")
@admits(Audience.ORGANISER)
def codes(slug: str) -> ResponseReturnValue:
    """Show the batches of codes and a form for a small one."""
    return _codes_page(viewed_round(slug))


@bp.post("/rondes/<slug>/codes")
@admits(Audience.ORGANISER)
@weighs(Weight.FILE)
def issue(slug: str) -> ResponseReturnValue:
    """Make a small batch and answer with its list, once."""
    round_, form = managed_round(slug), BatchForm()
    if not form.validate():
        return _codes_page(round_, form), 422
    if round_.opened_at is not None:
        return _codes_page(round_, form), 409
    number, spares = int(form.aantal.data or 0), int(form.reserve.data or 0)
    on_refusal(say_again(lambda: _codes_page(managed_round(slug), form)))
    drawn, round_ = _draw_outside(round_, number + spares)
    batch = register_codes(db.session(), round_, drawn, spares=spares, by=me(), now=now())
    made_for = {"round_id": round_.id, "spares": spares, "batch": batch.number}
    listed = code_list(drawn, **made_for, site=current_app.config["SITE_URL"])
    name = f"stemcodes-{slug}-{batch.number}.csv"
    return attachment(listed, name, "text/csv")


@bp.route("/rondes/<slug>/codes/accounts", methods=["GET", "POST"])
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
def fill_pool(slug: str) -> ResponseReturnValue:
    """Make codes that wait for people with an account."""
    round_, form = managed_round(slug), PoolForm()
    if round_.opened_at is not None:
        return _codes_page(round_), 409
    if not form.validate_on_submit():
        return _pool_page(round_, form), 422 if form.errors else 200
    number = int(form.accounts.data or 0)
    on_refusal(say_again(lambda: _pool_page(managed_round(slug), form)))
    reserve = number * pool.RESERVES
    drawn, round_ = _draw_outside(round_, number + reserve)
    pool.fill_pool(db.session(), round_, drawn, reserve=reserve, keys=_keys(), by=me(), now=now())
    flash(ngettext("Er ligt %(num)s code meer klaar.", "Er liggen %(num)s codes meer klaar.", number), "success")
    return redirect(url_for("registry_organiser.codes", slug=slug), 303)


@bp.post("/rondes/<slug>/codes/accounts/weg")
@admits(Audience.ORGANISER)
def empty_pool(slug: str) -> ResponseReturnValue:
    """Give the pool up, as long as the vote is not open."""
    round_, page = managed_round(slug), url_for("registry_organiser.codes", slug=slug)
    form = versioned(partial(_emptying, round_.id), about=round_key(round_), page=page)
    on_refusal(say_again(lambda: _codes_page(managed_round(slug))))
    pool.empty_pool(db.session(), round_, seen=form.seen, keys=_keys(), by=me(), now=now())
    flash(_("Mensen met een account krijgen in deze ronde geen stemcode meer."), "success")
    return redirect(url_for("registry_organiser.codes", slug=slug), 303)


@bp.get("/rondes/<slug>/codes/elders")
@admits(Audience.ORGANISER)
def offline(slug: str) -> ResponseReturnValue:
    """Show what an issuer on another computer needs, and a form for the list that comes back."""
    return _offline_page(viewed_round(slug))


@bp.post("/rondes/<slug>/codes/elders/sleutels")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
def prepare(slug: str) -> ResponseReturnValue:
    """Make the keys of the vote, of which the issuer needs the salt."""
    round_ = managed_round(slug)
    if round_.opened_at is None:
        prepare_booth(db.session(), round_, keys=_keys(), by=me())
    return redirect(url_for("registry_organiser.offline", slug=slug), 303)


@bp.post("/rondes/<slug>/codes/elders")
@admits(Audience.ORGANISER)
@weighs(Weight.FILE)
def load(slug: str) -> ResponseReturnValue:
    """Register the codes in an issuer's list: all of them or none."""
    round_, form = managed_round(slug), ListForm()
    if not form.validate():
        return _offline_page(round_, form), 422
    on_refusal(say_again(lambda: _offline_page(managed_round(slug), form)))
    on_refusal(_list_refused(form, slug), only=set(ListFault))
    batch = load_codes(db.session(), round_, form.text, by=me(), now=now())
    flash(
        ngettext("%(num)s code is ingelezen.", "%(num)s codes zijn ingelezen.", batch.codes + batch.spares), "success"
    )
    return redirect(url_for("registry_organiser.codes", slug=slug), 303)


@bp.get("/rondes/<slug>/codes/vervallen")
@admits(Audience.ORGANISER)
def voids(slug: str) -> ResponseReturnValue:
    """Show which codes are void or wait for a second person, and the forms for both people."""
    return voids_page(viewed_round(slug))


@bp.post("/rondes/<slug>/codes/vervallen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
@unkept
def request_void(slug: str) -> ResponseReturnValue:
    """Ask to make the code of a lost letter void."""
    form = VoidForm()
    letters = entered_letters(form, managed_round(slug))
    if letters is None:
        return voids_page(managed_round(slug), form), 422
    on_refusal(refused(form, slug))
    reason = VoidReason(form.reden.data)
    voiding.request_void(db.session(), managed_round(slug), letters, reason=reason, keys=_keys(), by=me(), now=now())
    flash(_("Aangevraagd. Een andere organisator vult dezelfde codes in. Daarna vervalt de code."), "success")
    return redirect(url_for("registry_organiser.voids", slug=slug), 303)


@bp.post("/rondes/<slug>/codes/vervallen/bevestigen")
@admits(Audience.ORGANISER)
@weighs(Weight.ACT)
@unkept
def confirm_void(slug: str) -> ResponseReturnValue:
    """Make the code of a lost letter void as the second person."""
    form = LetterForm(prefix=CONFIRM)
    letters = entered_letters(form, managed_round(slug))
    if letters is None:
        return voids_page(managed_round(slug), form), 422
    on_refusal(refused(form, slug))
    on_refusal(say_again(lambda: voids_page(managed_round(slug), form)), only=set(KeysFault))
    done = voiding.confirm_void(db.session(), managed_round(slug), letters, keys=_keys(), by=me(), now=now())
    flash(words.voided(replaced=done.spare is not None), "success")
    return redirect(url_for("registry_organiser.voids", slug=slug), 303)


@bp.post("/rondes/<slug>/codes/vervallen/<commitment>/intrekken")
@admits(Audience.ORGANISER)
@refused_to("registry_organiser.voids")
def withdraw_void(slug: str, commitment: str) -> ResponseReturnValue:
    """Take back what was asked about a code."""
    round_ = managed_round(slug)
    voiding.withdraw_void(db.session(), round_, c=commitment_in(commitment), by=me(), now=now())
    flash(_("De aanvraag is ingetrokken. De code blijft geldig."), "success")
    return redirect(url_for("registry_organiser.voids", slug=slug), 303)


def _draw_outside(round_: Round, number: int) -> tuple[list[DrawnCode], Round]:
    """Make codes and return them with the round, whose booth is prepared.

    That takes seconds, so nobody else should wait for the database meanwhile.
    """
    slug, round_id, salt = round_.slug, round_.id, prepare_booth(db.session(), round_, keys=_keys(), by=me()).salt
    db.session.rollback()
    drawn = draw_codes(number, round_id=round_id, salt=salt)
    claim_again()
    again = managed_round(slug)
    prepare_booth(db.session(), again, keys=_keys(), by=me())
    return drawn, again


def _keys() -> KeyStore:
    return KeyStore.from_config(current_app.config)


def _pool_page(round_: Round, form: PoolForm) -> str:
    found = pool_of(db.session(), round_.id)
    return render_template("registry/organiser/fill_pool.html", round=round_, form=form, pool=found)


def _codes_page(round_: Round, form: BatchForm | None = None) -> str:
    return render_template(
        "registry/organiser/codes.html",
        round=round_,
        form=form or BatchForm(formdata=None),
        pool=pool_of(db.session(), round_.id),
        emptying=_emptying(round_.id, formdata=None).see(),
        days=draws_per_day(db.session(), round_.id),
        batches=batches_of(db.session(), round_.id),
        counts=code_counts(db.session(), round_.id),
        may_issue=may_manage(me(), round_) and round_.opened_at is None,
        key=_letter_key(round_),
    )


def _letter_key(round_: Round) -> str:
    """Return by what a letter names the key of the vote, empty before there is one."""
    booth = booth_of(db.session(), round_.id)
    return key_fingerprint(booth.signing_public) if booth else ""


def _list_refused(form: ListForm, slug: str) -> Answer:
    """Return how a list that is not taken is answered: by the page with the line at fault at the field."""

    def answer(refusal: RefusedError) -> ResponseReturnValue:
        form.lijst.errors = [words_of(refusal)]
        return _offline_page(managed_round(slug), form), 422

    return answer


def _offline_page(round_: Round, form: ListForm | None = None) -> str:
    """Return the page with what the issuer needs: the number of the round, its salt and the number of the batch."""
    booth, batch = booth_of(db.session(), round_.id), next_batch(db.session(), round_.id)
    site = current_app.config["SITE_URL"]
    return render_template(
        "registry/organiser/offline.html",
        round=round_,
        form=form or ListForm(formdata=None),
        booth=booth,
        batch=batch,
        command=issuer_command(round_.id, salt=booth.salt, batch=batch, site=site) if booth else "",
        may_issue=may_manage(me(), round_) and round_.opened_at is None,
    )


def _emptying(round_id: int, **how: Any) -> VersionedForm:
    """Return the form that takes the pool away; the number of its codes says what was seen."""
    found = pool_of(db.session(), round_id)
    return VersionedForm(version=found.codes if found else 0, **how)
