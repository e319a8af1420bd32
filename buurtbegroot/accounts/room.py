"""What the accounts bring to the house."""

from buurtbegroot.accounts import models
from buurtbegroot.accounts.words import EVENT_WORDS, ROLE_WORDS
from buurtbegroot.rooms import SIGNED_IN, Link, Menu, Reader, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="accounts",
    title=_l("Mensen en taken"),
    models=models,
    blueprints=("buurtbegroot.accounts.views:bp", "buurtbegroot.accounts.organiser_views:bp"),
    commands=("buurtbegroot.accounts.commands:group",),
    events=EVENT_WORDS,
    objects={"person": _l("account")},
    roles=ROLE_WORDS,
    links=(
        Link(
            menu=Menu.ACCOUNT,
            endpoint="accounts.sign_in",
            label=_l("Inloggen"),
            readers=frozenset({Reader.VISITOR}),
            own_page_only=True,
        ),
        Link(
            menu=Menu.ACCOUNT,
            endpoint="accounts.show",
            label=_l("Mijn account"),
            readers=SIGNED_IN,
            own_page_only=True,
        ),
        Link(  # organisers have the button itself, in the bar of the workplace
            menu=Menu.ACCOUNT,
            endpoint="accounts.show",
            anchor="uitloggen",
            label=_l("Uitloggen"),
            readers=frozenset({Reader.RESIDENT}),
        ),
        Link(
            menu=Menu.WORKPLACE,
            endpoint="accounts_organiser.index",
            label=_l("Mensen"),
            readers=frozenset({Reader.ADMINISTRATOR}),
        ),
    ),
)
