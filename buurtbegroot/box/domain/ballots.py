"""Sealing a ballot under the trusted rules and keys of its vote; no Flask, no database."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from buurtbegroot.acts import Fault, RefusedError, insist
from buurtbegroot.box.domain.keys import KeyStore
from buurtbegroot.box.domain.manifest import BallotPaper, round_name
from buurtbegroot.core.ballots import Invalidity, canonical_choices, invalidities
from buurtbegroot.core.canonical import canonical_json
from buurtbegroot.core.credentials import FORM_BYTES
from buurtbegroot.core.envelope import CastContext, CastMaterial, cast_material
from buurtbegroot.core.receipts import MOST_REV


class BallotFault(Fault):
    """Why a ballot does not come in the box; nothing changed.

    INVALID: the choices are no valid ballot. OTHER_BALLOT: the same form was sent before with other choices.
    OTHER_REVISION: the voter's ballot in the box is not the one that the form would replace; `rev` says which one it
    is, 0 for none. TOO_OFTEN: this code was used for as many ballots as it can be.
    """

    INVALID = "invalid"
    OTHER_BALLOT = "other_ballot"
    OTHER_REVISION = "other_revision"
    TOO_OFTEN = "too_often"


class InvalidBallotError(RefusedError):
    """The choices are no valid ballot; `found` has every reason."""

    def __init__(self, found: tuple[Invalidity, ...]) -> None:
        super().__init__(BallotFault.INVALID, reasons=", ".join(each.reason for each in found))
        self.found = found


@dataclass(frozen=True)
class Form:
    """A review page that is sent: its random value, 16 bytes, and the revision that its ballot would replace, or 0."""

    value: bytes = field(repr=False)
    replaces: int = 0

    def __post_init__(self) -> None:
        if len(self.value) != FORM_BYTES:
            raise ValueError(f"a form has {FORM_BYTES} bytes, not {len(self.value)}")


def seal_ballot(*, round_id: int, k: bytes, choices: Iterable[int], form: Form, keys: KeyStore) -> CastMaterial:
    """Return all that casting stores and answers, made before anything is locked.

    Rules, plans and keys are the trusted ones. Raises RefusedError for no valid ballot, KeyFileError.
    """
    anchors, own = keys.anchors(round_id), keys.load(round_id)
    body = _valid_body(choices, anchors.paper)
    insist(form.replaces < MOST_REV, BallotFault.TOO_OFTEN)
    context = CastContext(
        round_id=round_name(round_id),
        manifest=anchors.fingerprint,
        epoch=anchors.epoch,
        capacity=anchors.paper.capacity,
        sealing_key=own.sealing_public,
        link_key=own.link_key,
        signing_seed=own.signing_seed,
    )
    return cast_material(k, body, form.replaces + 1, form=form.value, context=context)


def _valid_body(choices: Iterable[int], paper: BallotPaper) -> bytes:
    chosen = canonical_choices(choices)
    found = invalidities(chosen, paper.rules.ballot, paper.plans)
    if found:
        raise InvalidBallotError(found)
    return canonical_json(chosen)
