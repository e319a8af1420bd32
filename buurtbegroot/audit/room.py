"""What the log brings to the house."""

from buurtbegroot.audit import models
from buurtbegroot.audit.words import EVENT_WORDS
from buurtbegroot.rooms import Link, Menu, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="audit",
    title=_l("Logboek"),
    models=models,
    blueprints=("buurtbegroot.audit.views:bp",),
    commands=("buurtbegroot.audit.commands:group",),
    events=EVENT_WORDS,
    objects={"log": _l("regel")},
    links=(Link(menu=Menu.FOOTER, endpoint="audit.index", label=_l("Logboek")),),
)
