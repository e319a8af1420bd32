"""Who may look after the background work as a whole; who may ask for a job is up to the room whose act causes it."""

from buurtbegroot.acts import By, Person, System

ADMINISTRATOR = "administrator"


def may_look_after_work(by: By) -> bool:
    """Tell whether they may start any job anew: administrators and the program itself."""
    return isinstance(by, System) or (isinstance(by, Person) and by.actor.role == ADMINISTRATOR)
