"""Which way to compute runs of equal shares; verify.py has `verifying.plain.paths` in its place."""

from buurtbegroot.core.tally.market import Path
from buurtbegroot.core.tally.shares_kernel import KernelPath, available
from buurtbegroot.core.tally.shares_numpy import NumpyPath
from buurtbegroot.core.tally.shares_reference import ReferencePath


def fastest_path() -> Path:
    """Return the fastest way to compute runs that works here."""
    return KernelPath() if available() else NumpyPath()


def other_path() -> Path:
    """Return another way than the fastest, for counting again: by it no compiled code takes part."""
    return NumpyPath() if available() else ReferencePath()
