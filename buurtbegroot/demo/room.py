"""What the sample city brings to the house: its commands, and nothing else."""

from buurtbegroot.rooms import Room

ROOM = Room(name="demo", commands=("buurtbegroot.demo.commands:group",))
