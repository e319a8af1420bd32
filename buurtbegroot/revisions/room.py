"""What the pages of versions bring to the house."""

from buurtbegroot.rooms import Room

ROOM = Room(name="revisions", blueprints=("buurtbegroot.revisions.views:bp",))
