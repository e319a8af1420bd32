"""What the rules of a round bring to the house."""

from buurtbegroot.rooms import Room

ROOM = Room(
    name="rules",
    blueprints=("buurtbegroot.rules.organiser_views:bp",),
)
