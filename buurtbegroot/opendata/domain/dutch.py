"""The Dutch words for what files for programs say in a code, whoever reads; the words are those of the rooms."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from buurtbegroot.core.methods import Method
from buurtbegroot.core.phases import Phase
from buurtbegroot.core.rules import BallotType, RestRule, TieKey
from buurtbegroot.core.tally.trace import Verdict
from buurtbegroot.proposals.models import OffBallot, ProposalStatus
from buurtbegroot.proposals.words import STATUS_CHIPS, VERDICTS
from buurtbegroot.rounds.words import PHASE_NAMES
from buurtbegroot.rules.words import BALLOT_NAMES, METHOD_NAMES, REST_NAMES, TIE_NAMES
from buurtbegroot.texts import Text

NAMES: Mapping[type[StrEnum], Mapping[Any, Text]] = {
    Phase: PHASE_NAMES,
    **{kind: {state: chip.text for state, chip in STATUS_CHIPS.items()} for kind in (ProposalStatus, OffBallot)},
    Verdict: {verdict: chip.text for verdict, chip in VERDICTS.items()},
    BallotType: BALLOT_NAMES,
    Method: METHOD_NAMES,
    RestRule: REST_NAMES,
    TieKey: TIE_NAMES,
}


def in_dutch(code: StrEnum) -> str:
    """Return the word for a code: the text as it is written in the program, which is Dutch."""
    return NAMES[type(code)][code].message
