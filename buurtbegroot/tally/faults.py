"""Why a step of the count is refused; what a page says about it lives in the forms and templates."""

from buurtbegroot.acts import Fault


class TallyFault(Fault):
    """Why the count cannot go on."""

    NOT_CLOSED = "not_closed"
    NOT_OPENED = "not_opened"
    NOT_COUNTED = "not_counted"
    ALREADY_COUNTED = "already_counted"
    ALREADY_DESTROYED = "already_destroyed"
    BOX_CHANGED = "box_changed"
    RECOUNT_DIFFERS = "recount_differs"
    SEED_DIFFERS = "seed_differs"
    NO_KEYS = "no_keys"
    LOG_FORKED = "log_forked"


class TallyRefusedError(Exception):
    """A step of the count that cannot be taken; `fault` says why."""

    def __init__(self, fault: TallyFault) -> None:
        super().__init__(fault.value)
        self.fault = fault
