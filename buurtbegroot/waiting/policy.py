"""Who may leave something that waits, and who may do or throw away what waits."""

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import Anyone, By
from buurtbegroot.waiting.models import WaitingForm


def may_write_first(by: By) -> bool:
    """Tell whether `by` may write before a mail says who they are: whoever is not known yet."""
    return isinstance(by, Anyone)


def is_writer(by: By, waiting: WaitingForm) -> bool:
    """Tell whether what waits is for `by` to do: only who has the mailbox; no organiser reads it."""
    return isinstance(by, User) and by.email == waiting.email
