"""What the log brings to the house."""

from buurtbegroot.audit import models
from buurtbegroot.audit.queries import own_entries
from buurtbegroot.audit.words import EVENT_WORDS, REFUSALS, points_in_words
from buurtbegroot.rooms import Kept, Link, Menu, Promise, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="audit",
    title=_l("Logboek"),
    models=models,
    blueprints=("buurtbegroot.audit.views:bp",),
    commands=("buurtbegroot.audit.commands:group",),
    tasks=("buurtbegroot.audit.tasks:TASKS",),
    events=EVENT_WORDS,
    faults=REFUSALS,
    template_functions={"points_in_words": points_in_words},
    objects={"log": _l("regel")},
    links=(Link(menu=Menu.FOOTER, endpoint="audit.index", label=_l("Logboek")),),
    kept=(
        Kept(
            name="log",
            columns=("audit_entry.actor", "audit_entry.object", "audit_payload.payload"),
            told=(
                Promise(
                    what=_l("Wat de organisatie doet, onder een schuilnaam"),
                    why=_l("Zodat iedereen het kan controleren"),
                    until=_l("Blijvend, in het logboek"),
                ),
            ),
            give=own_entries,
            because="the log can only grow; from an emptied account on, its random name leads to nobody",
        ),
    ),
)
