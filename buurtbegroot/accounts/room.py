"""What the accounts bring to the house."""

from buurtbegroot.accounts import models
from buurtbegroot.accounts.actions import erase_account
from buurtbegroot.accounts.queries import own_account
from buurtbegroot.accounts.words import EVENT_WORDS, REFUSALS, ROLE_WORDS
from buurtbegroot.rooms import SIGNED_IN, Kept, Link, Menu, Promise, Reader, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="accounts",
    title=_l("Mensen en taken"),
    models=models,
    blueprints=("buurtbegroot.accounts.views:bp", "buurtbegroot.accounts.organiser_views:bp"),
    commands=("buurtbegroot.accounts.commands:group",),
    events=EVENT_WORDS,
    faults=REFUSALS,
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
    kept=(
        Kept(
            name="account",
            columns=(
                "user_account.email",
                "user_account.name",
                "user_account.language",
                "user_account.pseudonym",
                "user_account.totp_secret",
                "role_grant.user_id",
                "role_grant.area_code",
                "role_grant.granted_by",
                "sign_in_link.token_hash",
                "sign_in_link.email",
                "sign_in_link.next_path",
                "user_session.user_id",
                "user_session.token_hash",
                "user_session.device",
                "held_form.user_id",
                "held_form.path",
                "held_form.fields",
            ),
            told=(
                Promise(
                    what=_l("Uw mailadres en naam, als u een account maakt"),
                    why=_l("Om in te loggen met een link en u te mailen over uw plan"),
                    until=_l("Tot u het account weghaalt"),
                ),
                Promise(
                    what=_l("Welke taak u heeft, en wie u die gaf"),
                    why=_l("Zodat u uw werk kunt doen, en anderen niet"),
                    until=_l("Zolang u de taak heeft"),
                ),
                Promise(
                    what=_l("Een link om in te loggen, onleesbaar gemaakt"),
                    why=_l("Zodat niemand anders ermee kan inloggen"),
                    until=_l("Een kwartier"),
                ),
                Promise(
                    what=_l("Dat u bent ingelogd, en met welke soort browser"),
                    why=_l("Zodat u niet op elke pagina opnieuw hoeft in te loggen, en een vreemd apparaat herkent"),
                    until=_l("Hoogstens %(SESSION_HOURS)s uur"),
                ),
                Promise(
                    what=_l("Een formulier dat u stuurde toen u niet meer was ingelogd"),
                    why=_l("Zodat u het niet opnieuw hoeft in te vullen"),
                    until=_l("Een uur"),
                ),
            ),
            give=own_account,
            erase=erase_account,
        ),
    ),
)
