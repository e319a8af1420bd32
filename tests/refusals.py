"""What tests of acts that are refused share."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from buurtbegroot.acts import Fault, RefusedError


@contextmanager
def refused(fault: Fault) -> Iterator[pytest.ExceptionInfo[RefusedError]]:
    """Expect that what happens inside is refused for this reason."""
    with pytest.raises(RefusedError) as caught:
        yield caught
    assert caught.value.fault is fault
