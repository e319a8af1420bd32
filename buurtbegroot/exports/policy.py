"""Who may have long files made."""

from buurtbegroot.accounts.models import User
from buurtbegroot.acts import By, Fault, System
from buurtbegroot.exports.models import Export


class ExportFault(Fault):
    """Why no file is made."""

    MANY = "many"
    DISK_FULL = "disk_full"
    LONG = "long"
    OUTDATED = "outdated"


def may_export(by: By) -> bool:
    """Tell whether `by` may have files made of what is public: whoever has an account."""
    return isinstance(by, User)


def is_own(by: By, export: Export) -> bool:
    """Tell whether it was `by` who asked for this file."""
    return isinstance(by, User) and by.id == export.user_id


def makes_exports(by: By) -> bool:
    """Tell whether `by` is what makes files and throws them away."""
    return isinstance(by, System)
