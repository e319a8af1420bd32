"""The Pabulib ``.pb`` format: read, written and built as text; opening and saving files is the caller's."""

from buurtbegroot.core.pabulib.election import Election, election_file
from buurtbegroot.core.pabulib.model import PbError, PbFile, PbProject, PbVote, cents, euros
from buurtbegroot.core.pabulib.reader import read
from buurtbegroot.core.pabulib.writer import lines, write

__all__ = [
    "Election",
    "PbError",
    "PbFile",
    "PbProject",
    "PbVote",
    "cents",
    "election_file",
    "euros",
    "lines",
    "read",
    "write",
]
