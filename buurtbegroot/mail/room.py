"""What the mail brings to the house."""

from buurtbegroot.mail import models
from buurtbegroot.rooms import Room

ROOM = Room(name="mail", models=models, commands=("buurtbegroot.mail.commands:group",))
