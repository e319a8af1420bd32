"""The page for codes that are made on another computer; what is taken from there is decided in issuing."""

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from buurtbegroot.accounts.asking import me
from buurtbegroot.acts import RefusedError
from buurtbegroot.box.queries import booth_of
from buurtbegroot.extensions import db
from buurtbegroot.rounds.asking import managed_round
from buurtbegroot.rounds.models import Round
from buurtbegroot.rounds.policy import may_manage
from buurtbegroot.voting.forms import ListForm
from buurtbegroot.voting.offline import issuer_command
from buurtbegroot.voting.queries import next_batch
from buurtbegroot.web.refusals import Answer, words_of


def refused(form: ListForm, slug: str) -> Answer:
    """Return how a list that is not taken is answered: by the page with the line at fault at the field."""

    def answer(refusal: RefusedError) -> ResponseReturnValue:
        form.lijst.errors = [words_of(refusal)]
        return offline_page(managed_round(slug), form), 422

    return answer


def offline_page(round_: Round, form: ListForm | None = None) -> str:
    """Return the page with what the issuer needs: the number of the round, its salt and the number of the batch."""
    booth, batch = booth_of(db.session(), round_.id), next_batch(db.session(), round_.id)
    site = current_app.config["SITE_URL"]
    return render_template(
        "voting/organiser/offline.html",
        round=round_,
        form=form or ListForm(formdata=None),
        booth=booth,
        batch=batch,
        command=issuer_command(round_.id, salt=booth.salt, batch=batch, site=site) if booth else "",
        may_issue=may_manage(me(), round_) and round_.opened_at is None,
    )
