"""What the mail brings to the house."""

from buurtbegroot.mail import models
from buurtbegroot.mail.actions import erase_mail
from buurtbegroot.mail.queries import own_mail
from buurtbegroot.rooms import Kept, Promise, Room
from buurtbegroot.texts import lazy_gettext as _l

ROOM = Room(
    name="mail",
    models=models,
    commands=("buurtbegroot.mail.commands:group",),
    tasks=("buurtbegroot.mail.tasks:TASKS",),
    kept=(
        Kept(
            name="mail",
            columns=(
                "outbox_mail.recipient",
                "outbox_mail.language",
                "outbox_mail.template",
                "outbox_mail.values",
                "outbox_mail.last_error",
            ),
            told=(
                Promise(
                    what=_l("Dat wij u mail stuurden; wat erin stond alleen tot hij verstuurd is"),
                    why=_l("Om het opnieuw te proberen als het niet lukt"),
                    until=_l("Een week na het versturen, en een maand als het niet lukt"),
                ),
            ),
            give=own_mail,
            erase=erase_mail,
        ),
    ),
)
