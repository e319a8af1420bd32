"""The open vote of the ballot box, for who may vote in it and what they see."""

from tests.box.conftest import own_app, own_vote, plans, round_, vote

__all__ = ["own_app", "own_vote", "plans", "round_", "vote"]
