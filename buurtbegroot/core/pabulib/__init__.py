"""The Pabulib ``.pb`` format: read, written and built as text; opening and saving files is the caller's."""

from buurtbegroot.core.pabulib.amounts import cents, euros
from buurtbegroot.core.pabulib.beside import Beyond, read_beside, tells_of_more, with_beside
from buurtbegroot.core.pabulib.election import Election, election_file
from buurtbegroot.core.pabulib.model import PbFile, PbProfile, PbProject, PbVote
from buurtbegroot.core.pabulib.problems import PbError, PbWarning
from buurtbegroot.core.pabulib.reader import read, read_profile
from buurtbegroot.core.pabulib.terms import Terms
from buurtbegroot.core.pabulib.writer import lines, write

__all__ = [
    "Beyond",
    "Election",
    "PbError",
    "PbFile",
    "PbProfile",
    "PbProject",
    "PbVote",
    "PbWarning",
    "Terms",
    "cents",
    "election_file",
    "euros",
    "lines",
    "read",
    "read_beside",
    "read_profile",
    "tells_of_more",
    "with_beside",
    "write",
]
